#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Independent peers: scapy seals what the card must open and opens what the card sealed, for every algorithm and mode;
tshark checks every ICV. Then frames that must not pass: each gives its reason, no plaintext leaves, the next good one does.

Everything goes through adit-replay: the real configuration, driver, rings and RTL. Faults of scapy 2.5 are worked around
here: it reports wrong padding after decryption, so packets are compared from the IP header to the IP total length.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

from scapy.all import ARP, ICMP, IP, TCP, UDP, Ether, Raw, raw, rdpcap, wrpcap
from scapy.layers.ipsec import ESP, SecurityAssociation

BIN = os.environ.get("ADIT_BIN", "build/bin")
SEED = int(os.environ.get("SEED", str(random.SystemRandom().randrange(1 << 31))))
LOCAL = "192.0.2.1"
LAN = Ether(src="02:00:00:00:01:10", dst="02:00:00:00:02:10")
WAN = Ether(src="02:00:00:00:02:10", dst="02:00:00:00:01:10")

CIPHERS = {  # adit's word: scapy's name, key bytes, tshark's name
    "aes-128-cbc": ("AES-CBC", 16, "AES-CBC [RFC3602]"),
    "aes-192-cbc": ("AES-CBC", 24, "AES-CBC [RFC3602]"),
    "aes-256-cbc": ("AES-CBC", 32, "AES-CBC [RFC3602]"),
    "null": ("NULL", 0, "NULL"),
}


class Tunnel:
    """One policy with its manual SA pair, and scapy's two ends of it."""

    def __init__(self, number, cipher, is_tunnel, rng):
        self.number, self.cipher, self.is_tunnel = number, cipher, is_tunnel
        self.spi = {"in": 0x1000 + number, "out": 0x2000 + number}
        name, key_bytes, self.tshark_cipher = CIPHERS[cipher]
        self.key = {way: rng.randbytes(key_bytes) for way in ("in", "out")}
        self.auth = {way: rng.randbytes(20) for way in ("in", "out")}
        self.peer = f"198.51.100.{number + 1}"
        self.near, self.far = (f"10.1.{number}.5", f"10.2.{number}.9") if is_tunnel else (LOCAL, self.peer)
        self.scapy = {}
        for way, src, dst in (("out", LOCAL, self.peer), ("in", self.peer, LOCAL)):
            self.scapy[way] = SecurityAssociation(
                ESP, spi=self.spi[way], crypt_algo=name, crypt_key=self.key[way] or None, auth_algo="HMAC-SHA1-96",
                auth_key=self.auth[way], tunnel_header=IP(src=src, dst=dst) if is_tunnel else None)

    def config(self):
        pair = lambda text, values: f'{{ in = "{text(values["in"])}"; out = "{text(values["out"])}"; }}'
        to_hex = lambda value: "0x" + value.hex()
        keys = "" if self.cipher == "null" else f"esp_enc_key = {pair(to_hex, self.key)};"
        prefix = (lambda a: a.rsplit(".", 1)[0] + ".0/24") if self.is_tunnel else (lambda a: a + "/32")
        sa = (f'{{ name = "m{self.number}"; esp_spi = {pair(hex, self.spi)}; esp_enc_algorithm = "{self.cipher}"; {keys}'
              f' esp_auth_algorithm = "sha1"; esp_auth_key = {pair(to_hex, self.auth)}; }}')
        policy = (f'{{ name = "p{self.number}"; src_address = "{prefix(self.near)}"; dst_address = "{prefix(self.far)}";'
                  f' sa_src_address = "{LOCAL}"; sa_dst_address = "{self.peer}"; tunnel = {str(self.is_tunnel).lower()};'
                  f' action = "encrypt"; level = "require"; manual_sa = "m{self.number}"; }}')
        return sa, policy

    def uat(self, way):
        src, dst = (LOCAL, self.peer) if way == "out" else (self.peer, LOCAL)
        key = "0x" + self.key[way].hex() if self.key[way] else ""
        return (f'uat:esp_sa:"IPv4","{src}","{dst}","0x{self.spi[way]:x}","{self.tshark_cipher}","{key}",'
                f'"HMAC-SHA-1-96 [RFC2404]","0x{self.auth[way].hex()}"')


