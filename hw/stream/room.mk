# SPDX-License-Identifier: BSD-2-Clause-Patent
STREAM_SV := hw/regs/packages.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv $(wildcard hw/stream/*.sv)

$(B)/hw/stream/test_stream: tests/hw/stream/stream_cells.sv tests/hw/stream/test_stream.cpp $(STREAM_SV)
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -O3 -Wall --x-assign unique --x-initial unique --top-module stream_cells \
	  -CFLAGS "-std=c++17 -O1 -Wall -Wextra" --Mdir $(@D)/obj -o ../test_stream \
	  $(STREAM_SV) tests/hw/stream/stream_cells.sv $(abspath tests/hw/stream/test_stream.cpp) > $(@D)/build.log || { cat $(@D)/build.log; exit 1; }

TESTS += $(B)/hw/stream/test_stream
