#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""The demo's frames where no network can be made.

  demo_frames.py OUT.pcap              a few pings and one UDP packet of each of several sizes, office 1 to office 2
  demo_frames.py --compare A B         both captures hold the same frames in the same order
"""
import sys

from scapy.all import ICMP, IP, UDP, Ether, Raw, raw, rdpcap, wrpcap


def frames():
    ether = Ether(src="02:00:00:00:01:10", dst="02:00:00:00:02:10")
    for number in range(5):
        yield ether / IP(src="10.1.202.10", dst="10.1.101.10") / ICMP(id=7, seq=number) / Raw(bytes(range(56)))
    for size in (1, 64, 512, 1400):
        yield ether / IP(src="10.1.202.10", dst="10.1.101.10") / UDP(sport=40000, dport=5001) / Raw(b"adit" * (size // 4 + 1))


if len(sys.argv) == 2:
    wrpcap(sys.argv[1], list(frames()))
elif len(sys.argv) == 4 and sys.argv[1] == "--compare":
    a, b = ([raw(p) for p in rdpcap(path)] for path in sys.argv[2:])
    if a != b or not a:
        sys.exit(f"demo_frames: {sys.argv[2]} ({len(a)} frames) and {sys.argv[3]} ({len(b)} frames) differ")
    print(f"{len(a)} frames went in at office 1 and came out the same at office 2")
else:
    sys.exit(__doc__)
