# SPDX-License-Identifier: BSD-2-Clause-Patent
# interop/ike: aditd against IKE daemons of others.
IKE_INTEROP := $(B)/tests/interop/ike
IKE_INTEROP_NEEDS := $(IKE_INTEROP)/xfrmshim.so $(addprefix $(B)/bin/,adit-sim aditd aditctl)

$(IKE_INTEROP)/xfrmshim.so: $(addprefix tests/interop/ike/,xfrmshim.c xfrm_table.c xfrm_json.c xfrmshim.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -fPIC -shared $(filter %.c,$^) -ldl -lpthread -o $@

# make test takes five cells that are always the same; make interop-ikev1 takes all, SHARE=n every nth, SEED=n those of an earlier run.
$(IKE_INTEROP)/run-short: tests/interop/ike/run-short $(wildcard tests/interop/ike/*.py) tests/interop/ike/matrix $(IKE_INTEROP_NEEDS)
	@mkdir -p $(@D)
	cp $< $@

TESTS += $(IKE_INTEROP)/run-short

.PHONY: interop-ikev1
interop-ikev1: $(IKE_INTEROP_NEEDS)
	$(PYTHON) tests/interop/ike/matrix
