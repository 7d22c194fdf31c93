# SPDX-License-Identifier: BSD-2-Clause-Patent
# seal and open share their cells; both are tested together against golden, and so is what they show on the table bus.
PATH_SV := hw/regs/packages.vlt hw/seal/seal.vlt hw/crypto/lint.vlt hw/sad/sad.vlt hw/spd/spd.vlt hw/parse/parse.vlt \
           hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/seal/path_pkg.sv $(wildcard hw/crypto/*_pkg.sv) \
           $(filter-out %_pkg.sv,$(wildcard hw/stream/*.sv hw/parse/*.sv hw/spd/*.sv hw/sad/*.sv hw/crypto/*.sv hw/seal/*.sv hw/open/*.sv))

PATH_LIBS := $(B)/lib/libgolden.a $(B)/hw/seal/names.o $(B)/hw/seal/algorithm.o
$(B)/hw/seal/names.o $(B)/hw/seal/algorithm.o: $(B)/hw/seal/%.o: driver/src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

# test_path: little memory and few tickets, so that they run out. bench_path and bench_path_full: the card's two sizes.
PATH_SIZE_test_path       :=
PATH_SIZE_bench_path      := -GMEM_LOG2=10 -GTICKETS_LOG2=5 -GFRAME_FIFO_LOG2=9
PATH_SIZE_bench_path_full := $(PATH_FULL) -GFRAME_FIFO_LOG2=12
# the full card's memories and queues around the small engines: what a flood needs, built in a tenth of the time
PATH_SIZE_bench_flood     := -GMEM_LOG2=13 -GTICKETS_LOG2=9 -GFRAME_FIFO_LOG2=12
PATH_TESTS := $(B)/hw/seal/test_path $(B)/hw/seal/bench_path $(B)/hw/seal/bench_path_full $(B)/hw/seal/bench_flood
$(PATH_TESTS): $(B)/hw/seal/%: tests/hw/seal/tb_path.sv tests/hw/seal/test_path.cpp $(PATH_SV) $(PATH_LIBS)
	@mkdir -p $(@D)
	nice $(VERILATOR) --cc --exe --build -O3 --assert --x-assign unique --x-initial unique -Wall -Wno-fatal \
	  --top-module tb_path $(PATH_SIZE_$*) \
	  -CFLAGS "-std=c++17 -O2 -Wall -Wextra -I$(abspath hw/regs) -I$(abspath host) -I$(abspath driver/include)" \
	  -LDFLAGS "$(abspath $(PATH_LIBS)) -lcrypto -lgcrypt" --Mdir $(@D)/obj_$* -o ../$* \
	  $(PATH_SV) $< $(abspath tests/hw/seal/test_path.cpp) > $@.log 2>&1 || { cat $@.log; exit 1; }

TESTS += $(B)/hw/seal/test_path

# seal alone: OpenSSL behind the engines' ports, a reference of its own.
SEAL_SV := hw/regs/packages.vlt hw/seal/seal.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/seal/path_pkg.sv \
           $(filter-out %_pkg.sv,$(wildcard hw/stream/*.sv hw/seal/*.sv))
ENGINES := $(wildcard tests/hw/seal/engines/*)
$(B)/hw/seal/test_seal: tests/hw/seal/tb_seal.sv tests/hw/seal/test_seal.cpp $(SEAL_SV) $(ENGINES)
	@mkdir -p $(@D)
	nice $(VERILATOR) --cc --exe --build -O3 --assert --x-assign unique --x-initial unique -Wall -Wno-fatal --top-module tb_seal \
	  -CFLAGS "-std=c++17 -O2 -Wall -Wextra -I$(abspath hw/regs) -I$(abspath tests/hw/seal)" -LDFLAGS "-lcrypto" \
	  --Mdir $(@D)/obj_test_seal -o ../test_seal $(SEAL_SV) $(filter %.sv,$(ENGINES)) $< \
	  $(abspath tests/hw/seal/test_seal.cpp $(filter %.cpp,$(ENGINES))) > $@.log 2>&1 || { cat $@.log; exit 1; }
CARD_ENGINES := hw/crypto/lint.vlt $(wildcard hw/crypto/*_pkg.sv) $(filter-out %_pkg.sv,$(wildcard hw/crypto/*.sv))
$(B)/hw/seal/test_seal_card: tests/hw/seal/tb_seal.sv tests/hw/seal/test_seal.cpp $(SEAL_SV) $(CARD_ENGINES) $(ENGINES)
	@mkdir -p $(@D)
	nice $(VERILATOR) --cc --exe --build -O3 --assert --x-assign unique --x-initial unique -Wall -Wno-fatal --top-module tb_seal \
	  -CFLAGS "-std=c++17 -O2 -Wall -Wextra -DREAL_ENGINES -I$(abspath hw/regs) -I$(abspath tests/hw/seal)" -LDFLAGS "-lcrypto" \
	  --Mdir $(@D)/obj_test_seal_card -o ../test_seal_card $(SEAL_SV) $(CARD_ENGINES) $< \
	  $(abspath tests/hw/seal/test_seal.cpp) > $@.log 2>&1 || { cat $@.log; exit 1; }
TESTS += $(B)/hw/seal/test_seal $(B)/hw/seal/test_seal_card

.PHONY: bench-path
bench-path: $(B)/hw/seal/bench_path $(B)/hw/seal/bench_path_full
	@echo "development size"; $(B)/hw/seal/bench_path bench
	@echo "full size"; $(B)/hw/seal/bench_path_full bench
BENCH_TARGETS += bench-path

.PHONY: lint-seal
lint-seal:
	$(VERILATOR) --lint-only -Wall --top-module seal $(PATH_SV)
LINT_TARGETS += lint-seal
