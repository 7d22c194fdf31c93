# SPDX-License-Identifier: BSD-2-Clause-Patent
# The simulated card: build/bin/adit-sim (development size) and build/bin/adit-sim-full, and adit-sim-echo for tests.

SIM_C    := axi axil card dma front_vfio_user options pci port port_if port_pcap port_tap port_unix say stream unix_socket
SIM_OBJ  := $(SIM_C:%=$(B)/sim/c/%.o)
SIM_LIBS := -lpcap -lz -lpthread

# A module stands in the file of its name; packages come first.
SIM_ROOMS    := crypto host open parse sad seal spd stream top
SIM_RTL      := $(foreach room,$(SIM_ROOMS),$(wildcard hw/$(room)/*.sv hw/$(room)/*.svh hw/$(room)/*.vlt))
SIM_PACKAGES := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv \
                $(filter-out hw/top/adit_pkg.sv,$(foreach room,$(SIM_ROOMS),$(wildcard hw/$(room)/*_pkg.sv)))
SIM_ROOT     := $(shell $(VERILATOR) --getenv VERILATOR_ROOT 2>/dev/null)

# Lint is its own word; here a warning must not stop a build.
SIM_VERILATE := nice $(VERILATOR) --cc -O3 --x-assign fast --x-initial fast --noassert --trace-fst --trace-max-width 1024 \
                --output-split 20000 --output-split-cfuncs 2000 -Wno-lint -Wno-style --no-timing \
                --top-module adit_card --prefix Vadit_card --unroll-count 256
# Code that runs once, or only while a waveform is written, is not worth the compiler's time.
# make SIM_OPT='-O3 -march=native' gains about a fifth in speed, for this machine alone.
# gcc copies and clears wide values by rep movs and rep stos on x86, whose start costs more than what they do: plain moves.
SIM_STRING  := vector_loop:1024:noalign,libcall:-1:noalign
# What sim/likely.py calls unlikely goes to a section of its own: what runs every cycle lies together.
SIM_GCC_OPT := -mmemcpy-strategy=$(SIM_STRING) -mmemset-strategy=$(SIM_STRING) --param=builtin-expect-probability=100
SIM_OPT     := -O2 $(shell $(CXX) $(SIM_GCC_OPT) -x c++ -fsyntax-only /dev/null 2>/dev/null && echo $(SIM_GCC_OPT))
SIM_MODEL_MAKE := OPT_SLOW=-O0 OPT_GLOBAL=-O2 OBJCACHE=$(shell command -v ccache)

# Two makes in one tree take turns in a model's folder; the second finds the work done.
SIM_LOCK = flock $(@D).lock
# $(call SIM_GENERATE,parameters): the model's sources
SIM_GENERATE = $(SIM_LOCK) sh -c 'if [ ! -e $@ ] || [ -n "$$(find $^ -newer $@)" ]; then \
	  $(SIM_VERILATE) $(1) $(SIM_ROOMS:%=-Ihw/%) -Mdir $(@D) $(SIM_PACKAGES) hw/top/adit_card.sv && sim/likely.py $(@D) && touch $@ || { rm -f $@; false; }; fi'
# Most of a build's time goes here: use every processor unless make was told how many.
SIM_JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

$(B)/sim/dev/Vadit_card.mk: $(SIM_RTL) $(SIM_PACKAGES) sim/room.mk sim/likely.py
	@mkdir -p $(@D)
	$(call SIM_GENERATE)

$(B)/sim/full/Vadit_card.mk: $(SIM_RTL) $(SIM_PACKAGES) hw/size.mk sim/room.mk sim/likely.py
	@mkdir -p $(@D)
	$(call SIM_GENERATE,$(CARD_FULL))

$(B)/sim/echo/Vadit_card.mk: tests/sim/echo/adit_card.sv hw/stream/stream_reg.sv hw/regs/adit_reg_pkg.sv sim/room.mk
	@mkdir -p $(@D)
	$(SIM_LOCK) $(SIM_VERILATE) -Ihw/stream -Mdir $(@D) hw/regs/adit_reg_pkg.sv tests/sim/echo/adit_card.sv
	@touch $@

# One archive a size: the Verilated model, Verilator's own files and model.cpp. What only writes waveforms is not optimized:
# it would take a third of the time.
$(B)/sim/%/libmodel.a: $(B)/sim/%/Vadit_card.mk sim/model.cpp sim/model.h
	+@$(SIM_LOCK) $(MAKE) $(SIM_JOBS) --no-print-directory -s -C $(@D) -f Vadit_card.mk $(SIM_MODEL_MAKE) OPT_FAST=-O0 \
	  $$(sed -n 's/^\t\([A-Za-z_]*__Trace__[0-9]*\) .*/\1.o/p' $(@D)/Vadit_card_classes.mk)
	+@$(SIM_LOCK) $(MAKE) $(SIM_JOBS) --no-print-directory -s -C $(@D) -f Vadit_card.mk $(SIM_MODEL_MAKE) OPT_FAST='$(SIM_OPT)' \
	  Vadit_card__ALL.a verilated.o verilated_fst_c.o verilated_threads.o
	$(CXX) -std=c++17 -O2 -g -Wall -Wextra -DVM_TRACE_FST=1 -DVM_TRACE=1 -Isim -I$(@D) -isystem $(SIM_ROOT)/include \
	  -isystem $(SIM_ROOT)/include/vltstd -c sim/model.cpp -o $(@D)/model.o
	@rm -f $@
	@cp $(@D)/Vadit_card__ALL.a $@
	@ar r $@ $(@D)/model.o $(@D)/verilated.o $(@D)/verilated_fst_c.o $(@D)/verilated_threads.o

$(B)/sim/c/%.o: sim/%.c $(wildcard sim/*.h) hw/regs/adit_regs.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Isim -c $< -o $@

$(B)/sim/c/main-full.o: sim/main.c $(wildcard sim/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Isim -DSIM_FULL_SIZE=1 -c $< -o $@

$(B)/bin/adit-sim: $(B)/sim/c/main.o $(SIM_OBJ) $(B)/sim/dev/libmodel.a
	@mkdir -p $(@D)
	$(CXX) $^ -o $@ $(SIM_LIBS)

$(B)/bin/adit-sim-full: $(B)/sim/c/main-full.o $(SIM_OBJ) $(B)/sim/full/libmodel.a
	@mkdir -p $(@D)
	$(CXX) $^ -o $@ $(SIM_LIBS)

$(B)/sim/adit-sim-echo: $(B)/sim/c/main.o $(SIM_OBJ) $(B)/sim/echo/libmodel.a
	@mkdir -p $(@D)
	$(CXX) $^ -o $@ $(SIM_LIBS)

.SECONDARY: $(B)/sim/dev/libmodel.a $(B)/sim/full/libmodel.a $(B)/sim/echo/libmodel.a

ALL_TARGETS += $(B)/bin/adit-sim $(B)/bin/adit-sim-full

# ---- tests: the surroundings alone, around a card that only echoes; then once more under sanitizers
SIM_TESTS := tests/sim/test_front.py tests/sim/test_ports.py tests/sim/test_run.py
$(SIM_TESTS): $(B)/sim/adit-sim-echo
TESTS += $(SIM_TESTS)

$(B)/sim/san/%.o: sim/%.c $(wildcard sim/*.h) hw/regs/adit_regs.h
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) -Isim -c $< -o $@

$(B)/sim/adit-sim-echo-san: $(B)/sim/san/main.o $(SIM_OBJ:$(B)/sim/c/%=$(B)/sim/san/%) $(B)/sim/echo/libmodel.a
	$(CXX) $(SANITIZE) $^ -o $@ $(SIM_LIBS)

tests/sim/test_sanitized.sh: $(B)/sim/adit-sim-echo-san
SAN_TESTS += tests/sim/test_sanitized.sh


.PHONY: install-sim
install-sim: $(B)/bin/adit-sim $(B)/bin/adit-sim-full
	install -D -m 755 $(B)/bin/adit-sim $(DESTDIR)$(PREFIX)/bin/adit-sim
	install -D -m 755 $(B)/bin/adit-sim-full $(DESTDIR)$(PREFIX)/bin/adit-sim-full
INSTALL_TARGETS += install-sim
