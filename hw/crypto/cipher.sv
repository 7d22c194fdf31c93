// SPDX-License-Identifier: BSD-2-Clause-Patent
// The cipher room of one direction, between packet memories M1 and M2: LANES of AES-CBC, CTR_LANES of AES-CTR, AES-GCM and
// AES-GMAC, DES_LANES of DES and 3DES and one that copies. A job takes its key at the door and goes to the next lane of its kind
// that has room; answers come as packets end, in any order. A cipher code not known here is never copied: it goes to AES-CBC,
// with the zero key of its slot. Owns TBL_SA_KEY of its direction (DECRYPT is the direction): no op gives anything of a key back.
module cipher #(
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned LANES      = 1,
  parameter int unsigned ROUNDS     = 2,   // round units a lane: 1, 2, 7, 14
  parameter int unsigned CONTEXTS   = 8,   // packets a lane works on at once; a power of two, at least 2
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned MEM_LOG2   = 10,  // words of M1 and M2
  parameter int unsigned CTR_LANES  = LANES,
  parameter int unsigned DES_LANES  = (LANES > 2) ? 2 : 1,
  parameter int unsigned DES_STAGES = (LANES > 2) ? 48 : (ROUNDS >= 7) ? 16 : 2,  // round units of a DES lane: 1, 2, 4, 8, 16, 48
  parameter int unsigned DES_CONTEXTS = (DES_STAGES == 48) ? 64 : CONTEXTS
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   job_valid_i,
  output logic                   job_ready_o,
  input  adit_pkg::cipher_job_t  job_i,
  // M1: data exactly one cycle after an accepted request
  output logic                   rd_valid_o,
  input  logic                   rd_ready_i,
  output logic [15:0]            rd_addr_o,
  input  logic                   rd_data_valid_i,
  input  logic [511:0]           rd_data_i,
  // M2: always accepted; a packet's words are written before its answer
  output logic                   wr_valid_o,
  output logic [15:0]            wr_addr_o,
  output logic [511:0]           wr_data_o,
  output logic [9:0]             wr_ticket_o,
  output logic [15:0]            wr_index_o,    // word number in the body
  output logic                   done_valid_o,
  input  logic                   done_ready_i,
  output adit_pkg::cipher_done_t done_o,
  output logic                   busy_o,
  input  adit_pkg::tbl_req_t     tbl_i,
  output adit_pkg::tbl_rsp_t     tbl_o
);
  // lanes in this order
  localparam int unsigned CTR       = LANES;           // the first of CTR_LANES
  localparam int unsigned DES       = CTR + CTR_LANES;
  localparam int unsigned COPY      = DES + DES_LANES;
  localparam int unsigned N         = COPY + 1;
  localparam int unsigned CBC_TAG   = $clog2(CONTEXTS) + 1;
  localparam int unsigned DES_TAG   = $clog2(DES_CONTEXTS) + 1;
  localparam int unsigned TAG_BITS  = (CBC_TAG > DES_TAG) ? CBC_TAG : DES_TAG;
  localparam int unsigned WORDS_LOG2 = (ROUNDS >= 7) ? 4 : 3;   // words inside a word_lane
  localparam int unsigned CBC_BITS  = (LANES > 1) ? $clog2(LANES) : 1;
  localparam int unsigned CTR_BITS  = (CTR_LANES > 1) ? $clog2(CTR_LANES) : 1;
  localparam int unsigned DES_BITS  = (DES_LANES > 1) ? $clog2(DES_LANES) : 1;

  // ---- cipher codes
  logic [7:0] key_enc, job_enc;
  logic       job_is_ctr, job_is_des, job_is_gcm;
  function automatic logic is_cbc(input logic [7:0] enc);
    is_cbc = enc >= adit_reg_pkg::ENC_AES_CBC_128 && enc <= adit_reg_pkg::ENC_AES_CBC_256;
  endfunction
  function automatic logic is_ctr(input logic [7:0] enc);
    is_ctr = enc >= adit_reg_pkg::ENC_AES_CTR_128 && enc <= adit_reg_pkg::ENC_AES_GCM_256;
  endfunction
  function automatic logic is_des(input logic [7:0] enc);
    is_des = enc == adit_reg_pkg::ENC_DES_CBC || enc == adit_reg_pkg::ENC_DES3_CBC;
  endfunction
  // AES: 0: 128, 1: 192, 2: 256; DES: 0: one key, 1: three
  function automatic logic [1:0] key_size(input logic [7:0] enc);
    case (enc)
      adit_reg_pkg::ENC_AES_CBC_192, adit_reg_pkg::ENC_AES_CTR_192, adit_reg_pkg::ENC_AES_GCM_192,
      adit_reg_pkg::ENC_DES3_CBC:    key_size = 2'd1;
      adit_reg_pkg::ENC_AES_CBC_256, adit_reg_pkg::ENC_AES_CTR_256, adit_reg_pkg::ENC_AES_GCM_256:
                                     key_size = 2'd2;
      default:                       key_size = 2'd0;
    endcase
  endfunction

  // ---- keys
  logic         key_ask, key_done, door_take, door_wipe;
  logic [287:0] door_line;
  assign key_ask = tbl_i.valid && tbl_i.op == adit_pkg::TBL_SA_KEY && tbl_i.ext[0] == DECRYPT;
  assign key_enc = tbl_i.ext[3] ? adit_reg_pkg::ENC_NULL : tbl_i.code;
  cipher_keys #(.DECRYPT(DECRYPT), .SLOTS_LOG2(SLOTS_LOG2)) u_keys (
    .clk_i, .rst_ni, .ask_valid_i(key_ask), .ask_ready_o(key_done), .ask_slot_i(tbl_i.idx[SLOTS_LOG2-1:0]),
    .ask_is_aes_i(is_cbc(key_enc) || is_ctr(key_enc)), .ask_is_ctr_i(is_ctr(key_enc)), .ask_is_des_i(is_des(key_enc)),
    .ask_key_size_i(key_size(key_enc)), .ask_key_i(tbl_i.data[255:0]), .ask_salt_i(tbl_i.data[287:256]),
    .re_i(door_take), .wipe_i(door_wipe), .slot_i(job_i.slot[SLOTS_LOG2-1:0]), .line_o(door_line));
  always_comb begin
    tbl_o     = '0;
    tbl_o.ack = key_done;
  end

  // ---- the door: j1 reads the key, j2 holds job and key for a lane. Where no job stands the key is wiped.
  logic                  j1_valid_q, j1_ready, j2_valid_q, j2_take, j2_dirty_q;
  adit_pkg::cipher_job_t j1_job_q, job;
  logic [287:0]          job_key;
  assign job_ready_o = !j1_valid_q || j1_ready;
  assign j1_ready    = !j2_valid_q || j2_take;
  assign door_take   = job_valid_i && job_ready_o;
  assign door_wipe   = !j1_valid_q && !door_take && j2_dirty_q;
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      j1_valid_q <= 1'b0;
      j2_valid_q <= 1'b0;
      j2_dirty_q <= 1'b1;
    end else begin
      if (job_ready_o) j1_valid_q <= job_valid_i;
      if (j1_ready)    j2_valid_q <= j1_valid_q;
      j2_dirty_q <= j1_valid_q || j2_valid_q;
    end
  always_ff @(posedge clk_i) begin
    if (door_take) j1_job_q <= job_i;
    if (j1_ready && j1_valid_q) begin
      job     <= j1_job_q;
      job_key <= door_line;
    end else if (j1_ready && j2_dirty_q) begin
      job_key <= '0;
    end
  end

  // ---- jobs: a body without a block to cipher goes to the copying lane as empty
  logic                  job_is_gmac, job_copies, job_has_none;
  logic [1:0]            job_key_size;
  logic [15:0]           job_before;       // bytes before the first block to cipher
  logic [N-1:0]          lane_job_valid, lane_job_ready, lane_fits;
  adit_pkg::cipher_job_t copy_job;
  assign job_enc      = job.enc & ~adit_pkg::ENC_GMAC_FLAG;
  assign job_is_gmac  = |(job.enc & adit_pkg::ENC_GMAC_FLAG);
  assign job_is_ctr   = is_ctr(job_enc);
  assign job_is_gcm   = job_is_ctr && job_enc >= adit_reg_pkg::ENC_AES_GCM_128;
  assign job_is_des   = is_des(job_enc);
  assign job_key_size = key_size(job_enc);
  assign job_before   = job_is_ctr ? 16'd0 : DECRYPT ? 16'd16 : job_is_des ? 16'd8 : 16'd0;
  assign job_has_none = !job.is_copy && job_enc != adit_reg_pkg::ENC_NULL && job.n_bytes <= job_before;
  assign job_copies   = job.is_copy || job_enc == adit_reg_pkg::ENC_NULL || job_has_none;
  always_comb begin
    copy_job = job;
    if (job_has_none) copy_job.n_bytes = '0;
  end

  // the next lane with room, of those of one kind
  logic                     cbc_valid, ctr_valid, des_valid;
  logic [DES_BITS-1:0]      des_lane;
  logic [CBC_BITS-1:0]      cbc_lane;
  logic [CTR_BITS-1:0]      ctr_lane;
  crypto_pick #(.N(LANES)) u_cbc_pick (
    .clk_i, .rst_ni, .ask_i(lane_job_ready[LANES-1:0]), .take_i(|lane_job_valid[LANES-1:0]),
    .valid_o(cbc_valid), .index_o(cbc_lane));
  crypto_pick #(.N(CTR_LANES)) u_ctr_pick (
    .clk_i, .rst_ni, .ask_i(lane_job_ready[CTR +: CTR_LANES]), .take_i(|lane_job_valid[CTR +: CTR_LANES]),
    .valid_o(ctr_valid), .index_o(ctr_lane));
  crypto_pick #(.N(DES_LANES)) u_des_pick (
    .clk_i, .rst_ni, .ask_i(lane_job_ready[DES +: DES_LANES]), .take_i(|lane_job_valid[DES +: DES_LANES]),
    .valid_o(des_valid), .index_o(des_lane));
  always_comb begin
    lane_fits = '0;
    if (job_copies)      lane_fits[COPY] = 1'b1;
    else if (job_is_des) for (int n = 0; n < DES_LANES; n++) lane_fits[DES + n] = des_valid && des_lane == DES_BITS'(n);
    else if (job_is_ctr) for (int n = 0; n < CTR_LANES; n++) lane_fits[CTR + n] = ctr_valid && ctr_lane == CTR_BITS'(n);
    else                 for (int n = 0; n < LANES; n++)     lane_fits[n]       = cbc_valid && cbc_lane == CBC_BITS'(n);
  end
  assign lane_job_valid = j2_valid_q ? lane_fits : '0;
  assign j2_take        = j2_valid_q && |(lane_fits & lane_job_ready);

  // ---- lanes
  logic [N-1:0]           ask_valid, ask_ready, fill_valid, wr_valid, wr_ready, lane_busy;
  logic [16*N-1:0]        ask_addr;
  logic [TAG_BITS*N-1:0]  ask_tag;
  logic [TAG_BITS-1:0]    fill_tag;
  logic [50*N-1:0]        wr_place;
  logic [512*N-1:0]       wr_data;
  logic [128*CTR_LANES-1:0] wr_mask;
  for (genvar n = 0; n < COPY; n++) begin : g_lane
    localparam bit IS_CTR = n >= CTR && n < DES;
    localparam bit IS_DES = n >= DES;
    localparam int unsigned UNITS = IS_DES ? DES_STAGES : ROUNDS;
    assign wr_place[50*n + 49] = 1'b0;
    if (IS_CTR || DECRYPT) begin : g_words
      logic [127:0] mask;
      word_lane #(.KIND(IS_CTR ? 2'd0 : IS_DES ? 2'd2 : 2'd1), .ROUNDS(UNITS), .DEPTH_LOG2(WORDS_LOG2)) u_lane (
        .clk_i, .rst_ni,
        .job_valid_i(lane_job_valid[n]), .job_ready_o(lane_job_ready[n]), .job_i(job), .job_key_size_i(job_key_size),
        .job_key_i(job_key[255:0]), .job_salt_i(job_key[287:256]), .job_is_gcm_i(IS_CTR && job_is_gcm),
        .job_is_gmac_i(IS_CTR && job_is_gmac),
        .ask_valid_o(ask_valid[n]), .ask_ready_i(ask_ready[n]), .ask_addr_o(ask_addr[16*n +: 16]),
        .fill_valid_i(fill_valid[n]), .fill_data_i(rd_data_i),
        .wr_valid_o(wr_valid[n]), .wr_ready_i(wr_ready[n]), .wr_place_o(wr_place[50*n +: 49]),
        .wr_data_o(wr_data[512*n +: 512]), .wr_mask_o(mask), .busy_o(lane_busy[n]));
      assign ask_tag[TAG_BITS*n +: TAG_BITS] = '0;
      if (IS_CTR) begin : g_mask
        assign wr_mask[128*(n-CTR) +: 128] = mask;
      end
    end else begin : g_cbc
      localparam int unsigned TAG = IS_DES ? DES_TAG : CBC_TAG;
      cbc_lane #(.IS_DES(IS_DES), .ROUNDS(UNITS), .CONTEXTS(IS_DES ? DES_CONTEXTS : CONTEXTS)) u_lane (
        .clk_i, .rst_ni,
        .job_valid_i(lane_job_valid[n]), .job_ready_o(lane_job_ready[n]), .job_i(job), .job_key_size_i(job_key_size),
        .job_key_i(job_key[255:0]),
        .ask_valid_o(ask_valid[n]), .ask_ready_i(ask_ready[n]), .ask_addr_o(ask_addr[16*n +: 16]),
        .ask_tag_o(ask_tag[TAG_BITS*n +: TAG]),
        .fill_valid_i(fill_valid[n]), .fill_tag_i(fill_tag[TAG-1:0]), .fill_data_i(rd_data_i),
        .wr_valid_o(wr_valid[n]), .wr_ready_i(wr_ready[n]), .wr_place_o(wr_place[50*n +: 49]),
        .wr_data_o(wr_data[512*n +: 512]), .busy_o(lane_busy[n]));
      if (TAG < TAG_BITS) begin : g_tag
        assign ask_tag[TAG_BITS*n + TAG +: TAG_BITS - TAG] = '0;
      end
    end
  end
  copy_lane u_copy (
    .clk_i, .rst_ni,
    .job_valid_i(lane_job_valid[COPY]), .job_ready_o(lane_job_ready[COPY]), .job_i(copy_job),
    .ask_valid_o(ask_valid[COPY]), .ask_ready_i(ask_ready[COPY]), .ask_addr_o(ask_addr[16*COPY +: 16]),
    .fill_valid_i(fill_valid[COPY]), .fill_data_i(rd_data_i),
    .wr_valid_o(wr_valid[COPY]), .wr_ready_i(wr_ready[COPY]), .wr_place_o(wr_place[50*COPY +: 50]),
    .wr_data_o(wr_data[512*COPY +: 512]), .busy_o(lane_busy[COPY]));
  assign ask_tag[TAG_BITS*COPY +: TAG_BITS] = '0;

  // ---- the two memory ports
  crypto_read_arb #(.N(N), .TAG_BITS(TAG_BITS), .MEM_LOG2(MEM_LOG2)) u_read (
    .clk_i, .rst_ni, .ask_valid_i(ask_valid), .ask_ready_o(ask_ready), .ask_addr_i(ask_addr), .ask_tag_i(ask_tag),
    .fill_valid_o(fill_valid), .fill_tag_o(fill_tag), .rd_valid_o, .rd_ready_i, .rd_addr_o, .rd_data_valid_i);
  logic write_busy;
  crypto_write #(.DECRYPT(DECRYPT), .N(N), .MASKS_AT(CTR), .MASKS(CTR_LANES), .MEM_LOG2(MEM_LOG2)) u_write (
    .clk_i, .rst_ni, .lane_valid_i(wr_valid), .lane_ready_o(wr_ready), .lane_place_i(wr_place), .lane_data_i(wr_data),
    .lane_mask_i(wr_mask), .wr_valid_o, .wr_addr_o, .wr_data_o, .wr_ticket_o, .wr_index_o,
    .done_valid_o, .done_ready_i, .done_o, .busy_o(write_busy));
  assign busy_o = j1_valid_q || j2_valid_q || j2_dirty_q || |lane_busy || write_busy || key_ask;
endmodule
