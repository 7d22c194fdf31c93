#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""What line_run.py measured, as four pictures: line_plot.py IN.json FOLDER

SVG by hand: plain shapes, light and dark by the reader's own setting. A full line is what the wire's formula allows, marks are measured,
dotted lines are what others published, with the address in the picture's text.
"""
import json
import math
import os
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP = 820, 430, 64, 24, 60
BITS = 310.303
STYLE = """
svg { --ink: #1f2328; --soft: #59636e; --grid: #d8dee4; --paper: #ffffff; --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df;
  font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --soft: #9198a1; --grid: #30363d; --paper: #0d1117; --c0: #58a6ff; --c1: #f0883e;
  --c2: #3fb950; --c3: #bc8cff; } }
.paper { fill: var(--paper); } text { fill: var(--ink); } .soft { fill: var(--soft); font-size: 12px; } .title { font-size: 16px; font-weight: 600; }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); } .line { fill: none; stroke-width: 1.6; } .thin { fill: none; stroke-width: 1.2; opacity: .7; }
.ref { stroke: var(--soft); stroke-dasharray: 2 4; stroke-width: 1.4; } .dash { stroke-dasharray: 6 4; }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); } .hollow { fill: none; stroke-width: 1.8; }
"""

# Found where the address says, on the date it bears. Rates are of the packets inside.
VPP = ("VPP, one core of a Xeon Gold 6130, AES-128-GCM, IMIX: 6.14 Gbit/s, with QAT 8.86 (Netgate, lfnetworking.org/how-fd-io-20-01-release-"
       "improves-multicore-ipsec, 2020-03-23)")
FPGA = ("FPGA accelerator, 1,000 tunnels: 10 Gbit/s, 10 us (Vajaranta et al., Feasibility of FPGA accelerated IPsec on cloud, "
        "Microprocessors and Microsystems 71, 102861, 2019)")
LINUX = ("Linux kernel, AES-128-GCM, iperf3: 5.25 Gbit/s (libreswan.org/wiki/Benchmarking_and_Performance_testing, as quoted in "
         "github.com/libreswan/libreswan/issues/208, 2018-10-04)")


class Chart:
    def __init__(self, card, title, x_label, y_label, x_ticks, y_ticks, log_x):
        self.title, self.x_label, self.y_label, self.x_ticks, self.y_ticks, self.log_x = title, x_label, y_label, x_ticks, y_ticks, log_x
        self.body, self.legend, self.notes = [], [], [card]
        self.bottom = HEIGHT - 64

    def x(self, value):
        low, high = self.x_ticks[0][0], self.x_ticks[-1][0]
        f = math.log if self.log_x else float
        return LEFT + 14 + (f(value) - f(low)) / ((f(high) - f(low)) or 1) * (WIDTH - LEFT - RIGHT - 28)

    def y(self, value):
        return self.bottom - value / self.y_ticks[-1] * (self.bottom - TOP)

    def line(self, points, css, name=None):
        path = " ".join(f"{'M' if i == 0 else 'L'}{self.x(px):.1f} {self.y(py):.1f}" for i, (px, py) in enumerate(points))
        self.body.append(f'<path class="{css}" d="{path}"/>')
        if name:
            self.legend.append((f'<path class="{css}" d="M0 0H22"/>', name))

    def marks(self, points, color, is_hollow, name=None):
        css = f"hollow c{color}" if is_hollow else f"f{color}"
        for px, py in points:
            radius = 5.5 if is_hollow else 3.2
            self.body.append(f'<circle class="{css}" cx="{self.x(px):.1f}" cy="{self.y(py):.1f}" r="{radius}"><title>{py:.2f}</title></circle>')
        if name:
            self.legend.append((f'<circle class="{css}" cx="11" r="{5 if is_hollow else 3.2}"/>', name))

    def reference(self, value, words, note, below=False):
        y = self.y(value)
        self.body.append(f'<path class="ref" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        self.body.append(f'<text class="soft" x="{WIDTH - RIGHT - 4}" y="{y + (14 if below else -4):.1f}" text-anchor="end">{escape(words)}</text>')
        if note not in self.notes:
            self.notes.append(note)

    def notes_svg(self, y):
        out = []
        for note in self.notes:
            words, row = note.split(), ""
            for word in words + [None]:
                if word is None or len(row) + len(word) > 116:
                    out.append(f'<text class="soft" x="{LEFT}" y="{y}">{escape(row)}</text>')
                    y, row = y + 16, "    "
                row = f"{row} {word}".strip() if word else row
            y += 4
        return out, y

    def save(self, path):
        rows = (len(self.legend) + 2) // 3
        legend = [f'<g transform="translate({LEFT + n % 3 * 258} {HEIGHT - 6 + n // 3 * 20})">{key}<text x="30" y="4">{escape(name)}</text></g>'
                  for n, (key, name) in enumerate(self.legend)]
        notes, end = self.notes_svg(HEIGHT + 20 * rows + 12)
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {end + 4}" width="{WIDTH}" height="{end + 4}" role="img">',
               f"<title>{escape(self.title)}</title><style>{STYLE}</style>",
               f'<rect class="paper" width="{WIDTH}" height="{end + 4}" rx="6"/><text class="title" x="{LEFT}" y="26">{escape(self.title)}</text>',
               f'<text class="soft" x="{LEFT}" y="46">{escape(self.y_label)}</text>',
               f'<text class="soft" x="{WIDTH - RIGHT}" y="{self.bottom + 38}" text-anchor="end">{escape(self.x_label)}</text>']
        for value in self.y_ticks:
            out.append(f'<path class="{"axis" if value == 0 else "grid"}" d="M{LEFT} {self.y(value):.1f}H{WIDTH - RIGHT}"/>'
                       f'<text class="soft" x="{LEFT - 8}" y="{self.y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
        for value, word in self.x_ticks:
            out.append(f'<path class="axis" d="M{self.x(value):.1f} {self.bottom}v5"/>'
                       f'<text class="soft" x="{self.x(value):.1f}" y="{self.bottom + 19}" text-anchor="middle">{word}</text>')
        with open(path, "w", encoding="ascii") as f:
            f.write("\n".join(out + self.body + legend + notes + ["</svg>"]) + "\n")


def gbps(row, way, size):
    return row[way]["mpps"] * size * 8 / 1000


def by_size(rows, card):
    ticks = [(n, str(n)) for n in (64, 128, 256, 512, 1024, 1518, 9018)]
    chart = Chart(card, "Rate by frame size, both directions at once", "plain frame with FCS, bytes",
                  "Gbit/s of plain frames each way at 322.27 MHz", ticks, [0, 20, 40, 60, 80, 100], True)
    shown = [("AES-128-CBC + SHA1", 0), ("AES-128-CBC + SHA256", 1), ("AES-128-GCM", 2), ("3DES + SHA1", 3)]
    for name, color in shown:
        mine = [r for r in rows if r["group"] in ("size", "des") and r["algorithm"] == name and r["size"]]
        if name != "3DES + SHA1":
            chart.line([(r["size"], r["seal"]["wire_packets_per_cycle"] * 322.265625 * r["size"] * 8 / 1000) for r in mine], f"thin c{color}",
                       f"{name}, the wire")
        chart.marks([(r["size"], gbps(r, "seal", r["size"])) for r in mine], color, False, f"{name}, sealed")
        chart.marks([(r["size"], gbps(r, "open", r["size"])) for r in mine], color, True, f"{name}, opened")
    sas = sorted({r["sas_in"] for r in rows if r["group"] in ("size", "des")})
    chart.notes.append(f"{' or '.join(map(str, sas))} SAs each way, picked at random; IPv4 tunnel mode. Dots: sealed; rings: opened; lines: what 100GbE allows once ESP has added its bytes.")
    chart.reference(10, "FPGA accelerator, 2019", FPGA)
    chart.reference(6.14, "", VPP)
    chart.reference(5.25, "VPP one core, 2020; Linux kernel, 2018", LINUX, True)
    return chart


def by_count(rows, card, group, title, label, ticks):
    chart = Chart(card, title, label, "million packets a second each way at 322.27 MHz", ticks, [0, 20, 40, 60, 80, 100], True)
    for size, words, color in ((64, "64 B", 0), (512, "512 B", 1), (0, "IMIX 7:4:1", 2)):
        mine = [r for r in rows if r["group"] == group and r["size"] == size]
        if not mine:
            continue
        chart.line([(r["x"], r["seal"]["wire_packets_per_cycle"] * 322.265625) for r in mine], f"thin c{color}", f"{words}, the wire")
        chart.marks([(r["x"], r["seal"]["mpps"]) for r in mine], color, False, f"{words}, sealed")
        chart.marks([(r["x"], r["open"]["mpps"]) for r in mine], color, True, f"{words}, opened")
    return chart


def by_sas(rows, card):
    chart = by_count(rows, card, "sas", "Rate by SAs in use, picked at random, AES-128-CBC + SHA1", "SAs in use",
                     [(1, "1"), (16, "16"), (256, "256"), (1024, "1k"), (4096, "4k"), (16384, "16k"), (65536, "64k")])
    chart.notes.append("Opening: so many SAs, of a full table of 65,536. Sealing: as many as there are rules, each with its own SA, at most all of them.")
    return chart


def by_rules(rows, card):
    return by_count(rows, card, "rules", "Rate by policy rules, the last one matches", "rules", [(1, "1"), (8, "8"), (64, "64"), (512, "512"),
                                                                                            (1024, "1k"), (4096, "4k")])


def by_load(rows, card):
    chart = Chart(card, "Latency by load, AES-128-CBC + SHA1", "share of the wan wire, arrivals by chance (Poisson)",
                  "microseconds from a frame's arrival to its last word's departure, 322.27 MHz", [(n / 10, f"{n * 10} %") for n in range(0, 11, 2)],
                  [0, 2.5, 5, 7.5, 10, 12.5, 15], False)
    loads = [r for r in rows if r["group"] == "load"]
    for words, size, color in (("64 B", 64, 0), ("1500 B", 1500, 1), ("IMIX", 0, 2)):
        mine = [r for r in loads if r["size"] == size]
        for way in ("seal", "open"):
            dash = " dash" if way == "open" else ""
            chart.line([(r["x"], r[way]["latency"]["median"] / 322.265625) for r in mine], f"line c{color}{dash}", f"{words} {way}, median")
            chart.marks([(r["x"], r[way]["latency"]["p99"] / 322.265625) for r in mine], color, way == "open",
                        f"{words} {way}, 99 %")
    chart.reference(10, "FPGA accelerator, 2019: 10 us", FPGA)
    return chart


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        data = json.load(f)
    rows, folder = data["rows"], sys.argv[2]
    os.makedirs(folder, exist_ok=True)
    card = f"The full card, simulated; revision {data['revision']}{' with changes' if data['changed'] else ''}."
    for name, group, draw in (("rate-by-size", "size", by_size), ("rate-by-sas", "sas", by_sas), ("rate-by-rules", "rules", by_rules),
                              ("latency-by-load", "load", by_load)):
        if any(r["group"] == group for r in rows):
            draw(rows, card).save(os.path.join(folder, f"{name}.svg"))
            print(os.path.join(folder, f"{name}.svg"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
