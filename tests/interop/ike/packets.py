# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Frames and packets of IPv4, as little of them as the lab needs."""
import ipaddress
import struct

ESP, AH, UDP, ICMP = 50, 51, 17, 1
NATT_PORT = 4500


def packed(address):
    return ipaddress.ip_address(address).packed


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_packet(src, dst, protocol, payload, number=0):
    """src, dst: packed."""
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number & 0xffff, 0x4000, 64, protocol, 0) + src + dst
    return head[:10] + checksum(head).to_bytes(2, "big") + head[12:] + payload


def echo(kind, ident, number, data):
    """An ICMP message, request (8) or reply (0)."""
    message = struct.pack("!BBHHH", kind, 0, 0, ident, number & 0xffff) + data
    return message[:2] + checksum(message).to_bytes(2, "big") + message[4:]


def ip_of(frame):
    """The IPv4 packet of a frame without what Ethernet fills it with, or None."""
    if frame[12:14] != b"\x08\x00" or len(frame) < 34:
        return None
    return frame[14:14 + int.from_bytes(frame[16:18], "big")]


def protocol_of(frame):
    packet = ip_of(frame)
    return packet[9] if packet else None


def payload_of(packet):
    return packet[(packet[0] & 15) * 4:]


def udp_packet(src, dst, sport, dport, data, number=0):
    return ip_packet(src, dst, UDP, struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data, number)


def is_ike(frame):
    """ISAKMP on port 500, or on 4500 behind the non-ESP marker."""
    packet = ip_of(frame)
    if not packet or packet[9] != UDP:
        return False
    datagram = payload_of(packet)
    ports = struct.unpack("!HH", datagram[:4])
    return 500 in ports or (NATT_PORT in ports and datagram[8:12] == bytes(4))


def sealed_of(frame):
    """Of a frame with ESP, AH or ESP in UDP: (packet, protocol, what begins with its header, ports or None), else None."""
    packet = ip_of(frame)
    if not packet:
        return None
    body = payload_of(packet)
    if packet[9] in (ESP, AH):
        return packet, packet[9], body, None
    if packet[9] != UDP:
        return None
    sport, dport = struct.unpack("!HH", body[:4])
    if NATT_PORT in (sport, dport) and len(body) > 9 and body[8:12] != bytes(4):
        return packet, ESP, body[8:], (sport, dport)
    return None


class PortNat:
    """A NAT that translates the UDP ports of one end: what comes out of it has other ports, and what comes to no port of its is dropped."""

    def __init__(self, of_peer, shift):
        self.of_peer, self.shift = of_peer, shift

    def __call__(self, to_peer, frame):
        packet = ip_of(frame)
        if not packet or packet[9] != UDP:
            return frame
        at = 14 + (packet[0] & 15) * 4
        out = bytearray(frame)
        out[at + 6:at + 8] = b"\0\0"  # no checksum
        if to_peer == self.of_peer:  # into the NAT
            port = int.from_bytes(frame[at + 2:at + 4], "big") - self.shift
            if port not in (500, NATT_PORT):
                return None
            out[at + 2:at + 4] = port.to_bytes(2, "big")
        else:
            port = int.from_bytes(frame[at:at + 2], "big") + self.shift
            out[at:at + 2] = port.to_bytes(2, "big")
        return bytes(out)
