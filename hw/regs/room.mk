# SPDX-License-Identifier: BSD-2-Clause-Patent
# The contract's generated files are checked in; `make regs` writes them anew and must leave the tree clean.
.PHONY: regs
regs:
	$(PYTHON) tools/regmap hw/regs/card.toml hw/regs

TESTS += tests/tools/test_regmap.py
