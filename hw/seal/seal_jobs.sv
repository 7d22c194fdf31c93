// SPDX-License-Identifier: BSD-2-Clause-Patent
// Leads each formed packet through cipher, then hash, and calls it for emission in arrival order (RFC 4303 §3.3.2: encrypt
// first, then authenticate). Packets overtake each other in the engines; their records wait in RAMs by ticket.
//
//   form --> cipher --> hash --> ICV by ticket --> call in order --> emit
//     \---- no body: at once --------------------/
module seal_jobs #(
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
  input  path_pkg::crypt_t              form_crypt_i,
  input  path_pkg::leave_t              form_leave_i,
  output logic                          cipher_valid_o,
  input  logic                          cipher_ready_i,
  output adit_pkg::cipher_job_t         cipher_job_o,
  input  logic                          cipher_done_valid_i,
  output logic                          cipher_done_ready_o,
  input  adit_pkg::cipher_done_t        cipher_done_i,
  output logic                          auth_valid_o,
  input  logic                          auth_ready_i,
  output adit_pkg::auth_job_t           auth_job_o,
  input  logic                          auth_done_valid_i,
  output logic                          auth_done_ready_o,
  input  adit_pkg::auth_done_t          auth_done_i,
  output logic                          leave_valid_o,
  input  logic                          leave_ready_i,
  output path_pkg::leave_t              leave_o,
  output logic [15:0]                   leave_base_o,
  output logic [15:0]                   leave_words_o,
  output logic [path_pkg::RAW_BITS-1:0] leave_raw_o,
  output logic [path_pkg::ICV_BITS-1:0] leave_icv_o
);
  // ---- from form: records by ticket, cipher job
  localparam int unsigned RECORD_BITS = path_pkg::LEAVE_BITS + 32 + path_pkg::RAW_BITS;
  adit_pkg::cipher_job_t job;
  logic                  form_take, job_ready;
  logic [2:0]            unused_usage0, unused_usage1;

  assign form_ready_o = !form_has_body_i || job_ready;
  assign form_take    = form_valid_i && form_ready_o;
  assign job.ticket   = 10'(form_ticket_i);
  assign job.base     = form_base_i;
  assign job.n_bytes  = form_crypt_i.n_bytes;
  assign job.is_copy  = form_crypt_i.is_copy;
  assign job.key_size = form_crypt_i.key_size;
  assign job.slot     = form_crypt_i.slot;

  stream_fifo #(.W($bits(job)), .DEPTH_LOG2(2)) u_cipher_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(form_valid_i && form_has_body_i), .in_ready_o(job_ready), .in_data_i(job),
    .out_valid_o(cipher_valid_o), .out_ready_i(cipher_ready_i), .out_data_o(cipher_job_o), .usage_o(unused_usage0)
  );

  // ---- from cipher to hash
  path_pkg::crypt_t        crypt;
  logic [15:0]             crypt_base;
  logic                    ciphered_q, ciphered_take, auth_job_ready;
  logic [TICKETS_LOG2-1:0] ciphered_ticket_q;
  adit_pkg::auth_job_t     auth_job;

  assign cipher_done_ready_o = !ciphered_q || ciphered_take;
  ram_1r1w #(.W(path_pkg::CRYPT_BITS + 16), .AW(TICKETS_LOG2)) u_crypt (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i), .wdata_i({form_crypt_i, form_base_i}),
    .re_i(cipher_done_valid_i && cipher_done_ready_o), .raddr_i(cipher_done_i.ticket[TICKETS_LOG2-1:0]),
    .rdata_o({crypt, crypt_base})
  );
  assign ciphered_take = ciphered_q && (!crypt.has_auth || auth_job_ready);
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                  ciphered_q <= 1'b0;
    else if (cipher_done_ready_o) ciphered_q <= cipher_done_valid_i;
  always_ff @(posedge clk_i)
    if (cipher_done_valid_i && cipher_done_ready_o) ciphered_ticket_q <= cipher_done_i.ticket[TICKETS_LOG2-1:0];

  assign auth_job.ticket  = 10'(ciphered_ticket_q);
  assign auth_job.base    = crypt_base;
  assign auth_job.n_bytes = crypt.n_bytes;
  assign auth_job.slot    = crypt.slot;
  assign auth_job.spi     = crypt.spi;
  assign auth_job.seq     = crypt.seq;
  stream_fifo #(.W($bits(auth_job)), .DEPTH_LOG2(2)) u_auth_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(ciphered_q && crypt.has_auth), .in_ready_o(auth_job_ready), .in_data_i(auth_job),
    .out_valid_o(auth_valid_o), .out_ready_i(auth_ready_i), .out_data_o(auth_job_o), .usage_o(unused_usage1)
  );

  // ---- in order again
  logic                    call_valid, call_ready, called_q;
  logic [TICKETS_LOG2-1:0] call_ticket;

  assign auth_done_ready_o = 1'b1;
  tickets #(.TICKETS_LOG2(TICKETS_LOG2)) u_tickets (
    .clk_i, .rst_ni,
    .give_valid_o(ticket_valid_o), .give_ready_i(ticket_ready_i), .give_ticket_o(ticket_o),
    .done_valid_i({auth_done_valid_i, ciphered_take && !crypt.has_auth, form_take && !form_has_body_i}),
    .done0_i(form_ticket_i), .done1_i(ciphered_ticket_q), .done2_i(auth_done_i.ticket[TICKETS_LOG2-1:0]),
    .call_valid_o(call_valid), .call_ready_i(call_ready), .call_ticket_o(call_ticket)
  );

  ram_1r1w #(.W(RECORD_BITS), .AW(TICKETS_LOG2)) u_records (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i), .wdata_i({form_leave_i, form_base_i, form_words_i, form_raw_i}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket),
    .rdata_o({leave_o, leave_base_o, leave_words_o, leave_raw_o})
  );
  ram_1r1w #(.W(path_pkg::ICV_BITS), .AW(TICKETS_LOG2)) u_icvs (
    .clk_i,
    .we_i(auth_done_valid_i), .waddr_i(auth_done_i.ticket[TICKETS_LOG2-1:0]),
    .wdata_i(auth_done_i.icv[path_pkg::ICV_BITS-1:0]),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(leave_icv_o)
  );

  assign call_ready    = !called_q || leave_ready_i;
  assign leave_valid_o = called_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         called_q <= 1'b0;
    else if (call_ready) called_q <= call_valid;
endmodule
