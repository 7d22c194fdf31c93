# SPDX-License-Identifier: BSD-2-Clause-Patent
# interop: the card against scapy and the Linux kernel.
INTEROP_ENDS := $(addprefix $(B)/tests/interop/,card_peer natt_hold) $(B)/bin/adit-sim
INTEROP_WORDS := $(addprefix $(B)/host/obj/base/,addr.o text.o)

$(B)/tests/interop/card_peer: tests/interop/card_peer.c $(INTEROP_WORDS) $(addprefix $(B)/lib/,libslowpath.a libgolden.a libadit.a)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $^ $(GOLDEN_LIBS) -o $@

$(B)/tests/interop/natt_hold: tests/interop/natt_hold.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -static $< -o $@

# make test takes a sixth, make check a third, chosen by a seed that they print; make interop-ipsec takes all.
$(B)/tests/interop/run-matrix: tests/interop/run-matrix $(wildcard tests/interop/*.py) tests/interop/matrix $(INTEROP_ENDS)
	@mkdir -p $(@D)
	cp $< $@

TESTS += $(B)/tests/interop/run-matrix

.PHONY: interop-ipsec
interop-ipsec: $(INTEROP_ENDS)
	$(PYTHON) tests/interop/matrix

include tests/interop/ike/room.mk
