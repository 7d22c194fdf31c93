// SPDX-License-Identifier: BSD-2-Clause-Patent
// Beats to AXI4-Stream (512 bit). Every output comes from a flop; bytes past n_bytes are zero and their tkeep bits are 0.
module axis_out (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            in_valid_i,
  output logic            in_ready_o,
  input  adit_pkg::beat_t in_beat_i,
  output logic            tvalid_o,
  input  logic            tready_i,
  output logic [511:0]    tdata_o,
  output logic [63:0]     tkeep_o,
  output logic            tlast_o
);
  logic [63:0]  keep;
  logic [511:0] data;

  always_comb begin
    keep = '0;
    data = '0;
    if (in_valid_i) begin
      keep = ~(64'hffff_ffff_ffff_ffff << in_beat_i.n_bytes);
      for (int i = 0; i < 64; i++) data[8*i +: 8] = keep[i] ? in_beat_i.data[8*i +: 8] : 8'h00;
    end
  end

  stream_reg #(.W(577)) u_reg (
    .clk_i, .rst_ni,
    .in_valid_i, .in_ready_o, .in_data_i({in_beat_i.last, keep, data}),
    .out_valid_o(tvalid_o), .out_ready_i(tready_i), .out_data_o({tlast_o, tkeep_o, tdata_o})
  );
endmodule
