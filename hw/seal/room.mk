# SPDX-License-Identifier: BSD-2-Clause-Patent
# seal and open share their cells; both are tested together against golden, and so is what they show on the table bus.
PATH_SV := hw/regs/packages.vlt hw/seal/seal.vlt hw/crypto/lint.vlt hw/sad/sad.vlt hw/spd/spd.vlt hw/parse/parse.vlt \
           hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/seal/path_pkg.sv hw/crypto/aes_pkg.sv \
           $(filter-out %_pkg.sv,$(wildcard hw/stream/*.sv hw/parse/*.sv hw/spd/*.sv hw/sad/*.sv hw/crypto/*.sv hw/seal/*.sv hw/open/*.sv))
PATH_GOLDEN := host/transform/golden.c host/transform/golden_card.c driver/src/names.c

$(B)/hw/seal/%.o: host/transform/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
$(B)/hw/seal/%.o: driver/src/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<
PATH_OBJS := $(patsubst %.c,$(B)/hw/seal/%.o,$(notdir $(PATH_GOLDEN)))

$(B)/hw/seal/test_path: tests/hw/seal/tb_path.sv tests/hw/seal/test_path.cpp $(PATH_SV) $(PATH_OBJS)
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -O3 --assert --x-assign unique --x-initial unique -Wno-fatal --top-module tb_path \
	  -CFLAGS "-std=c++17 -O2 -Wall -Wextra -I$(abspath hw/regs) -I$(abspath host) -I$(abspath driver/include)" \
	  -LDFLAGS "$(abspath $(PATH_OBJS)) -lcrypto" --Mdir $(@D)/obj -o ../test_path \
	  $(PATH_SV) $< $(abspath tests/hw/seal/test_path.cpp) > $@.log 2>&1 || { cat $@.log; exit 1; }

TESTS += $(B)/hw/seal/test_path

.PHONY: bench-path
bench-path: $(B)/hw/seal/test_path
	$< bench
BENCH_TARGETS += bench-path

.PHONY: lint-seal
lint-seal:
	$(VERILATOR) --lint-only -Wall --top-module seal $(PATH_SV)
LINT_TARGETS += lint-seal
