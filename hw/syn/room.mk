# SPDX-License-Identifier: BSD-2-Clause-Patent
.PHONY: synth-report
synth-report:
	@mkdir -p $(B)/hw/syn
	@nice hw/syn/synth $(B)/hw/syn | tee $(B)/hw/syn/report.md

SYNTH_TARGETS += synth-report
