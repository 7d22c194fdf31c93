# SPDX-License-Identifier: BSD-2-Clause-Patent
# Each proof is unbounded: no counterexample from reset (base), and the assertions keep themselves alive (induction).
# Cover points show that the assumptions leave the interesting cases in.
FORMAL_CELLS := stream_reg stream_fifo stream_arb2 host_ring_fv replay_window_fv sad_esn_fv spd_writer_fv spd_chunk_fv spd_lookup_fv

FORMAL_SV_stream_reg       := hw/stream/stream_reg.sv hw/formal/stream_reg_props.svh
FORMAL_SV_stream_fifo      := hw/stream/stream_fifo.sv hw/formal/stream_fifo_props.svh
FORMAL_SV_stream_arb2      := hw/stream/stream_arb2.sv hw/formal/stream_arb2_props.svh
FORMAL_SV_host_ring_fv     := hw/regs/adit_reg_pkg.sv hw/host/host_ring.sv hw/formal/host_ring_fv.sv
FORMAL_SV_replay_window_fv := hw/sad/replay_check.sv hw/sad/replay_window.sv hw/formal/replay_window_fv.sv hw/formal/replay_window_props.svh
FORMAL_SV_sad_esn_fv       := hw/sad/sad_esn.sv hw/formal/sad_esn_fv.sv
FORMAL_SV_spd_writer_fv    := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/spd/spd_writer.sv hw/formal/spd_writer_fv.sv hw/formal/spd_writer_props.svh
FORMAL_SV_spd_chunk_fv     := hw/spd/spd_chunk.sv hw/formal/spd_chunk_fv.sv hw/formal/spd_chunk_props.svh
FORMAL_SV_spd_lookup_fv    := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/stream/ram_1r1w.sv hw/spd/spd_lookup.sv \
                              hw/formal/spd_lookup_fv.sv hw/formal/spd_lookup_props.svh
# Shifters and comparators: MiniSat inside yosys takes seconds for the induction where z3 takes minutes.
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

# The way out of a direction: too much state for an induction, so every run of so many cycles from reset. A record needs seven cycles
# to its first beat; several packets pass in the run.
EMIT_FV := hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/seal/path_pkg.sv hw/seal/emit.sv hw/seal/emit_head.sv hw/seal/emit_reader.sv \
           hw/seal/splice.sv hw/stream/stream_fifo.sv hw/formal/emit_fv.sv
$(B)/hw/formal/emit_fv.aig: $(EMIT_FV)
	@mkdir -p $(B)/hw/formal/emit_fv
	@for f in $^; do sed 's/ or negedge rst_ni//; /include "stream_fifo_props/d' \
	  $$f > $(B)/hw/formal/emit_fv/$$(basename $$f); done
	@cd $(B)/hw/formal/emit_fv && $(YOSYS) -q -p "read_verilog -sv -formal $(notdir $^); prep -flatten -top emit_fv; opt_clean -purge; \
	  memory_map; opt -full; chformal -cover -remove; opt_clean -purge; async2sync; dffunmap; opt_clean -purge; simplemap; techmap; \
	  opt_clean -purge; dffunmap; aigmap; opt_clean -purge; setundef -undriven -anyseq; write_aiger -zinit ../emit_fv.aig"
$(B)/hw/formal/emit_fv.proved: $(B)/hw/formal/emit_fv.aig hw/formal/prove_bounded
	@hw/formal/prove_bounded $< 15
	@touch $@
FORMAL_TARGETS += $(B)/hw/formal/emit_fv.proved
