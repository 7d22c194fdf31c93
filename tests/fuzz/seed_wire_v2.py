#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Writes the seeds of fuzz_wire_v2: datagrams and payload bodies laid out as in RFC 7296, 7383, 7427, 4555, 6311 and 9370.

seed_wire_v2.py DIRECTORY
"""
import pathlib
import struct
import sys

I_SPI, R_SPI, SPI, SPI2 = bytes(range(1, 9)), bytes(range(17, 25)), b"\xc0\xff\xee\x01", b"\x00\x00\x12\x34"
SA, KE, IDI, IDR, CERT, CERTREQ, AUTH, NONCE, NOTIFY, DELETE, VID, TSI, TSR, SK, CP, EAP, SKF = *range(33, 49), 53


def message(exchange, flags, message_id, payloads, inner=0, r_spi=R_SPI):
    """Generic headers around bodies: each names the type of the next; that of an SK the first inside it."""
    kinds = [kind for kind, *_ in payloads] + [inner]
    body = b"".join(struct.pack(">BBH", kinds[i + 1], critical[0] if critical else 0, len(data) + 4) + data
                    for i, (_, data, *critical) in enumerate(payloads))
    return I_SPI + r_spi + struct.pack(">BBBBII", kinds[0], 0x20, exchange, flags, message_id, len(body) + 28) + body


def parts(more, bodies):
    return b"".join(struct.pack(">BBH", more if i + 1 < len(bodies) else 0, 0, len(body) + 4) + body for i, body in enumerate(bodies))


def transform(kind, number, *attributes):
    return struct.pack(">BBH", kind, 0, number) + b"".join(attributes)


def sa(*proposals):
    return parts(2, [struct.pack(">BBBB", i + 1, protocol, len(spi), len(transforms)) + spi + parts(3, transforms)
                     for i, (protocol, spi, *transforms) in enumerate(proposals)])


def bits(n):
    return struct.pack(">HH", 0x800e, n)


def kind(number, data):
    return struct.pack(">BBH", number, 0, 0) + data


def notify(number, data=b"", protocol=0, spi=b""):
    return struct.pack(">BBH", protocol, len(spi), number) + spi + data


def selector(first, last, proto=0, lo=0, hi=65535):
    return struct.pack(">BBHHH", 7 if len(first) == 4 else 8, proto, 8 + 2 * len(first), lo, hi) + first + last


def ts(*selectors):
    return struct.pack(">BBH", len(selectors), 0, 0) + b"".join(selectors)


def attribute(number, value=b""):
    return struct.pack(">HH", number, len(value)) + value


V4, V4_LAST, V6, V6_LAST = bytes([10, 1, 202, 0]), bytes([10, 1, 202, 255]), b"\x20\x01\x0d\xb8" + bytes(12), b"\x20\x01\x0d\xb8" + b"\xff" * 12
IKE = (1, b"", transform(1, 12, bits(256)), transform(1, 20, bits(128)), transform(2, 5), transform(3, 12), transform(4, 14), transform(4, 31))
ESP = (3, SPI, transform(1, 20, bits(256)), transform(5, 1), transform(5, 0))
BODIES = {
    "sa-ike": sa(IKE), "sa-esp-two": sa(ESP, (3, SPI, transform(1, 12, bits(128)), transform(3, 2), transform(5, 0))),
    "sa-ah": sa((2, SPI2, transform(3, 12), transform(5, 0))), "sa-rekey": sa((1, I_SPI, *IKE[2:])),
    "sa-addke": sa((1, b"", *IKE[2:], transform(6, 36), transform(7, 0), transform(12, 37))),
    "sa-unknown": sa((1, b"", transform(13, 1)), (77, b"\1\2", transform(1, 12, struct.pack(">HHH", 99, 2, 7))), (3, SPI)),
    "ke": struct.pack(">HH", 31, 0) + bytes(32), "id-ipv4": kind(1, V4), "id-fqdn": kind(2, b"office1.example"),
    "id-mail": kind(3, b"a\\b@office.example"), "id-ipv6": kind(5, V6), "id-dn": kind(9, bytes.fromhex("30123110300e06035504030c076f6666696365")),
    "id-key-id": kind(11, b"group\xff"), "id-null": kind(13, b""), "cert": b"\4" + bytes(60), "certreq": b"\4" + bytes(40),
    "auth-psk": kind(2, bytes(32)), "auth-signature": kind(14, b"\x0d" + bytes.fromhex("300b0609608648016503040211") + bytes(64)),
    "notify-cookie": notify(16390, bytes(20)), "notify-nat": notify(16388, bytes(20)), "notify-rekey": notify(16393, b"", 3, SPI),
    "notify-ke": notify(17, b"\0\x13"), "notify-hashes": notify(16431, b"\0\2\0\3\0\4\0\5"), "notify-no-nats": notify(16402, bytes(12)),
    "notify-sync": notify(16422, bytes(12)), "notify-ppk": notify(16436, b"\2ppk"), "notify-mobike": notify(16396),
    "notify-invalid-spi": notify(11, SPI), "delete-ike": b"\1\0\0\0", "delete-esp": b"\3\4\0\2" + SPI + SPI2,
    "ts-v4": ts(selector(V4, V4_LAST)), "ts-both": ts(selector(V4, V4_LAST, 6, 80, 443), selector(V6, V6_LAST)),
    "ts-icmp": ts(selector(V4, V4, 1, 0x0800, 0x08ff)), "ts-opaque": ts(selector(V4, V4_LAST, 17, 65535, 0)),
    "ts-unknown": ts(b"\x0a\0\0\x08abcd", selector(V4, V4_LAST)),
    "cp-request": kind(1, attribute(1) + attribute(3) + attribute(8) + attribute(7)),
    "cp-reply": kind(2, attribute(1, V4) + attribute(13, V4 + b"\xff" * 4) + attribute(15, V6 + b"\x40") + attribute(99, b"x")),
    "eap-request": b"\1\7\0\6\x1ax", "eap-success": b"\3\7\0\4", "fragment": b"\0\2\0\3" + bytes(40),
}
NONCE_PAYLOAD = NONCE, bytes(32)
MESSAGES = {
    "init-request": message(34, 8, 0, [(SA, BODIES["sa-ike"]), (KE, BODIES["ke"]), NONCE_PAYLOAD, (NOTIFY, BODIES["notify-nat"]),
                                       (NOTIFY, BODIES["notify-hashes"]), (VID, b"x" * 16)], r_spi=bytes(8)),
    "init-cookie": message(34, 32, 0, [(NOTIFY, BODIES["notify-cookie"])], r_spi=bytes(8)),
    "auth-inner": message(35, 8, 1, [(IDI, BODIES["id-fqdn"]), (CERT, BODIES["cert"]), (CERTREQ, BODIES["certreq"]), (IDR, BODIES["id-dn"]),
                                     (AUTH, BODIES["auth-signature"]), (CP, BODIES["cp-request"]), (SA, BODIES["sa-esp-two"]),
                                     (TSI, BODIES["ts-both"]), (TSR, BODIES["ts-v4"]), (NOTIFY, BODIES["notify-mobike"])]),
    "auth-sealed": message(35, 8, 1, [(SK, bytes(64))], IDI), "auth-fragment": message(35, 8, 1, [(SKF, BODIES["fragment"])]),
    "child-inner": message(36, 0, 2, [(NOTIFY, BODIES["notify-rekey"]), (SA, BODIES["sa-esp-two"]), NONCE_PAYLOAD, (TSI, BODIES["ts-icmp"]),
                                      (TSR, BODIES["ts-opaque"])]),
    "info-inner": message(37, 32, 3, [(DELETE, BODIES["delete-esp"]), (DELETE, BODIES["delete-ike"]), (EAP, BODIES["eap-request"])]),
    "info-empty": message(37, 8, 4, []), "unknown": message(37, 8, 5, [(54, b"abc"), (200, b"")]),
    "critical": message(37, 8, 6, [(NOTIFY, BODIES["notify-mobike"], 0x80), (200, b"x", 0x80)]),
    "64-payloads": message(37, 8, 7, [(VID, b"")] * 64), "65-payloads": message(37, 8, 7, [(VID, b"")] * 65),
}


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, data in {**BODIES, **MESSAGES}.items():
        (out / name).write_bytes(data)


if __name__ == "__main__":
    main()
