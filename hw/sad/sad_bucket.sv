// SPDX-License-Identifier: BSD-2-Clause-Patent
// Looks through one bucket: four ways of {valid, slot, tag}. Combinational, used under valid_i alone.
module sad_bucket (
  input  logic          valid_i,
  input  logic [331:0]  bucket_i,   // way w in [83w +: 83]
  input  logic [65:0]   tag_i,
  output logic          hit_o,      // a way holds the tag
  output logic [1:0]    way_o,      // which, if hit_o
  output logic [15:0]   slot_o,     // its slot, if hit_o
  output logic [2:0]    used_o,     // ways in use
  output logic [1:0]    free_way_o  // one that is not, unless used_o is 4
);
  always_comb begin
    hit_o      = 1'b0;
    way_o      = 2'd0;
    slot_o     = 16'b0;
    used_o     = 3'd0;
    free_way_o = 2'd0;
    if (valid_i) for (int w = 3; w >= 0; w--) begin
      if (bucket_i[83*w + 82]) used_o = used_o + 3'd1;
      else free_way_o = 2'(w);
      if (bucket_i[83*w + 82] && bucket_i[83*w +: 66] == tag_i) begin
        hit_o  = 1'b1;
        way_o  = 2'(w);
        slot_o = bucket_i[83*w + 66 +: 16];
      end
    end
  end
endmodule
