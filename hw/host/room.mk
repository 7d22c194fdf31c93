# SPDX-License-Identifier: BSD-2-Clause-Patent
# host: lint, and its test bench (verilator).
HW_HOST_SV := hw/regs/packages.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/stream/stream_fifo.sv \
           hw/stream/stream_fork.sv $(sort $(wildcard hw/host/*.sv))
HW_HOST_CPP := tests/hw/host/bench.cpp tests/hw/host/test_host.cpp

$(B)/tests/hw/host/test_host: $(HW_HOST_SV) $(HW_HOST_CPP) tests/hw/host/bench.h hw/regs/adit_regs.h
	@mkdir -p $(@D) $(B)/hw/host
	nice $(VERILATOR) --cc --exe --build -j 2 -O3 --x-initial unique -Wall -CFLAGS "-O2 -std=c++17 -I$(CURDIR)/hw/regs" \
	  -GSA_LOG2=6 -GSP_LOG2=4 --top-module host --Mdir $(B)/hw/host -o $(CURDIR)/$@ $(HW_HOST_SV) $(addprefix $(CURDIR)/,$(HW_HOST_CPP)) >$(B)/hw/host/log 2>&1 \
	  || { cat $(B)/hw/host/log >&2; exit 1; }

TESTS += $(B)/tests/hw/host/test_host

.PHONY: lint-hw-host
lint-hw-host:
	$(VERILATOR) --lint-only -Wall --top-module host $(HW_HOST_SV)
LINT_TARGETS += lint-hw-host
