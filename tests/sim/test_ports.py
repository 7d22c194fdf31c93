#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Ports: captures, sockets, TAP and packet interfaces, through the echo card (what enters lan leaves wan and back)."""
import fcntl
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from bench import *  # noqa: F403

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))


def random_frames(rng, n, longest=9600):
    """Frames of every kind of length: short, a word more or less, long."""
    lengths = [1, 2, 14, 63, 64, 65, 127, 128, 129, longest] + [rng.randrange(1, longest) for _ in range(n)]
    return [rng.randbytes(length) for length in lengths]


class Ports(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(SEED)
        self.dir = tempfile.mkdtemp(prefix="adit-ports-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def plug(self, path):
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(peer.close)
        peer.settimeout(10)
        self.assertTrue(wait_for(lambda: os.path.exists(path)))
        peer.connect(path)
        return peer

    # ---- captures

    def test_what_a_capture_holds_comes_out_the_same(self):
        for stall in ("0", "50"):
            lan, wan = random_frames(self.rng, 50), random_frames(self.rng, 40, 65536)
            write_pcap(self.path("lan.pcap"), lan)
            write_pcap(self.path("wan.pcap"), wan)
            with Sim("--lan", f"pcap:{self.path('lan.pcap')},{self.path('lan.out')}", "--stall", stall,
                     "--wan", f"pcap:{self.path('wan.pcap')},{self.path('wan.out')}") as sim:
                with Client(sim.socket) as client:
                    time.sleep(0.1)
                    sim.process.send_signal(signal.SIGUSR1)          # nothing enters before CTRL.enable
                    self.assertIn("lan in 0 out 0 lost 0; wan in 0 ", sim.process.stderr.readline() +
                                  sim.process.stderr.readline())
                    client.write(CTRL, 1)
                    want = sum(map(len, lan)) + len(lan) * 16 + 24
                    self.assertTrue(wait_for(lambda: os.path.getsize(self.path("wan.out")) == want))
                    want = sum(map(len, wan)) + len(wan) * 16 + 24
                    self.assertTrue(wait_for(lambda: os.path.getsize(self.path("lan.out")) == want))
            self.assertEqual(read_pcap(self.path("wan.out")), lan)
            self.assertEqual(read_pcap(self.path("lan.out")), wan)
            self.assertEqual(sim.counts["lan"], {"frames_in": len(lan), "bytes_in": sum(map(len, lan)), "frames_out": len(wan),
                                                 "bytes_out": sum(map(len, wan)), "frames_lost": 0})

    def test_a_capture_may_be_only_read_or_only_written(self):
        frames = random_frames(self.rng, 5)
        write_pcap(self.path("in"), frames)
        with Sim("--lan", f"pcap:{self.path('in')}", "--wan", f"pcap:,{self.path('out')}") as sim, Client(sim.socket) as client:
            client.write(CTRL, 1)
            want = sum(map(len, frames)) + len(frames) * 16 + 24
            self.assertTrue(wait_for(lambda: os.path.getsize(self.path("out")) == want))
        self.assertEqual(read_pcap(self.path("out")), frames)

    def test_captures_that_cannot_be_used_are_refused_by_name(self):
        write_pcap(self.path("raw.pcap"), [b"x"], link=101)
        write_pcap(self.path("good.pcap"), [b"x"])
        with open(self.path("text.pcap"), "w", encoding="ascii") as file:
            file.write("this is no capture")
        for word in ("pcap:" + self.path("none.pcap"), "pcap:" + self.path("raw.pcap"), "pcap:" + self.path("text.pcap"),
                     "pcap:," + self.path("no/such/dir"), f"pcap:{self.path('good.pcap')},{self.path('good.pcap')}",
                     "tap:a-name-longer-than-any", "if:nosuchif0", "if:", "unix:", "pcap:", "none:x", "serial:x", "",
                     "unix:/no/such/dir/s", "unix:" + self.path("good.pcap"), "unix:" + "x" * 108):
            done = subprocess.run([ECHO, "--socket", self.path("s"), "--wan", word], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 1, word)
            self.assertIn("adit-sim: --wan ", done.stderr, word)
            self.assertFalse(os.path.exists(self.path("s")), word)
        self.assertEqual(read_pcap(self.path("good.pcap")), [b"x"])

    def test_a_capture_that_ends_in_a_frame_gives_the_frames_before(self):
        write_pcap(self.path("in"), [b"one" * 30, b"two" * 30])
        os.truncate(self.path("in"), os.path.getsize(self.path("in")) - 5)
        with Sim("--lan", f"pcap:{self.path('in')}", "--wan", f"pcap:,{self.path('out')}") as sim, Client(sim.socket) as client:
            client.write(CTRL, 1)
            time.sleep(0.2)
        self.assertEqual(read_pcap(self.path("out")), [b"one" * 30])
        self.assertIn("truncated", sim.err)

    # ---- sockets

    def test_frames_cross_a_socket_whole_and_in_order(self):
        frames = random_frames(self.rng, 60)
        with Sim("--lan", f"unix:{self.path('lan')}", "--wan", f"unix:{self.path('wan')}", "--stall", "30") as sim:
            lan, wan = self.plug(self.path("lan")), self.plug(self.path("wan"))
            with Client(sim.socket) as client:
                client.write(CTRL, 1)
                for near, far in ((lan, wan), (wan, lan)):
                    for frame in frames:
                        near.send(frame)
                        self.assertEqual(far.recv(65536), frame)
        self.assertEqual(sim.counts["wan"]["frames_lost"], 0)

    def test_a_slow_peer_holds_the_card_back_and_loses_nothing(self):
        frames = [self.rng.randbytes(9000) for _ in range(300)]
        write_pcap(self.path("in"), frames)
        with Sim("--lan", f"pcap:{self.path('in')}", "--wan", f"unix:{self.path('wan')}") as sim:
            wan = self.plug(self.path("wan"))
            with Client(sim.socket) as client:
                client.write(CTRL, 1)
                time.sleep(0.5)                                  # longer than the socket's buffers last
                self.assertEqual([wan.recv(65536) for _ in frames], frames)
                client.read(MAGIC)
        self.assertEqual((sim.counts["wan"]["frames_out"], sim.counts["wan"]["frames_lost"]), (300, 0))

    def test_frames_for_nobody_are_counted_as_lost(self):
        with Sim("--lan", f"unix:{self.path('lan')}", "--wan", f"unix:{self.path('wan')}") as sim:
            lan = self.plug(self.path("lan"))
            with Client(sim.socket) as client:
                client.write(CTRL, 1)
                lan.send(b"before anybody is there")
                time.sleep(0.1)
                wan = self.plug(self.path("wan"))
                time.sleep(0.1)
                lan.send(b"now")
                self.assertEqual(wan.recv(100), b"now")
                wan.close()
                lan.send(b"gone again")
                time.sleep(0.1)
                wan = self.plug(self.path("wan"))                # and the port still listens
                time.sleep(0.1)
                wan.send(b"back")
                self.assertEqual(lan.recv(100), b"back")
        self.assertEqual((sim.counts["wan"]["frames_out"], sim.counts["wan"]["frames_lost"]), (1, 2))

    def test_frames_wait_outside_until_the_card_is_enabled(self):
        with Sim("--lan", f"unix:{self.path('lan')}", "--wan", f"unix:{self.path('wan')}") as sim:
            lan, wan = self.plug(self.path("lan")), self.plug(self.path("wan"))
            for i in range(10):
                lan.send(bytes([i]) * 100)
            time.sleep(0.2)
            before = sim.cpu_seconds()
            time.sleep(0.5)
            self.assertLessEqual(sim.cpu_seconds() - before, 0.02)    # and cost no time
            with Client(sim.socket) as client:
                client.write(CTRL, 1)
                self.assertEqual([wan.recv(200) for _ in range(10)], [bytes([i]) * 100 for i in range(10)])

    def test_two_cards_are_joined_by_one_path(self):
        frames = random_frames(self.rng, 20)
        for _ in range(3):                                       # whoever comes first listens
            both = [Sim("--lan", f"unix:{self.path(name)}", "--wan", f"unix:{self.path('wire')}") for name in "ab"]
            with both[0] as a, both[1] as b:
                lan_a, lan_b = self.plug(self.path("a")), self.plug(self.path("b"))
                with Client(a.socket) as client_a, Client(b.socket) as client_b:
                    client_a.write(CTRL, 1)
                    client_b.write(CTRL, 1)
                    for frame in frames:
                        lan_a.send(frame)
                        self.assertEqual(lan_b.recv(65536), frame)
                        lan_b.send(frame[::-1])
                        self.assertEqual(lan_a.recv(65536), frame[::-1])
            self.assertFalse(os.path.exists(self.path("wire")))

    def test_a_joined_card_that_is_killed_is_replaced(self):
        a = Sim("--lan", f"unix:{self.path('a')}", "--wan", f"unix:{self.path('wire')}")
        b = Sim("--lan", f"unix:{self.path('b')}", "--wan", f"unix:{self.path('wire')}")
        with b:
            with Client(b.socket) as client_b:
                client_b.write(CTRL, 1)
                a.stop(signal.SIGKILL)                           # it listened, and leaves its socket behind
                lan_b = self.plug(self.path("b"))
                with Sim("--lan", f"unix:{self.path('c')}", "--wan", f"unix:{self.path('wire')}") as c:
                    lan_c = self.plug(self.path("c"))
                    with Client(c.socket) as client_c:
                        client_c.write(CTRL, 1)
                        lan_b.send(b"are you there")
                        self.assertEqual(lan_c.recv(100), b"are you there")

    def test_a_socket_of_a_live_process_is_left_alone(self):
        with Sim() as sim:
            done = subprocess.run([ECHO, "--socket", sim.socket], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 1)
            self.assertIn("in use by a live process", done.stderr)
            with Client(sim.socket) as client:
                self.assertEqual(client.read(MAGIC), 0x54494441)

    def test_a_socket_of_a_dead_process_is_replaced_and_other_files_are_not(self):
        path = self.path("card.sock")
        first = Sim(socket_path=path)
        first.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(path))
        with Sim(socket_path=path) as sim, Client(sim.socket) as client:
            self.assertEqual(client.read(MAGIC), 0x54494441)
        self.assertFalse(os.path.exists(path))
        with open(path, "w", encoding="ascii") as file:
            file.write("mine")
        done = subprocess.run([ECHO, "--socket", path], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not a socket", done.stderr)

    # ---- interfaces: in a network namespace of our own

    def in_namespace(self, script):
        """Run a method of Interfaces in a fresh user and network namespace."""
        if subprocess.run(["unshare", "-Urn", "true"], capture_output=True).returncode != 0:
            self.skipTest("user namespaces are not allowed here")
        env = dict(os.environ, SEED=str(SEED))
        done = subprocess.run(["unshare", "-Urn", "/usr/bin/python3", os.path.abspath(__file__), f"Interfaces.{script}"],
                              capture_output=True, text=True, timeout=60, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_tap_interface_is_a_port(self):
        self.in_namespace("tap")

    def test_a_packet_interface_is_a_port(self):
        self.in_namespace("packet")


class Interfaces(unittest.TestCase):
    """Run by Ports.in_namespace; its methods are not found by name alone."""

    def packet_socket(self, name):
        packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        packet.setsockopt(263, 23, 1)                            # SOL_PACKET, PACKET_IGNORE_OUTGOING
        packet.bind((name, 0))
        packet.settimeout(5)
        self.addCleanup(packet.close)
        return packet

    def receive(self, packet, frame):
        """True once the frame comes; the kernel sends frames of its own."""
        for _ in range(100):
            if packet.recv(65536) == frame:
                return True
        return False

    def quiet(self, *names):
        for name in names:
            with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w", encoding="ascii") as file:
                file.write("1")

    def tap(self):
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            self.skipTest("no /dev/net/tun here")
        self.quiet("default")
        with Sim("--lan", "tap:left0", "--wan", "tap:right0") as sim, Client(sim.socket) as client:
            left, right = self.packet_socket("left0"), self.packet_socket("right0")
            client.write(CTRL, 1)
            for n_bytes in (14, 60, 64, 65, 1000, 1514):
                frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + bytes(n_bytes - 14)
                left.send(frame)
                self.assertTrue(self.receive(right, frame))
                right.send(frame)
                self.assertTrue(self.receive(left, frame))

    def packet(self):
        self.quiet("default")
        for pair in ("l", "w"):
            subprocess.run(["ip", "link", "add", f"{pair}0", "mtu", "9000", "type", "veth", "peer", "name", f"{pair}1", "mtu",
                            "9000"], check=True)
            for end in "01":
                subprocess.run(["ip", "link", "set", f"{pair}{end}", "up"], check=True)
        with Sim("--lan", "if:l1", "--wan", "if:w1") as sim, Client(sim.socket) as client:
            left, right = self.packet_socket("l0"), self.packet_socket("w0")
            client.write(CTRL, 1)
            for n_bytes in (14, 60, 64, 65, 1000, 9014):
                frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + bytes(n_bytes - 14)
                left.send(frame)
                self.assertTrue(self.receive(right, frame))
                right.send(frame)
                self.assertTrue(self.receive(left, frame))
            # The stack takes VLAN tags off and keeps them beside the packet; in the card's frame they must be back.
            tagged = b"\2\0\0\0\0\1\2\0\0\0\0\2\x81\0\0\7\x08\0" + bytes(50)
            with Sim("--lan", "if:w0", "--wan", f"unix:{sim.socket}.out") as other:
                peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                self.addCleanup(peer.close)
                peer.settimeout(5)
                peer.connect(f"{sim.socket}.out")
                with Client(other.socket) as other_client:
                    other_client.write(CTRL, 1)
                    time.sleep(0.1)
                    left.send(tagged)
                    self.assertTrue(self.receive(peer, tagged))
                    self.checksum_is_filled_in(peer)

    def checksum_is_filled_in(self, peer):
        """UDP from the stack over a veth carries only the pseudo header's sum; the port must complete it."""
        subprocess.run(["ip", "addr", "add", "192.0.2.1/24", "dev", "l0"], check=True)
        subprocess.run(["ip", "neigh", "add", "192.0.2.2", "lladdr", "02:00:00:00:00:09", "dev", "l0"], check=True)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.sendto(b"checksum me", ("192.0.2.2", 9))
        for _ in range(100):
            frame = peer.recv(65536)
            if frame[12:14] == b"\x08\0" and frame[23] == 17 and b"checksum me" in frame:
                break
        ip = frame[14:]
        datagram = ip[20:]
        pseudo = ip[12:20] + b"\0\x11" + struct.pack(">H", len(datagram))
        data = pseudo + datagram + bytes(len(datagram) % 2)
        total = sum(struct.unpack(f">{len(data) // 2}H", data))
        while total >> 16:
            total = (total & 0xFFFF) + (total >> 16)
        self.assertEqual(total, 0xFFFF)


if __name__ == "__main__":
    print(f"seed {SEED} (SEED={SEED} repeats it)", flush=True)
    unittest.main()
