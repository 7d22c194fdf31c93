# SPDX-License-Identifier: BSD-2-Clause-Patent
GOLDEN_SRC := host/transform/golden.c host/transform/golden_card.c
GOLDEN_HDR := host/transform/golden.h host/transform/golden_card.h host/transform/ipv4.h driver/include/adit/adit.h hw/regs/adit_regs.h

$(B)/host/transform/%.o: host/transform/%.c $(GOLDEN_HDR)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

$(B)/lib/libgolden.a: $(GOLDEN_SRC:%.c=$(B)/%.o)
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^

$(B)/tests/host/transform/test_golden: tests/host/transform/test_golden.c $(B)/lib/libgolden.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< $(B)/lib/libgolden.a -lcrypto -lcmocka -o $@

$(B)/san/host/transform/test_golden: tests/host/transform/test_golden.c $(GOLDEN_SRC) $(GOLDEN_HDR)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $< $(GOLDEN_SRC) -lcrypto -lcmocka -o $@

ALL_TARGETS += $(B)/lib/libgolden.a
TESTS       += $(B)/tests/host/transform/test_golden
SAN_TESTS   += $(B)/san/host/transform/test_golden
