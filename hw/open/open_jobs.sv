// SPDX-License-Identifier: BSD-2-Clause-Patent
// Leads each formed packet through its hashes, ICV compare and cipher, and calls it for the check in arrival order (RFC 4303
// §3.4.4: the ICV is verified first). Of a bundle the outer layer is hashed first. A packet whose ICV is wrong is never deciphered.
//
//   form --> AH hash --> ICV equal? --> ESP hash --> ICV equal? --> cipher --> what it wrote, by ticket --> call in order
//     |                       \-- no: bad --------------\-- no: bad -----------------------------------------/
//     \---- no hash or in clear: cipher; no body: at once
//
// AES-GCM and -GMAC: the tag is GHASH XOR the cipher's mask. It is compared when the packet is called, before anything is judged.
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
  output logic                          call_bad_icv_o,  // of either layer
  output logic                          call_bad_ah_o,   // of a bundle: it was AH's
  output logic [16:0]                   call_trailer_o,  // {padding is right, its length, next header}
  output logic [1023:0]                 call_body_o      // the body's first 128 bytes, deciphered
);
  localparam int unsigned ICV_BITS    = path_pkg::ICV_BITS;
  localparam int unsigned RECORD_BITS = $bits(call_leave_o) + $bits(call_check_o) + 32 + path_pkg::RAW_BITS;
  localparam int unsigned LEAST_ICV   = 8;   // a shorter one holds for nobody
  logic [2:0]            unused_usage0, unused_usage1;
  logic [TICKETS_LOG2:0] unused_usage2;

  // ---- what later steps need of a packet's crypt record
  //      cipher job                        ESP hash                                                     AH hash
  localparam int unsigned WAIT_BITS = (1 + 8 + 16 + 16 + 16) + (1 + 3 + 32 + 64 + 1 + 5 + 5 + 6 + ICV_BITS) + (1 + 6 + ICV_BITS);
  logic [WAIT_BITS-1:0] wait_in;
  logic [ICV_BITS-1:0]  form_ah_icv;

  // ---- from form: the ICV that AH carries stands in the frame's first bytes, and what its sender chose freely: the reserved bytes
  //      (RFC 4302 §2.3) and the padding behind the ICV (§2.6.1), 4 bytes or none. AH begins at one of six places: behind up to two
  //      VLAN tags and an IP header without options or extension headers.
  localparam int unsigned AH_MOST = 12 + 36 + 4;
  logic [8*AH_MOST-1:0] ah;
  logic [6:0]           ah_end;    // in the prefix; a bundle's ESP header stands behind it
  logic [15:0]          ah_reserved;
  logic [31:0]          ah_pad;
  always_comb begin
    ah_end      = form_crypt_i.ah_prefix_bytes - (form_check_i.has_ah ? 7'd8 : 7'd0);
    ah          = '0;
    ah_pad      = '0;
    if (form_valid_i && form_crypt_i.has_ah) begin
      for (int k = 0; k < 3; k++)
        if (form_leave_i.l3_off == 7'(14 + 4*k))
          ah = form_check_i.is_v6 ? form_raw_i[8*(54 + 4*k) +: 8*AH_MOST] : form_raw_i[8*(34 + 4*k) +: 8*AH_MOST];
      if (ah_end != (form_check_i.is_v6 ? 7'd52 : 7'd32) + 7'(form_crypt_i.ah_icv_bytes))
        for (int i = 0; i < 10; i++)
          if (form_crypt_i.ah_icv_bytes == 6'(4*i)) ah_pad = ah[96 + 32*i +: 32];
    end
  end
  assign form_ah_icv = ah[96 +: ICV_BITS];
  assign ah_reserved = ah[16 +: 16];
  assign wait_in = {form_crypt_i.is_copy, form_crypt_i.enc, form_crypt_i.n_bytes, form_crypt_i.esp_slot, form_base_i,
                    form_crypt_i.has_auth, form_crypt_i.auth_kind, form_crypt_i.spi, form_crypt_i.seq, form_crypt_i.esn,
                    form_crypt_i.hash_off, form_crypt_i.wire_off, form_crypt_i.icv_bytes, form_icv_i,
                    form_crypt_i.has_ah, form_crypt_i.ah_icv_bytes, form_ah_icv};

  // ---- the AH hash: prefix made by open_plan but for those; behind the body a bundle's ESP ICV (RFC 4302 §3.3.3)
  adit_pkg::auth_job_t ah_job;
  logic [767:0] reserved;
  always_comb begin
    reserved            = form_check_i.is_v6 ? {416'b0, ah_reserved, 336'b0} : {576'b0, ah_reserved, 176'b0};
    ah_job              = '0;
    ah_job.ticket       = 10'(form_ticket_i);
    ah_job.kind         = form_crypt_i.ah_kind;
    ah_job.slot         = form_crypt_i.ah_slot;
    ah_job.base         = form_base_i;
    ah_job.off          = form_crypt_i.wire_off;
    ah_job.n_bytes      = form_crypt_i.n_bytes - 16'(form_crypt_i.wire_off);
    ah_job.prefix_bytes = form_crypt_i.ah_prefix_bytes;
    ah_job.suffix_bytes = form_crypt_i.icv_bytes + (form_crypt_i.ah_esn ? 6'd4 : 6'd0);
    if (form_valid_i && form_crypt_i.has_ah) begin
      ah_job.prefix = form_crypt_i.ah_prefix | reserved;
      for (int i = 0; i < 23; i++)   // the last 4 bytes before ah_end
        if (ah_end == 7'(4*i + 4)) ah_job.prefix[32*i +: 32] = ah_job.prefix[32*i +: 32] | ah_pad;
      ah_job.suffix = 288'(form_icv_i);
      if (form_crypt_i.ah_esn)
        ah_job.suffix = ah_job.suffix |
          (288'({form_crypt_i.ah_seq_hi[7:0], form_crypt_i.ah_seq_hi[15:8], form_crypt_i.ah_seq_hi[23:16],
                 form_crypt_i.ah_seq_hi[31:24]}) << {form_crypt_i.icv_bytes, 3'b0});
    end
  end

  // ---- the ESP hash, either straight from form or once the AH ICV held: {ticket, slot, base, n_bytes, kind, SPI, number, ESN, off}
  localparam int unsigned ESP_BITS = TICKETS_LOG2 + 16 + 16 + 16 + 3 + 32 + 64 + 1 + 5;
  logic [ESP_BITS-1:0]     form_esp, again_in, again, esp;
  logic                    again_push, again_valid, again_ready, unused_again_ready;
  adit_pkg::auth_job_t     esp_job;
  logic [TICKETS_LOG2-1:0] esp_ticket;
  logic [31:0]             esp_spi;
  logic [63:0]             esp_seq;
  logic                    esp_esn;

  assign form_esp = {form_ticket_i, form_crypt_i.esp_slot, form_base_i, form_crypt_i.n_bytes, form_crypt_i.auth_kind,
                     form_crypt_i.spi, form_crypt_i.seq, form_crypt_i.esn, form_crypt_i.hash_off};

  // A place for every ticket: what comes from the hashes never waits for what goes there.
  stream_fifo #(.W(ESP_BITS), .DEPTH_LOG2(TICKETS_LOG2)) u_again (
    .clk_i, .rst_ni,
    .in_valid_i(again_push), .in_ready_o(unused_again_ready), .in_data_i(again_in),
    .out_valid_o(again_valid), .out_ready_i(again_ready), .out_data_o(again), .usage_o(unused_usage2)
  );
  assign esp = again_valid ? again : form_esp;

  always_comb begin
    esp_job = '0;
    {esp_ticket, esp_job.slot, esp_job.base, esp_job.n_bytes, esp_job.kind, esp_spi, esp_seq, esp_esn, esp_job.off} = esp;
    esp_job.ticket       = 10'(esp_ticket);
    esp_job.n_bytes      = esp_job.n_bytes - 16'(esp_job.off);
    esp_job.prefix_bytes = 7'd8;
    for (int i = 0; i < 4; i++) begin
      esp_job.prefix[8*i +: 8]      = esp_spi[24 - 8*i +: 8];
      esp_job.prefix[32 + 8*i +: 8] = esp_seq[24 - 8*i +: 8];
    end
    if (esp_esn) begin
      if (esp_job.kind == adit_pkg::HASH_GCM || esp_job.kind == adit_pkg::HASH_GMAC) begin  // RFC 4106 §5, RFC 4543 §3.3
        esp_job.prefix_bytes = 7'd12;
        for (int i = 0; i < 8; i++) esp_job.prefix[32 + 8*i +: 8] = esp_seq[56 - 8*i +: 8];
      end else begin                                                                        // RFC 4303 §2.8
        esp_job.suffix_bytes = 6'd4;
        for (int i = 0; i < 4; i++) esp_job.suffix[8*i +: 8] = esp_seq[56 - 8*i +: 8];
      end
    end
  end

  logic                form_hashes, form_hash_valid, auth_in_ready, direct_ready, form_take;
  adit_pkg::auth_job_t auth_in;

  assign form_hashes     = form_has_body_i && (form_crypt_i.has_ah || form_crypt_i.has_auth);
  assign form_hash_valid = form_valid_i && form_hashes && !again_valid;
  assign again_ready     = auth_in_ready;
  assign auth_in         = again_valid || !form_crypt_i.has_ah ? esp_job : ah_job;
  assign form_ready_o    = !form_has_body_i || (form_hashes ? auth_in_ready && !again_valid : direct_ready);
  assign form_take       = form_valid_i && form_ready_o;
  stream_fifo #(.W($bits(auth_in)), .DEPTH_LOG2(2)) u_auth_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(form_hash_valid || again_valid), .in_ready_o(auth_in_ready), .in_data_i(auth_in),
    .out_valid_o(auth_valid_o), .out_ready_i(auth_ready_i), .out_data_o(auth_job_o), .usage_o(unused_usage0)
  );

  // ---- a hash is done: whose, and does the ICV hold? All its bits in one cycle, whatever they are; acted upon in the next
  logic [TICKETS_LOG2-1:0]    authed_ticket_q;
  logic [2**TICKETS_LOG2-1:0] is_inner_q;    // by ticket: the hash at work is the ESP layer's
  logic                       authed_q, judged_q, differs_q, authed_take, authed_inner_q;
  logic [ICV_BITS-1:0]        icv_is_q, icv_said, icv_differs, esp_icv, ah_icv;
  logic                       hash_has_esp, hash_has_ah, hash_esn, hash_is_copy, is_masked, holds, is_bad, goes_on, cipher_job_ready;
  logic [7:0]                 hash_enc;
  logic [15:0]                hash_n_bytes, hash_slot, hash_base;
  logic [2:0]                 hash_kind;
  logic [31:0]                hash_spi;
  logic [63:0]                hash_seq;
  logic [4:0]                 hash_off, unused_wire_off;
  logic [5:0]                 esp_icv_bytes, ah_icv_bytes, icv_bytes;

  assign auth_done_ready_o = !authed_q || authed_take;
  ram_1r1w #(.W(WAIT_BITS), .AW(TICKETS_LOG2)) u_wait (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i), .wdata_i(wait_in),
    .re_i(auth_done_valid_i && auth_done_ready_o), .raddr_i(auth_done_i.ticket[TICKETS_LOG2-1:0]),
    .rdata_o({hash_is_copy, hash_enc, hash_n_bytes, hash_slot, hash_base,
              hash_has_esp, hash_kind, hash_spi, hash_seq, hash_esn, hash_off, unused_wire_off, esp_icv_bytes, esp_icv,
              hash_has_ah, ah_icv_bytes, ah_icv})
  );
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)                authed_q <= 1'b0;
    else if (auth_done_ready_o) authed_q <= auth_done_valid_i;
  always_ff @(posedge clk_i)
    if (auth_done_valid_i && auth_done_ready_o) begin
      authed_ticket_q <= auth_done_i.ticket[TICKETS_LOG2-1:0];
      authed_inner_q  <= is_inner_q[auth_done_i.ticket[TICKETS_LOG2-1:0]];
      icv_is_q        <= auth_done_i.icv;
    end

  assign icv_said    = authed_inner_q ? esp_icv : ah_icv;
  assign icv_bytes   = authed_inner_q ? esp_icv_bytes : ah_icv_bytes;
  assign icv_differs = (icv_is_q ^ icv_said) & ~({ICV_BITS{1'b1}} << {icv_bytes, 3'b0});
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) judged_q <= 1'b0;
    else         judged_q <= authed_q && !authed_take;
  always_ff @(posedge clk_i) if (authed_q) differs_q <= icv_differs != '0 || icv_bytes < 6'(LEAST_ICV);
  assign holds       = judged_q && !differs_q;
  assign is_masked   = authed_inner_q && (hash_kind == adit_pkg::HASH_GCM || hash_kind == adit_pkg::HASH_GMAC);
  assign is_bad      = judged_q && !is_masked && !holds;
  assign again_push  = judged_q && !is_bad && !authed_inner_q && hash_has_esp;
  assign goes_on     = judged_q && !is_bad && (authed_inner_q || !hash_has_esp);
  assign authed_take = judged_q && (!goes_on || cipher_job_ready);
  assign again_in    = {authed_ticket_q, hash_slot, hash_base, hash_n_bytes, hash_kind, hash_spi, hash_seq, hash_esn, hash_off};

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) is_inner_q <= '0;
    else begin
      if (form_take)  is_inner_q[form_ticket_i]   <= !form_crypt_i.has_ah;
      if (again_push) is_inner_q[authed_ticket_q] <= 1'b1;
    end

  // ---- cipher jobs: packets whose ICV held go before packets that have none
  adit_pkg::cipher_job_t job;
  logic                  direct_valid;
  assign direct_valid = form_valid_i && form_has_body_i && !form_hashes;
  assign direct_ready = cipher_job_ready && !goes_on;
  assign job.ticket   = goes_on ? 10'(authed_ticket_q) : 10'(form_ticket_i);
  assign job.base     = goes_on ? hash_base            : form_base_i;
  assign job.n_bytes  = goes_on ? hash_n_bytes         : form_crypt_i.n_bytes;
  assign job.is_copy  = goes_on ? hash_is_copy         : form_crypt_i.is_copy;
  assign job.enc      = goes_on ? hash_enc             : form_crypt_i.enc;
  assign job.slot     = goes_on ? hash_slot            : form_crypt_i.esp_slot;
  stream_fifo #(.W($bits(job)), .DEPTH_LOG2(2)) u_cipher_jobs (
    .clk_i, .rst_ni,
    .in_valid_i(goes_on || direct_valid), .in_ready_o(cipher_job_ready), .in_data_i(job),
    .out_valid_o(cipher_valid_o), .out_ready_i(cipher_ready_i), .out_data_o(cipher_job_o), .usage_o(unused_usage1)
  );

  // ---- what the cipher wrote
  logic [TICKETS_LOG2-1:0]    call_ticket;
  logic                       called_q, call_valid, call_ready, call_bad_q, call_masked_q, call_short;
  logic [2**TICKETS_LOG2-1:0] bad_q, bad_ah_q, masked_q;
  logic [127:0]               call_mask, call_tag;

  assign cipher_done_ready_o = 1'b1;
  ram_1r1w #(.W(17 + 128), .AW(TICKETS_LOG2)) u_trailers (
    .clk_i,
    .we_i(cipher_done_valid_i), .waddr_i(cipher_done_i.ticket[TICKETS_LOG2-1:0]),
    .wdata_i({cipher_done_i.pad_ok, cipher_done_i.pad_bytes, cipher_done_i.next_header, cipher_done_i.mask}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o({call_trailer_o, call_mask})
  );
  ram_1r1w #(.W(512), .AW(TICKETS_LOG2)) u_word0 (
    .clk_i,
    .we_i(cipher_wr_valid_i && cipher_wr_index_i == '0), .waddr_i(cipher_wr_ticket_i[TICKETS_LOG2-1:0]),
    .wdata_i(cipher_wr_data_i),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(call_body_o[511:0])
  );
  ram_1r1w #(.W(512), .AW(TICKETS_LOG2)) u_word1 (
    .clk_i,
    .we_i(cipher_wr_valid_i && cipher_wr_index_i == 16'd1), .waddr_i(cipher_wr_ticket_i[TICKETS_LOG2-1:0]),
    .wdata_i(cipher_wr_data_i),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o(call_body_o[1023:512])
  );
  // GHASH XOR the tag received, and how much of it counts: XOR the mask it must be zero.
  logic [5:0] call_tag_bytes;
  ram_1r1w #(.W(128 + 6), .AW(TICKETS_LOG2)) u_tags (
    .clk_i,
    .we_i(authed_take && is_masked), .waddr_i(authed_ticket_q), .wdata_i({icv_is_q[127:0] ^ icv_said[127:0], icv_bytes}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket), .rdata_o({call_tag, call_tag_bytes})
  );
  ram_1r1w #(.W(RECORD_BITS), .AW(TICKETS_LOG2)) u_records (
    .clk_i,
    .we_i(form_take), .waddr_i(form_ticket_i),
    .wdata_i({form_leave_i, form_check_i, form_base_i, form_words_i, form_raw_i}),
    .re_i(call_valid && call_ready), .raddr_i(call_ticket),
    .rdata_o({call_leave_o, call_check_o, call_base_o, call_words_o, call_raw_o})
  );

  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      bad_q    <= '0;
      bad_ah_q <= '0;
      masked_q <= '0;
    end else begin
      if (form_take) begin
        bad_q[form_ticket_i]    <= 1'b0;
        bad_ah_q[form_ticket_i] <= 1'b0;
        masked_q[form_ticket_i] <= form_crypt_i.has_auth && (form_crypt_i.auth_kind == adit_pkg::HASH_GCM ||
                                                             form_crypt_i.auth_kind == adit_pkg::HASH_GMAC);
      end
      if (is_bad) begin
        bad_q[authed_ticket_q]    <= 1'b1;
        bad_ah_q[authed_ticket_q] <= !authed_inner_q;
      end
    end

  // ---- in order again
  tickets #(.TICKETS_LOG2(TICKETS_LOG2)) u_tickets (
    .clk_i, .rst_ni,
    .give_valid_o(ticket_valid_o), .give_ready_i(ticket_ready_i), .give_ticket_o(ticket_o),
    .done_valid_i({cipher_done_valid_i, is_bad, form_take && !form_has_body_i}),
    .done0_i(form_ticket_i), .done1_i(authed_ticket_q), .done2_i(cipher_done_i.ticket[TICKETS_LOG2-1:0]),
    .call_valid_o(call_valid), .call_ready_i(call_ready), .call_ticket_o(call_ticket)
  );
  assign call_ready   = !called_q || call_ready_i;
  assign call_valid_o = called_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)         called_q <= 1'b0;
    else if (call_ready) called_q <= call_valid;
  always_ff @(posedge clk_i)
    if (call_valid && call_ready) begin
      call_bad_q    <= bad_q[call_ticket];
      call_bad_ah_o <= bad_ah_q[call_ticket];
      call_masked_q <= masked_q[call_ticket];
    end
  assign call_short     = call_tag_bytes < 6'(LEAST_ICV);
  assign call_bad_icv_o = call_bad_q ||
    (call_masked_q && (call_short || ((call_tag ^ call_mask) & ~({128{1'b1}} << {call_tag_bytes, 3'b0})) != '0));
endmodule
