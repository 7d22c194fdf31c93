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

# What peers send, against the parsers: FUZZ_RUNS of each target of FUZZ_IKE from its seeds, under sanitizers. What is found on the
# way is kept in build/ and is where the next run begins.
FUZZ_RUNS ?= 200000
FUZZ_WIRE := wire wire_v2
FUZZ_IKE  := $(FUZZ_WIRE)
FUZZ_IKE_CFLAGS := -std=c11 -D_GNU_SOURCE -O2 -g $(WARNINGS) $(INCLUDES) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

$(FUZZ_WIRE:%=$(B)/tests/fuzz/fuzz_%): $(B)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard host/wire/*.c host/wire/*.h) tests/room.mk
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_IKE_CFLAGS) -o $@ $(filter %.c,$^)

# The engine and what people feed it, whole; random_bytes() and the secrets of Diffie-Hellman follow from the input, so that a crash comes again.
FUZZ_HOST := ike_respond ike_initiate config control
FUZZ_IKE  += $(FUZZ_HOST)

$(B)/host/fuzz/%.o: host/%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_IKE_CFLAGS) -c -o $@ $<

$(B)/lib/libhost-fuzz.a: $(HOST_SRC:%=$(B)/host/fuzz/%.o)
	@mkdir -p $(@D)
	rm -f $@
	$(AR) rcs $@ $^

$(FUZZ_HOST:%=$(B)/tests/fuzz/fuzz_%): $(B)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/fuzz_*.h) tests/host/fake_adit.c \
  $(B)/lib/libhost-fuzz.a $(addprefix $(B)/lib/,libslowpath.a libgolden.a) $(addprefix $(B)/driver/,names.o algorithm.o sa_size.o)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_IKE_CFLAGS) -Itests/fuzz -Itests/host -Wl,--wrap=random_bytes,--wrap=dh_open -o $@ $(filter %.c,$^) $(filter %.a %.o,$^) \
	  $(HOST_LIBS) -lcmocka

fuzz-ike: $(FUZZ_IKE:%=$(B)/tests/fuzz/fuzz_%)
	@for what in $(FUZZ_IKE); do mkdir -p $(B)/tests/fuzz/found/$$what; \
	  $(B)/tests/fuzz/fuzz_$$what -runs=$(FUZZ_RUNS) -max_len=4096 -timeout=10 -artifact_prefix=$(B)/tests/fuzz/$$what- \
	    $(B)/tests/fuzz/found/$$what tests/fuzz/corpus/$$what >$(B)/tests/fuzz/$$what.log 2>&1 || \
	    { tail -n 60 $(B)/tests/fuzz/$$what.log; exit 1; }; echo "fuzz: $$what: $$(grep '^Done' $(B)/tests/fuzz/$$what.log)"; done

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

$(B)/tests/bench/ike_crypto_bench: tests/bench/ike_crypto_bench.c $(HOST_ALL)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ $(HOST_LIBS)

bench-ike-crypto: $(B)/tests/bench/ike_crypto_bench
	$<

$(B)/tests/bench/ike_load: tests/bench/ike_load.c $(HOST_ALL)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $^ $(HOST_LIBS)

bench-ike-load: $(B)/tests/bench/ike_load $(B)/tests/interop/ike/xfrmshim.so
	$(PYTHON) tests/bench/ike_load.py $< $(B)/tests/interop/ike

$(B)/tests/system/run-lockstep: tests/system/run-lockstep $(B)/tests/system/lockstep $(B)/bin/adit-sim $(B)/bin/adit-sim-full
	@mkdir -p $(@D)
	cp $< $@

$(B)/tests/system/run-churn: tests/system/run-churn $(B)/tests/system/churn $(B)/bin/adit-sim
	@mkdir -p $(@D)
	cp $< $@

ALL_TARGETS += $(B)/bin/wiretap
TESTS       += $(B)/tests/system/run-lockstep $(B)/tests/system/run-churn $(B)/tests/fuzz/run-fuzz tests/system/test_peers.py tests/system/demo
BENCH_TARGETS += bench-card bench-ike-crypto bench-ike-load
.PHONY: bench-card bench-ike-crypto bench-ike-load fuzz fuzz-ike lockstep-long

# How fast the card is: libadit on the Verilated card in one process (tests/bench/line_bus.c is its bus), both ports wires.
LINE_C    := $(addprefix tests/bench/,line_rate.c line_flow.c line_world.c line_bus.c)
LINE_H    := $(wildcard tests/bench/line_*.h) $(wildcard sim/*.h driver/src/*.h)
LINE_SIM  := $(addprefix $(B)/sim/c/,axi.o axil.o card.o port.o port_if.o port_pcap.o port_tap.o port_unix.o say.o stream.o unix_socket.o)
LINE_DRV  := $(filter-out $(B)/driver/bus_vfio_user.o $(B)/driver/vu.o,$(DRIVER_SRC:%=$(B)/driver/%.o))

$(B)/tests/bench/obj/%.o: tests/bench/%.c $(LINE_H)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Isim -Idriver/src -c $< -o $@

$(B)/tests/bench/line_rate-%: $(LINE_C:tests/bench/%.c=$(B)/tests/bench/obj/%.o) $(LINE_SIM) $(LINE_DRV) $(B)/lib/libgolden.a $(B)/sim/%/libmodel.a
	@mkdir -p $(@D)
	$(CXX) $^ -o $@ $(GOLDEN_LIBS) $(DRIVER_LIBS) $(SIM_LIBS) -lm
.SECONDARY: $(LINE_C:tests/bench/%.c=$(B)/tests/bench/obj/%.o)

# The whole table in about half an hour of CPU time; GROUPS picks some of line_rate's groups.
bench-line: $(B)/tests/bench/line_rate-full
	tests/bench/line_run.py $< $(B)/bench/line.json $(GROUPS)
	tests/bench/line_plot.py $(B)/bench/line.json $(B)/bench

# docs/bench: the pictures of the README and the numbers behind them.
bench-publish:
	@mkdir -p docs/bench
	cp $(B)/bench/line.json docs/bench/line.json
	tests/bench/line_plot.py docs/bench/line.json docs/bench

tests/bench/test_line.py: $(B)/tests/bench/line_rate-dev $(B)/tests/bench/line_rate-full
line-accept: tests/bench/test_line.py
	$< --accept
TESTS += tests/bench/test_line.py
BENCH_TARGETS += bench-line
.PHONY: bench-line bench-publish line-accept
