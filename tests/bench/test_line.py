#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""No change makes the card slower unseen: the rows of line_rate's group guard take exactly the cycles that line_cycles.txt says.

test_line.py            compare, development and full size
test_line.py --accept   write line_cycles.txt anew: a change of speed is then seen where the change is read (make line-accept)

The full size must besides fill the wan wire.
"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(HERE, "line_cycles.txt")
HEAD = "# Cycles for so many packets in steady state, each way; latency is the median. Written by make line-accept.\n"
SHARE = 0.99


def measure(size):
    out = subprocess.run([f"build/tests/bench/line_rate-{size}", "--short", "guard"], capture_output=True, text=True, check=False)
    if out.returncode != 0:
        sys.exit(out.stderr[-2000:])
    rows = [json.loads(line) for line in out.stdout.splitlines()]
    for row in rows:
        for way in ("seal", "open"):
            flow = row.get(way, {})
            if "cycles" in flow:
                yield f"{size}: {row['group']} {row['what']}: {way} {flow['packets']} packets in {flow['cycles']}, latency {flow['latency']['median']}"
                if size == "full" and flow["share"] < SHARE:
                    sys.exit(f"{row['what']}: {way} fills {100 * flow['share']:.1f} % of the wan wire")
            elif flow:
                yield f"{size}: {row['group']} {row['what']}: {way} {flow['bad']} dropped in {row['cycles']}"


def main():
    os.chdir(os.path.join(HERE, "..", ".."))
    now = [line for size in ("dev", "full") for line in measure(size)]
    if sys.argv[1:] == ["--accept"]:
        with open(LIST, "w", encoding="ascii") as f:
            f.write(HEAD + "".join(line + "\n" for line in now))
        return 0
    with open(LIST, encoding="ascii") as f:
        before = [line.rstrip("\n") for line in f if not line.startswith("#")]
    wrong = [(b, n) for b, n in zip(before, now) if b != n]
    for b, n in wrong:
        print(f"was {b}\nis  {n}")
    if wrong or len(before) != len(now):
        print("if that is meant: make line-accept, and say why in the commit")
        return 1
    print(f"{len(now)} rates are what they were")
    return 0


if __name__ == "__main__":
    sys.exit(main())
