#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Prepares a Verilated model for the compiler: likely.py DIRECTORY

The model runs all of its code once a cycle, but most of it stands under conditions that seldom hold: `if (valid)`. The
processor spends its time fetching code, so what is seldom run must not lie between what always is. Every condition of
the model becomes VL_UNLIKELY, except those that hold while nothing happens (ready, free, room, a negation, state 0) or
guard next to nothing; told that they never hold, the compiler puts what they guard elsewhere.

And where the clock has risen no input has changed since model_settle(): what hangs on inputs alone is not run again.

Nothing of this changes what the model computes. Run again it finds nothing left to do.
"""
import pathlib
import re
import sys

KEEP = re.compile(r"LIKELY|rst_n|Triggered|false")
HOLDS = re.compile(r"\(1U & \(~|\(~|\(0U == |.*(ready|free|room)(_o|_d|_q)?\)?$")
MIN_STATEMENTS = 2
INPUTS = "__VicoTriggered.at(0U) = (0U == vlSelf->__VicoIterCount);"
INPUTS_WHILE_LOW = "__VicoTriggered.at(0U) = ((0U == vlSelf->__VicoIterCount) & !vlSelf->clk_i);"


def closes(text, at, opening, closing):
	"""The place behind the bracket that closes the one before `at`."""
	brackets = re.compile("[%s%s]" % (re.escape(opening), re.escape(closing)))
	depth = 1
	while depth:
		found = brackets.search(text, at)
		depth += 1 if found.group() == opening else -1
		at = found.end()
	return at


def is_seldom(text, begin, end):
	"""Whether the condition text[begin:end] is to be called unlikely."""
	condition = " ".join(text[begin:end].split())
	if text[end + 1:end + 3] != " {" or KEEP.search(condition) or HOLDS.match(condition):
		return False
	return text.count(";", end, closes(text, end + 3, "{", "}")) >= MIN_STATEMENTS


def prepared(text):
	"""A source file of the model as the compiler shall see it."""
	out, done = [], 0
	for found in re.finditer(r"\bif \(", text):
		begin = found.end()
		end = closes(text, begin, "(", ")") - 1
		if is_seldom(text, begin, end):
			out += [text[done:begin], "VL_UNLIKELY(", text[begin:end], ")"]
			done = end
	out.append(text[done:])
	return "".join(out).replace(INPUTS, INPUTS_WHILE_LOW)


def main():
	for path in sorted(pathlib.Path(sys.argv[1]).glob("*___024root__DepSet_*.cpp")):
		if path.stem.endswith("__Slow"):
			continue
		text = path.read_text()
		new = prepared(text)
		if new != text:
			path.write_text(new)


main()
