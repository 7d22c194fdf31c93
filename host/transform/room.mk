# SPDX-License-Identifier: BSD-2-Clause-Patent
# golden: whoever links libgolden.a needs GOLDEN_LIBS behind it.
GOLDEN_SRC  := $(patsubst %,host/transform/%.c,ah frame golden golden_card ip outer suite window)
GOLDEN_HDR  := $(wildcard host/transform/*.h) host/base/inet.h driver/include/adit/adit.h hw/regs/adit_regs.h
GOLDEN_LIBS := -lcrypto -lgcrypt

$(B)/host/transform/%.o: host/transform/%.c $(GOLDEN_HDR)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

$(B)/lib/libgolden.a: $(GOLDEN_SRC:%.c=$(B)/%.o)
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^

$(B)/tests/host/transform/test_%: tests/host/transform/test_%.c $(wildcard tests/host/transform/*.h) $(B)/lib/libgolden.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< $(B)/lib/libgolden.a $(GOLDEN_LIBS) -lcmocka -o $@

$(B)/san/host/transform/test_%: tests/host/transform/test_%.c $(wildcard tests/host/transform/*.h) $(GOLDEN_SRC) $(GOLDEN_HDR)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $< $(GOLDEN_SRC) $(GOLDEN_LIBS) -lcmocka -o $@

# golden on a pipe, and beside it the test that talks to it
$(B)/tests/host/transform/golden_cli: tests/host/transform/golden_cli.c $(B)/lib/libgolden.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< $(B)/lib/libgolden.a $(GOLDEN_LIBS) -o $@

$(B)/san/host/transform/golden_cli: tests/host/transform/golden_cli.c $(GOLDEN_SRC) $(GOLDEN_HDR)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $< $(GOLDEN_SRC) $(GOLDEN_LIBS) -o $@

$(B)/tests/host/transform/test_scapy $(B)/san/host/transform/test_scapy: %/test_scapy: tests/host/transform/test_scapy.py %/golden_cli
	@mkdir -p $(@D)
	install -m 755 $< $@

ALL_TARGETS += $(B)/lib/libgolden.a
TESTS       += $(addprefix $(B)/tests/host/transform/,test_golden test_vectors test_card_law test_scapy)
SAN_TESTS   += $(addprefix $(B)/san/host/transform/,test_golden test_vectors test_card_law test_scapy)
