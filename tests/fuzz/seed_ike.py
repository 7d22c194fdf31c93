#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Writes the seeds of fuzz_ike_respond, fuzz_ike_initiate, fuzz_config and fuzz_control: moves as fuzz_ike.h reads them, files and lines.

seed_ike.py DIRECTORY     (makes DIRECTORY/ike_respond/... and so on)
"""
import pathlib
import struct
import sys

SA, KE, ID, CERT, CR, HASH, SIG, NONCE, NOTIFY, DELETE, VID, NATD, NATOA, FRAGMENT = 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 132
MAIN, AGGRESSIVE, BASE, NATT, GENERATE, PFS = 0, 1, 2, 4, 8, 16
INFO, QUICK = 5, 32
NEW = 0x80
LAZY_POOL, LAZY_CARD = 0x80, 0x40


def right(kind, *more):
    return bytes([kind, 0x80, *more])


def raw(kind, body):
    return bytes([kind, len(body)]) + body if len(body) < 0x80 else bytes([kind, 0xff]) + struct.pack(">H", len(body)) + body


def payloads(items):
    return bytes([len(items)]) + b"".join(items)


def datagram(how, where, data):
    return bytes([0, how, where]) + struct.pack(">H", len(data)) + data


def clear(which, *items, where=0, exchange=0, lazy=0):
    return bytes([1 | lazy, which, exchange, where]) + payloads(items)


def sealed(which, *items, where=0, exchange=0):
    return bytes([2, which, exchange, where]) + payloads(items)


def later(name, *items, exchange=QUICK, which=0, where=0, lazy=0):
    return bytes([3 | lazy, which, exchange, name, where]) + payloads(items)


def time(shift, value):
    return bytes([4, shift, value])


VIDS = right(VID, 0), right(VID, 1), right(VID, 2)
GIFT, GIFT_OURS, GIFT_NATT = bytes([9, 0]), bytes([9, 4]), bytes([9, 1])
MAIN_OPENING = clear(NEW, right(SA), *VIDS) + clear(0, right(KE), right(NONCE))
MAIN_IN = MAIN_OPENING + sealed(0, right(ID), right(HASH))
QUICK_1 = right(HASH), right(SA), right(NONCE), right(ID), right(ID)
QUICK_1_PFS = right(HASH), right(SA), right(NONCE), right(KE), right(ID), right(ID)
QUICK_IN = later(1, *QUICK_1) + later(1, right(HASH))
OWN = 0x80

RESPOND = {
    "main": bytes([MAIN]) + MAIN_IN,
    "main-natt": bytes([MAIN | NATT]) + clear(NEW, right(SA), *VIDS) + clear(0, right(KE), right(NONCE), right(NATD), right(NATD)) +
    sealed(0, right(ID), right(HASH), where=1),
    "main-quick": bytes([MAIN]) + MAIN_IN + QUICK_IN,
    "main-twice": bytes([MAIN]) + MAIN_IN + QUICK_IN + clear(NEW, right(SA)) + clear(0, right(KE), right(NONCE)) + sealed(0, right(ID), right(HASH)) +
    later(2, *QUICK_1) + later(2, right(HASH)) + later(3, right(HASH), right(DELETE, 0x80), exchange=INFO),
    "aggressive": bytes([AGGRESSIVE]) + clear(NEW, right(SA), right(KE), right(NONCE), right(ID), *VIDS) + clear(0, right(HASH)),
    "aggressive-sealed": bytes([AGGRESSIVE]) + clear(NEW, right(SA), right(KE), right(NONCE), right(ID)) + sealed(0, right(HASH)),
    "base": bytes([BASE]) + clear(NEW, right(SA), right(ID), right(NONCE)) + clear(0, right(KE), right(HASH)),
    "quick-pfs": bytes([PFS]) + GIFT + later(1, *QUICK_1_PFS) + later(1, right(HASH)),
    "quick-pfs-lazy": bytes([PFS]) + GIFT + later(1, *QUICK_1_PFS, lazy=LAZY_POOL) + later(4, right(HASH), right(DELETE, 0x80), exchange=INFO),
    "quick-generate": bytes([GENERATE]) + GIFT + later(1, right(HASH), right(SA), right(NONCE), raw(ID, b"\1\0\0\0\12\7\7\7"), raw(ID, b"\1\0\0\0\12\1\1\1")) +
    later(1, right(HASH)) + time(11, 30) + time(11, 30),
    "quick-natt": bytes([NATT]) + GIFT_NATT + later(1, *QUICK_1, right(NATOA), right(NATOA), where=1) + later(1, right(HASH), where=1),
    "card-late": bytes([0]) + GIFT + later(1, *QUICK_1, lazy=LAZY_CARD) + later(2, right(HASH), right(DELETE, 0), exchange=INFO, lazy=LAZY_CARD) + bytes([5, 0]),
    "card-fails": bytes([0]) + GIFT + later(1, *QUICK_1, lazy=LAZY_CARD) + bytes([5, 1]),
    "card-fails-late": bytes([0]) + GIFT + later(1, *QUICK_1) + later(1, right(HASH), lazy=LAZY_CARD) + bytes([5 | LAZY_CARD, 2]),
    "delete-notify": bytes([0]) + GIFT + QUICK_IN + later(5, right(HASH), right(DELETE, 0x80), right(NOTIFY, 0), exchange=INFO),
    "delete-twice": bytes([0]) + GIFT + QUICK_IN + later(5, right(HASH), right(DELETE, 0), right(DELETE, 0), exchange=INFO) +
    later(6, right(HASH), right(DELETE, 0), exchange=INFO),
    "notifies": bytes([0]) + GIFT + b"".join(later(0x10 + n, right(HASH), right(NOTIFY, n), exchange=INFO) for n in range(8)),
    "life": bytes([0]) + GIFT + QUICK_IN + b"".join(time(11, 10) for _ in range(12)),
    "card-events": bytes([0]) + GIFT + QUICK_IN + bytes([6, 0, 0]) + time(6, 1) + bytes([6, 0, 4]) + bytes([6, 0, 1]),
    "words": bytes([0]) + GIFT + QUICK_IN + bytes([10, 2, 0, 10, 10, 2, 10, 1, 0, 10, 3, 0, 10, 1, 2]),
    "reload": bytes([0]) + GIFT + QUICK_IN + bytes([10, 12, 0]) + later(7, *QUICK_1) + bytes([10, 4, 0]),
    "reload-in-phase-1": bytes([0]) + clear(NEW, right(SA), where=2) + clear(0, right(KE), right(NONCE), where=2, lazy=LAZY_POOL) + bytes([10, 12, 0]),
    "fragments": bytes([0]) + GIFT + later(1, *QUICK_1) + bytes([11, 60, 3, 0]) + bytes([11, 60, 0, 0]),
    "reflected": bytes([0]) + MAIN_IN + bytes([8, 0, 0, 8, 1, 0, 8, 2, 0, 8, 3, 0]),
    "again": bytes([0]) + clear(NEW, right(SA)) + bytes([7, 0, 0]) + clear(0, right(KE), right(NONCE)) + bytes([7, 0, 0, 7, 0x40, 0, 0, 40, 9]),
    "strangers": bytes([0]) + b"".join(clear(NEW, right(SA), where=w) for w in (2, 4, 6, 10)) + clear(NEW, right(SA), *VIDS, right(NOTIFY, 4), where=2),
    "raw": bytes([0]) + datagram(2, 0, bytes(range(1, 9)) + bytes(8) + bytes([1, 0x10, 2, 0]) + bytes(8) + bytes([0, 0, 0, 12]) + struct.pack(">II", 1, 1)),
    "in-clear": bytes([0]) + GIFT + QUICK_IN + clear(0, right(HASH), right(DELETE, 0x80), exchange=INFO) + clear(0, right(NOTIFY, 2), exchange=INFO) +
    later(9, raw(HASH, bytes(20)), right(DELETE, 0x80), exchange=INFO, which=0x80),
    "every-payload": bytes([0]) + GIFT + later(1, right(HASH), right(SA), right(NONCE), right(CERT), right(CR), right(SIG), right(VID, 0), right(NATD)),
}

ANSWER_MAIN = clear(0, right(SA), *VIDS) + clear(0, right(KE), right(NONCE)) + sealed(0, right(ID), right(HASH))
ANSWER_QUICK = later(OWN, *QUICK_1)
INITIATE = {
    "main": bytes([MAIN]) + ANSWER_MAIN,
    "main-quick": bytes([MAIN]) + ANSWER_MAIN + ANSWER_QUICK,
    "main-quick-pfs": bytes([MAIN | PFS]) + ANSWER_MAIN + later(OWN, *QUICK_1_PFS) + later(OWN, right(HASH)),
    "main-natt": bytes([MAIN | NATT]) + clear(0, right(SA), *VIDS) + clear(0, right(KE), right(NONCE), right(NATD), right(NATD)) +
    sealed(0, right(ID), right(HASH), where=1) + later(OWN, *QUICK_1, where=1),
    "aggressive": bytes([AGGRESSIVE]) + clear(0, right(SA), right(KE), right(NONCE), right(ID), right(HASH), *VIDS) + ANSWER_QUICK,
    "base": bytes([BASE]) + clear(0, right(SA), right(ID), right(NONCE)) + clear(0, right(KE), right(HASH)) + ANSWER_QUICK,
    "refused": bytes([MAIN]) + clear(0, right(NOTIFY, 4), exchange=INFO) + time(11, 20) + time(11, 40) + time(11, 60),
    "quick-refused": bytes([MAIN]) + ANSWER_MAIN + later(1, right(HASH), right(NOTIFY, 4), exchange=INFO),
    "lifetime": bytes([MAIN | 64]) + ANSWER_MAIN + later(OWN, *QUICK_1, right(NOTIFY, 3)),
    "rekey": bytes([MAIN]) + ANSWER_MAIN + ANSWER_QUICK + bytes([6, 0, 0]) + later(OWN, *QUICK_1) + time(11, 30) + time(11, 30),
    "crossing": bytes([MAIN]) + ANSWER_MAIN + later(1, *QUICK_1) + later(OWN | 1, *QUICK_1) + later(1, right(HASH)) + time(11, 20),
    "both-begin": bytes([MAIN]) + clear(NEW, right(SA)) + clear(0, right(KE), right(NONCE)) + sealed(0, right(ID), right(HASH)) +
    clear(1, right(SA)) + clear(1, right(KE), right(NONCE)) + sealed(1, right(ID), right(HASH)),
    "silence": bytes([MAIN]) + b"".join(time(11, 3) for _ in range(30)),
    "terminated": bytes([MAIN]) + clear(0, right(SA), lazy=LAZY_POOL) + bytes([10, 1, 2]) + clear(0, right(SA)),
    "second-answer": bytes([MAIN]) + clear(0, right(SA)) + clear(0, right(SA), right(VID, 2)) + clear(0, right(KE), right(NONCE)),
    "dead-peer": bytes([MAIN]) + ANSWER_MAIN + ANSWER_QUICK + b"".join(time(11, 6) for _ in range(8)),
    "dead-peer-answers": bytes([MAIN]) + ANSWER_MAIN + ANSWER_QUICK + time(11, 6) + later(1, right(HASH), right(NOTIFY, 1), exchange=INFO) + time(11, 6),
}

PEER = 'peers = ( { name = "p"; address = "192.0.2.2/32"; secret = "0x00ff"; %s } );\n'
CONFIG = {
    "empty": b"",
    "peer": (PEER % "").encode(),
    "peer-full": (PEER % 'port = 500; exchange_mode = "base"; auth_method = "pre-shared-key"; hash_algorithm = [ "md5", "sha256" ]; enc_algorithm = '
                  '[ "3des", "camellia-256" ]; dh_group = [ "modp1024", "ec2n155", "ecp521" ]; lifetime = "1d"; lifebytes = "1G"; dpd_interval = "2m"; '
                  'dpd_maximum_failures = 5; nat_traversal = true; proposal_check = "claim"; generate_policy = true; send_initial_contact = false; '
                  'fragmentation = true; my_id = "key-id:0x0011"; remote_id = "dn:CN=a, O=b";').encode(),
    "policy": b'local_addresses = ( "192.0.2.1", "2001:db8::1" );\n' + (PEER % "").encode() +
    b'policies = ( { name = "t"; src_address = "10.1.0.0/16:100-200"; dst_address = "10.2.0.0/16:any"; protocol = "tcp"; tunnel = true;\n'
    b'sa_src_address = "192.0.2.1"; sa_dst_address = "192.0.2.2"; level = "unique"; ipsec_protocols = [ "ah", "esp" ]; priority = -3; } );\n'
    b'proposals = ( { name = "default"; auth_algorithms = [ "sha1", "null" ]; enc_algorithms = [ "aes-256-gcm", "null" ]; lifetime = "30m"; '
    b'pfs_group = "modp8192"; esn = true; allow_null_auth = true; } );\n',
    "manual": b'manual_sas = ( { name = "m"; esp_spi = { in = 0x1000; out = 0x1001; }; esp_enc_algorithm = "aes-128-cbc"; esp_enc_key = { '
    b'in = "0x6b1f0c9ae2d54783a05cfe3917b824d0"; out = "0xd94e72315fa8c6b00de7413b9c25f86a"; }; esp_auth_algorithm = "md5"; esp_auth_key = { '
    b'in = "0x6b1f0c9ae2d54783a05cfe3917b824d0"; out = "0xd94e72315fa8c6b00de7413b9c25f86a"; }; } );\n',
    "includes": b'@include "/etc/passwd"\nnic = true; mac = "02:00:00:00:00:01"; metrics = "127.0.0.1:9100"; # comment\n/* other */ // last',
    "deep": b"a = ( ( ( ( ( { b = [ 1, 2, 3 ]; } ) ) ) ) );",
}

CONTROL = {word: b'{"word":"%s"}' % word.encode() for word in (
    "policy", "peer", "proposal", "manual-sa", "installed-sa", "remote-peers", "statistics", "card", "log", "version", "reload", "flush", "help")}
CONTROL |= {"initiate": b'{"word":"initiate","name":"tunnel"}', "terminate": b'{"word":"terminate","name":"p"}', "dry": b'{"word":"reload","dry-run":true}',
            "rekey": b'{"word":"rekey","name":"tunnel","phase1":true}', "follow": b'{"word":"log","follow":true,"peer":"p","level":"debug"}',
            "flush-ah": b'{"word":"flush","sa-type":"ah"}', "deep": b'{"word":[[[[[[[[[[]]]]]]]]]]}', "number": b'{"word":1e400}', "cut": b'{"word":"pol'}


def main():
    where = pathlib.Path(sys.argv[1])
    for target, seeds in (("ike_respond", RESPOND), ("ike_initiate", INITIATE), ("config", CONFIG), ("control", CONTROL)):
        (where / target).mkdir(parents=True, exist_ok=True)
        for name, seed in seeds.items():
            (where / target / name).write_bytes(seed)
        print(f"{target}: {len(seeds)} seeds")


if __name__ == "__main__":
    main()
