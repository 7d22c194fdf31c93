#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""adit-replay: what goes in at one office comes out at the other, scapy agrees on what lies between, and runs repeat."""
import filecmp
import json
import os
import random
import re
import shutil
import subprocess
import tempfile
import unittest

from scapy.all import ARP, ESP, ICMP, IP, TCP, UDP, Ether, IPv6, Raw, RawPcapWriter, SecurityAssociation, conf, defragment, rdpcap, wrpcap

BIN = os.path.join(os.environ.get("B", "build"), "bin")
SEED = int(os.environ.get("SEED", "1"))
ENC = bytes.fromhex("d94e72315fa8c6b00de7413b9c25f86a")		# manual1.conf, out
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

    def variant(self, name, example, before, after):
        """A configuration: the example's with one word changed."""
        with open(f"examples/{example}.conf") as source, open(self.path(name), "w") as file:
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
        dropped = [L2 / Raw(b"\x45")]
        clear.append(L2 / IPv6(src="2001:db8::7", dst="2001:db8::1") / UDP())
        lan = self.capture("lan.pcap", inner + clear + local + dropped)

        sealed = self.replay("-c", "examples/manual1.conf", "--lan", lan, "--out", self.path("a"))
        packets = sealed["packets"]
        self.assertEqual([p["number"] for p in packets], list(range(26)))
        for p in packets[:20]:
            self.assertEqual((p["face_in"], p["face_out"], p["reason"], p["sa"], p["spi"], p["policy"]),
                             ("lan", "wan", "NONE", "office1-office2", "0x00001002", "to-office2"))
        self.assertEqual([(p["face_out"], p["reason"]) for p in packets[20:]],
                         [("wan", "NONE")] * 3 + [("host", "HostArp"), ("host", "HostIke"), ("none", packets[25]["reason"])])
        self.assertIn(packets[25]["reason"], ("RxIpHeader", "RxNotIp", "RxRunt"))
        self.assertEqual({p["name"]: p["out_transformed_packets"] for p in sealed["policies"]}, {"to-office2": 20})
        self.assertEqual([(sa["direction"], sa["packets"]) for sa in sealed["installed_sas"]], [("in", 0), ("out", 20)])
        self.assertEqual({r["reason"]: r["packets"] for r in sealed["reasons"]},
                         {"NONE": 23, "HostArp": 1, "HostIke": 1, packets[25]["reason"]: 1})
        self.assertEqual({f["face"]: f["frames"] for f in sealed["files"]}, {"lan": 0, "wan": 23, "host": 2})
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
        opened = self.replay("-c", "examples/manual2.conf", "--wan", wan_in, "--out", self.path("b"))
        out = [bytes(p) for p in rdpcap(self.path("b", "lan.pcap"))]
        self.assertEqual(out, [bytes(p) for p in inner + clear])
        self.assertEqual([p["reason"] for p in opened["packets"][19:21]], ["XfrmInStateSeqError", "XfrmInStateProtoError"])
        self.assertEqual(opened["installed_sas"][0]["replayed_packets"], 1)
        self.assertEqual(opened["installed_sas"][0]["bad_icv_packets"], 1)
        self.assertEqual(opened["policies"][0]["in_transformed_packets"], 20)

        # again, the same seed: the same bytes, the same cycles
        again = self.replay("-c", "examples/manual1.conf", "--lan", lan, "--out", self.path("c"), "--seed", "1")
        for part in ("cycles", "packets", "installed_sas", "policies", "reasons"):
            self.assertEqual(again[part], sealed[part])
        self.assertTrue(filecmp.cmp(self.path("a", "wan.pcap"), self.path("c", "wan.pcap"), shallow=False))

    def far_end(self):
        """The other end of every tunnel of examples/full.conf."""
        def swap(text, a, b):
            return re.sub(rf"\b({a}|{b})\b", lambda m: b if m.group(1) == a else a, text)
        with open("examples/full.conf") as file:
            lines = file.read().replace('"192.0.2.1", "2001:db8::1"', '"198.51.100.2"').splitlines()
        for i, line in enumerate(lines):
            if "src_address" in line and "2001:db8::1/128" not in line:
                line = swap(swap(swap(line, "sa_src_address", "sa_dst_address"), "src_address", "dst_address"), "src_port", "dst_port")
            line = re.sub(r"\b(in|out) = ", lambda m: "out = " if m.group(1) == "in" else "in = ", line)
            lines[i] = swap(line, "nat_traversal_local_port", "nat_traversal_remote_port")
        with open(self.path("far.conf"), "w") as file:
            file.write("\n".join(lines))
        return self.path("far.conf")

    def test_everything_at_once_and_what_the_host_does_for_the_card(self):
        rng = random.Random(SEED)
        print(f"seed {SEED}")

        def v4(net, n_bytes, **fields):
            return L2 / IP(src="10.1.0.5", dst=f"10.{net}.0.9", id=rng.randrange(65536), **fields) / UDP(sport=7, dport=9) / rng.randbytes(n_bytes)

        def v6(net):
            return L2 / IPv6(src="2001:db8:1::5", dst=f"2001:db8:{net}::9") / UDP(sport=7, dport=9) / rng.randbytes(100)
        whole = [v4(2, 100), v6(2), v6(3), v4(5, 200), v4(6, 300), v4(7, 400), v4(7, 1390), v4(8, 500)]
        split, refused = v4(2, 1450), v4(2, 1450, flags="DF")
        road = L2 / IP(src="192.0.2.1", dst="203.0.113.4") / UDP(sport=1701, dport=1701) / rng.randbytes(99)
        lan = self.capture("lan.pcap", [*whole, split, refused, road])
        near = self.replay("-c", "examples/full.conf", "--lan", lan, "--out", self.path("a"))
        slow = near["slowpath"]
        self.assertEqual((slow["sealed_packets"], slow["split_packets"], slow["too_big_answers"], slow["dropped_packets"]), (2, 1, 1, 0))
        reasons = {r["reason"]: r["packets"] for r in near["reasons"]}
        self.assertEqual((reasons["HostSlowSeal"], reasons["HostSplit"], reasons["HostTooBig"]), (2, 1, 1))
        wan = rdpcap(self.path("a", "wan.pcap"))
        self.assertEqual(len(wan), len(whole) + 1 + 2 + 1)		# one fragmented outside, one inside, and the road
        self.assertTrue(all(len(p) - 14 <= 1500 for p in wan))
        answer, = rdpcap(self.path("a", "lan.pcap"))
        sas = {(sa["manual_sa"], sa["direction"], sa["protocol"]): sa for sa in near["installed_sas"]}
        self.assertEqual((answer[ICMP].type, answer[ICMP].code, answer[ICMP].nexthopmtu, answer[IP].dst),
                         (3, 4, sas["branch", "out", "esp"]["inner_mtu_bytes"], "10.1.0.5"))
        self.assertEqual({len(p[IP]) for p in wan if ESP in p and p[ESP].spi == 0x2006}, {20 + 8 + 8 + 1280 + 4 + 16})
        self.assertEqual(sas["museum", "out", "esp"]["transform"], "host")
        self.assertEqual([sas["audit", "out", p]["layer"] for p in ("esp", "ah")], ["inner", "outer"])

        # the far end, fragments in any order
        for p in wan:		# the NAT before it
            if UDP in p and p[UDP].dport == 61234:
                p[UDP].dport = 4500
        frames = [bytes(p) for p in wan]
        rng.shuffle(frames)
        with open(self.path("wan.pcap"), "wb") as file:
            wrpcap(file, [Ether(frame) for frame in frames])
        far = self.replay("-c", self.far_end(), "--wan", self.path("wan.pcap"), "--out", self.path("b"))
        slow = far["slowpath"]
        self.assertEqual((slow["opened_packets"], slow["reassembled_packets"], slow["open_refused_packets"], slow["dropped_packets"]),
                         (2, 1, 0, 0))
        out = rdpcap(self.path("b", "lan.pcap"))
        fragments = [p[IP] for p in out if IP in p and (p[IP].flags.MF or p[IP].frag)]
        joined, = defragment(fragments)
        self.assertEqual(bytes(joined.payload), bytes(split[IP].payload))
        self.assertEqual(sorted(bytes(p) for p in out if IP not in p or not (p[IP].flags.MF or p[IP].frag)), sorted(bytes(p) for p in whole))
        self.assertEqual([bytes(p) for p in rdpcap(self.path("b", "host.pcap"))], [bytes(road)])
        self.assertEqual(slow["mended_checksum_packets"], 1)
        again = self.replay("-c", self.path("far.conf"), "--wan", self.path("wan.pcap"), "--out", self.path("c"))
        for part in ("cycles", "packets", "installed_sas", "policies", "reasons", "slowpath"):
            self.assertEqual(again[part], far[part])

    def test_the_host_is_the_plaintext_side_in_mode_nic(self):
        nic1 = self.variant("nic1.conf", "manual1", '"wire"', '"nic"')
        nic2 = self.variant("nic2.conf", "manual2", '"wire"', '"nic"')
        host = self.capture("in.pcap", [L2 / IP(src="10.1.202.5", dst="10.1.101.9", id=i) / Raw(b"y" * (i * 50 + 20)) for i in range(4)])
        sealed = self.replay("-c", nic1, "--host", host, "--out", self.path("a"))
        self.assertEqual([(p["face_in"], p["face_out"], p["spi"]) for p in sealed["packets"]], [("host", "wan", "0x00001002")] * 4)
        self.replay("-c", nic2, "--wan", self.path("a", "wan.pcap"), "--out", self.path("b"))
        self.assertEqual([bytes(p) for p in rdpcap(self.path("b", "host.pcap"))], [bytes(p) for p in rdpcap(host)])
        result = self.run_it("-c", nic1, "--lan", host, "--out", self.path("c"), status=1)
        self.assertIn("mode nic takes its plaintext from the host", result.stderr)

    def test_people_see_a_table_and_a_waveform_is_written(self):
        lan = self.capture("lan.pcap", [L2 / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"z" * 20)])
        result = self.run_it("-c", "examples/manual1.conf", "--lan", lan, "--out", self.path("a"), "--trace", self.path("t.fst"))
        self.assertRegex(result.stdout, r"lan +0 +54 +wan +NONE +00001002 office1-office2 +to-office2\n")
        self.assertRegex(result.stdout, r"\d+ cycles, seed 1\n$")
        self.assertGreater(os.path.getsize(self.path("t.fst")), 1000)
        self.assertEqual(os.stat(self.path("t.fst")).st_mode & 0o777, 0o600)		# the keys are in it

    def test_an_input_is_never_overwritten(self):
        os.mkdir(self.path("out"))
        for option, face in (("--lan", "wan"), ("--host", "host"), ("--wan", "wan")):
            before = self.capture(f"out/{face}.pcap", [L2 / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"z" * 20)])
            size = os.path.getsize(before)
            result = self.run_it("-c", "examples/manual1.conf", option, before, "--out", self.path("out"), status=1)
            self.assertIn("would be overwritten", result.stderr)
            self.assertEqual(os.path.getsize(before), size)

    def test_frames_that_were_captured_cut_are_told_of(self):
        frame = L2 / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"z" * 200)
        wrpcap(self.path("raw.pcap"), [frame[IP]])
        with RawPcapWriter(self.path("cut.pcap"), linktype=1) as writer:
            writer.write_header(None)
            writer.write_packet(bytes(frame)[:60], wirelen=len(frame))
        result = self.run_it("-c", "examples/manual1.conf", "--lan", self.path("cut.pcap"), "--out", self.path("a"))
        self.assertIn("1 frames were captured without their ends", result.stderr)
        result = self.run_it("-c", "examples/manual1.conf", "--lan", self.path("raw.pcap"), "--out", self.path("a"), status=1)
        self.assertIn("link type IPV4", result.stderr)

    def test_what_cannot_be_run_is_told(self):
        with open(self.path("bad.conf"), "w") as file:
            file.write('mod = "wire";\n')
        crowd = self.variant("crowd.conf", "manual1", "policies = (", "policies = ( " + "".join(
            f'{{ name = "p{i}"; action = "none"; }}, ' for i in range(70)))
        with open(self.path("junk.pcap"), "w") as file:
            file.write("this is no capture\n" * 10)
        self.run_it(status=2)
        self.run_it("-c", "examples/manual1.conf", status=2)
        self.run_it("-c", "examples/manual1.conf", "--out", self.path("a"), "--seed", "x", status=2)
        self.run_it("-c", "examples/manual1.conf", "--out", self.path("a,b"), status=2)
        self.run_it("-c", "examples/manual1.conf", "--out", self.path("a"), "--card", "sim:x", "--lan", "x", status=2)
        for args, words in (
                (["-c", self.path("bad.conf")], 'bad.conf:1: unknown key "mod"; did you mean "mode"?'),
                (["-c", "examples/manual1.conf", "--lan", self.path("none.pcap")], "No such file"),
                (["-c", "examples/manual1.conf", "--lan", self.path("junk.pcap")], "junk.pcap"),
                (["-c", "examples/manual1.conf", "--card", "sim:" + self.path("none")], "cannot connect"),
                (["-c", crowd], "71 policies, but the card holds 64")):
            result = self.run_it(*args, "--out", self.path("out"), status=1)
            self.assertIn(words, result.stderr)
            self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main(verbosity=2)
