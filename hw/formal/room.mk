# SPDX-License-Identifier: BSD-2-Clause-Patent
# Each proof is unbounded: no counterexample from reset (base), and the assertions keep themselves alive (induction).
# Cover points show that the assumptions leave the interesting cases in.
FORMAL_CELLS := stream_reg stream_fifo stream_arb2 replay_window_fv spd_update_fv spd_lookup_fv

FORMAL_SV_stream_reg       := hw/stream/stream_reg.sv hw/formal/stream_reg_props.svh
FORMAL_SV_stream_fifo      := hw/stream/stream_fifo.sv hw/formal/stream_fifo_props.svh
FORMAL_SV_stream_arb2      := hw/stream/stream_arb2.sv hw/formal/stream_arb2_props.svh
FORMAL_SV_replay_window_fv := hw/sad/replay_window.sv hw/formal/replay_window_fv.sv
FORMAL_SV_spd_update_fv    := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/stream/ram_1r1w.sv hw/spd/spd.sv hw/spd/spd_rule.sv \
                              hw/formal/spd_update_fv.sv hw/formal/spd_props.svh
FORMAL_SV_spd_lookup_fv    := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/stream/ram_1r1w.sv hw/spd/spd_lookup.sv \
                              hw/formal/spd_lookup_fv.sv hw/formal/spd_lookup_props.svh
# Shifters and comparators 64 bits wide: MiniSat inside yosys takes seconds for the induction where z3 takes minutes.
FORMAL_BY_replay_window_fv := minisat

# Reset is asserted in the first step and between edges no one looks: the proofs take it as synchronous, which z3 bears far better.
.SECONDEXPANSION:
$(FORMAL_CELLS:%=$(B)/hw/formal/%.smt2): $(B)/hw/formal/%.smt2: $$(FORMAL_SV_$$*)
	@mkdir -p $(B)/hw/formal/$*
	@for f in $^; do sed 's/ or negedge rst_ni//' $$f > $(B)/hw/formal/$*/$$(basename $$f); done
	@cd $(B)/hw/formal/$* && $(YOSYS) -q -p "read_verilog -sv -formal *.sv; prep -flatten -top $*; dffunmap; write_smt2 -wires ../$*.smt2"

$(FORMAL_CELLS:%=$(B)/hw/formal/%.proved): $(B)/hw/formal/%.proved: $(B)/hw/formal/%.smt2 hw/formal/prove
	@hw/formal/prove $< $(FORMAL_BY_$*)
	@touch $@

FORMAL_TARGETS += $(FORMAL_CELLS:%=$(B)/hw/formal/%.proved)
