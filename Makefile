# SPDX-License-Identifier: BSD-2-Clause-Patent
# adit: `make help` lists the words. Every room adds its rules in its own room.mk; nothing is written outside build/
# but the generated contract files (make regs).
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/bash

B         := build
CC        := gcc
CXX       := g++
CLANG     := clang
PYTHON    := /usr/bin/python3
VERILATOR := verilator
YOSYS     := yosys
PREFIX    ?= /usr/local

INCLUDES  := -Idriver/include -Ihw/regs -Ihost
WARNINGS  := -Wall -Wextra -Wshadow -Wconversion
CFLAGS    := -std=c11 -D_GNU_SOURCE -O2 -g $(WARNINGS) $(INCLUDES) -fstack-protector-strong
SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SAN_CFLAGS := -std=c11 -D_GNU_SOURCE -O1 -g $(WARNINGS) $(INCLUDES) $(SANITIZE)

# What rooms append to:
ALL_TARGETS    :=# built by make all
TESTS          :=# executables run by make test, each exits 0 on success and prints its counts
SAN_TESTS      :=# test executables built with sanitizers, run by make check
LINT_TARGETS   :=# phony targets of make lint
FORMAL_TARGETS :=
BENCH_TARGETS  :=
SYNTH_TARGETS  :=
DEMO_TARGETS   = $(addprefix $(B)/bin/,adit-sim aditd aditctl adit-replay wiretap)
INSTALL_TARGETS :=

ROOMS := $(wildcard hw/*/room.mk driver/room.mk host/room.mk sim/room.mk tools/room.mk tests/room.mk tests/interop/room.mk)
include hw/size.mk
-include $(ROOMS)
include tools/lint.mk

.PHONY: all demo test check lint formal bench synth regs docs install clean help sanitize regs-clean $(LINT_TARGETS)

# As many jobs as processors, unless the caller says otherwise.
JOBS := $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# With packages missing, make first installs them and then starts anew, so that the rooms' questions to pkg-config and
# verilator get true answers.
ifeq ($(ADIT_DEPS),)
all demo bench:
	@tools/install-deps demo
	@ADIT_DEPS=done $(MAKE) --no-print-directory $(JOBS) $@
test check lint formal synth docs sanitize:
	@tools/install-deps
	@ADIT_DEPS=done $(MAKE) --no-print-directory $(JOBS) $@
else

all: $(ALL_TARGETS)

demo: $(DEMO_TARGETS)
	tests/system/demo

test: all $(TESTS)
	@tests/support/run-tests $(TESTS)

sanitize: $(SAN_TESTS)
	@tests/support/run-tests $(SAN_TESTS)

check: regs-clean
	@$(MAKE) --no-print-directory lint
	@INTEROP_SHARE=3 $(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory sanitize
	@$(MAKE) --no-print-directory formal
	@echo "check: all passed"

lint: $(LINT_TARGETS)
	@echo "lint: quiet"

formal: $(FORMAL_TARGETS)

bench: all $(BENCH_TARGETS)

synth: $(SYNTH_TARGETS)

docs: regs
	@for page in docs/*.[158]; do man --warnings -E UTF-8 -l -Tutf8 "$$page" >/dev/null || exit 1; done
	@echo "docs: hw/regs/REGISTERS.md and $$(ls docs/*.[158] | tr '\n' ' ')are up to date"
endif

regs:
	tools/regmap hw/regs/card.toml hw/regs

# The generated contract files are those that the map gives.
regs-clean: 
	@mkdir -p $(B)/regs
	@tools/regmap hw/regs/card.toml $(B)/regs
	@for f in adit_reg_pkg.sv adit_regs.h REGISTERS.md; do \
	  cmp $(B)/regs/$$f hw/regs/$$f || { echo "regs: hw/regs/$$f is stale: run make regs" >&2; exit 1; }; done
	@echo "regs: the generated files match hw/regs/card.toml"

install: $(INSTALL_TARGETS)

clean:
	rm -rf $(B)

help:
	@echo "make demo     two offices, two simulated cards, one tunnel: ping and TCP through it"
	@echo "make test     build everything and run the tests"
	@echo "make check    test, lint, formal proofs, sanitizers, regenerated contract: what CI runs"
	@echo "make interop-ipsec  every kind of SA against scapy and the Linux kernel"
	@echo "make interop-ikev1  aditd negotiates with strongSwan and libreswan (SHARE=n: every nth cell)"
	@echo "make fuzz-ike  the parsers of what IKE peers send, under libFuzzer: FUZZ_RUNS each"
	@echo "make all      build everything into build/"
	@echo "make lint     gcc, clang and verilator warnings, clang-tidy"
	@echo "make formal   proofs of leaf cells (yosys-smtbmc)"
	@echo "make bench    cycles per packet, simulation speed, commands per thousand cycles; bench-line alone: 100GbE each way at full size"
	@echo "make line-accept  exact cycles that make check compares, written anew after a change of speed that is meant"
	@echo "make synth    LUT, FF, memory and depth of the full-size card (yosys, UltraScale+); SYNTH=room for one"
	@echo "make regs     regenerate the contract from hw/regs/card.toml"
	@echo "make docs     check the man pages and regenerate REGISTERS.md"
	@echo "make install  PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)"
	@echo "make clean    remove build/"
