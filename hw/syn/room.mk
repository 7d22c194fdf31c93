# SPDX-License-Identifier: BSD-2-Clause-Patent
# make synth SYNTH='sad cbc_lane': these rooms and modules alone are mapped anew
.PHONY: synth-report
synth-report:
	@mkdir -p $(B)/hw/syn
	@nice hw/syn/synth $(B)/hw/syn $(SYNTH)

SYNTH_TARGETS += synth-report
