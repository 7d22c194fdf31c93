#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Writes the seeds of fuzz_wire: datagrams and payload bodies laid out as in RFC 2407, 2408, 2409, 3706 and 3947.

seed_wire.py DIRECTORY
"""
import pathlib
import struct
import sys

COOKIES = bytes(range(1, 9)), bytes(range(17, 25))


def basic(kind, value):
    return struct.pack(">HH", 0x8000 | kind, value)


def variable(kind, value):
    return struct.pack(">HH", kind, len(value)) + value


def chain(kinds_and_bodies):
    """Generic headers around bodies: each names the type of the next."""
    kinds = [kind for kind, _ in kinds_and_bodies] + [0]
    return b"".join(struct.pack(">BBH", kinds[i + 1], 0, len(body) + 4) + body for i, (_, body) in enumerate(kinds_and_bodies))


def message(exchange, flags, message_id, payloads, padding=b"", version=0x10):
    body = chain(payloads) + padding
    first = payloads[0][0] if payloads else 0
    return COOKIES[0] + COOKIES[1] + struct.pack(">BBBBII", first, version, exchange, flags, message_id, len(body) + 28) + body


def transform(number, kind, *attributes):
    return 3, struct.pack(">BBH", number, kind, 0) + b"".join(attributes)


def proposal(number, protocol, spi, *transforms):
    return 2, struct.pack(">BBBB", number, protocol, len(spi), len(transforms)) + spi + chain(transforms)


def sa(*proposals):
    return struct.pack(">II", 1, 1) + chain(proposals)


def phase1(number, enc, hash_, auth, group, *more):
    return transform(number, 1, basic(1, enc), basic(2, hash_), basic(3, auth), basic(4, group), *more)


def ident(kind, data, proto=0, port=0):
    return struct.pack(">BBH", kind, proto, port) + data


def notify(kind, protocol, spi, data=b""):
    return struct.pack(">IBBH", 1, protocol, len(spi), kind) + spi + data


def delete(protocol, *spis):
    return struct.pack(">IBBH", 1, protocol, len(spis[0]), len(spis)) + b"".join(spis)


SPI, SPI2 = b"\xc0\xff\xee\x01", b"\x00\x00\x12\x34"
DAY = basic(11, 1), basic(12, 28800)
P2_LIVES = basic(1, 1), variable(2, b"\x00\x01\x51\x80"), basic(1, 2), variable(2, b"\x00\x01\x86\xa0")  # RFC 2407 §4.5.2
BOTH = b"".join(COOKIES)

SAS = {
    "sa-phase1-one": sa(proposal(1, 1, b"", phase1(1, 5, 2, 1, 2, *DAY))),
    "sa-phase1-spi": sa(proposal(1, 1, COOKIES[0], phase1(1, 7, 4, 3, 14, basic(14, 256), *DAY))),
    "sa-phase1-many": sa(proposal(1, 1, b"", *[phase1(i + 1, e, h, 1, g, *DAY) for i, (e, h, g) in
                                               enumerate([(1, 1, 1), (5, 1, 2), (3, 2, 5), (8, 6, 19), (7, 5, 3)])])),
    "sa-phase1-new-group": sa(proposal(1, 1, b"", transform(
        1, 1, basic(1, 5), basic(2, 2), basic(3, 1), basic(5, 3), basic(15, 155), variable(6, bytes(20)), variable(7, b"\x7b"),
        variable(9, b"\0"), variable(10, b"\x07\x33\x8f"), variable(16, bytes(20))))),
    "sa-phase1-prf-long-life": sa(proposal(1, 1, b"", phase1(1, 5, 2, 2, 4, basic(13, 1), basic(11, 1), variable(12, b"\xff" * 9),
                                                             basic(11, 2), variable(12, bytes(12) + b"\1")))),
    "sa-phase2-esp": sa(proposal(1, 3, SPI, transform(1, 12, *P2_LIVES, basic(4, 1), basic(5, 2), basic(6, 256), basic(3, 14)))),
    "sa-phase2-ah-and-esp": sa(proposal(1, 2, SPI, transform(1, 3, basic(4, 1), basic(5, 2))),
                               proposal(1, 3, SPI2, transform(1, 3, basic(4, 1)), transform(2, 2, basic(4, 1))),
                               proposal(2, 3, SPI2, transform(1, 11, basic(4, 2), basic(5, 1)))),
    "sa-phase2-ipcomp": sa(proposal(1, 4, b"\x12\x34", transform(1, 2, basic(4, 2))),
                           proposal(1, 3, SPI, transform(1, 7, basic(7, 16), basic(4, 61443), basic(5, 5)))),
    "sa-phase2-esn-gcm": sa(proposal(1, 3, SPI, transform(1, 20, basic(11, 1), basic(6, 128), basic(4, 3)),
                                     transform(2, 23, basic(11, 0), basic(99, 7)))),
    "sa-unknown-protocol": sa(proposal(1, 77, b"\1\2\3", transform(1, 1))),
    "sa-dangling-life": sa(proposal(1, 3, SPI, transform(1, 3, basic(1, 1), basic(4, 1)))),
}
V4, MASK = bytes([10, 1, 202, 0]), bytes([255, 255, 255, 0])
V6, MASK6 = bytes.fromhex("20010db8") + bytes(12), b"\xff" * 4 + bytes(12)
IDS = {
    "id-1-ipv4": ident(1, V4, 17, 500), "id-2-fqdn": ident(2, b"office1.example"), "id-3-user-fqdn": ident(3, b"a\\b@office.example"),
    "id-4-subnet": ident(4, V4 + MASK), "id-5-ipv6": ident(5, V6, 6, 80), "id-6-subnet6": ident(6, V6 + MASK6),
    "id-7-range": ident(7, V4 + bytes([10, 1, 202, 255])), "id-8-range6": ident(8, V6 + V6[:15] + b"\x07"),
    "id-9-dn": ident(9, bytes.fromhex("30123110300e06035504030c076f6666696365")), "id-10-gn": ident(10, b"\x82\1a"),
    "id-11-key-id": ident(11, b"group\xff"), "id-7-no-prefix": ident(7, V4 + bytes([10, 1, 203, 9])),
}
OTHERS = {
    "notify-initial-contact": notify(24578, 1, BOTH), "notify-lifetime": notify(24576, 3, SPI, b"".join(P2_LIVES)),
    "notify-lifetime-phase1": notify(24576, 1, BOTH, b"".join(DAY)), "notify-dpd": notify(36136, 1, BOTH, b"\0\0\1\2"),
    "notify-no-proposal": notify(14, 3, b""), "delete-esp": delete(3, SPI, SPI2), "delete-isakmp": delete(1, BOTH),
    "delete-ipcomp": delete(4, b"\1\2"), "lifetimes": b"".join(P2_LIVES), "fragment": b"\0\1\1\0" + bytes(8),
    "fragment-last": b"\0\1\2\1" + bytes(8),
}
KE, NONCE, HASH, VID = (4, bytes(96)), (10, bytes(16)), (8, bytes(20)), (13, bytes.fromhex("afcad71368a1f1c96b8696fc77570100"))
MESSAGES = {
    "main-1": message(2, 0, 0, [(1, SAS["sa-phase1-many"]), VID, (13, b"\x4a\x13\x1c\x81\x07\x03\x58\x45\x5c\x57\x28\xf2\x0e\x95\x45\x2f")]),
    "main-3-natd": message(2, 0, 0, [KE, NONCE, (20, bytes(20)), (20, b"\1" * 20)]),
    "main-3-natd-draft": message(2, 0, 0, [KE, NONCE, (130, bytes(16)), (131, ident(1, V4))]),
    "main-5-plain": message(2, 1, 0, [(5, IDS["id-1-ipv4"]), HASH, (11, OTHERS["notify-initial-contact"])], bytes(12)),
    "main-5-rsa-plain": message(2, 1, 0, [(5, IDS["id-9-dn"]), (6, b"\4" + bytes(40)), (7, b"\4"), (9, bytes(64))], b"\7" * 8),
    "aggressive-1": message(4, 0, 0, [(1, SAS["sa-phase1-one"]), KE, NONCE, (5, IDS["id-2-fqdn"]), VID]),
    "base-1": message(1, 0, 0, [(1, SAS["sa-phase1-one"]), (5, IDS["id-11-key-id"]), NONCE]),
    "quick-1-plain": message(32, 1, 7, [HASH, (1, SAS["sa-phase2-ah-and-esp"]), NONCE, KE, (5, IDS["id-4-subnet"]),
                                        (5, IDS["id-6-subnet6"]), (21, IDS["id-1-ipv4"])], b"\x5a" * 40),
    "quick-2-plain": message(32, 5, 7, [HASH, (1, SAS["sa-phase2-esp"]), NONCE, (11, OTHERS["notify-lifetime"])]),
    "info-dpd-plain": message(5, 1, 9, [HASH, (11, OTHERS["notify-dpd"])], b"\0" * 7),
    "info-delete-plain": message(5, 1, 9, [HASH, (12, OTHERS["delete-esp"]), (12, OTHERS["delete-isakmp"])]),
    "fragment-message": message(2, 0, 0, [(132, OTHERS["fragment-last"])]),
    "no-payload": message(2, 0, 0, []),
    "version-2": message(34, 8, 0, [(33, bytes(40))], version=0x20),
    "48-payloads": message(2, 0, 0, [(13, b"")] * 48),
    "49-payloads": message(2, 0, 0, [(13, b"")] * 49),
}


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, data in {**SAS, **IDS, **OTHERS, **MESSAGES}.items():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
