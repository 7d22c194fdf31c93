#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""adit-replay: what goes in at one office comes out at the other, scapy agrees on what lies between, and runs repeat."""
import filecmp
import json
import os
import random
import shutil
import subprocess
import tempfile
import unittest

from scapy.all import ARP, ESP, ICMP, IP, TCP, UDP, Ether, IPv6, Raw, RawPcapWriter, SecurityAssociation, conf, rdpcap, wrpcap

BIN = os.path.join(os.environ.get("B", "build"), "bin")
SEED = int(os.environ.get("SEED", "1"))
ENC = bytes.fromhex("d94e72315fa8c6b00de7413b9c25f86a")		# office1.conf, out
AUTH = bytes.fromhex("8ef02b6d419ac7355ad108e397f64b2c70bd15a3")
L2 = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
conf.verb = 0


class Replay(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="adit-replay-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def capture(self, name, packets):
        wrpcap(self.path(name), [Ether(bytes(p)) for p in packets])
        return self.path(name)

    def variant(self, name, office, before, after):
        """A configuration: the office's with one word changed."""
        with open(f"examples/{office}.conf") as source, open(self.path(name), "w") as file:
            file.write(source.read().replace(before, after))
        return self.path(name)

    def run_it(self, *args, status=0):
        result = subprocess.run([os.path.join(BIN, "adit-replay"), *args], capture_output=True, text=True, timeout=300)
        self.assertEqual(result.returncode, status, result.stderr)
        return result

    def replay(self, *args):
        return json.loads(self.run_it("--json", *args).stdout)

    def test_from_office_to_office(self):
        rng = random.Random(SEED)
        print(f"seed {SEED}")
        inner = [L2 / IP(src="10.1.202.5", dst="10.1.101.9", id=i, tos=rng.randrange(256), ttl=rng.randrange(1, 256)) /
                 rng.choice([ICMP(), UDP(sport=7, dport=9), TCP(sport=7, dport=80)]) / Raw(rng.randbytes(rng.randrange(1400)))
                 for i in range(20)]
        clear = [L2 / IP(src="10.1.202.5", dst="203.0.113.7") / UDP() / b"not for the tunnel", L2 / ARP(pdst="10.1.202.77")]
        local = [L2 / ARP(pdst="192.0.2.1"), L2 / IP(src="10.1.202.5", dst="192.0.2.1") / UDP(sport=500, dport=500)]
        dropped = [L2 / IPv6(dst="2001:db8::1") / UDP()]
        lan = self.capture("lan.pcap", inner + clear + local + dropped)

        sealed = self.replay("-c", "examples/office1.conf", "--lan", lan, "--out", self.path("a"))
        packets = sealed["packets"]
        self.assertEqual([p["number"] for p in packets], list(range(25)))
        for p in packets[:20]:
            self.assertEqual((p["face_in"], p["face_out"], p["reason"], p["sa"], p["spi"], p["policy"]),
                             ("lan", "wan", "NONE", "office1-office2", "0x00001002", "to-office2"))
        self.assertEqual([(p["face_out"], p["reason"]) for p in packets[20:]],
                         [("wan", "NONE"), ("wan", "NONE"), ("host", "HostArp"), ("host", "HostIke"), ("none", "RxIpv6")])
        self.assertEqual({p["name"]: p["out_transformed_packets"] for p in sealed["policies"]}, {"to-office2": 20})
        self.assertEqual([(sa["direction"], sa["packets"]) for sa in sealed["installed_sas"]], [("in", 0), ("out", 20)])
        self.assertEqual({r["reason"]: r["packets"] for r in sealed["reasons"]},
                         {"NONE": 22, "HostArp": 1, "HostIke": 1, "RxIpv6": 1})
        self.assertEqual({f["face"]: f["frames"] for f in sealed["files"]}, {"lan": 0, "wan": 22, "host": 2})
        self.assertEqual([bytes(p) for p in rdpcap(self.path("a", "host.pcap"))], [bytes(p) for p in local])

        # an independent opinion on every sealed packet
        sa = SecurityAssociation(ESP, spi=0x1002, crypt_algo="AES-CBC", crypt_key=ENC, auth_algo="HMAC-SHA1-96", auth_key=AUTH,
                                 tunnel_header=IP(src="192.0.2.1", dst="198.51.100.1"))
        wan = rdpcap(self.path("a", "wan.pcap"))
        frames = [bytes(p) for p in wan]
        ivs = set()
        for i, (seen, sent) in enumerate(zip(wan, inner)):
            self.assertEqual((seen[IP].src, seen[IP].dst, seen[IP].proto), ("192.0.2.1", "198.51.100.1", 50))
            self.assertEqual(seen[ESP].seq, i + 1)
            ivs.add(bytes(seen[ESP].data)[:16])
            self.assertEqual(bytes(sa.decrypt(seen[IP]))[:len(sent[IP])], bytes(sent[IP]))
        self.assertEqual(len(ivs), 20)
        self.assertEqual(frames[20:], [bytes(p) for p in clear])

        # the other office; one packet twice, one with a bit wrong
        broken = bytearray(frames[19])
        broken[60] ^= 1
        wan_in = self.capture("wan.pcap", frames[:19] + [frames[7], bytes(broken)] + frames[19:])
        opened = self.replay("-c", "examples/office2.conf", "--wan", wan_in, "--out", self.path("b"))
        out = [bytes(p) for p in rdpcap(self.path("b", "lan.pcap"))]
        self.assertEqual(out, [bytes(p) for p in inner + clear])
        self.assertEqual([p["reason"] for p in opened["packets"][19:21]], ["XfrmInStateSeqError", "XfrmInStateProtoError"])
        self.assertEqual(opened["installed_sas"][0]["replayed_packets"], 1)
        self.assertEqual(opened["installed_sas"][0]["bad_icv_packets"], 1)
        self.assertEqual(opened["policies"][0]["in_transformed_packets"], 20)

        # again, the same seed: the same bytes, the same cycles
        again = self.replay("-c", "examples/office1.conf", "--lan", lan, "--out", self.path("c"), "--seed", "1")
        for part in ("cycles", "packets", "installed_sas", "policies", "reasons"):
            self.assertEqual(again[part], sealed[part])
        self.assertTrue(filecmp.cmp(self.path("a", "wan.pcap"), self.path("c", "wan.pcap"), shallow=False))

    def test_the_host_is_the_plaintext_side_in_mode_nic(self):
        nic1 = self.variant("nic1.conf", "office1", '"wire"', '"nic"')
        nic2 = self.variant("nic2.conf", "office2", '"wire"', '"nic"')
        host = self.capture("in.pcap", [L2 / IP(src="10.1.202.5", dst="10.1.101.9", id=i) / Raw(b"y" * (i * 50 + 20)) for i in range(4)])
        sealed = self.replay("-c", nic1, "--host", host, "--out", self.path("a"))
        self.assertEqual([(p["face_in"], p["face_out"], p["spi"]) for p in sealed["packets"]], [("host", "wan", "0x00001002")] * 4)
        self.replay("-c", nic2, "--wan", self.path("a", "wan.pcap"), "--out", self.path("b"))
        self.assertEqual([bytes(p) for p in rdpcap(self.path("b", "host.pcap"))], [bytes(p) for p in rdpcap(host)])
        result = self.run_it("-c", nic1, "--lan", host, "--out", self.path("c"), status=1)
        self.assertIn("mode nic takes its plaintext from the host", result.stderr)

    def test_people_see_a_table_and_a_waveform_is_written(self):
        lan = self.capture("lan.pcap", [L2 / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"z" * 20)])
        result = self.run_it("-c", "examples/office1.conf", "--lan", lan, "--out", self.path("a"), "--trace", self.path("t.fst"))
        self.assertRegex(result.stdout, r"lan +0 +54 +wan +NONE +00001002 office1-office2 +to-office2\n")
        self.assertRegex(result.stdout, r"\d+ cycles, seed 1\n$")
        self.assertGreater(os.path.getsize(self.path("t.fst")), 1000)
        self.assertEqual(os.stat(self.path("t.fst")).st_mode & 0o777, 0o600)		# the keys are in it

    def test_an_input_is_never_overwritten(self):
        os.mkdir(self.path("out"))
        for option, face in (("--lan", "wan"), ("--host", "host"), ("--wan", "wan")):
            before = self.capture(f"out/{face}.pcap", [L2 / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"z" * 20)])
            size = os.path.getsize(before)
            result = self.run_it("-c", "examples/office1.conf", option, before, "--out", self.path("out"), status=1)
            self.assertIn("would be overwritten", result.stderr)
            self.assertEqual(os.path.getsize(before), size)

    def test_frames_that_were_captured_cut_are_told_of(self):
        frame = L2 / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"z" * 200)
        wrpcap(self.path("raw.pcap"), [frame[IP]])
        with RawPcapWriter(self.path("cut.pcap"), linktype=1) as writer:
            writer.write_header(None)
            writer.write_packet(bytes(frame)[:60], wirelen=len(frame))
        result = self.run_it("-c", "examples/office1.conf", "--lan", self.path("cut.pcap"), "--out", self.path("a"))
        self.assertIn("1 frames were captured without their ends", result.stderr)
        result = self.run_it("-c", "examples/office1.conf", "--lan", self.path("raw.pcap"), "--out", self.path("a"), status=1)
        self.assertIn("link type IPV4", result.stderr)

    def test_what_cannot_be_run_is_told(self):
        with open(self.path("bad.conf"), "w") as file:
            file.write('mod = "wire";\n')
        camellia = self.variant("camellia.conf", "office1", "aes-128-cbc", "camellia-128")
        with open(self.path("junk.pcap"), "w") as file:
            file.write("this is no capture\n" * 10)
        self.run_it(status=2)
        self.run_it("-c", "examples/office1.conf", status=2)
        self.run_it("-c", "examples/office1.conf", "--out", self.path("a"), "--seed", "x", status=2)
        self.run_it("-c", "examples/office1.conf", "--out", self.path("a,b"), status=2)
        self.run_it("-c", "examples/office1.conf", "--out", self.path("a"), "--card", "sim:x", "--lan", "x", status=2)
        for args, words in (
                (["-c", self.path("bad.conf")], 'bad.conf:1: unknown key "mod"; did you mean "mode"?'),
                (["-c", "examples/office1.conf", "--lan", self.path("none.pcap")], "No such file"),
                (["-c", "examples/office1.conf", "--lan", self.path("junk.pcap")], "junk.pcap"),
                (["-c", "examples/office1.conf", "--card", "sim:" + self.path("none")], "cannot connect"),
                (["-c", camellia], "camellia-128")):
            result = self.run_it(*args, "--out", self.path("out"), status=1)
            self.assertIn(words, result.stderr)
            self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
