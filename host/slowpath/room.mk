# SPDX-License-Identifier: BSD-2-Clause-Patent
# slowpath: whoever links libslowpath.a needs libgolden.a, libadit.a and GOLDEN_LIBS behind it.
SLOW_SRC := $(patsubst %,host/slowpath/%.c,checksum fragment frame reassemble slowpath too_big)
SLOW_HDR := $(wildcard host/slowpath/*.h) $(GOLDEN_HDR) host/base/text.h

$(B)/host/slowpath/%.o: host/slowpath/%.c $(SLOW_HDR)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

$(B)/lib/libslowpath.a: $(SLOW_SRC:%.c=$(B)/%.o)
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

# slow path and golden together, under sanitizers
$(B)/host/san/slowpath/%.o: host/slowpath/%.c $(SLOW_HDR)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -c $< -o $@

$(B)/host/san/transform/%.o: host/transform/%.c $(GOLDEN_HDR)
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -c $< -o $@

$(B)/lib/libslowpath-san.a: $(patsubst host/%.c,$(B)/host/san/%.o,$(SLOW_SRC))
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

$(B)/lib/libgolden-san.a: $(patsubst host/%.c,$(B)/host/san/%.o,$(GOLDEN_SRC))
	@mkdir -p $(@D)
	rm -f $@ && $(AR) rcs $@ $^

SLOW_TEST := tests/host/slowpath/test_slowpath
$(B)/$(SLOW_TEST): $(SLOW_TEST).c $(B)/lib/libslowpath.a $(B)/lib/libgolden.a $(B)/lib/libadit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ $(GOLDEN_LIBS) -lcmocka -o $@

$(B)/san/$(SLOW_TEST): $(SLOW_TEST).c $(SLOW_SRC) $(GOLDEN_SRC) $(SLOW_HDR) $(B)/lib/libadit.a
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(filter %.c %.a,$^) $(GOLDEN_LIBS) -lcmocka -o $@

ALL_TARGETS += $(B)/lib/libslowpath.a
TESTS       += $(B)/$(SLOW_TEST)
SAN_TESTS   += $(B)/san/$(SLOW_TEST)
