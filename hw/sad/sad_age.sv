// SPDX-License-Identifier: BSD-2-Clause-Patent
// Walks over all slots once for each change of NOW, so that an SA's seconds pass without traffic; and once more when a notice found
// no room. It takes cycles in which no packet asks, or one in sixteen.
module sad_age #(
  parameter int unsigned SLOTS_LOG2 = 10
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  ready_i,      // the tables are swept
  input  logic [31:0]           now_i,
  input  logic                  missed_i,     // a notice found no room
  input  logic                  has_room_i,   // there is some now
  output logic                  age_valid_o,
  input  logic                  age_ready_i,
  output logic [SLOTS_LOG2-1:0] age_slot_o,
  output logic                  busy_o        // a walk is under way, or must follow
);
  logic        is_running_q, again_q;
  logic [31:0] now_q;   // of the walk under way, or the last one
  assign age_valid_o = is_running_q && has_room_i;
  assign busy_o      = is_running_q || again_q || now_q != now_i;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      is_running_q <= 1'b0;
      again_q      <= 1'b0;
      now_q        <= '0;
      age_slot_o   <= '0;
    end else begin
      if (!is_running_q) begin
        if (ready_i && (now_q != now_i || again_q && has_room_i)) begin
          is_running_q <= 1'b1;
          again_q      <= 1'b0;
          now_q        <= now_i;
        end
      end else if (age_valid_o && age_ready_i) begin
        age_slot_o <= age_slot_o + 1'b1;
        if (age_slot_o == '1) is_running_q <= 1'b0;
      end
      if (missed_i) again_q <= 1'b1;
    end
endmodule
