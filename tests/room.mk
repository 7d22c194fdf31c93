# SPDX-License-Identifier: BSD-2-Clause-Patent
# Tests of the whole: lockstep, independent peers, the demo's helpers.
$(B)/bin/wiretap: tests/support/wiretap.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -lpcap -o $@

$(B)/tests/system/lockstep: tests/system/lockstep.c $(B)/lib/libadit.a $(B)/lib/libgolden.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< $(B)/lib/libgolden.a $(B)/lib/libadit.a -lpcap -lcrypto -o $@

$(B)/tests/system/run-lockstep: tests/system/run-lockstep $(B)/tests/system/lockstep $(B)/bin/adit-sim
	@mkdir -p $(@D)
	cp $< $@

ALL_TARGETS += $(B)/bin/wiretap
TESTS       += $(B)/tests/system/run-lockstep
