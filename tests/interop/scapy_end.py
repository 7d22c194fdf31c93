# SPDX-License-Identifier: BSD-2-Clause-Patent
"""scapy as a peer: seals and opens the packets of one cell, bytes in, bytes out.

scapy 2.5 has faults that are gone around here: it leaves the high half of an extended sequence number out of the ICV of ESP with an
integrity algorithm of its own, writes a wrong UDP length when it encapsulates over IPv4, and signs the wrong layer of AH around
ESP. In these three places the framing is ours and the ciphers and MACs stay scapy's.
"""
import struct
import warnings

warnings.simplefilter("ignore")  # of weak ciphers: they are the matter here

from scapy.all import IP, IPv6, raw  # noqa: E402
from scapy.layers.ipsec import AH, AUTH_ALGOS, ESP, SecurityAssociation  # noqa: E402

from cells import CIPHERS, HASHES  # noqa: E402

X = {4: IP, 6: IPv6}


class Refused(Exception):
    """What scapy, or a header, says is wrong."""


def why_not(cell):
    """Why scapy cannot check this cell, or an empty text."""
    if cell.enc.endswith("-gcm") and cell.icv != 16:
        return "scapy has AES-GCM with an ICV of 16 bytes only"
    for layer in cell.layers:
        if CIPHERS[layer.enc][2] is None:
            return f"scapy has no {layer.enc.split('-')[0]}"
        if HASHES[layer.auth][3] is None:
            return "scapy has no ESP with AES-GMAC"
    return ""


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def with_protocol(packet, protocol, rest):
    """packet's IP header (no options) in front of rest."""
    head = bytearray(packet[:20 if packet[0] >> 4 == 4 else 40])
    if head[0] >> 4 == 4:
        head[9] = protocol
        head[2:4] = (20 + len(rest)).to_bytes(2, "big")
        head[10:12] = b"\0\0"
        head[10:12] = checksum(bytes(head)).to_bytes(2, "big")
    else:
        head[6] = protocol
        head[4:6] = len(rest).to_bytes(2, "big")
    return bytes(head) + rest


def parts(packet):
    """Protocol and payload of an IP packet without options or extension headers; the header must be sound."""
    if packet[0] >> 4 == 4:
        if packet[0] != 0x45 or int.from_bytes(packet[2:4], "big") != len(packet) or checksum(packet[:20]):
            raise Refused("the IPv4 header is not sound")
        return packet[9], packet[20:]
    if packet[0] >> 4 != 6 or int.from_bytes(packet[4:6], "big") != len(packet) - 40:
        raise Refused("the IPv6 header is not sound")
    return packet[6], packet[40:]


def udp_sum(packet, udp):
    """Over the IPv6 pseudo-header (RFC 8200 §8.1); 0 if it is right."""
    return checksum(packet[8:40] + struct.pack("!II", len(udp), 17) + udp)


