// SPDX-License-Identifier: BSD-2-Clause-Patent
// Nothing leaves a direction but by the face its record names. Any faces and stalls, headers and bodies of up to three words; what
// the bytes are is left out.
// Records are numbered as they come in and as they are gone (modulo 16: far fewer fit inside); one is followed.
module emit_fv (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             in_valid,
  input logic [1:0]       in_face,
  input logic [6:0]       in_keep,
  input logic [6:0]       in_body_off,
  input logic [7:0]       in_body_bytes,
  input logic [5:0]       in_icv_bytes,
  input logic             port_ready,
  input logic             host_ready,
  input logic             verdict_ready,
  input logic [3:0]       mark_first      // which record is followed: chosen at the start
);
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];

  path_pkg::leave_t in_leave;
  always_comb begin
    in_leave            = '0;
    in_leave.face_out   = in_face;
    in_leave.keep       = in_keep;
    in_leave.body_off   = in_body_off;
    in_leave.body_bytes = 16'(in_body_bytes);
    in_leave.icv_bytes  = in_icv_bytes;
  end

  logic in_ready, port_valid, host_valid, verdict_valid, gone, free_valid, rd_valid;
  emit u_dut (
    .clk_i, .rst_ni, .in_valid_i(in_valid), .in_ready_o(in_ready), .in_leave_i(in_leave), .in_base_i(16'd0), .in_words_i(16'd3),
    .in_raw_i('0), .in_icv_i('0), .in_ah_icv_i('0), .free_valid_o(free_valid), .free_words_o(), .rd_valid_o(rd_valid), .rd_addr_o(),
    .rd_data_i('0), .port_valid_o(port_valid), .port_ready_i(port_ready), .port_beat_o(), .host_valid_o(host_valid),
    .host_ready_i(host_ready), .host_beat_o(), .host_meta_o(), .verdict_valid_o(verdict_valid), .verdict_ready_i(verdict_ready),
    .verdict_o(), .sp_count_valid_o(), .sp_count_o(), .sa_count_valid_o(), .sa_count_o(), .gone_o(gone)
  );

  logic [3:0] mark, mark_q;
  logic [3:0] n_in, n_gone, n_told, n_freed;
  logic [1:0] face;        // of the marked record
  logic       inside;      // it came in and is not gone
  logic       left;        // a beat of it has left
  logic       is_start = 1'b1;

  // What every source promises: a record stays until it is taken, its header fits, a frame that leaves has bytes.
  logic             waits_q = 1'b0;
  logic [29:0]      record, record_q;
  assign record = {in_face, in_keep, in_body_off, in_body_bytes, in_icv_bytes};
  always_ff @(posedge clk_i) begin
    waits_q  <= in_valid && !in_ready && rst_ni;
    record_q <= record;
  end
  always_comb begin
    assume (rst_ni == !is_start);
    if (waits_q) assume (in_valid && record == record_q);
    assume (in_icv_bytes <= 6'd32 && in_body_bytes <= 8'd160);
    assume (in_face == FACE_NONE || in_body_bytes != '0);
  end

  assign mark = is_start ? mark_first : mark_q;
  always_ff @(posedge clk_i) begin
    is_start <= 1'b0;
    mark_q   <= mark;
    if (!rst_ni) begin
      n_in    <= '0;
      n_gone  <= '0;
      n_told  <= '0;
      n_freed <= '0;
      inside  <= 1'b0;
      left    <= 1'b0;
    end else begin
      n_in    <= n_in + 4'(in_valid && in_ready);
      n_gone  <= n_gone + 4'(gone);
      n_told  <= n_told + 4'(verdict_valid && verdict_ready);
      n_freed <= n_freed + 4'(free_valid);
      if (in_valid && in_ready && n_in == mark) begin
        inside <= 1'b1;
        left   <= 1'b0;
        face   <= in_face;
      end else if (gone && n_gone == mark) begin
        inside <= 1'b0;
      end
      if (n_gone == mark && ((port_valid && port_ready) || (host_valid && host_ready))) left <= 1'b1;
    end
  end

  always_comb
    if (rst_ni) begin
      assert (!(port_valid && host_valid));
      if (port_valid || host_valid || gone) assert (n_gone != n_in);         // a beat belongs to a record that came in
      if (verdict_valid) assert (n_told != n_in);                            // one verdict a record
      if (gone) assert (n_told != n_gone);                                   // not before its verdict
      if (free_valid) assert (n_freed != n_in);                              // memory is freed once a record
      if (inside && n_gone == mark) begin
        if (port_valid) assert (face != FACE_HOST && face != FACE_NONE);
        if (host_valid) assert (face == FACE_HOST);
        if (face == FACE_NONE) assert (!left && !port_valid && !host_valid); // dropped: nothing of it, ever
        if (gone && face != FACE_NONE) assert (port_valid || host_valid);    // and nothing is lost in silence
      end
      cover (inside && n_gone == mark && face == FACE_NONE && gone && n_gone == 4'd1);
      cover (inside && n_gone == mark && face == FACE_HOST && gone && n_gone == 4'd2 && left);
    end
endmodule
