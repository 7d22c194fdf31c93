# SPDX-License-Identifier: BSD-2-Clause-Patent
"""The data plane of a peer whose kernel is xfrmshim.so: ESP and AH (RFC 4303, 4302) with the keys that the peer gave its kernel.

It answers pings as the hosts behind the peer would. No line of it knows adit, and the ciphers are python3-cryptography's.
"""
import hmac
import json
import os
import struct
import threading
import warnings

warnings.simplefilter("ignore")  # of weak ciphers: they are the matter here

from cryptography.exceptions import InvalidTag  # noqa: E402
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: E402

from packets import AH, ESP, ICMP, echo, ip_packet, packed, payload_of, sealed_of, udp_packet  # noqa: E402

BLOCK_CIPHERS = {"aes": (algorithms.AES, 16), "des3_ede": (algorithms.TripleDES, 8), "des": (algorithms.TripleDES, 8),
                 "blowfish": (algorithms.Blowfish, 8), "camellia": (algorithms.Camellia, 16)}
ICV_BYTES = {"md5": 12, "sha1": 12, "sha256": 16, "sha384": 24, "sha512": 32}


class Refused(Exception):
    pass


class Sa:
    """One SA as the peer's daemon gave it to its kernel: a line of the shim's log."""

    def __init__(self, line):
        self.line = line
        self.spi, self.proto = int(line["spi"], 16), line["proto"]
        self.src, self.dst = line["src"], line["dst"]
        self.is_tunnel, self.is_esn = line["mode"] == "tunnel", line["esn"]
        self.ports = line["encap"][1:] if "encap" in line else None
        self.enc_key, self.auth_key = bytes.fromhex(line.get("enc_key", "")), bytes.fromhex(line.get("auth_key", ""))
        name = line.get("aead") or line.get("enc", "")
        self.kind = "gcm" if "gcm" in name else "ctr" if "ctr" in name else "null" if "null" in name or not name else "cbc"
        self.cipher = next((c for word, c in BLOCK_CIPHERS.items() if word in name.replace("(", " ").replace(")", " ").split()), None)
        auth = line.get("auth", "")
        self.hash = next((h for h in sorted(ICV_BYTES, reverse=True) if h in auth), None)
        icv_bits = line["icv"] if self.kind == "gcm" else line.get("trunc", 8 * ICV_BYTES.get(self.hash, 0))
        self.icv_bytes = icv_bits // 8
        self.iv_bytes = {"gcm": 8, "ctr": 8, "null": 0}.get(self.kind) if self.kind != "cbc" else self.cipher[1]
        self.seq = 0
        self.n_packets = 0

    def icv(self, data, seq):
        tail = struct.pack("!I", seq >> 32) if self.is_esn else b""
        return hmac.new(self.auth_key, data + tail, self.hash).digest()[:self.icv_bytes]

    def cipher_of(self, iv, tag=None, aad=None):
        if self.kind == "gcm":
            mode = modes.GCM(self.enc_key[-4:] + iv, tag, min_tag_length=min(self.icv_bytes, 16))
            return Cipher(algorithms.AES(self.enc_key[:-4]), mode), aad
        if self.kind == "ctr":
            return Cipher(algorithms.AES(self.enc_key[:-4]), modes.CTR(self.enc_key[-4:] + iv + b"\0\0\0\1")), None
        is_des = len(self.enc_key) == 8 and self.cipher[0] is algorithms.TripleDES
        key = self.enc_key * 3 if is_des else self.enc_key  # DES is 3DES with one key
        return Cipher(self.cipher[0](key), modes.CBC(iv)), None

    # ---- ESP

    def aad(self, head, seq):
        return head[:4] + struct.pack("!I", seq >> 32) + head[4:8] if self.is_esn else head[:8]

    def open_esp(self, body):
        head, rest, icv = body[:8], body[8:len(body) - self.icv_bytes], body[len(body) - self.icv_bytes:]
        seq = struct.unpack("!I", head[4:])[0]
        if self.kind != "gcm" and not hmac.compare_digest(self.icv(head + rest, seq), icv):
            raise Refused("wrong ICV")
        iv, text = rest[:self.iv_bytes], rest[self.iv_bytes:]
        if self.kind != "null":
            cipher, aad = self.cipher_of(iv, icv if self.kind == "gcm" else None, self.aad(head, seq))
            decryptor = cipher.decryptor()
            if aad:
                decryptor.authenticate_additional_data(aad)
            try:
                text = decryptor.update(text) + decryptor.finalize()
            except InvalidTag:
                raise Refused("wrong ICV") from None
        pad, following = text[-2], text[-1]
        if text[-2 - pad:-2] != bytes(range(1, pad + 1)):
            raise Refused(f"wrong padding {text[-2 - pad:-2].hex()}: the key cannot be the peer's")
        return following, text[:-2 - pad]

    def seal_esp(self, following, payload):
        self.seq += 1
        head = struct.pack("!II", self.spi, self.seq & 0xffffffff)
        align = max(4, self.cipher[1] if self.kind == "cbc" else 4)
        pad = -(len(payload) + 2) % align
        text = payload + bytes(range(1, pad + 1)) + bytes([pad, following])
        iv = os.urandom(self.iv_bytes)
        icv = b""
        if self.kind != "null":
            cipher, aad = self.cipher_of(iv, None, self.aad(head, self.seq))
            encryptor = cipher.encryptor()
            if aad:
                encryptor.authenticate_additional_data(aad)
            text = encryptor.update(text) + encryptor.finalize()
            icv = encryptor.tag[:self.icv_bytes] if aad else b""
        sealed = head + iv + text
        return sealed + (icv or self.icv(sealed, self.seq))

    # ---- AH: the packet's mutable fields are zero for the ICV (RFC 4302 §3.3.3.1.1)

    def ah_icv(self, packet, seq):
        zeroed = bytearray(packet)
        zeroed[1], zeroed[8] = 0, 0
        zeroed[6:8] = zeroed[10:12] = b"\0\0"
        zeroed[32:32 + self.icv_bytes] = bytes(self.icv_bytes)
        return self.icv(bytes(zeroed), seq)

    def open_ah(self, packet):
        body = payload_of(packet)
        seq = struct.unpack("!I", body[8:12])[0]
        if not hmac.compare_digest(self.ah_icv(packet, seq), body[12:12 + self.icv_bytes]):
            raise Refused("wrong ICV")
        return body[0], body[(body[1] + 2) * 4:]

    def seal_ah(self, following, payload):
        self.seq += 1
        size = 12 + self.icv_bytes
        head = struct.pack("!BBHII", following, size // 4 - 2, 0, self.spi, self.seq & 0xffffffff)
        packet = ip_packet(packed(self.src), packed(self.dst), AH, head + bytes(self.icv_bytes) + payload, self.seq)
        return head + self.ah_icv(packet, self.seq) + payload

    # ---- whole packets

    def open(self, packet):
        """(source, destination, protocol, payload) of what was inside."""
        kind, body = sealed_of(bytes(12) + b"\x08\x00" + packet)[1:3]
        following, text = self.open_ah(packet) if kind == AH else self.open_esp(body)
        self.n_packets += 1
        if not self.is_tunnel:
            return packet[12:16], packet[16:20], following, text
        if following != 4:
            raise Refused(f"protocol {following} in a tunnel")
        return text[12:16], text[16:20], text[9], payload_of(text)

    def seal(self, src, dst, protocol, payload):
        following = 4 if self.is_tunnel else protocol
        inner = ip_packet(src, dst, protocol, payload, self.seq) if self.is_tunnel else payload
        sealed = self.seal_ah(following, inner) if self.proto == "ah" else self.seal_esp(following, inner)
        ends = packed(self.src), packed(self.dst)
        if self.ports:
            return udp_packet(*ends, *self.ports, sealed, self.seq)
        return ip_packet(*ends, AH if self.proto == "ah" else ESP, sealed, self.seq)


class Plane:
    """Hears what the wire carries to the peer; SAs come and go as the shim's log tells."""

    def __init__(self, wire, log):
        self.wire, self.log = wire, log
        self.lock = threading.Lock()
        self.forget()
        wire.take = self.take

    def forget(self):
        """The peer begins anew: what its log says from here on counts."""
        self.at = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        self.sas, self.order, self.complaints, self.replies = {}, [], [], {}
        self.n_opened = 0

    def follow(self):
        """Take what the log has got since."""
        if not os.path.exists(self.log):
            return
        with open(self.log, encoding="ascii") as f:
            f.seek(self.at)
            for line in f:
                if not line.endswith("\n"):
                    break
                self.at += len(line)
                said = json.loads(line)
                if said["op"] in ("newsa", "updsa") and said["proto"] in ("esp", "ah"):
                    known = self.sas.get(int(said["spi"], 16))
                    sa = Sa(said)
                    if known:
                        sa.seq, sa.n_packets = known.seq, known.n_packets
                    self.sas[sa.spi] = sa
                    self.order.append(sa.spi)
                elif said["op"] == "delsa":
                    self.sas.pop(int(said["spi"], 16), None)

    def live(self, source):
        """SAs that the end source sends with, oldest first."""
        with self.lock:
            self.follow()
            seen = dict.fromkeys(self.order)
            return [self.sas[spi] for spi in seen if spi in self.sas and self.sas[spi].src == source]

    def take(self, frame):
        """A frame on its way to the peer: is it sealed, then it is ours."""
        sealed = sealed_of(frame)
        if not sealed:
            return False
        packet, kind, body, _ = sealed
        spi = struct.unpack("!I", body[4:8] if kind == AH else body[:4])[0]
        with self.lock:
            self.follow()
            sa = self.sas.get(spi)
        if not sa:
            self.complaints.append(f"a packet with SPI 0x{spi:08x}, which the peer does not have")
            return True
        try:
            src, dst, protocol, payload = sa.open(packet)
        except (Refused, ValueError, struct.error, IndexError) as why:
            self.complaints.append(f"SPI 0x{spi:08x}: {why}")
            return True
        self.n_opened += 1
        if protocol == ICMP and payload[0] == 8:
            self.send(frame, sa.dst, (dst, src, ICMP, echo(0, *struct.unpack("!HH", payload[4:8]), payload[8:])))
        elif protocol == ICMP and payload[0] == 0:
            self.replies[struct.unpack("!H", payload[6:8])[0]] = payload[8:]
        return True

    def send(self, frame, source, what):
        """Seal with the newest SA that goes back."""
        out = self.live(source)
        if not out:
            self.complaints.append("the peer has no SA to answer with")
            return
        self.wire.inject(frame[6:12] + frame[:6] + b"\x08\x00" + out[-1].seal(*what))
