# SPDX-License-Identifier: BSD-2-Clause-Patent
# Tests of the whole: lockstep, independent peers, the demo's helpers.
$(B)/bin/wiretap: tests/support/wiretap.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -lpcap -o $@

LAB_FLAGS := $(CFLAGS) -Itests/support
LAB_LIBS  := $(B)/lib/libgolden.a $(B)/lib/libadit.a -lpcap $(GOLDEN_LIBS)

WORLD_C := tests/support/lab.c tests/support/world.c
WORLD_H := tests/support/lab.h tests/support/world.h
WORLD_A := $(B)/lib/libgolden.a $(B)/lib/libadit.a

$(B)/tests/system/lockstep: tests/system/lockstep.c tests/system/coverage.c $(WORLD_C) tests/system/coverage.h $(WORLD_H) $(WORLD_A)
	@mkdir -p $(@D)
	$(CC) $(LAB_FLAGS) $(filter %.c,$^) $(LAB_LIBS) -o $@

$(B)/tests/fuzz/fuzz_frames: tests/fuzz/fuzz_frames.c $(WORLD_C) $(WORLD_H) $(WORLD_A)
	@mkdir -p $(@D)
	$(CC) $(LAB_FLAGS) $(filter %.c,$^) $(LAB_LIBS) -o $@

$(B)/tests/fuzz/run-fuzz: tests/fuzz/run-fuzz $(B)/tests/fuzz/fuzz_frames $(B)/bin/adit-sim
	@mkdir -p $(@D)
	cp $< $@

# All night: FUZZ_FRAMES of a new seed.
FUZZ_FRAMES ?= 1000000
fuzz: $(B)/tests/fuzz/fuzz_frames $(B)/bin/adit-sim
	$< $(B)/bin/adit-sim $(FUZZ_FRAMES)

# Until every cell of the coverage that can be filled is.
LOCKSTEP_FRAMES ?= 150000
lockstep-long: $(B)/tests/system/lockstep $(B)/bin/adit-sim
	$< $(B)/bin/adit-sim $(LOCKSTEP_FRAMES) "$$(date +%s)" 10 long

$(B)/tests/system/churn: tests/system/churn.c tests/support/lab.c tests/support/lab.h $(B)/lib/libadit.a $(B)/lib/libgolden.a
	@mkdir -p $(@D)
	$(CC) $(LAB_FLAGS) $(filter %.c,$^) $(LAB_LIBS) -o $@

$(B)/tests/bench/card_bench: tests/bench/card_bench.c tests/support/lab.c tests/support/lab.h $(B)/lib/libadit.a
	@mkdir -p $(@D)
	$(CC) $(LAB_FLAGS) $(filter %.c,$^) $(LAB_LIBS) -o $@

bench-card: $(B)/tests/bench/card_bench $(B)/bin/adit-sim
	$< $(B)/bin/adit-sim 2000

$(B)/tests/system/run-lockstep: tests/system/run-lockstep $(B)/tests/system/lockstep $(B)/bin/adit-sim $(B)/bin/adit-sim-full
	@mkdir -p $(@D)
	cp $< $@

$(B)/tests/system/run-churn: tests/system/run-churn $(B)/tests/system/churn $(B)/bin/adit-sim
	@mkdir -p $(@D)
	cp $< $@

ALL_TARGETS += $(B)/bin/wiretap
TESTS       += $(B)/tests/system/run-lockstep $(B)/tests/system/run-churn $(B)/tests/fuzz/run-fuzz tests/system/test_peers.py tests/system/demo
BENCH_TARGETS += bench-card
.PHONY: bench-card fuzz lockstep-long
