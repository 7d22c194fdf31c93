# SPDX-License-Identifier: BSD-2-Clause-Patent
# test_open: with engines of OpenSSL, which finish in any order (tests/hw/seal/engines); little memory and few tickets, so that they
# run out. test_open_crypto: with the card's engines. bench_open and bench_open_full: the card's two sizes.
OPEN_CELLS := hw/regs/packages.vlt hw/seal/seal.vlt hw/parse/parse.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/seal/path_pkg.sv \
              $(wildcard hw/stream/*.sv hw/parse/*.sv hw/open/*.sv) \
              $(addprefix hw/seal/,emit.sv emit_head.sv emit_reader.sv fence.sv form.sv packet_mem.sv splice.sv tickets.sv)
OPEN_CRYPTO := hw/crypto/lint.vlt $(wildcard hw/crypto/*_pkg.sv) $(filter-out %_pkg.sv,$(wildcard hw/crypto/*.sv))
OPEN_ENGINES := tests/hw/seal/engines

OPEN_SIZE_bench_open      := -GMEM_LOG2=10 -GTICKETS_LOG2=5 -GFRAME_FIFO_LOG2=9
OPEN_SIZE_bench_open_full := $(PATH_FULL) -GFRAME_FIFO_LOG2=12
OPEN_VERILATE = nice $(VERILATOR) --cc --exe --build -O3 -j 2 --assert --x-assign unique --x-initial unique -Wall -Wno-fatal \
	--top-module tb_open $(OPEN_SIZE_$(@F)) --Mdir $(@D)/obj_$(@F) -o ../$(@F) -LDFLAGS "-lcrypto"
OPEN_CXX := -std=c++17 -O2 -Wall -Wextra -I$(abspath hw/regs) -I$(abspath $(OPEN_ENGINES))
OPEN_TEST := $(addprefix tests/hw/open/,tb_open.sv test_open.cpp model.cpp)

$(B)/hw/open/test_open: $(OPEN_TEST) tests/hw/open/model.h $(OPEN_CELLS) $(wildcard $(OPEN_ENGINES)/*)
	@mkdir -p $(@D)
	$(OPEN_VERILATE) -CFLAGS "$(OPEN_CXX) -DSTAND_INS" $(OPEN_CELLS) $(wildcard $(OPEN_ENGINES)/*.sv) tests/hw/open/tb_open.sv \
	  $(abspath tests/hw/open/test_open.cpp tests/hw/open/model.cpp $(OPEN_ENGINES)/engines.cpp) > $@.log 2>&1 || { cat $@.log; exit 1; }

$(addprefix $(B)/hw/open/,test_open_crypto bench_open bench_open_full): $(OPEN_TEST) tests/hw/open/model.h $(OPEN_CELLS) $(OPEN_CRYPTO)
	@mkdir -p $(@D)
	$(OPEN_VERILATE) -CFLAGS "$(OPEN_CXX)" $(OPEN_CELLS) $(OPEN_CRYPTO) tests/hw/open/tb_open.sv \
	  $(abspath tests/hw/open/test_open.cpp tests/hw/open/model.cpp) > $@.log 2>&1 || { cat $@.log; exit 1; }

TESTS += $(B)/hw/open/test_open $(B)/hw/open/test_open_crypto

.PHONY: bench-open
bench-open: $(B)/hw/open/bench_open $(B)/hw/open/bench_open_full
	@echo "development size"; $(B)/hw/open/bench_open bench
	@echo "full size"; $(B)/hw/open/bench_open_full bench
BENCH_TARGETS += bench-open

.PHONY: lint-open
lint-open:
	$(VERILATOR) --lint-only -Wall --top-module open $(OPEN_CELLS) $(OPEN_CRYPTO)
LINT_TARGETS += lint-open
