// SPDX-License-Identifier: BSD-2-Clause-Patent
// Leads each formed packet through cipher, then hash (RFC 4303 §3.3.2: encrypt first, then authenticate), in a bundle then the hash
// of AH around it, and calls it for emission in arrival order. Packets overtake each other in the engines; their records wait in RAMs
// by ticket.
//
//   form --> cipher --> to be hashed: tickets --> hash --> ICVs by ticket --> call in order --> emit
//     |        \--> mask by ticket  ^--- AH around it ---/
//     \---- no body: at once; nothing to hash: after the cipher
//
// The queue of tickets to be hashed has a place for every packet, so the hash never waits for it.
// With AES-GCM and -GMAC the ICV is what the hash says XOR the cipher's mask (SP 800-38D §7.1); else the mask is zero.
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
  output logic [path_pkg::ICV_BITS-1:0] leave_icv_o,
  output logic [path_pkg::ICV_BITS-1:0] leave_ah_icv_o
);
  // ---- from form: records by ticket, cipher job
  adit_pkg::cipher_job_t job;
  logic                  form_take, job_ready;
  logic [2:0]            unused_usage0;

  assign form_ready_o = !form_has_body_i || job_ready;
  assign form_take    = form_valid_i && form_ready_o;
  assign job.ticket   = 10'(form_ticket_i);
  assign job.base     = form_base_i;
  assign job.n_bytes  = form_crypt_i.n_bytes;
  assign job.is_copy  = form_crypt_i.is_copy;
  assign job.enc      = form_crypt_i.enc;
  assign job.slot     = form_crypt_i.esp_slot;

  stream_fifo #(.W($bits(job)), .DEPTH_LOG2(2)) u_cipher_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(form_valid_i && form_has_body_i), .in_ready_o(job_ready), .in_data_i(job),
    .out_valid_o(cipher_valid_o), .out_ready_i(cipher_ready_i), .out_data_o(cipher_job_o), .usage_o(unused_usage0)
  );

  // ---- what is left to do, by ticket
  logic [2**TICKETS_LOG2-1:0] wants_esp_q, wants_ah_q;   // not yet hashed
  logic [TICKETS_LOG2-1:0]    ciphered_ticket, authed_ticket;
  logic                       ciphered, ciphered_wants, authed_esp, authed_wants;

  assign ciphered_ticket = cipher_done_i.ticket[TICKETS_LOG2-1:0];
  assign authed_ticket   = auth_done_i.ticket[TICKETS_LOG2-1:0];
  assign ciphered_wants  = wants_esp_q[ciphered_ticket] || wants_ah_q[ciphered_ticket];
  assign authed_esp      = wants_esp_q[authed_ticket];
  assign authed_wants    = authed_esp && wants_ah_q[authed_ticket];   // once more, for the AH around it

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      wants_esp_q <= '0;
      wants_ah_q  <= '0;
    end else begin
      if (form_take) begin
        wants_esp_q[form_ticket_i] <= form_has_body_i && form_crypt_i.has_auth;
        wants_ah_q[form_ticket_i]  <= form_has_body_i && form_crypt_i.has_ah;
      end
      if (auth_done_valid_i) begin
        wants_esp_q[authed_ticket] <= 1'b0;
        if (!authed_esp) wants_ah_q[authed_ticket] <= 1'b0;
      end
    end

  // ---- tickets to be hashed
  logic                    todo_valid, todo_ready, todo_ah, todo_push, unused_ready;
  logic [TICKETS_LOG2-1:0] todo_ticket;
  logic [TICKETS_LOG2:0]   unused_usage1;
  assign auth_done_ready_o   = 1'b1;
  assign cipher_done_ready_o = !(auth_done_valid_i && authed_wants);
  assign ciphered            = cipher_done_valid_i && cipher_done_ready_o;
  assign todo_push           = (auth_done_valid_i && authed_wants) || (ciphered && ciphered_wants);
  stream_fifo #(.W(TICKETS_LOG2 + 1), .DEPTH_LOG2(TICKETS_LOG2)) u_todo (
    .clk_i, .rst_ni,
    .in_valid_i(todo_push), .in_ready_o(unused_ready),
    .in_data_i(auth_done_valid_i && authed_wants ? {authed_ticket, 1'b1} : {ciphered_ticket, !wants_esp_q[ciphered_ticket]}),
    .out_valid_o(todo_valid), .out_ready_i(todo_ready), .out_data_o({todo_ticket, todo_ah}), .usage_o(unused_usage1)
  );

  // ---- a ticket's records are read, and stand still until the hash takes its job
  path_pkg::crypt_t              crypt;
  logic [15:0]                   crypt_base;
  logic [path_pkg::ICV_BITS-1:0] esp_hash, esp_icv;
  logic [127:0]                  esp_mask;
  logic                          asks_q, asks_ah_q, asks_ready;
  logic [TICKETS_LOG2-1:0]       asks_ticket_q;
  localparam int unsigned        CRYPT_BITS = $bits(crypt);

  assign todo_ready = !asks_q || asks_ready;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         asks_q <= 1'b0;
    else if (todo_ready) asks_q <= todo_valid;
  always_ff @(posedge clk_i)
    if (todo_valid && todo_ready) {asks_ticket_q, asks_ah_q} <= {todo_ticket, todo_ah};

  ram_1r1w #(.W(CRYPT_BITS + 16), .AW(TICKETS_LOG2)) u_crypt (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i), .wdata_i({form_crypt_i, form_base_i}),
    .re_i(todo_valid && todo_ready), .raddr_i(todo_ticket), .rdata_o({crypt, crypt_base})
  );
  ram_1r1w #(.W(path_pkg::ICV_BITS), .AW(TICKETS_LOG2)) u_esp_hash (
    .clk_i,
    .we_i(auth_done_valid_i && authed_esp), .waddr_i(authed_ticket), .wdata_i(auth_done_i.icv),
    .re_i(todo_valid && todo_ready), .raddr_i(todo_ticket), .rdata_o(esp_hash)
  );
  ram_1r1w #(.W(128), .AW(TICKETS_LOG2)) u_esp_mask (
    .clk_i,
    .we_i(ciphered), .waddr_i(ciphered_ticket), .wdata_i(cipher_done_i.mask),
    .re_i(todo_valid && todo_ready), .raddr_i(todo_ticket), .rdata_o(esp_mask)
  );

  // ---- hash jobs. Prefixes and suffixes: see auth_job_t
  function automatic logic [31:0] be32(input logic [31:0] x);
    be32 = {x[7:0], x[15:8], x[23:16], x[31:24]};
  endfunction

  adit_pkg::auth_job_t auth_job;
  logic                is_aead;
  assign is_aead = crypt.auth_kind == adit_pkg::HASH_GCM || crypt.auth_kind == adit_pkg::HASH_GMAC;
  assign esp_icv = (esp_hash ^ path_pkg::ICV_BITS'(esp_mask)) & ~({path_pkg::ICV_BITS{1'b1}} << {crypt.icv_bytes, 3'b0});

  always_comb begin
    auth_job        = '0;
    auth_job.ticket = 10'(asks_ticket_q);
    auth_job.base   = crypt_base;
    if (asks_q) begin
      if (asks_ah_q) begin              // RFC 4302 §3.3.3
        auth_job.kind         = crypt.ah_kind;
        auth_job.slot         = crypt.ah_slot;
        auth_job.off          = crypt.wire_off;
        auth_job.n_bytes      = crypt.n_bytes - 16'(crypt.wire_off);
        auth_job.prefix_bytes = crypt.ah_prefix_bytes;
        auth_job.prefix       = crypt.ah_prefix;
        auth_job.suffix_bytes = crypt.icv_bytes + (crypt.ah_esn ? 6'd4 : 6'd0);
        auth_job.suffix       = 288'(esp_icv);
        if (crypt.icv_bytes == '0) auth_job.suffix = '0;
        if (crypt.ah_esn) auth_job.suffix = auth_job.suffix | (288'(be32(crypt.ah_seq_hi)) << {crypt.icv_bytes, 3'b0});
      end else begin                    // RFC 4303 §3.3.2, RFC 4106 §5, RFC 4543 §3.3
        auth_job.kind         = crypt.auth_kind;
        auth_job.slot         = crypt.esp_slot;
        auth_job.off          = crypt.hash_off;
        auth_job.n_bytes      = crypt.n_bytes - 16'(crypt.hash_off);
        auth_job.prefix_bytes = is_aead && crypt.esn ? 7'd12 : 7'd8;
        auth_job.prefix       = is_aead && crypt.esn ? 768'({be32(crypt.seq[31:0]), be32(crypt.seq[63:32]), be32(crypt.spi)})
                                                     : 768'({be32(crypt.seq[31:0]), be32(crypt.spi)});
        auth_job.suffix_bytes = !is_aead && crypt.esn ? 6'd4 : 6'd0;
        auth_job.suffix       = !is_aead && crypt.esn ? 288'(be32(crypt.seq[63:32])) : '0;
      end
    end
  end

  localparam int unsigned AUTH_JOB_BITS = $bits(auth_job);
  stream_reg #(.W(AUTH_JOB_BITS)) u_auth_job (
    .clk_i, .rst_ni,
    .in_valid_i(asks_q), .in_ready_o(asks_ready), .in_data_i(auth_job),
    .out_valid_o(auth_valid_o), .out_ready_i(auth_ready_i), .out_data_o(auth_job_o)
  );

  // ---- in order again
  logic                    call_valid, call_ready, called_q;
  logic [TICKETS_LOG2-1:0] call_ticket;
  logic [path_pkg::ICV_BITS-1:0] leave_hash;
  logic [127:0]            leave_mask;

  tickets #(.TICKETS_LOG2(TICKETS_LOG2)) u_tickets (
    .clk_i, .rst_ni,
    .give_valid_o(ticket_valid_o), .give_ready_i(ticket_ready_i), .give_ticket_o(ticket_o),
    .done_valid_i({auth_done_valid_i && !authed_wants, ciphered && !ciphered_wants, form_take && !form_has_body_i}),
    .done0_i(form_ticket_i), .done1_i(ciphered_ticket), .done2_i(authed_ticket),
    .call_valid_o(call_valid), .call_ready_i(call_ready), .call_ticket_o(call_ticket)
  );

  localparam int unsigned LEAVE_BITS = $bits(form_leave_i);
  ram_1r1w #(.W(LEAVE_BITS + 32 + path_pkg::RAW_BITS), .AW(TICKETS_LOG2)) u_records (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i), .wdata_i({form_leave_i, form_base_i, form_words_i, form_raw_i}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket),
    .rdata_o({leave_o, leave_base_o, leave_words_o, leave_raw_o})
  );
  ram_1r1w #(.W(path_pkg::ICV_BITS), .AW(TICKETS_LOG2)) u_hashes (
    .clk_i,
    .we_i(auth_done_valid_i && authed_esp), .waddr_i(authed_ticket), .wdata_i(auth_done_i.icv),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(leave_hash)
  );
  ram_1r1w #(.W(128), .AW(TICKETS_LOG2)) u_masks (
    .clk_i,
    .we_i(ciphered), .waddr_i(ciphered_ticket), .wdata_i(cipher_done_i.mask),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(leave_mask)
  );
  ram_1r1w #(.W(path_pkg::ICV_BITS), .AW(TICKETS_LOG2)) u_ah_icvs (
    .clk_i,
    .we_i(auth_done_valid_i && !authed_esp), .waddr_i(authed_ticket), .wdata_i(auth_done_i.icv),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(leave_ah_icv_o)
  );

  assign leave_icv_o   = leave_hash ^ path_pkg::ICV_BITS'(leave_mask);
  assign call_ready    = !called_q || leave_ready_i;
  assign leave_valid_o = called_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         called_q <= 1'b0;
    else if (call_ready) called_q <= call_valid;
endmodule
