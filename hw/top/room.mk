# SPDX-License-Identifier: BSD-2-Clause-Patent
# The whole card: lint in both sizes, and a test over registers, rings and ports on the simulated card of sim/.
CARD_ROOMS := stream parse spd sad crypto seal open host top
CARD_SV := $(wildcard $(CARD_ROOMS:%=hw/%/*.vlt)) hw/regs/packages.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv \
           hw/seal/path_pkg.sv hw/crypto/aes_pkg.sv $(filter-out %_pkg.sv,$(wildcard $(CARD_ROOMS:%=hw/%/*.sv)))

.PHONY: lint-card lint-card-full
lint-card:
	$(VERILATOR) --lint-only -Wall --top-module adit_card $(CARD_SV)
lint-card-full:
	$(VERILATOR) --lint-only -Wall --top-module adit_card $(CARD_FULL) $(CARD_SV)
LINT_TARGETS += lint-card lint-card-full

CARD_TEST_OBJS := $(patsubst %,$(B)/sim/c/%.o,axi axil card port port_if port_pcap port_tap port_unix say stream unix_socket)
CARD_BENCH_H := $(wildcard tests/hw/card/*.h sim/*.h) hw/regs/adit_regs.h
$(B)/hw/card/%.o: tests/hw/card/%.c $(CARD_BENCH_H)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Isim -c -o $@ $<
$(B)/hw/card/test_%: $(B)/hw/card/test_%.o $(B)/hw/card/bench.o $(CARD_TEST_OBJS) $(B)/sim/dev/libmodel.a $(B)/lib/libgolden.a $(B)/lib/libadit.a
	$(CXX) $^ -o $@ -lcmocka $(GOLDEN_LIBS) -lpcap -lz -lpthread
.SECONDARY: $(B)/hw/card/bench.o $(B)/hw/card/test_card.o $(B)/hw/card/test_keys.o
TESTS += $(B)/hw/card/test_card $(B)/hw/card/test_keys
