// SPDX-License-Identifier: BSD-2-Clause-Patent
// The inbound direction, in packet order: entry, plan, form, hash, cipher, check, emit (RFC 4303 §3.4, RFC 4302 §3.4). Instances
// and wires.
module open #(
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
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  no_match_i,
  input  logic                  nic_i,
  input  logic [1023:0]         local_addr_i,
  input  logic [7:0]            local_v4_i,
  input  logic [7:0]            local_v6_i,
  input  logic                  enter_i,        // parse took the last word of a frame
  input  logic                  facts_valid_i,
  output logic                  facts_ready_o,
  input  adit_pkg::facts_t      facts_i,
  input  logic                  beat_valid_i,
  output logic                  beat_ready_o,
  input  adit_pkg::beat_t       beat_i,
  output logic                  sp_key_valid_o,
  input  logic                  sp_key_ready_i,
  output adit_pkg::sp_key_t     sp_key_o,
  input  logic                  sp_hit_valid_i,
  output logic                  sp_hit_ready_o,
  input  adit_pkg::sp_hit_t     sp_hit_i,
  output logic                  open_req_valid_o,
  input  logic                  open_req_ready_i,
  output adit_pkg::open_req_t   open_req_o,
  input  logic                  open_rsp_valid_i,
  output logic                  open_rsp_ready_o,
  input  adit_pkg::open_rsp_t   open_rsp_i,
  output logic                  commit_req_valid_o,
  input  logic                  commit_req_ready_i,
  output adit_pkg::commit_req_t commit_req_o,
  input  logic                  commit_rsp_valid_i,
  output logic                  commit_rsp_ready_o,
  input  adit_pkg::commit_rsp_t commit_rsp_i,
  output logic                  sp_count_valid_o,
  output adit_pkg::sp_count_t   sp_count_o,
  output logic                  sa_count_valid_o,
  output adit_pkg::sa_count_t   sa_count_o,
  output logic                  lan_valid_o,
  input  logic                  lan_ready_i,
  output adit_pkg::beat_t       lan_beat_o,
  output logic                  host_valid_o,
  input  logic                  host_ready_i,
  output adit_pkg::beat_t       host_beat_o,
  output adit_pkg::host_meta_t  host_meta_o,
  output logic                  verdict_valid_o,
  input  logic                  verdict_ready_i,
  output adit_pkg::verdict_t    verdict_o,
  output logic                  busy_o,
  input  adit_pkg::tbl_req_t    tbl_i,
  output adit_pkg::tbl_rsp_t    tbl_o
);
  // ---- entry, plan; entry and check share the look-up port
  logic                plan_valid, plan_ready, plan_sp_counts, plan_opens, plan_has_sa, plan_is_bundle;
  adit_pkg::facts_t    plan_facts;
  logic [7:0]          plan_reason;
  logic [1:0]          plan_face;
  logic [15:0]         plan_sp_id;
  adit_pkg::open_rsp_t plan_rsp, plan_outer;
  logic                cut_valid, cut_ready;
  path_pkg::cut_t      cut;
  path_pkg::crypt_t    cut_crypt;
  path_pkg::check_t    cut_check;
  path_pkg::leave_t    cut_leave;
  logic                clear_key_valid, clear_key_ready, clear_hit_valid, clear_hit_ready;
  logic                inner_key_valid, inner_key_ready, inner_hit_valid, inner_hit_ready;
  adit_pkg::sp_key_t   clear_key, inner_key;

  open_entry u_entry (
    .clk_i, .rst_ni, .no_match_i, .nic_i, .facts_valid_i, .facts_ready_o, .facts_i,
    .req_valid_o(open_req_valid_o), .req_ready_i(open_req_ready_i), .req_o(open_req_o),
    .rsp_valid_i(open_rsp_valid_i), .rsp_ready_o(open_rsp_ready_o), .rsp_i(open_rsp_i),
    .key_valid_o(clear_key_valid), .key_ready_i(clear_key_ready), .key_o(clear_key),
    .hit_valid_i(clear_hit_valid), .hit_ready_o(clear_hit_ready), .hit_i(sp_hit_i),
    .plan_valid_o(plan_valid), .plan_ready_i(plan_ready), .plan_facts_o(plan_facts), .plan_reason_o(plan_reason),
    .plan_face_o(plan_face), .plan_sp_counts_o(plan_sp_counts), .plan_sp_id_o(plan_sp_id), .plan_opens_o(plan_opens),
    .plan_has_sa_o(plan_has_sa), .plan_is_bundle_o(plan_is_bundle), .plan_rsp_o(plan_rsp), .plan_outer_o(plan_outer)
  );
  open_plan u_plan (
    .clk_i, .rst_ni,
    .in_valid_i(plan_valid), .in_ready_o(plan_ready), .in_facts_i(plan_facts), .in_reason_i(plan_reason),
    .in_face_i(plan_face), .in_sp_counts_i(plan_sp_counts), .in_sp_id_i(plan_sp_id), .in_opens_i(plan_opens),
    .in_has_sa_i(plan_has_sa), .in_is_bundle_i(plan_is_bundle), .in_rsp_i(plan_rsp), .in_outer_i(plan_outer),
    .out_valid_o(cut_valid), .out_ready_i(cut_ready), .out_cut_o(cut), .out_crypt_o(cut_crypt), .out_check_o(cut_check),
    .out_leave_o(cut_leave)
  );
  open_ask #(.W($bits(sp_key_o))) u_ask (
    .clk_i, .rst_ni,
    .a_valid_i(clear_key_valid), .a_ready_o(clear_key_ready), .a_i(clear_key),
    .a_answer_valid_o(clear_hit_valid), .a_answer_ready_i(clear_hit_ready),
    .b_valid_i(inner_key_valid), .b_ready_o(inner_key_ready), .b_i(inner_key),
    .b_answer_valid_o(inner_hit_valid), .b_answer_ready_i(inner_hit_ready),
    .ask_valid_o(sp_key_valid_o), .ask_ready_i(sp_key_ready_i), .ask_o(sp_key_o),
    .answer_valid_i(sp_hit_valid_i), .answer_ready_o(sp_hit_ready_o)
  );

  // ---- form
  logic                          ticket_valid, ticket_ready, formed_valid, formed_ready, formed_has_body, free_valid;
  logic [TICKETS_LOG2-1:0]       ticket, formed_ticket;
  logic [15:0]                   formed_base, formed_words, free_words;
  logic [path_pkg::RAW_BITS-1:0] formed_raw;
  logic [path_pkg::ICV_BITS-1:0] formed_icv;
  path_pkg::crypt_t              formed_crypt;
  path_pkg::check_t              formed_check;
  path_pkg::leave_t              formed_leave;
  logic                          m1_we;
  logic [MEM_LOG2-1:0]           m1_waddr;
  logic [511:0]                  m1_wdata;

  form #(.MEM_LOG2(MEM_LOG2), .TICKETS_LOG2(TICKETS_LOG2), .RecBits($bits(cut_crypt) + $bits(cut_check) + $bits(cut_leave))) u_form (
    .clk_i, .rst_ni,
    .cmd_valid_i(cut_valid), .cmd_ready_o(cut_ready), .cmd_i(cut), .cmd_rec_i({cut_crypt, cut_check, cut_leave}),
    .beat_valid_i, .beat_ready_o, .beat_i,
    .ticket_valid_i(ticket_valid), .ticket_ready_o(ticket_ready), .ticket_i(ticket),
    .free_valid_i(free_valid), .free_words_i(free_words),
    .wr_valid_o(m1_we), .wr_addr_o(m1_waddr), .wr_data_o(m1_wdata),
    .out_valid_o(formed_valid), .out_ready_i(formed_ready), .out_ticket_o(formed_ticket),
    .out_has_body_o(formed_has_body), .out_base_o(formed_base), .out_words_o(formed_words), .out_raw_o(formed_raw),
    .out_icv_o(formed_icv), .out_rec_o({formed_crypt, formed_check, formed_leave})
  );

  // ---- engines and the two memories
  logic                   cipher_valid, cipher_ready, ciphered_valid, ciphered_ready, cipher_busy;
  logic                   auth_valid, auth_ready, authed_valid, authed_ready, auth_busy;
  adit_pkg::cipher_job_t  cipher_job;
  adit_pkg::cipher_done_t ciphered;
  adit_pkg::auth_job_t    auth_job;
  adit_pkg::auth_done_t   authed;
  logic                   m2_we;
  logic [15:0]            m2_waddr, m2_windex;
  logic [9:0]             m2_wticket;
  logic [511:0]           m2_wdata;
  logic                   call_valid, call_ready, call_bad_icv, call_bad_ah;
  path_pkg::leave_t       call_leave;
  path_pkg::check_t       call_check;
  logic [15:0]            call_base, call_words;
  logic [path_pkg::RAW_BITS-1:0] call_raw;
  logic [16:0]            call_trailer;
  logic [1023:0]          call_body;

  open_jobs #(.TICKETS_LOG2(TICKETS_LOG2)) u_jobs (
    .clk_i, .rst_ni,
    .ticket_valid_o(ticket_valid), .ticket_ready_i(ticket_ready), .ticket_o(ticket),
    .form_valid_i(formed_valid), .form_ready_o(formed_ready), .form_ticket_i(formed_ticket),
    .form_has_body_i(formed_has_body), .form_base_i(formed_base), .form_words_i(formed_words), .form_raw_i(formed_raw),
    .form_icv_i(formed_icv), .form_crypt_i(formed_crypt), .form_check_i(formed_check), .form_leave_i(formed_leave),
    .auth_valid_o(auth_valid), .auth_ready_i(auth_ready), .auth_job_o(auth_job),
    .auth_done_valid_i(authed_valid), .auth_done_ready_o(authed_ready), .auth_done_i(authed),
    .cipher_valid_o(cipher_valid), .cipher_ready_i(cipher_ready), .cipher_job_o(cipher_job),
    .cipher_wr_valid_i(m2_we), .cipher_wr_data_i(m2_wdata), .cipher_wr_ticket_i(m2_wticket), .cipher_wr_index_i(m2_windex),
    .cipher_done_valid_i(ciphered_valid), .cipher_done_ready_o(ciphered_ready), .cipher_done_i(ciphered),
    .call_valid_o(call_valid), .call_ready_i(call_ready), .call_leave_o(call_leave), .call_check_o(call_check),
    .call_base_o(call_base), .call_words_o(call_words), .call_raw_o(call_raw), .call_bad_icv_o(call_bad_icv),
    .call_bad_ah_o(call_bad_ah), .call_trailer_o(call_trailer), .call_body_o(call_body)
  );

  logic                hash_re, plain_re, emit_re, hash_rvalid_q, plain_rvalid_q;
  logic [15:0]         hash_raddr, plain_raddr;
  logic [MEM_LOG2-1:0] emit_raddr;
  logic [511:0]        hash_rdata, plain_rdata, emit_rdata;
  adit_pkg::tbl_rsp_t  cipher_rsp, auth_rsp, fence_rsp;

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) {hash_rvalid_q, plain_rvalid_q} <= '0;
    else         {hash_rvalid_q, plain_rvalid_q} <= {hash_re, plain_re};

  packet_mem #(.MEM_LOG2(MEM_LOG2)) u_m1 (
    .clk_i, .we_i(m1_we), .waddr_i(m1_waddr), .wdata_i(m1_wdata),
    .re_a_i(hash_re), .raddr_a_i(hash_raddr[MEM_LOG2-1:0]), .rdata_a_o(hash_rdata),
    .re_b_i(plain_re), .raddr_b_i(plain_raddr[MEM_LOG2-1:0]), .rdata_b_o(plain_rdata)
  );
  auth #(.DIR(1), .LANES(AUTH_LANES), .STAGES(STAGES), .CONTEXTS(AUTH_CONTEXTS), .SLOTS_LOG2(SLOTS_LOG2), .MEM_LOG2(MEM_LOG2)) u_auth (
    .clk_i, .rst_ni,
    .job_valid_i(auth_valid), .job_ready_o(auth_ready), .job_i(auth_job),
    .rd_valid_o(hash_re), .rd_ready_i(1'b1), .rd_addr_o(hash_raddr), .rd_data_valid_i(hash_rvalid_q),
    .rd_data_i(hash_rdata),
    .done_valid_o(authed_valid), .done_ready_i(authed_ready), .done_o(authed),
    .busy_o(auth_busy), .tbl_i, .tbl_o(auth_rsp)
  );
  cipher #(.DECRYPT(1), .LANES(LANES), .ROUNDS(ROUNDS), .CONTEXTS(CIPHER_CONTEXTS), .SLOTS_LOG2(SLOTS_LOG2),
           .MEM_LOG2(MEM_LOG2)) u_cipher (
    .clk_i, .rst_ni,
    .job_valid_i(cipher_valid), .job_ready_o(cipher_ready), .job_i(cipher_job),
    .rd_valid_o(plain_re), .rd_ready_i(1'b1), .rd_addr_o(plain_raddr), .rd_data_valid_i(plain_rvalid_q),
    .rd_data_i(plain_rdata),
    .wr_valid_o(m2_we), .wr_addr_o(m2_waddr), .wr_data_o(m2_wdata), .wr_ticket_o(m2_wticket), .wr_index_o(m2_windex),
    .done_valid_o(ciphered_valid), .done_ready_i(ciphered_ready), .done_o(ciphered),
    .busy_o(cipher_busy), .tbl_i, .tbl_o(cipher_rsp)
  );
  ram_1r1w #(.W(512), .AW(MEM_LOG2)) u_m2 (
    .clk_i, .we_i(m2_we), .waddr_i(m2_waddr[MEM_LOG2-1:0]), .wdata_i(m2_wdata),
    .re_i(emit_re), .raddr_i(emit_raddr), .rdata_o(emit_rdata)
  );

  // ---- check, emit
  logic                          leave_valid, leave_ready, gone, has_packets;
  path_pkg::leave_t              leave;
  logic [15:0]                   leave_base, leave_words;
  logic [path_pkg::RAW_BITS-1:0] leave_raw;

  open_check u_check (
    .clk_i, .rst_ni, .nic_i, .local_addr_i, .local_v4_i, .local_v6_i,
    .in_valid_i(call_valid), .in_ready_o(call_ready), .in_leave_i(call_leave), .in_check_i(call_check),
    .in_base_i(call_base), .in_words_i(call_words), .in_raw_i(call_raw), .in_bad_icv_i(call_bad_icv),
    .in_bad_ah_i(call_bad_ah), .in_trailer_i(call_trailer), .in_body_i(call_body),
    .commit_valid_o(commit_req_valid_o), .commit_ready_i(commit_req_ready_i), .commit_o(commit_req_o),
    .committed_valid_i(commit_rsp_valid_i), .committed_ready_o(commit_rsp_ready_o), .committed_i(commit_rsp_i),
    .key_valid_o(inner_key_valid), .key_ready_i(inner_key_ready), .key_o(inner_key),
    .hit_valid_i(inner_hit_valid), .hit_ready_o(inner_hit_ready), .hit_i(sp_hit_i),
    .leave_valid_o(leave_valid), .leave_ready_i(leave_ready), .leave_o(leave), .leave_base_o(leave_base),
    .leave_words_o(leave_words), .leave_raw_o(leave_raw)
  );
  emit #(.MEM_LOG2(MEM_LOG2)) u_emit (
    .clk_i, .rst_ni,
    .in_valid_i(leave_valid), .in_ready_o(leave_ready), .in_leave_i(leave), .in_base_i(leave_base),
    .in_words_i(leave_words), .in_raw_i(leave_raw), .in_icv_i('0), .in_ah_icv_i('0),
    .free_valid_o(free_valid), .free_words_o(free_words),
    .rd_valid_o(emit_re), .rd_addr_o(emit_raddr), .rd_data_i(emit_rdata),
    .port_valid_o(lan_valid_o), .port_ready_i(lan_ready_i), .port_beat_o(lan_beat_o),
    .host_valid_o, .host_ready_i, .host_beat_o, .host_meta_o,
    .verdict_valid_o, .verdict_ready_i, .verdict_o,
    .sp_count_valid_o, .sp_count_o, .sa_count_valid_o, .sa_count_o, .gone_o(gone)
  );
  fence #(.OP(adit_pkg::TBL_FENCE_IN)) u_fence (
    .clk_i, .rst_ni, .enter_i, .gone_i(gone), .busy_o(has_packets), .tbl_i, .tbl_o(fence_rsp)
  );

  assign tbl_o  = cipher_rsp | auth_rsp | fence_rsp;
  assign busy_o = has_packets || cipher_busy || auth_busy;
endmodule
