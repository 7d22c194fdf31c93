// SPDX-License-Identifier: BSD-2-Clause-Patent
// The outbound direction, in packet order: entry, plan, head, form, cipher, hash, emit (RFC 4303 §3.3, RFC 4302 §3.3). Instances and
// wires.
module seal #(
  parameter int unsigned LANES           = 1,
  parameter int unsigned ROUNDS          = 2,
  parameter int unsigned CIPHER_CONTEXTS = 8,
  parameter int unsigned STAGES          = 5,
  parameter int unsigned AUTH_LANES      = 1,
  parameter int unsigned AUTH_CONTEXTS   = 8,
  parameter int unsigned SLOTS_LOG2      = 10,
  parameter int unsigned MEM_LOG2        = 10,  // words of packet memory; more than the longest frame
  parameter int unsigned TICKETS_LOG2    = 5    // packets in flight, at most 2**10
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 no_match_i,
  input  logic                 enter_i,         // parse took the last word of a frame
  input  logic                 facts_valid_i,
  output logic                 facts_ready_o,
  input  adit_pkg::facts_t     facts_i,
  input  logic                 beat_valid_i,
  output logic                 beat_ready_o,
  input  adit_pkg::beat_t      beat_i,
  output logic                 sp_key_valid_o,
  input  logic                 sp_key_ready_i,
  output adit_pkg::sp_key_t    sp_key_o,
  input  logic                 sp_hit_valid_i,
  output logic                 sp_hit_ready_o,
  input  adit_pkg::sp_hit_t    sp_hit_i,
  output logic                 seal_req_valid_o,
  input  logic                 seal_req_ready_i,
  output adit_pkg::seal_req_t  seal_req_o,
  input  logic                 seal_rsp_valid_i,
  output logic                 seal_rsp_ready_o,
  input  adit_pkg::seal_rsp_t  seal_rsp_i,
  output logic                 sp_count_valid_o,
  output adit_pkg::sp_count_t  sp_count_o,
  output logic                 notice_valid_o,
  input  logic                 notice_ready_i,
  output adit_pkg::notice_t    notice_o,
  output logic                 wan_valid_o,
  input  logic                 wan_ready_i,
  output adit_pkg::beat_t      wan_beat_o,
  output logic                 host_valid_o,
  input  logic                 host_ready_i,
  output adit_pkg::beat_t      host_beat_o,
  output adit_pkg::host_meta_t host_meta_o,
  output logic                 verdict_valid_o,
  input  logic                 verdict_ready_i,
  output adit_pkg::verdict_t   verdict_o,
  output logic                 busy_o,
  input  adit_pkg::tbl_req_t   tbl_i,
  output adit_pkg::tbl_rsp_t   tbl_o
);
  // ---- entry, plan, head
  logic                plan_valid, plan_ready, plan_sp_counts, plan_has_sa, plan_has_next;
  adit_pkg::facts_t    plan_facts;
  logic [7:0]          plan_reason;
  logic [1:0]          plan_face;
  logic [15:0]         plan_sp_id;
  adit_pkg::seal_rsp_t plan_rsp, plan_next;
  logic                head_valid, head_ready, cut_valid, cut_ready;
  path_pkg::cut_t      head_cut, cut;
  path_pkg::crypt_t    head_crypt, cut_crypt;
  path_pkg::leave_t    head_leave, cut_leave;
  path_pkg::outer_t    head_outer;
  localparam int unsigned REC_BITS = $bits(cut_crypt) + $bits(cut_leave);

  seal_entry u_entry (
    .clk_i, .rst_ni, .no_match_i, .facts_valid_i, .facts_ready_o, .facts_i,
    .key_valid_o(sp_key_valid_o), .key_ready_i(sp_key_ready_i), .key_o(sp_key_o),
    .hit_valid_i(sp_hit_valid_i), .hit_ready_o(sp_hit_ready_o), .hit_i(sp_hit_i),
    .req_valid_o(seal_req_valid_o), .req_ready_i(seal_req_ready_i), .req_o(seal_req_o),
    .rsp_valid_i(seal_rsp_valid_i), .rsp_ready_o(seal_rsp_ready_o), .rsp_i(seal_rsp_i),
    .notice_valid_o, .notice_ready_i, .notice_o,
    .plan_valid_o(plan_valid), .plan_ready_i(plan_ready), .plan_facts_o(plan_facts), .plan_reason_o(plan_reason),
    .plan_face_o(plan_face), .plan_sp_counts_o(plan_sp_counts), .plan_sp_id_o(plan_sp_id), .plan_has_sa_o(plan_has_sa),
    .plan_rsp_o(plan_rsp), .plan_has_next_o(plan_has_next), .plan_next_o(plan_next)
  );
  seal_plan u_plan (
    .clk_i, .rst_ni,
    .in_valid_i(plan_valid), .in_ready_o(plan_ready), .in_facts_i(plan_facts), .in_reason_i(plan_reason),
    .in_face_i(plan_face), .in_sp_counts_i(plan_sp_counts), .in_sp_id_i(plan_sp_id), .in_has_sa_i(plan_has_sa),
    .in_rsp_i(plan_rsp), .in_has_next_i(plan_has_next), .in_next_i(plan_next),
    .out_valid_o(head_valid), .out_ready_i(head_ready), .out_cut_o(head_cut), .out_crypt_o(head_crypt),
    .out_leave_o(head_leave), .out_outer_o(head_outer)
  );
  seal_head u_head (
    .clk_i, .rst_ni,
    .in_valid_i(head_valid), .in_ready_o(head_ready), .in_cut_i(head_cut), .in_crypt_i(head_crypt),
    .in_leave_i(head_leave), .in_outer_i(head_outer),
    .out_valid_o(cut_valid), .out_ready_i(cut_ready), .out_cut_o(cut), .out_crypt_o(cut_crypt), .out_leave_o(cut_leave)
  );

  // ---- form
  logic                          ticket_valid, ticket_ready, formed_valid, formed_ready, formed_has_body, free_valid;
  logic [TICKETS_LOG2-1:0]       ticket, formed_ticket;
  logic [15:0]                   formed_base, formed_words, free_words;
  logic [path_pkg::RAW_BITS-1:0] formed_raw;
  logic [path_pkg::ICV_BITS-1:0] unused_icv;
  path_pkg::crypt_t              formed_crypt;
  path_pkg::leave_t              formed_leave;
  logic                          m1_we;
  logic [MEM_LOG2-1:0]           m1_waddr;
  logic [511:0]                  m1_wdata;

  form #(.MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2), .RecBits(REC_BITS)) u_form (
    .clk_i, .rst_ni,
    .cmd_valid_i(cut_valid), .cmd_ready_o(cut_ready), .cmd_i(cut), .cmd_rec_i({cut_crypt, cut_leave}),
    .beat_valid_i, .beat_ready_o, .beat_i,
    .ticket_valid_i(ticket_valid), .ticket_ready_o(ticket_ready), .ticket_i(ticket),
    .free_valid_i(free_valid), .free_words_i(free_words),
    .wr_valid_o(m1_we), .wr_addr_o(m1_waddr), .wr_data_o(m1_wdata),
    .out_valid_o(formed_valid), .out_ready_i(formed_ready), .out_ticket_o(formed_ticket),
    .out_has_body_o(formed_has_body), .out_base_o(formed_base), .out_words_o(formed_words), .out_raw_o(formed_raw),
    .out_icv_o(unused_icv), .out_rec_o({formed_crypt, formed_leave})
  );

  // ---- engines and the two memories
  logic                   cipher_valid, cipher_ready, ciphered_valid, ciphered_ready, cipher_busy;
  logic                   auth_valid, auth_ready, authed_valid, authed_ready, auth_busy;
  adit_pkg::cipher_job_t  cipher_job;
  adit_pkg::cipher_done_t ciphered;
  adit_pkg::auth_job_t    auth_job;
  adit_pkg::auth_done_t   authed;
  logic                   leave_valid, leave_ready;
  path_pkg::leave_t       leave;
  logic [15:0]            leave_base, leave_words;
  logic [path_pkg::RAW_BITS-1:0] leave_raw;
  logic [path_pkg::ICV_BITS-1:0] leave_icv, leave_ah_icv;

  seal_jobs #(.TICKETS_LOG2(TICKETS_LOG2)) u_jobs (
    .clk_i, .rst_ni,
    .ticket_valid_o(ticket_valid), .ticket_ready_i(ticket_ready), .ticket_o(ticket),
    .form_valid_i(formed_valid), .form_ready_o(formed_ready), .form_ticket_i(formed_ticket),
    .form_has_body_i(formed_has_body), .form_base_i(formed_base), .form_words_i(formed_words), .form_raw_i(formed_raw),
    .form_crypt_i(formed_crypt), .form_leave_i(formed_leave),
    .cipher_valid_o(cipher_valid), .cipher_ready_i(cipher_ready), .cipher_job_o(cipher_job),
    .cipher_done_valid_i(ciphered_valid), .cipher_done_ready_o(ciphered_ready), .cipher_done_i(ciphered),
    .auth_valid_o(auth_valid), .auth_ready_i(auth_ready), .auth_job_o(auth_job),
    .auth_done_valid_i(authed_valid), .auth_done_ready_o(authed_ready), .auth_done_i(authed),
    .leave_valid_o(leave_valid), .leave_ready_i(leave_ready), .leave_o(leave), .leave_base_o(leave_base),
    .leave_words_o(leave_words), .leave_raw_o(leave_raw), .leave_icv_o(leave_icv),
    .leave_ah_icv_o(leave_ah_icv)
  );

  logic                m1_re, m2_we, hash_re, emit_re;
  logic [15:0]         m1_raddr, m2_waddr, hash_raddr;
  logic [MEM_LOG2-1:0] emit_raddr;
  logic [511:0]        m1_rdata, m2_wdata, hash_rdata, emit_rdata;
  logic                m1_rvalid_q, hash_rvalid_q;
  logic [9:0]          unused_wr_ticket;
  logic [15:0]         unused_wr_index;
  adit_pkg::tbl_rsp_t  cipher_rsp, auth_rsp, fence_rsp;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) {m1_rvalid_q, hash_rvalid_q} <= '0;
    else         {m1_rvalid_q, hash_rvalid_q} <= {m1_re, hash_re};

  ram_1r1w #(.W(512), .AW(MEM_LOG2)) u_m1 (
    .clk_i, .we_i(m1_we), .waddr_i(m1_waddr), .wdata_i(m1_wdata),
    .re_i(m1_re), .raddr_i(m1_raddr[MEM_LOG2-1:0]), .rdata_o(m1_rdata)
  );
  cipher #(.DECRYPT(0), .LANES(LANES), .ROUNDS(ROUNDS), .CONTEXTS(CIPHER_CONTEXTS), .SLOTS_LOG2(SLOTS_LOG2),
           .MEM_LOG2(MEM_LOG2)) u_cipher (
    .clk_i, .rst_ni,
    .job_valid_i(cipher_valid), .job_ready_o(cipher_ready), .job_i(cipher_job),
    .rd_valid_o(m1_re), .rd_ready_i(1'b1), .rd_addr_o(m1_raddr), .rd_data_valid_i(m1_rvalid_q), .rd_data_i(m1_rdata),
    .wr_valid_o(m2_we), .wr_addr_o(m2_waddr), .wr_data_o(m2_wdata), .wr_ticket_o(unused_wr_ticket),
    .wr_index_o(unused_wr_index),
    .done_valid_o(ciphered_valid), .done_ready_i(ciphered_ready), .done_o(ciphered),
    .busy_o(cipher_busy), .tbl_i, .tbl_o(cipher_rsp)
  );
  packet_mem #(.MEM_LOG2(MEM_LOG2)) u_m2 (
    .clk_i, .we_i(m2_we), .waddr_i(m2_waddr[MEM_LOG2-1:0]), .wdata_i(m2_wdata),
    .re_a_i(hash_re), .raddr_a_i(hash_raddr[MEM_LOG2-1:0]), .rdata_a_o(hash_rdata),
    .re_b_i(emit_re), .raddr_b_i(emit_raddr), .rdata_b_o(emit_rdata)
  );
  auth #(.DIR(0), .LANES(AUTH_LANES), .STAGES(STAGES), .CONTEXTS(AUTH_CONTEXTS), .SLOTS_LOG2(SLOTS_LOG2), .MEM_LOG2(MEM_LOG2)) u_auth (
    .clk_i, .rst_ni,
    .job_valid_i(auth_valid), .job_ready_o(auth_ready), .job_i(auth_job),
    .rd_valid_o(hash_re), .rd_ready_i(1'b1), .rd_addr_o(hash_raddr), .rd_data_valid_i(hash_rvalid_q),
    .rd_data_i(hash_rdata),
    .done_valid_o(authed_valid), .done_ready_i(authed_ready), .done_o(authed),
    .busy_o(auth_busy), .tbl_i, .tbl_o(auth_rsp)
  );

  // ---- emit
  logic                gone, has_packets, unused_sa_count_valid;
  adit_pkg::sa_count_t unused_sa_count;  // sad counts when it gives the number
  emit #(.MEM_LOG2(MEM_LOG2)) u_emit (
    .clk_i, .rst_ni,
    .in_valid_i(leave_valid), .in_ready_o(leave_ready), .in_leave_i(leave), .in_base_i(leave_base),
    .in_words_i(leave_words), .in_raw_i(leave_raw), .in_icv_i(leave_icv), .in_ah_icv_i(leave_ah_icv),
    .free_valid_o(free_valid), .free_words_o(free_words),
    .rd_valid_o(emit_re), .rd_addr_o(emit_raddr), .rd_data_i(emit_rdata),
    .port_valid_o(wan_valid_o), .port_ready_i(wan_ready_i), .port_beat_o(wan_beat_o),
    .host_valid_o, .host_ready_i, .host_beat_o, .host_meta_o,
    .verdict_valid_o, .verdict_ready_i, .verdict_o,
    .sp_count_valid_o, .sp_count_o, .sa_count_valid_o(unused_sa_count_valid), .sa_count_o(unused_sa_count),
    .gone_o(gone)
  );
  fence #(.OP(adit_pkg::TBL_FENCE_OUT)) u_fence (
    .clk_i, .rst_ni, .enter_i, .gone_i(gone), .busy_o(has_packets), .tbl_i, .tbl_o(fence_rsp)
  );

  assign tbl_o  = cipher_rsp | auth_rsp | fence_rsp;
  assign busy_o = has_packets || cipher_busy || auth_busy || notice_valid_o;
endmodule
