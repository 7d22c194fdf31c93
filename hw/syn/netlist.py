# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Area and paths of a mapped netlist, module by module from the leaves up.

A module's summary stands for it where it is used: what it holds, when its outputs settle after a clock edge, how long its
inputs may still travel inside, and which input bits reach which output bits within a cycle. So a path is seen whole, however
many borders it crosses, and a module that stands in the card ten times is looked at once.

Times in ns, a -2 part, no place and route:
  LUT 0.10 .. 0.14 by size and 0.35 of wire after it; MUXF 0.06; a carry block about 0.06, 0.12 to enter the chain;
  LUTRAM read 0.25 + 0.35; clock to output 0.10 + 0.35 (SRL 0.35, block RAM 0.90 instead of 0.10); setup and jitter 0.15.
Levels count LUTs and LUTRAM reads; carry and MUXF count nothing.
"""
import collections
import re

WIRE_NS = 0.35
LUT_NS = {"LUT1": 0.10, "LUT2": 0.10, "LUT3": 0.11, "LUT4": 0.12, "LUT5": 0.13, "LUT6": 0.14}
MUX_NS = 0.06
LUTRAM_NS = 0.25
CLOCK_TO_OUTPUT_NS = {"RAMB": 0.90, "URAM": 0.90, "deep_mem": 0.90, "SRL": 0.35, "FD": 0.10, "LD": 0.10}
SETUP_AND_JITTER_NS = 0.15
CARRY_ENTER_NS, CARRY_STEP_NS, CARRY_CHAIN_NS, CARRY_LEAVE_NS = 0.12, 0.015 / 4, 0.02, 0.04
# LUTs that one cell of distributed RAM takes
LUTRAM_LUTS = {"RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4,
               "RAM32X1S": 1, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4, "RAM256X1D": 8, "RAM512X1S": 8,
               "RAM32X16DR8": 8, "RAM64X8SW": 8}
CLOCK_PINS = ("C", "CLK", "WCLK", "CLR", "PRE", "CLKARDCLK", "CLKBWRCLK")
LISTED = 12                                    # paths that a summary keeps

Path = collections.namedtuple("Path", "ns levels start end via")


def is_lutram(kind):
    return kind.startswith("RAM") and not kind.startswith("RAMB")


def clock_to_output(kind):
    """None for cells that are not clocked."""
    for prefix, delay in CLOCK_TO_OUTPUT_NS.items():
        if kind.startswith(prefix):
            return delay
    return None


def number(text):
    return int(text, 2) if isinstance(text, str) else text


def stem(name):
    """Without the bit, or which cell of a memory it is."""
    return re.sub(r"(\.\d+\.\d+)?\.(DI|ADDR|WE|A)[A-H]?$|\[\d+\]$", "", name)


class Module:
    """One module of a netlist in yosys JSON; summaries holds those of the modules it uses. Bits are numbers; constants are
    strings."""

    def __init__(self, data, summaries):
        self.data, self.cells, self.summaries = data, data["cells"], summaries
        self.driver = {}                       # bit -> (cell name, cell, port, index)
        for name, cell in self.cells.items():
            for port, bits in cell["connections"].items():
                if cell["port_directions"].get(port) == "output":
                    for index, bit in enumerate(bits):
                        self.driver[bit] = (name, cell, port, index)
        self.names = {}
        for name, net in data["netnames"].items():
            if net["hide_name"]:
                continue
            for index, bit in enumerate(net["bits"]):
                label = name if len(net["bits"]) == 1 else f"{name}[{index}]"
                if bit not in self.names or label.count(".") > self.names[bit].count("."):   # where it is made, not where it goes
                    self.names[bit] = label
        self.inputs, self.outputs = {}, []     # bit -> (port, index); (port, index, bit)
        for port, pins in data["ports"].items():
            for index, bit in enumerate(pins["bits"]):
                if pins["direction"] == "input":
                    self.inputs[bit] = (port, index)
                else:
                    self.outputs.append((port, index, bit))
        self.edge_cache = {}

    # ---- what it holds
    def area(self):
        kinds, memories = collections.Counter(), []
        for name, cell in self.cells.items():
            kind = cell["type"]
            if kind in self.summaries:
                below = self.summaries[kind]
                kinds.update(below["kinds"])
                memories += [[f"{name}.{place}", *shape] for place, *shape in below["memories"]]
            elif kind == "deep_mem":
                memories.append([name] + [number(cell["parameters"][p]) for p in ("WIDTH", "SIZE", "RD_PORTS", "WR_PORTS")])
            elif kind in LUT_NS or kind.startswith("SRL"):
                kinds["LUT"] += 1
            elif is_lutram(kind):
                if kind not in LUTRAM_LUTS:
                    raise SystemExit(f"synth: no LUT count for {kind}")
                kinds["LUT"] += LUTRAM_LUTS[kind]
            elif kind.startswith("RAMB"):
                kinds["BRAM18"] += 2 if "36" in kind else 1
            elif kind.startswith("FD"):
                kinds["FF"] += 1
            elif kind.startswith("CARRY"):
                kinds["CARRY8"] += 1 if kind == "CARRY8" else 0.5
        return kinds, memories

    # ---- how it is joined: from what, by how much, a bit settles within the cycle
    def edges(self, bit):
        """[(input bit, ns, levels)]"""
        if bit in self.edge_cache:
            return self.edge_cache[bit]
        found = []
        if bit in self.driver and bit not in self.inputs:
            found = [edge for edge in self.cell_edges(*self.driver[bit][1:]) if not isinstance(edge[0], str)]
        self.edge_cache[bit] = found
        return found

    def cell_edges(self, cell, port, index):
        kind, pins = cell["type"], cell["connections"]
        if kind in self.summaries:
            arcs = self.summaries[kind]["arcs"].get(port, {}).get(str(index), [])
            return [(pins[p][i], ns, levels) for p, i, ns, levels in arcs if i < len(pins.get(p, []))]
        if kind.startswith("CARRY"):
            out = CARRY_LEAVE_NS if port == "O" else 0
            own = [(pins[p][i], CARRY_ENTER_NS + CARRY_STEP_NS * (index - i) + out, 0)
                   for p in ("DI", "S") for i in range(index + 1)]
            return own + [(bit, CARRY_CHAIN_NS + CARRY_STEP_NS * index + out, 0)
                          for p in ("CI", "CYINIT") for bit in pins.get(p, [])]
        inputs = [(bit, p) for p, bits in pins.items() if cell["port_directions"].get(p) == "input" for bit in bits]
        if is_lutram(kind):                    # read without clock: only addresses count
            return [(bit, LUTRAM_NS + WIRE_NS, 1) for bit, p in inputs
                    if p.startswith(("ADDR", "DPRA", "RADDR")) or re.fullmatch(r"A\d?", p)]
        if kind.startswith("SRL"):             # a shift register's place to read from
            return [(bit, LUTRAM_NS + WIRE_NS, 1) for bit, p in inputs if re.fullmatch(r"A\d?", p)]
        if clock_to_output(kind) is not None:
            return []
        if kind.startswith("MUXF"):
            return [(bit, MUX_NS, 0) for bit, _ in inputs]
        if kind == "INV":
            return [(bit, 0, 0) for bit, _ in inputs]
        return [(bit, LUT_NS.get(kind, 0.14) + WIRE_NS, 1) for bit, _ in inputs]

    def name(self, bit):
        if bit in self.names:
            return self.names[bit]
        name, cell, port, _ = self.driver.get(bit, ("?", {"attributes": {}}, "?", 0))
        if not name.startswith("$"):
            return f"{name}.{port}"
        place = re.search(r"(\w+\.sv):(\d+)", str(cell["attributes"].get("src", "")))
        return f"({place[1]}:{place[2]})" if place else "(unnamed)"

    def start(self, bit):
        """(ns, name by ns, levels, name by levels) of what leaves a clocked cell or a module's inside, or None."""
        if bit not in self.driver or bit in self.inputs:
            return None
        name, cell, port, index = self.driver[bit]
        if cell["type"] in self.summaries:
            below = self.summaries[cell["type"]]["outs"].get(port, {}).get(str(index))
            return below and (below[0], f"{name}.{below[1]}", below[2], f"{name}.{below[3]}")
        delay = clock_to_output(cell["type"])
        if delay is None:
            return None
        label = f"{name}.{port}" if cell["type"] == "deep_mem" else self.name(bit)
        return (delay + WIRE_NS, label, 0, label)

    def ends(self):
        """(bit, ns, end by ns, levels, end by levels) for every pin that ends a path or leads to an end inside a module."""
        for name, cell in self.cells.items():
            kind = cell["type"]
            if kind in self.summaries:
                for port, pins in self.summaries[kind]["ins"].items():
                    for index, (ns, ns_end, levels, levels_end) in pins.items():
                        bit = cell["connections"].get(port, [])[int(index):int(index) + 1]
                        if bit and not isinstance(bit[0], str):
                            yield bit[0], ns, f"{name}.{ns_end}", levels, f"{name}.{levels_end}"
            elif clock_to_output(kind) is not None or is_lutram(kind):
                held = cell["connections"].get("Q", [None])[0]
                for port, bits in cell["connections"].items():
                    if cell["port_directions"].get(port) == "input" and port not in CLOCK_PINS:
                        label = self.name(held) if kind.startswith("FD") else f"{self.label(name, cell)}.{port}"
                        for bit in bits:
                            if not isinstance(bit, str):
                                yield bit, 0.0, label, 0, label

    def label(self, name, cell):
        return name if not name.startswith("$") else next((stem(self.name(bit)) for port, bits in cell["connections"].items()
               if cell["port_directions"].get(port) == "output" for bit in bits), "memory")

    # ---- when it settles
    def settle(self):
        """All bits in an order in which every bit follows those it depends on. A loop is cut where it closes."""
        order, state = [], {}
        roots = [end[0] for end in self.ends_list] + [bit for _, _, bit in self.outputs if not isinstance(bit, str)]
        for root in roots:
            stack = [root]
            while stack:
                bit = stack[-1]
                if state.get(bit) is None:
                    state[bit] = "open"
                    stack.extend(edge[0] for edge in self.edges(bit) if edge[0] not in state)
                else:
                    if state[bit] == "open":
                        state[bit] = "done"
                        order.append(bit)
                    stack.pop()
        place = {bit: index for index, bit in enumerate(order)}
        for bit in order:                      # an edge from a bit that comes later closes a loop
            if any(place[edge[0]] > place[bit] for edge in self.edges(bit)):
                self.edge_cache[bit] = [edge for edge in self.edges(bit) if place[edge[0]] < place[bit]]
        return order

    def forward(self, order):
        """bit -> (ns, start, bit before, levels, start, bit before), of what begins inside."""
        arrival = {}
        for bit in order:
            begin = self.start(bit)
            best = [begin[0], begin[1], None, begin[2], begin[3], None] if begin else None
            for before, ns, levels in self.edges(bit):
                known = arrival.get(before)
                if not known:
                    continue
                if best is None:
                    best = [-1, "", None, -1, "", None]
                if known[0] + ns > best[0]:
                    best[0:3] = [known[0] + ns, known[1], before]
                if known[3] + levels > best[3]:
                    best[3:6] = [known[3] + levels, known[4], before]
            if best:
                arrival[bit] = best
        return arrival

    def backward(self, order):
        """bit -> [ns, end, levels, end] still to go."""
        to_go = {}
        for bit, *end in self.ends_list:
            known = to_go.setdefault(bit, list(end))
            if end[0] > known[0]:
                known[0:2] = end[0:2]
            if end[2] > known[2]:
                known[2:4] = end[2:4]
        for bit in reversed(order):
            known = to_go.get(bit)
            if not known:
                continue
            for before, ns, levels in self.edges(bit):
                there = to_go.setdefault(before, [-1, "", -1, ""])
                if known[0] + ns > there[0]:
                    there[0:2] = [known[0] + ns, known[1]]
                if known[2] + levels > there[2]:
                    there[2:4] = [known[2] + levels, known[3]]
        return to_go

    def through(self, order):
        """(output port, index) -> {(input port, index): (ns, levels)} within a cycle."""
        from_input, to_output = set(self.inputs), {bit for _, _, bit in self.outputs}
        for bit in order:
            if any(edge[0] in from_input for edge in self.edges(bit)):
                from_input.add(bit)
        for bit in reversed(order):
            if bit in to_output:
                to_output.update(edge[0] for edge in self.edges(bit))
        reach = {bit: {bit: (0.0, 0)} for bit in self.inputs}
        for bit in order:
            if bit in self.inputs or bit not in from_input or bit not in to_output:
                continue
            sums = {}
            for before, ns, levels in self.edges(bit):
                for source, (source_ns, source_levels) in reach.get(before, {}).items():
                    old = sums.get(source, (-1, -1))
                    sums[source] = (max(old[0], source_ns + ns), max(old[1], source_levels + levels))
            reach[bit] = sums
        return {(port, index): {self.inputs[source]: step for source, step in reach.get(bit, {}).items()}
                for port, index, bit in self.outputs if not isinstance(bit, str)}

    def worst(self, arrival, by_levels):
        """The paths with most levels, or most ns, one for each pair of names."""
        found = {}
        for bit, ns, ns_end, levels, levels_end in self.ends_list:
            if bit not in arrival:
                continue
            there = arrival[bit]
            start, end = (there[4], levels_end) if by_levels else (there[1], ns_end)
            key = (stem(start), stem(end))
            path = (there[3] + levels, there[0] + ns) if by_levels else (there[0] + ns, there[3] + levels)
            if key not in found or path > found[key][0]:
                found[key] = (path, bit)
        chosen = sorted(found.items(), key=lambda item: item[1][0], reverse=True)[:LISTED]
        paths = []
        for (start, end), (path, bit) in chosen:
            via, at = [], bit
            while at is not None:
                label = stem(self.names.get(at, ""))
                if label and label not in via and label not in (start, end):
                    via.append(label)
                at = arrival[at][5 if by_levels else 2]
            levels, ns = path if by_levels else path[::-1]
            paths.append(Path(round(ns + SETUP_AND_JITTER_NS, 2), levels, start, end, via[::-1]))
        return paths

    def summary(self):
        self.ends_list = list(self.ends())
        order = self.settle()
        arrival, to_go = self.forward(order), self.backward(order)
        outs, ins, arcs = {}, {}, {}
        for port, index, bit in self.outputs:
            if bit in arrival:
                there = arrival[bit]
                outs.setdefault(port, {})[str(index)] = [there[0], there[1], there[3], there[4]]
        for bit, (port, index) in self.inputs.items():
            if bit in to_go:
                ins.setdefault(port, {})[str(index)] = to_go[bit]
        for (port, index), sources in self.through(order).items():
            if sources:
                arcs.setdefault(port, {})[str(index)] = [[p, i, ns, levels] for (p, i), (ns, levels) in sources.items()]
        kinds, memories = self.area()
        by_levels, by_ns = self.worst(arrival, True), self.worst(arrival, False)
        for name, cell in self.cells.items():  # what stays inside a module that is no row of its own
            below = self.summaries.get(cell["type"])
            if below and below["is_leaf"]:
                by_levels += [Path(p[0], p[1], f"{name}.{p[2]}", f"{name}.{p[3]}", p[4]) for p in below["by_levels"][:2]]
                by_ns += [Path(p[0], p[1], f"{name}.{p[2]}", f"{name}.{p[3]}", p[4]) for p in below["by_ns"][:2]]
        return {"kinds": dict(kinds), "memories": memories, "outs": outs, "ins": ins, "arcs": arcs, "is_leaf": True,
                "by_levels": sorted(by_levels, key=lambda p: (-p[1], -p[0]))[:LISTED],
                "by_ns": sorted(by_ns, key=lambda p: -p[0])[:LISTED]}


def summarize(modules, top, summaries):
    """The summary of a netlist's top module. summaries: those of the black boxes in it, by name."""
    known = dict(summaries)

    def visit(name):
        if name in known or modules[name]["attributes"].get("blackbox") or modules[name]["attributes"].get("whitebox"):
            return
        for cell in modules[name]["cells"].values():
            if cell["type"] in modules:
                visit(cell["type"])
        known[name] = Module(modules[name], known).summary()

    visit(top)
    return known[top] | {"is_leaf": False}
