// SPDX-License-Identifier: BSD-2-Clause-Patent
// Leads each formed packet through hash, ICV compare and cipher, and calls it for the check in arrival order (RFC 4303
// §3.4.4: the ICV is verified first). A packet whose ICV is wrong is never deciphered.
//
//   form --> hash --> ICV equal? --> cipher --> what it wrote: words 0 and 1, trailer, by ticket --> call in order
//     |                  \-- no: bad --------------------------------------------------------------/
//     \---- no ICV or in clear: cipher (copy); no body: at once
module open_jobs #(
  parameter int unsigned TICKETS_LOG2 = 5
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  output logic                          ticket_valid_o,
  input  logic                          ticket_ready_i,
  output logic [TICKETS_LOG2-1:0]       ticket_o,
  input  logic                          form_valid_i,
  output logic                          form_ready_o,
  input  logic [TICKETS_LOG2-1:0]       form_ticket_i,
  input  logic                          form_has_body_i,
  input  logic [15:0]                   form_base_i,
  input  logic [15:0]                   form_words_i,
  input  logic [path_pkg::RAW_BITS-1:0] form_raw_i,
  input  logic [path_pkg::ICV_BITS-1:0] form_icv_i,
  input  path_pkg::crypt_t              form_crypt_i,
  input  path_pkg::check_t              form_check_i,
  input  path_pkg::leave_t              form_leave_i,
  output logic                          auth_valid_o,
  input  logic                          auth_ready_i,
  output adit_pkg::auth_job_t           auth_job_o,
  input  logic                          auth_done_valid_i,
  output logic                          auth_done_ready_o,
  input  adit_pkg::auth_done_t          auth_done_i,
  output logic                          cipher_valid_o,
  input  logic                          cipher_ready_i,
  output adit_pkg::cipher_job_t         cipher_job_o,
  input  logic                          cipher_wr_valid_i,
  input  logic [511:0]                  cipher_wr_data_i,
  input  logic [9:0]                    cipher_wr_ticket_i,
  input  logic [15:0]                   cipher_wr_index_i,
  input  logic                          cipher_done_valid_i,
  output logic                          cipher_done_ready_o,
  input  adit_pkg::cipher_done_t        cipher_done_i,
  output logic                          call_valid_o,
  input  logic                          call_ready_i,
  output path_pkg::leave_t              call_leave_o,
  output path_pkg::check_t              call_check_o,
  output logic [15:0]                   call_base_o,
  output logic [15:0]                   call_words_o,
  output logic [path_pkg::RAW_BITS-1:0] call_raw_o,
  output logic                          call_bad_icv_o,
  output logic [16:0]                   call_trailer_o,  // {padding is right, its length, next header}
  output logic [639:0]                  call_body_o      // the body's first 80 bytes, deciphered
);
  localparam int unsigned RECORD_BITS = path_pkg::LEAVE_BITS + path_pkg::CHECK_BITS + 32 + path_pkg::RAW_BITS;
  logic [2:0] unused_usage0, unused_usage1;

  // ---- from form
  logic                form_take, auth_job_ready, direct_ready;
  adit_pkg::auth_job_t auth_job;

  assign form_ready_o = !form_has_body_i || (form_crypt_i.has_auth ? auth_job_ready : direct_ready);
  assign form_take    = form_valid_i && form_ready_o;

  assign auth_job.ticket  = 10'(form_ticket_i);
  assign auth_job.base    = form_base_i;
  assign auth_job.n_bytes = form_crypt_i.n_bytes;
  assign auth_job.slot    = form_crypt_i.slot;
  assign auth_job.spi     = form_crypt_i.spi;
  assign auth_job.seq     = form_crypt_i.seq;
  stream_fifo #(.W($bits(auth_job)), .DEPTH_LOG2(2)) u_auth_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(form_valid_i && form_has_body_i && form_crypt_i.has_auth), .in_ready_o(auth_job_ready),
    .in_data_i(auth_job),
    .out_valid_o(auth_valid_o), .out_ready_i(auth_ready_i), .out_data_o(auth_job_o), .usage_o(unused_usage0)
  );

  // ---- ICV compare: all 96 bits in one cycle, whatever they are
  path_pkg::crypt_t              crypt;
  logic [15:0]                   crypt_base;
  logic [path_pkg::ICV_BITS-1:0] icv_is_q, icv_said;
  logic                          authed_q, authed_take, is_good, cipher_job_ready;
  logic [TICKETS_LOG2-1:0]       authed_ticket_q;

  assign auth_done_ready_o = !authed_q || authed_take;
  ram_1r1w #(.W(path_pkg::CRYPT_BITS + 16 + path_pkg::ICV_BITS), .AW(TICKETS_LOG2)) u_crypt (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i), .wdata_i({form_crypt_i, form_base_i, form_icv_i}),
    .re_i(auth_done_valid_i && auth_done_ready_o), .raddr_i(auth_done_i.ticket[TICKETS_LOG2-1:0]),
    .rdata_o({crypt, crypt_base, icv_said})
  );
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                authed_q <= 1'b0;
    else if (auth_done_ready_o) authed_q <= auth_done_valid_i;
  always_ff @(posedge clk_i)
    if (auth_done_valid_i && auth_done_ready_o) begin
      authed_ticket_q <= auth_done_i.ticket[TICKETS_LOG2-1:0];
      icv_is_q        <= auth_done_i.icv[path_pkg::ICV_BITS-1:0];
    end
  assign is_good     = icv_is_q == icv_said;
  assign authed_take = authed_q && (!is_good || cipher_job_ready);

  // ---- cipher jobs: packets whose ICV held go before packets that have none
  adit_pkg::cipher_job_t job;
  logic                  is_from_hash, direct_valid;
  assign is_from_hash = authed_q && is_good;
  assign direct_valid = form_valid_i && form_has_body_i && !form_crypt_i.has_auth;
  assign direct_ready = cipher_job_ready && !is_from_hash;
  assign job.ticket   = is_from_hash ? 10'(authed_ticket_q) : 10'(form_ticket_i);
  assign job.base     = is_from_hash ? crypt_base           : form_base_i;
  assign job.n_bytes  = is_from_hash ? crypt.n_bytes        : form_crypt_i.n_bytes;
  assign job.is_copy  = is_from_hash ? crypt.is_copy        : form_crypt_i.is_copy;
  assign job.key_size = is_from_hash ? crypt.key_size       : form_crypt_i.key_size;
  assign job.slot     = is_from_hash ? crypt.slot           : form_crypt_i.slot;
  stream_fifo #(.W($bits(job)), .DEPTH_LOG2(2)) u_cipher_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(is_from_hash || direct_valid), .in_ready_o(cipher_job_ready), .in_data_i(job),
    .out_valid_o(cipher_valid_o), .out_ready_i(cipher_ready_i), .out_data_o(cipher_job_o), .usage_o(unused_usage1)
  );

  // ---- what the cipher wrote
  logic [TICKETS_LOG2-1:0]    call_ticket;
  logic                       called_q, call_valid, call_ready;
  logic [2**TICKETS_LOG2-1:0] bad_q;

  assign cipher_done_ready_o = 1'b1;
  ram_1r1w #(.W(17), .AW(TICKETS_LOG2)) u_trailers (
    .clk_i,
    .we_i(cipher_done_valid_i), .waddr_i(cipher_done_i.ticket[TICKETS_LOG2-1:0]),
    .wdata_i({cipher_done_i.pad_ok, cipher_done_i.pad_bytes, cipher_done_i.next_header}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(call_trailer_o)
  );
  ram_1r1w #(.W(512), .AW(TICKETS_LOG2)) u_word0 (
    .clk_i,
    .we_i(cipher_wr_valid_i && cipher_wr_index_i == '0), .waddr_i(cipher_wr_ticket_i[TICKETS_LOG2-1:0]),
    .wdata_i(cipher_wr_data_i),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(call_body_o[511:0])
  );
  ram_1r1w #(.W(128), .AW(TICKETS_LOG2)) u_word1 (
    .clk_i,
    .we_i(cipher_wr_valid_i && cipher_wr_index_i == 16'd1), .waddr_i(cipher_wr_ticket_i[TICKETS_LOG2-1:0]),
    .wdata_i(cipher_wr_data_i[127:0]),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(call_body_o[639:512])
  );
  ram_1r1w #(.W(RECORD_BITS), .AW(TICKETS_LOG2)) u_records (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i),
    .wdata_i({form_leave_i, form_check_i, form_base_i, form_words_i, form_raw_i}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket),
    .rdata_o({call_leave_o, call_check_o, call_base_o, call_words_o, call_raw_o})
  );

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) bad_q <= '0;
    else begin
      if (form_take)               bad_q[form_ticket_i]   <= 1'b0;
      if (authed_take && !is_good) bad_q[authed_ticket_q] <= 1'b1;
    end

  // ---- in order again
  tickets #(.TICKETS_LOG2(TICKETS_LOG2)) u_tickets (
    .clk_i, .rst_ni,
    .give_valid_o(ticket_valid_o), .give_ready_i(ticket_ready_i), .give_ticket_o(ticket_o),
    .done_valid_i({cipher_done_valid_i, authed_take && !is_good, form_take && !form_has_body_i}),
    .done0_i(form_ticket_i), .done1_i(authed_ticket_q), .done2_i(cipher_done_i.ticket[TICKETS_LOG2-1:0]),
    .call_valid_o(call_valid), .call_ready_i(call_ready), .call_ticket_o(call_ticket)
  );
  assign call_ready   = !called_q || call_ready_i;
  assign call_valid_o = called_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         called_q <= 1'b0;
    else if (call_ready) called_q <= call_valid;
  always_ff @(posedge clk_i) if (call_valid && call_ready) call_bad_icv_o <= bad_q[call_ticket];
endmodule
