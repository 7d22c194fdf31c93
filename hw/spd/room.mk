# SPDX-License-Identifier: BSD-2-Clause-Patent
SPD_SV := hw/regs/packages.vlt hw/spd/spd.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv \
          hw/stream/ram_1r1w.sv hw/stream/stream_fifo.sv $(wildcard hw/spd/*.sv)

# test_spd_R_A: R = log2 of the rules a bank, A = address bytes with a column
SPD_TESTS := $(B)/hw/spd/test_spd_6_16 $(B)/hw/spd/test_spd_12_16 $(B)/hw/spd/test_spd_6_4
$(SPD_TESTS): $(B)/hw/spd/test_spd_%: tests/hw/spd/tb_spd.sv tests/hw/spd/test_spd.cpp tests/hw/parse/tb.hpp $(SPD_SV)
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -O3 -Wall --assert --x-assign unique --x-initial unique --top-module tb_spd \
	  -GRULES_LOG2=$(word 1,$(subst _, ,$*)) -GADDR_BYTES=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-std=c++17 -O1 -Wall -Wextra -I$(abspath hw/regs) -I$(abspath tests/hw/parse)" \
	  -CFLAGS "-DRULES_LOG2=$(word 1,$(subst _, ,$*)) -DADDR_BYTES=$(word 2,$(subst _, ,$*))" \
	  --Mdir $(@D)/obj_$* -o ../test_spd_$* \
	  $(SPD_SV) $< $(abspath tests/hw/spd/test_spd.cpp) > $@.log || { cat $@.log; exit 1; }

TESTS += $(SPD_TESTS)

.PHONY: lint-spd
lint-spd:
	$(VERILATOR) --lint-only -Wall --top-module spd $(SPD_SV)
LINT_TARGETS += lint-spd