class ScapyEnd:
    def __init__(self, cell, way):
        self.cell, self.way = cell, way
        src, dst = cell.ends(way)
        self.src, self.dst = src, dst
        self.own_icv = cell.esn and cell.layers[0].proto == "esp" and cell.layers[0].auth != "null"
        inner = cell.layers[0]
        self.esp_mac = AUTH_ALGOS[HASHES[inner.auth][3]]
        tunnel = X[cell.outer](src=src, dst=dst) if cell.mode == "tunnel" else None
        if inner.proto == "esp":
            self.sa = SecurityAssociation(
                ESP, spi=inner.spi[way], crypt_algo=CIPHERS[inner.enc][2], crypt_key=inner.enc_key[way] + inner.salt[way] or None,
                auth_algo=None if self.own_icv or inner.auth == "null" else HASHES[inner.auth][3], auth_key=inner.auth_key[way],
                tunnel_header=tunnel)
        else:
            self.sa = SecurityAssociation(AH, spi=inner.spi[way], auth_algo=HASHES[inner.auth][3], auth_key=inner.auth_key[way],
                                          tunnel_header=tunnel)

    def high(self, low):
        """High half of an extended number near the cell's first."""
        return 0 if not self.cell.esn else 1 if low >> 31 else 2

    # ---- AH around ESP: RFC 4302 §3.3.3

    def ah_icv(self, packet, seq_low):
        layer = self.cell.layers[1]
        clear = bytearray(packet)
        if self.cell.outer == 4:
            clear[1] = clear[8] = 0
            clear[6:8] = clear[10:12] = b"\0\0"
            at = 20
        else:
            clear[0:4] = b"\x60\0\0\0"
            clear[7] = 0
            at = 40
        clear[at + 12:at + 12 + layer.icv] = bytes(layer.icv)
        mac = AUTH_ALGOS[HASHES[layer.auth][3]].new_mac(layer.auth_key[self.way])
        mac.update(bytes(clear) + (struct.pack("!I", self.high(seq_low)) if self.cell.esn else b""))
        return mac.finalize()[:layer.icv]

    def put_ah(self, packet, seq):
        layer = self.cell.layers[1]
        protocol, rest = parts(packet)
        pad = -(12 + layer.icv) % (4 if self.cell.outer == 4 else 8)
        ah = struct.pack("!BBHII", protocol, (12 + layer.icv + pad) // 4 - 2, 0, layer.spi[self.way], seq & 0xffffffff)
        whole = bytearray(with_protocol(packet, 51, ah + bytes(layer.icv + pad) + rest))
        at = 20 if self.cell.outer == 4 else 40
        whole[at + 12:at + 12 + layer.icv] = self.ah_icv(bytes(whole), seq & 0xffffffff)
        return bytes(whole)

    def take_ah(self, packet):
        layer = self.cell.layers[1]
        protocol, rest = parts(packet)
        if protocol != 51:
            raise Refused(f"protocol {protocol} in place of AH")
        following, words, _, spi, low = struct.unpack("!BBHII", rest[:12])
        if spi != layer.spi[self.way]:
            raise Refused(f"AH's SPI is {spi:#x}")
        if rest[12:12 + layer.icv] != self.ah_icv(packet, low):
            raise Refused("AH's ICV is wrong")
        return with_protocol(packet, following, rest[(words + 2) * 4:])

    # ---- the whole

    def seal(self, packet, seq):
        """packet: an IP packet; the outer IP packet with number seq."""
        low, high = seq & 0xffffffff, seq >> 32
        sealed = raw(self.sa.encrypt(X[packet[0] >> 4](packet), seq_num=low, esn_en=self.cell.esn, esn=high))
        protocol, rest = parts(sealed)
        if self.own_icv:
            layer = self.cell.layers[0]
            mac = self.esp_mac.new_mac(layer.auth_key[self.way])
            mac.update(rest + struct.pack("!I", high))
            rest += mac.finalize()[:layer.icv]
            sealed = with_protocol(sealed, protocol, rest)
        if self.cell.natt:
            udp = struct.pack("!HHHH", 4500, 4500, 8 + len(rest), 0) + rest
            if self.cell.outer == 6:
                udp = udp[:6] + (udp_sum(sealed, udp) or 0xffff).to_bytes(2, "big") + rest
            sealed = with_protocol(sealed, 17, udp)
        return self.put_ah(sealed, seq) if self.cell.ah else sealed

    def open(self, packet):
        """packet: the outer IP packet; the packet inside. Refused, or what scapy raises, if anything is wrong."""
        if self.cell.ah:
            packet = self.take_ah(packet)
        protocol, rest = parts(packet)
        if self.cell.natt:
            sport, dport, n_bytes, udp_check = struct.unpack("!HHHH", rest[:8])
            if (protocol, sport, dport, n_bytes) != (17, 4500, 4500, len(rest)):
                raise Refused(f"not UDP of port 4500 and {len(rest)} bytes: {protocol} {sport} {dport} {n_bytes}")
            if (udp_check if self.cell.outer == 4 else udp_sum(packet, rest)) != 0:
                raise Refused("UDP's checksum is wrong")  # RFC 3948 §2.1: 0 over IPv4; RFC 8200 §8.1
            protocol, rest = 50, rest[8:]
        if protocol != {"esp": 50, "ah": 51}[self.cell.layers[0].proto]:
            raise Refused(f"protocol {protocol}")
        low = int.from_bytes(rest[4:8] if protocol == 50 else rest[8:12], "big")
        if self.own_icv:
            layer = self.cell.layers[0]
            rest, icv = rest[:-layer.icv], rest[-layer.icv:]
            mac = self.esp_mac.new_mac(layer.auth_key[self.way])
            mac.update(rest + struct.pack("!I", self.high(low)))
            if icv != mac.finalize()[:layer.icv]:
                raise Refused("ESP's ICV is wrong")
        if self.own_icv or self.cell.natt:
            packet = with_protocol(packet, protocol, rest)
        opened = self.sa.decrypt(X[self.cell.outer](packet), esn_en=self.cell.esn, esn=self.high(low))
        return raw(opened)
