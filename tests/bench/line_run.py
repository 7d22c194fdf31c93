#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""The whole table of the full card: line_rate in two processes, its rows into one JSON, a table for people, and what misses its target.

line_run.py PROGRAM OUT.json [GROUP ...]      groups: those of line_rate; none: all
line_run.py --merge OUT.json REVISION FILE ...     rows that line_rate printed before, of that revision

Ends with 0 if all packets were right, whatever the speed: targets are told, not enforced (make check does that, with exact cycles).
"""
import json
import os
import subprocess
import sys
import time

# Two processes, about equally long. A DMA answer after 160 to 320 cycles is half a microsecond to one, as over PCIe.
SHARES = [["--dma", "160", "cbc", "install", "rules", "flood"], ["latency", "gcm", "one", "des", "sas", "allsas"]]
TARGET = 0.99


def revision():
    def git(*words):
        return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()
    return {"revision": git("rev-parse", "--short", "HEAD"), "changed": bool(git("status", "--porcelain", "--", "hw", "sim", "driver"))}


def read(paths):
    rows = []
    for path in paths:
        with open(path, encoding="ascii") as f:
            rows += [json.loads(line) for line in f if line.endswith("\n")]
    return rows


def run(program, shares):
    began, jobs = time.time(), []
    for n, words in enumerate(shares):
        out = open(f"build/bench/line-{n}.jsonl", "w+")
        jobs.append((out, subprocess.Popen([program, *words], stdout=out)))
    status = max(abs(job.wait()) for _, job in jobs)
    return status, read([out.name for out, _ in jobs]), time.time() - began


def cell(row, way):
    flow = row.get(way)
    if flow is None:
        return "-"
    if flow["bad"]:
        return f"{flow['bad']} dropped, {flow['packets_per_cycle'] * 322.266:.1f} Mpps"
    return f"{flow['mpps']:.2f} Mpps, {100 * flow['share']:.2f} %, {flow['bound']}"


def table(rows):
    """Markdown: a line a row."""
    yield "| row | sealed: Mpps, share of the wire, bound | opened | latency sealed / opened, cycles: median, 99 %, max |"
    yield "|---|---|---|---|"
    for r in rows:
        if "seal" in r or "open" in r:
            late = " / ".join("{median}, {p99}, {max}".format(**r[w]["latency"]) for w in ("seal", "open") if "latency" in r.get(w, {}))
            more = f", {r['cycles_per_add']:.0f} cycles an SA" if "cycles_per_add" in r else ""
            yield f"| {r['group']}: {r['what']}{more} | {cell(r, 'seal')} | {cell(r, 'open')} | {late} |"
        elif r["group"] == "idle":
            yield f"| {r['what']}, {r['way']} | | | {r['latency']['median']} ({r['latency']['median'] / 322.266:.2f} us) |"


def misses(rows):
    """What the full card is to reach and does not."""
    for r in rows:
        group = r["group"]
        for way in ("seal", "open"):
            flow = r.get(way, {})
            if "share" not in flow or group == "load":
                continue
            if group == "des":
                gbps = flow["mpps"] * (r["size"] or 431.333) * 8 / 1000
                if gbps < 40:
                    yield f"{r['what']}: {way} {gbps:.1f} Gbit/s of frames, not 40 ({flow['bound']})"
            elif flow["share"] < TARGET:
                yield f"{r['what']}: {way} {100 * flow['share']:.2f} % of the wire ({flow['bound']})"
        if group == "install" and r["cycles_per_add"] > 322:
            yield f"{r['what']}: {r['cycles_per_add']:.0f} cycles an SA, not 322"
        if group == "flood" and r["open"]["packets_per_cycle"] < TARGET * r["open"]["wire_packets_per_cycle"]:
            yield f"{r['what']}: bad packets taken at {r['open']['packets_per_cycle']:.3f} a cycle, the wire brings {r['open']['wire_packets_per_cycle']:.3f}"
        if group == "idle" and r["latency"]["median"] > (483 if r["x"] == 64 else 3222):
            yield f"{r['what']}, {r['way']}: {r['latency']['median'] / 322.266:.2f} us"
        if group == "load" and max(r[w]["latency"]["p99"] for w in ("seal", "open")) > 4834:
            yield f"{r['what']}: latency above 15 us"


def main():
    program, path, only = sys.argv[1], sys.argv[2], sys.argv[3:]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if program == "--merge":
        return report(path, {"revision": only[0], "changed": False}, 0, read(only[1:]), 0)
    shares = [[w for w in share if w.startswith("--") or w.isdigit() or not only or w in only] for share in SHARES]
    shares = [share for share in shares if any(w.isalpha() for w in share)]
    return report(path, revision(), *run(program, shares))


def report(path, of, status, rows, seconds):
    """The table and what misses, on stdout; all of it into the JSON."""
    for line in table(rows):
        print(line)
    missed = list(misses(rows))
    print()
    for line in missed:
        print("missed:", line)
    speed = [r for r in rows if r["group"] == "speed"]
    cycles, seconds = sum(r["cycles"] for r in speed), seconds or sum(r["seconds"] for r in speed)
    print(f"{sum('seal' in r for r in rows)} rows, every packet and counter right; {cycles} simulated cycles in {seconds:.0f} s of wall clock "
          f"({cycles / max(seconds, 1):.0f} a second); {len(missed)} targets missed; {path}")
    with open(path, "w", encoding="ascii") as f:
        json.dump({**of, "date": time.strftime("%Y-%m-%d", time.gmtime()), "clock_mhz": 322.265625, "wire_bits_per_cycle": 310.303,
                   "groups": sorted({r["group"] for r in rows}), "status": status, "seconds": round(seconds),
                   "missed": missed, "rows": rows}, f, indent=0)
        f.write("\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
