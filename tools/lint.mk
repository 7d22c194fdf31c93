# SPDX-License-Identifier: BSD-2-Clause-Patent
# make lint, the C half: every C file through gcc's and clang's warnings and clang-tidy. One stamp a file, so that a second run is short.
LINT_C := $(wildcard driver/src/*.c host/*.c host/*/*.c sim/*.c tools/*.c tools/*/*.c tests/*/*.c tests/*/*/*.c)
LINT_C_FLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) $(INCLUDES) $(LINT_DIRS) -Itools -Itests/support -Itests/driver -Itests/host

# sim and driver both have a card.h
LINT_DIRS := -Isim -Idriver/src
$(B)/lint/tests/driver/%: LINT_DIRS := -Idriver/src
$(B)/lint/tests/support/%: LINT_DIRS := -Idriver/src

$(B)/lint/%.c.stamp: %.c $(wildcard driver/include/adit/*.h driver/src/*.h host/*/*.h sim/*.h hw/regs/*.h tests/support/*.h) .clang-tidy
	@mkdir -p $(@D)
	@$(CC) -fsyntax-only -Werror $(LINT_C_FLAGS) $<
	@$(CLANG) -fsyntax-only -Werror $(LINT_C_FLAGS) $<
	@clang-tidy --quiet $< -- $(LINT_C_FLAGS) 2>/dev/null
	@touch $@

lint-c: $(LINT_C:%=$(B)/lint/%.stamp)
	@echo "lint: $(words $(LINT_C)) C files are quiet"

LINT_TARGETS += lint-c
