#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""tshark's table of SAs, from what `aditctl --json installed-sa --keys` printed.

  demo_keys.py FILE…    one line an SA, for tshark's -o; an SA that stands in several files once
"""
import json
import sys

CIPHERS = {"null": "NULL", "des": "DES-CBC [RFC2405]", "3des": "TripleDES-CBC [RFC2451]", "blowfish": "BLOWFISH-CBC [RFC2451]",
           **{f"aes-{bits}-cbc": "AES-CBC [RFC3602]" for bits in (128, 192, 256)},
           **{f"aes-{bits}-ctr": "AES-CTR [RFC3686]" for bits in (128, 192, 256)}}
HASHES = {"null": "NULL", "md5": "HMAC-MD5-96 [RFC2403]", "sha1": "HMAC-SHA-1-96 [RFC2404]", "sha256": "HMAC-SHA-256-128 [RFC4868]",
          "sha384": "HMAC-SHA-384-192 [RFC4868]", "sha512": "HMAC-SHA-512-256 [RFC4868]"}

sas = {}
for path in sys.argv[1:]:
    with open(path, encoding="ascii") as f:
        for sa in json.load(f):
            sas[sa["spi"], sa["dst_address"]] = sa
for sa in sas.values():
    if sa["enc_algorithm"] in CIPHERS and sa["auth_algorithm"] in HASHES:
        fields = ("IPv4", sa["src_address"], sa["dst_address"], sa["spi"], CIPHERS[sa["enc_algorithm"]], sa["enc_key"],
                  HASHES[sa["auth_algorithm"]], sa["auth_key"])
        print("uat:esp_sa:" + ",".join(f'"{field}"' for field in fields))
