# SPDX-License-Identifier: BSD-2-Clause-Patent
SAD_SV := hw/regs/packages.vlt hw/sad/sad.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv \
          hw/stream/ram_1r1w.sv hw/stream/stream_fifo.sv hw/stream/stream_arb2.sv hw/spd/count_ram.sv $(wildcard hw/sad/*.sv)

# test_sad_S_W: S = log2 of the slots, W = log2 of the replay map's bits
SAD_TESTS := $(B)/hw/sad/test_sad_6_7 $(B)/hw/sad/test_sad_10_12 $(B)/hw/sad/test_sad_16_10
$(SAD_TESTS): $(B)/hw/sad/test_sad_%: tests/hw/sad/tb_sad.sv tests/hw/sad/test_sad.cpp tests/hw/parse/tb.hpp $(SAD_SV)
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -O3 -Wall --assert --x-assign unique --x-initial unique --top-module tb_sad \
	  -GSLOTS_LOG2=$(word 1,$(subst _, ,$*)) -GWINDOW_LOG2=$(word 2,$(subst _, ,$*)) \
	  -CFLAGS "-std=c++17 -O1 -Wall -Wextra -I$(abspath hw/regs) -I$(abspath tests/hw/parse)" \
	  -CFLAGS "-DSLOTS_LOG2=$(word 1,$(subst _, ,$*)) -DWINDOW_LOG2=$(word 2,$(subst _, ,$*))" \
	  --Mdir $(@D)/obj_$* -o ../test_sad_$* \
	  $(SAD_SV) $< $(abspath tests/hw/sad/test_sad.cpp) > $@.log || { cat $@.log; exit 1; }

TESTS += $(SAD_TESTS)

.PHONY: lint-sad
lint-sad:
	$(VERILATOR) --lint-only -Wall --top-module sad $(SAD_SV)
LINT_TARGETS += lint-sad