def config_text(tunnels, extra_policies=()):
    pairs = [t.config() for t in tunnels]
    return (f'mode = "wire";\nlocal_addresses = ( "{LOCAL}" );\n'
            f"manual_sas = (\n  {', '.join(sa for sa, _ in pairs)}\n);\n"
            f"policies = (\n  {', '.join([p for _, p in pairs] + list(extra_policies))}\n);\n")


class Replay:
    """One run of adit-replay: frames in, captures and verdicts out."""

    def __init__(self, config, lan=(), wan=()):
        self.folder = tempfile.TemporaryDirectory(prefix="adit-peers-")
        path = lambda name: os.path.join(self.folder.name, name)
        with open(path("adit.conf"), "w", encoding="ascii") as f:
            f.write(config)
        command = [f"{BIN}/adit-replay", "-c", path("adit.conf"), "--out", path("out"), "--json", "--seed", str(SEED % 65536)]
        for name, frames in (("lan", lan), ("wan", wan)):
            if frames:
                wrpcap(path(name + ".in"), [Ether(raw(f)) if not isinstance(f, bytes) else Raw(f) for f in frames], linktype=1)
                command += ["--" + name, path(name + ".in")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise AssertionError(f"adit-replay ended with {done.returncode}: {done.stderr[-3000:]}")
        self.summary = json.loads(done.stdout)
        self.path = path

    def out(self, face):
        path = self.path(f"out/{face}.pcap")
        return [raw(p) for p in rdpcap(path)] if os.path.getsize(path) > 24 else []

    def verdicts(self, face):
        return [p for p in self.summary["packets"] if p["face_in"] == face]

    def reasons(self, face):
        return [p["reason"] for p in self.verdicts(face)]


def ip_of(frame):
    packet = Ether(frame)[IP]
    return raw(packet)[:packet.len]


def plain_packets(tunnel, rng, is_reply=False):
    src, dst = (tunnel.far, tunnel.near) if is_reply else (tunnel.near, tunnel.far)
    for size in (0, 1, 2, 13, 14, 15, 16, 17, 63, 64, 65, 512, 1372, 1400, 1480, 8900):
        yield IP(src=src, dst=dst, id=size, flags="DF") / UDP(sport=1024 + size, dport=9) / Raw(rng.randbytes(size))
    yield IP(src=src, dst=dst) / ICMP(id=1, seq=2) / Raw(b"ping")
    yield IP(src=src, dst=dst, tos=0xb8) / TCP(sport=80, dport=81) / Raw(b"x" * 100)


class Peers(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(SEED)
        self.tunnels = [Tunnel(i * 2 + k, cipher, is_tunnel, self.rng)
                        for i, cipher in enumerate(CIPHERS) for k, is_tunnel in enumerate((True, False))]
        self.config = config_text(self.tunnels)

    def tshark_good_icvs(self, capture, way):
        options = [x for t in self.tunnels for x in ("-o", t.uat(way))]
        done = subprocess.run(["tshark", "-n", "-r", capture, "-o", "esp.enable_encryption_decode:TRUE",
                               "-o", "esp.enable_authentication_check:TRUE", *options, "--disable-protocol", "udp", "-Y", "esp.icv_good == 1",
                               "-T", "fields", "-e", "frame.number"], capture_output=True, text=True, check=True)
        return len(done.stdout.split())

    def test_scapy_and_tshark_open_what_the_card_sealed(self):
        plain = [(t, p) for t in self.tunnels for p in plain_packets(t, self.rng)]
        run = Replay(self.config, lan=[LAN / p for _, p in plain])
        sealed = run.out("wan")
        self.assertEqual(len(sealed), len(plain), run.reasons("lan"))
        for (tunnel, packet), frame in zip(plain, sealed):
            self.assertEqual(frame[:14], raw(LAN / packet)[:14])
            opened = tunnel.scapy["out"].decrypt(Ether(frame)[IP])  # verifies the ICV, or raises
            if tunnel.is_tunnel:
                self.assertEqual(raw(opened), raw(packet))
            else:  # scapy rebuilds the header; payload and addresses must be the packet's
                self.assertEqual(raw(opened.payload)[:len(packet.payload)], raw(packet.payload))
                self.assertEqual((opened.src, opened.dst, opened.proto), (packet.src, packet.dst, Ether(raw(LAN / packet))[IP].proto))
        self.assertEqual(self.tshark_good_icvs(run.path("out/wan.pcap"), "out"), len(plain))

    def test_the_card_opens_what_scapy_sealed(self):
        plain = [(t, Ether(raw(WAN / p))[IP]) for t in self.tunnels for p in plain_packets(t, self.rng, is_reply=True)]
        wan = [WAN / t.scapy["in"].encrypt(p.copy()) for t, p in plain]
        run = Replay(self.config, wan=wan)
        for face, is_tunnel in (("lan", True), ("host", False)):  # transport ends at the card's own address: to the host
            want = [raw(WAN / p) for t, p in plain if t.is_tunnel == is_tunnel]
            got = run.out(face)
            self.assertEqual(len(got), len(want), run.reasons("wan"))
            for a, b in zip(got, want):
                self.assertEqual(ip_of(a), ip_of(b))
        self.assertEqual(self.tshark_good_icvs(run.path("wan.in"), "in"), len(wan))

    # ---- what must not pass

    def refused(self, frames, reasons, face="wan"):
        """Each frame gives its reason, nothing of it leaves, and a good packet right behind it passes."""
        tunnel = self.tunnels[0]
        good = IP(src=tunnel.far, dst=tunnel.near) / UDP(sport=7, dport=7) / Raw(b"good" * 10)
        inputs, want = [], []
        for n, frame in enumerate(frames):
            inputs += [frame, WAN / tunnel.scapy["in"].encrypt(good.copy(), seq_num=1001 + 2 * n)]
            want += [reasons[n] if isinstance(reasons, list) else reasons, "NONE"]
        if face == "lan":
            run = Replay(self.config, lan=inputs[::2], wan=inputs[1::2])
            self.assertEqual(run.reasons("lan"), want[::2])
            self.assertEqual(run.out("wan"), [])
        else:
            run = Replay(self.config, wan=inputs)
            self.assertEqual(run.reasons("wan"), want)
        self.assertEqual([ip_of(f) for f in run.out("lan")], [raw(good)] * len(frames))
        self.assertEqual(run.out("host"), [])
        counted = {r["reason"]: r["packets"] for r in run.summary["reasons"] if r["packets"] and r["reason"] != "NONE"}
        expected = {}
        for reason in want:
            if reason != "NONE":
                expected[reason] = expected.get(reason, 0) + 1
        self.assertEqual(counted, expected)

    def sealed(self, seq=1, tunnel=None, payload=b"secret" * 20, **kw):
        tunnel = tunnel or self.tunnels[0]
        inner = IP(src=tunnel.far, dst=tunnel.near) / UDP(sport=5, dport=6) / Raw(payload)
        return bytearray(raw(WAN / tunnel.scapy["in"].encrypt(inner, seq_num=seq, **kw)))

    def with_ip_length(self, frame, n_bytes):
        packet = Ether(bytes(frame[:14 + n_bytes]))
        packet[IP].len = n_bytes
        del packet[IP].chksum
        return raw(packet)[:14] + raw(packet[IP])[:20] + bytes(frame[34:14 + n_bytes])

    def test_a_wrong_spi_has_no_state(self):
        frame = self.sealed()
        frame[34:38] = b"\x00\x0b\xad\x01"
        self.refused([bytes(frame)], "XfrmInNoStates")

    def test_each_byte_of_the_icv_counts(self):
        frames = []
        for i in range(12):
            frame = self.sealed()
            frame[-1 - i] ^= 1 << self.rng.randrange(8)
            frames.append(bytes(frame))
        self.refused(frames, "XfrmInStateProtoError")

    def test_a_replay_and_a_number_below_the_window_are_refused(self):
        # the good packets carry 1001, 1003, …: 0 is never valid, 5 is below the window, the others are replays
        zero = self.seal_raw(self.tunnels[0], 0, bytes(46) + bytes([0, 4]))
        self.refused([zero] + [bytes(self.sealed(seq=seq)) for seq in (5, 1001, 1003)], "XfrmInStateSeqError")

    def test_a_sealed_frame_cut_anywhere_gives_a_reason(self):
        whole = bytes(self.sealed(seq=60000))  # above every window: only the cut counts
        lying = [whole[:n] for n in range(14, len(whole))]
        self.refused(lying, ["RxRunt" if n < 34 else "RxIpHeader" for n in range(14, len(whole))])
        honest = [self.with_ip_length(whole, n - 14) for n in range(34, len(whole))]
        reasons = []
        for n in range(34, len(whole)):
            esp_bytes = n - 34
            text_bytes = esp_bytes - 8 - 16 - 12
            fits = text_bytes >= 16 and text_bytes % 16 == 0
            reasons.append("XfrmInStateProtoError" if fits else "XfrmInHdrError")
        self.refused(honest, reasons)

    def test_bad_padding_is_refused_after_a_good_icv(self):
        frames = []
        tunnel = self.tunnels[0]
        for seq, tail in ((1000, bytes([9, 9, 9, 3, 4])), (1002, bytes([1, 2, 4, 3, 4])), (1004, bytes([1, 2, 3, 255, 4]))):
            frames.append(self.seal_raw(tunnel, seq, b"x" * (48 - len(tail)) + tail))
        self.refused(frames, "InPadding")

    def test_dummy_packets_and_strange_next_headers_are_refused(self):
        tunnel = self.tunnels[0]
        frames = [self.seal_raw(tunnel, 1000, bytes(46) + bytes([0, 59])), self.seal_raw(tunnel, 1002, bytes(46) + bytes([0, 17]))]
        self.refused(frames, ["InDummy", "InNextHeader"])

    def seal_raw(self, tunnel, seq, text):
        """ESP around exactly this text (payload, padding and trailer as given)."""
        from cryptography.hazmat.primitives import hashes, hmac
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
        iv = self.rng.randbytes(16)
        enc = Cipher(algorithms.AES(tunnel.key["in"]), modes.CBC(iv)).encryptor()
        esp = tunnel.spi["in"].to_bytes(4, "big") + seq.to_bytes(4, "big") + iv + enc.update(text) + enc.finalize()
        mac = hmac.HMAC(tunnel.auth["in"], hashes.SHA1())
        mac.update(esp)
        return raw(WAN / IP(src=tunnel.peer, dst=LOCAL, proto=50) / Raw(esp + mac.finalize()[:12]))

    def test_an_inner_packet_of_another_policy_is_refused(self):
        own, other = self.tunnels[0], self.tunnels[2]
        inner = IP(src=other.far, dst=other.near) / UDP(sport=5, dport=6) / Raw(b"not mine")
        self.refused([raw(WAN / own.scapy["in"].encrypt(inner, seq_num=1))], "XfrmInTmplMismatch")

    def test_clear_packets_that_policy_wants_sealed_are_refused(self):
        tunnel = self.tunnels[0]
        self.refused([raw(WAN / IP(src=tunnel.far, dst=tunnel.near) / UDP(sport=5, dport=6) / Raw(b"clear"))], "XfrmInTmplMismatch")

    def test_frames_that_lie_or_are_strange_give_their_reason(self):
        tunnel = self.tunnels[0]
        packet = IP(src=tunnel.near, dst=tunnel.far) / UDP(sport=1, dport=2) / Raw(bytes(50))
        good = raw(LAN / packet)
        too_long, short_header = bytearray(good), bytearray(good)
        too_long[16:18] = (2000).to_bytes(2, "big")
        short_header[14] = 0x43
        not_ip = raw(LAN)[:12] + b"\x88\xb5" + bytes(60)
        ipv6 = raw(LAN)[:12] + b"\x86\xdd" + bytes([0x60]) + bytes(59)
        giant = good + bytes(9601 - len(good))
        self.refused([bytes(too_long), bytes(short_header), not_ip, ipv6, good[:10], giant],
                     ["RxIpHeader", "RxIpHeader", "RxNotIp", "RxIpHeader", "RxRunt", "RxGiant"], face="lan")

    def test_an_esp_fragment_without_the_rest_goes_nowhere(self):
        frame = Ether(bytes(self.sealed()))
        frame[IP].flags = "MF"
        del frame[IP].chksum
        self.refused([raw(frame)], "HostFragment")

    def test_ip_options_are_sealed_and_opened_with_the_packet(self):
        tunnel = self.tunnels[0]
        packet = IP(src=tunnel.near, dst=tunnel.far, options=[b"\x01\x01\x01\x00"]) / UDP(sport=1, dport=2) / Raw(b"options")
        run = Replay(self.config, lan=[LAN / packet])
        self.assertEqual(raw(tunnel.scapy["out"].decrypt(Ether(run.out("wan")[0])[IP])), raw(packet))

    def test_a_policy_without_sa_drops_and_leaks_nothing(self):
        lonely = ('{ name = "lonely"; src_address = "10.9.0.0/16"; dst_address = "10.8.0.0/16"; sa_src_address = "192.0.2.1";'
                  ' sa_dst_address = "198.51.100.200"; tunnel = true; action = "encrypt"; level = "require"; }')
        run = Replay(config_text(self.tunnels, [lonely]), lan=[LAN / IP(src="10.9.0.1", dst="10.8.0.1") / UDP() / Raw(b"secret")])
        self.assertEqual(run.reasons("lan"), ["XfrmOutNoStates"])
        self.assertEqual(run.out("wan") + run.out("host") + run.out("lan"), [])

    def test_arp_for_the_card_goes_to_the_host_and_other_arp_passes(self):
        mine = LAN / ARP(psrc="192.0.2.7", pdst=LOCAL)
        other = LAN / ARP(psrc="192.0.2.7", pdst="192.0.2.9")
        run = Replay(self.config, lan=[mine, other])
        self.assertEqual(run.reasons("lan"), ["HostArp", "NONE"])
        self.assertEqual(run.out("wan"), [raw(other)])
        self.assertEqual(run.out("host"), [raw(mine)])

    def test_ike_is_never_locked_out(self):
        lock = (f'{{ name = "lock"; src_address = "0.0.0.0/0"; dst_address = "0.0.0.0/0"; action = "discard"; priority = 100; }}')
        config = config_text(self.tunnels, [lock])
        out = LAN / IP(src=LOCAL, dst="198.51.100.1") / UDP(sport=500, dport=500) / Raw(b"ike")
        into = WAN / IP(src="198.51.100.1", dst=LOCAL) / UDP(sport=500, dport=500) / Raw(b"ike")
        run = Replay(config, lan=[out], wan=[into])
        self.assertEqual(run.out("wan"), [raw(out)])
        self.assertEqual(run.out("host"), [raw(into)])
        self.assertEqual(run.reasons("wan"), ["HostIke"])


if __name__ == "__main__":
    print(f"seed {SEED}", flush=True)
    result = unittest.main(exit=False, verbosity=2).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
