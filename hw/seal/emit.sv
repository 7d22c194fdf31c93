// SPDX-License-Identifier: BSD-2-Clause-Patent
// The one room of a direction where packets leave, are dropped and are counted, in arrival order.
//
//   record --> head --+--> reader --> M2 words --> splice --> port or host
//                     +--> command ---------------^
//                     +--> verdict, SA and policy counters, memory freed
//
// Output frame = header ++ body[body_off +: body_bytes] ++ ICV. A packet whose face_out is FACE_NONE has none of its words read:
// whatever its body is, nothing of it comes this way.
module emit #(
  parameter int unsigned MEM_LOG2 = 10
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          in_valid_i,
  output logic                          in_ready_o,
  input  path_pkg::leave_t              in_leave_i,
  input  logic [15:0]                   in_base_i,
  input  logic [15:0]                   in_words_i,   // given by form, freed here
  input  logic [path_pkg::RAW_BITS-1:0] in_raw_i,
  input  logic [path_pkg::ICV_BITS-1:0] in_icv_i,     // goes behind the body: icv_bytes of it
  input  logic [path_pkg::ICV_BITS-1:0] in_ah_icv_i,  // goes into ins: ah_icv_bytes of it
  output logic                          free_valid_o,
  output logic [15:0]                   free_words_o,
  output logic                          rd_valid_o,   // M2: data a cycle later
  output logic [MEM_LOG2-1:0]           rd_addr_o,
  input  logic [511:0]                  rd_data_i,
  output logic                          port_valid_o,
  input  logic                          port_ready_i,
  output adit_pkg::beat_t               port_beat_o,
  output logic                          host_valid_o,
  input  logic                          host_ready_i,
  output adit_pkg::beat_t               host_beat_o,
  output adit_pkg::host_meta_t          host_meta_o,
  output logic                          verdict_valid_o,
  input  logic                          verdict_ready_i,
  output adit_pkg::verdict_t            verdict_o,
  output logic                          sp_count_valid_o,
  output adit_pkg::sp_count_t           sp_count_o,
  output logic                          sa_count_valid_o,
  output adit_pkg::sa_count_t           sa_count_o,
  output logic                          gone_o        // one pulse a packet: all of it has left
);
  localparam logic [1:0] FACE_HOST = adit_reg_pkg::FACE_HOST[1:0];
  localparam logic [1:0] FACE_NONE = adit_reg_pkg::FACE_NONE[1:0];
  localparam int unsigned HEAD_BITS = 8 * path_pkg::HEAD_BYTES;

  // ---- the header is made in three steps; at the end of them the record waits until all who need it take it
  logic                 one_valid_q, two_valid_q, one_ready, two_ready;   // after the first step, after the second
  logic                 full_q, fire, reader_ready, command_ready, leaves, to_host, to_port;
  logic [HEAD_BITS-1:0] head, head_q;
  logic [15:0]          base1_q, words1_q, base2_q, words2_q, base_q, words_q;
  logic [path_pkg::ICV_BITS-1:0] icv, ah_icv, icv1_q, icv2_q, icv_q;
  path_pkg::leave_t     leave1_q, leave2_q, leave_q;

  // Of an ICV so many bytes count as the SA says.
  assign icv    = in_icv_i & ~({path_pkg::ICV_BITS{1'b1}} << {in_leave_i.icv_bytes, 3'b0});
  assign ah_icv = in_ah_icv_i & ~({path_pkg::ICV_BITS{1'b1}} << {in_leave_i.ah_icv_bytes, 3'b0});
  emit_head u_head (
    .clk_i, .take1_i(in_valid_i && in_ready_o && in_leave_i.face_out != FACE_NONE),
    .take2_i(one_valid_q && one_ready && leave1_q.face_out != FACE_NONE), .raw_i(in_raw_i), .keep_i(in_leave_i.keep),
    .edit_i(in_leave_i.edit), .edit_v6_i(in_leave_i.edit_v6), .edit_bytes_i(in_leave_i.edit_bytes),
    .edit_proto_i(in_leave_i.edit_proto), .nh_off_i(in_leave_i.nh_off), .set_type_i(in_leave_i.set_type),
    .type_v6_i(in_leave_i.type_v6), .l3_off_i(in_leave_i.l3_off), .l3_head_bytes_i(in_leave_i.l3_head_bytes),
    .ins_i(in_leave_i.ins), .ah_icv_i(ah_icv), .ah_at_i(in_leave_i.ah_at), .head_o(head)
  );

  assign in_ready_o = !one_valid_q || one_ready;
  assign one_ready  = !two_valid_q || two_ready;
  assign two_ready  = !full_q || fire;
  assign fire       = full_q && reader_ready && command_ready && verdict_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) {one_valid_q, two_valid_q, full_q} <= '0;
    else begin
      if (in_ready_o) one_valid_q <= in_valid_i;
      if (one_ready)  two_valid_q <= one_valid_q;
      if (two_ready)  full_q      <= two_valid_q;
    end
  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o)
      {leave1_q, base1_q, words1_q, icv1_q} <= {in_leave_i, in_base_i, in_words_i, icv};
    if (one_valid_q && one_ready)
      {leave2_q, base2_q, words2_q, icv2_q} <= {leave1_q, base1_q, words1_q, icv1_q};
    if (two_valid_q && two_ready)
      {head_q, leave_q, base_q, words_q, icv_q} <= {head, leave2_q, base2_q, words2_q, icv2_q};
  end

  assign leaves  = leave_q.face_out != FACE_NONE;
  assign to_host = leave_q.face_out == FACE_HOST;
  assign to_port = leaves && !to_host;

  assign verdict_valid_o       = full_q && reader_ready && command_ready;
  assign verdict_o.reason      = leave_q.reason;
  assign verdict_o.face_in     = leave_q.face_in;
  assign verdict_o.face_out    = leave_q.face_out;
  assign verdict_o.frame_no    = leave_q.frame_no;
  assign verdict_o.frame_bytes = leave_q.frame_bytes;
  assign verdict_o.sa_slot     = leave_q.sa_slot;
  assign verdict_o.sp_id       = leave_q.sp_id;

  assign sp_count_valid_o    = fire && leave_q.sp_counts;
  assign sp_count_o.sp_id    = leave_q.sp_id;
  assign sp_count_o.kind     = leave_q.sp_kind;
  assign sa_count_valid_o    = fire && leave_q.sa_counts;
  assign sa_count_o.slot     = leave_q.count_slot;
  assign sa_count_o.bad_icv  = leave_q.sa_bad_icv;
  assign sa_count_o.replayed = leave_q.sa_replayed;

  // ---- the reader fetches the words of bodies that leave, ahead of the splice
  logic [15:0] head_bytes16, needed, todo_base, todo_needed, todo_words;
  logic        todo_valid, todo_ready, word_valid, word_ready, word_last;
  logic [511:0] word;

  assign needed = leaves && leave_q.body_bytes != '0 ? (leave_q.body_bytes + 16'(leave_q.body_off) + 16'd63) >> 6 : '0;

  stream_fifo #(.W(48), .DEPTH_LOG2(2)) u_todo (
    .clk_i, .rst_ni,
    .in_valid_i(fire), .in_ready_o(reader_ready), .in_data_i({base_q, needed, words_q}),
    .out_valid_o(todo_valid), .out_ready_i(todo_ready), .out_data_o({todo_base, todo_needed, todo_words}),
    .usage_o(unused_usage0)
  );
  logic [2:0] unused_usage0, unused_usage1;

  emit_reader #(.MEM_LOG2(MEM_LOG2)) u_reader (
    .clk_i, .rst_ni,
    .todo_valid_i(todo_valid), .todo_ready_o(todo_ready), .todo_base_i(todo_base), .todo_needed_i(todo_needed),
    .todo_words_i(todo_words),
    .free_valid_o, .free_words_o, .rd_valid_o, .rd_addr_o, .rd_data_i,
    .word_valid_o(word_valid), .word_ready_i(word_ready), .word_last_o(word_last), .word_o(word)
  );

  // ---- the splice
  logic [15:0]          total, cmd_total, cmd_body_bytes;
  logic                 cmd_valid, cmd_ready, cmd_has_src, cmd_to_host, cmd_to_port;
  logic [HEAD_BITS-1:0] cmd_head;
  logic [6:0]           head_bytes, cmd_head_bytes, cmd_off;
  logic [path_pkg::ICV_BITS-1:0] cmd_icv;
  adit_pkg::host_meta_t meta, cmd_meta;
  localparam int unsigned META_BITS = $bits(meta);
  localparam int unsigned CMD_BITS  = HEAD_BITS + 7 + 7 + 16 + path_pkg::ICV_BITS + 16 + 1 + META_BITS + 2;

  assign head_bytes   = leave_q.keep + leave_q.ins_bytes;
  assign head_bytes16 = 16'(head_bytes);
  assign total        = leaves ? head_bytes16 + leave_q.body_bytes + 16'(leave_q.icv_bytes) : '0;
  assign meta.reason  = leave_q.reason;
  assign meta.face    = leave_q.face_in;
  assign meta.n_bytes = total;
  assign meta.sa_slot = leave_q.sa_slot;
  assign meta.sp_id   = leave_q.sp_id;
  assign meta.seq     = leave_q.seq;

  stream_fifo #(.W(CMD_BITS), .DEPTH_LOG2(2)) u_command (
    .clk_i, .rst_ni,
    .in_valid_i(fire), .in_ready_o(command_ready),
    .in_data_i({head_q, head_bytes, leave_q.body_off, leave_q.body_bytes, icv_q, total, needed != '0, meta, to_host, to_port}),
    .out_valid_o(cmd_valid), .out_ready_i(cmd_ready),
    .out_data_o({cmd_head, cmd_head_bytes, cmd_off, cmd_body_bytes, cmd_icv, cmd_total, cmd_has_src, cmd_meta, cmd_to_host,
                  cmd_to_port}),
    .usage_o(unused_usage1)
  );

  logic            out_valid, out_ready, out_to_host, out_to_port, unused_step_last;
  adit_pkg::beat_t out_beat;
  splice #(.HeadBytes(path_pkg::HEAD_BYTES), .TagBits(META_BITS + 2)) u_splice (
    .clk_i, .rst_ni,
    .cmd_valid_i(cmd_valid), .cmd_ready_o(cmd_ready), .cmd_has_src_i(cmd_has_src),
    .cmd_head_i(cmd_head), .cmd_head_bytes_i(cmd_head_bytes), .cmd_off_i(cmd_off),
    .cmd_src_bytes_i(cmd_body_bytes), .cmd_fill_bytes_i('0), .cmd_tail_i(cmd_icv), .cmd_total_bytes_i(cmd_total),
    .cmd_tag_i({cmd_meta, cmd_to_host, cmd_to_port}),
    .src_valid_i(word_valid), .src_ready_o(word_ready), .src_last_i(word_last), .src_data_i(word),
    .step_last_o(unused_step_last),
    .out_valid_o(out_valid), .out_ready_i(out_ready), .out_beat_o(out_beat), .out_tag_o({host_meta_o, out_to_host, out_to_port})
  );

  // The one empty beat of a dropped packet goes to neither side and ends here.
  logic is_nothing;
  assign is_nothing   = out_beat.n_bytes == '0 || !(out_to_host || out_to_port);
  assign port_valid_o = out_valid && !is_nothing && out_to_port;
  assign host_valid_o = out_valid && !is_nothing && out_to_host;
  assign port_beat_o  = out_beat;
  assign host_beat_o  = out_beat;
  assign out_ready    = is_nothing || (out_to_host ? host_ready_i : port_ready_i);
  assign gone_o       = out_valid && out_ready && out_beat.last;
endmodule
