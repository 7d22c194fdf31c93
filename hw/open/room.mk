# SPDX-License-Identifier: BSD-2-Clause-Patent
# Tested together with seal: tests/hw/seal/test_path.cpp.
.PHONY: lint-open
lint-open:
	$(VERILATOR) --lint-only -Wall --top-module open $(PATH_SV)
LINT_TARGETS += lint-open
