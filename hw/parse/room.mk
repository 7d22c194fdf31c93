# SPDX-License-Identifier: BSD-2-Clause-Patent
PARSE_SV := hw/regs/packages.vlt hw/parse/parse.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv \
            hw/stream/stream_fifo.sv hw/parse/parse.sv

$(B)/hw/parse/test_parse: tests/hw/parse/tb_parse.sv tests/hw/parse/test_parse.cpp tests/hw/parse/tb.hpp $(PARSE_SV)
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -O3 -Wall --assert --x-assign unique --x-initial unique --top-module tb_parse \
	  -CFLAGS "-std=c++17 -O1 -Wall -Wextra -I$(abspath hw/regs)" --Mdir $(@D)/obj -o ../test_parse \
	  $(PARSE_SV) $< $(abspath tests/hw/parse/test_parse.cpp) > $(@D)/build.log || { cat $(@D)/build.log; exit 1; }

TESTS += $(B)/hw/parse/test_parse

.PHONY: lint-parse
lint-parse:
	$(VERILATOR) --lint-only -Wall --top-module parse $(PARSE_SV)
LINT_TARGETS += lint-parse
