// SPDX-License-Identifier: BSD-2-Clause-Patent
// Plays a command's sequence on the table bus: one op at a time, each held until its ack, one idle cycle between.
//
//   SA_ADD     get id (valid: EXISTS); address and limits held, id (not valid: all three at once), key, inner, outer; inbound:
//              hash (refused: clear the slot); valid
//   SA_UPDATE  get id (not valid: NOT_FOUND; another identity: BAD_FIELD); inbound and destination moved: hash under the new one
//              too (refused: nothing has changed); address and limits held, id: all three at once, between two packets; moved:
//              unhash the old one
//   SA_DELETE  get id; outbound: fence; not valid; inbound: unhash; fence; clear the slot
//   SA_FLUSH   every slot: get id, not valid, unhash; both fences; every slot that held one: clear
//   SA_QUERY   get id, get live
//   SP_FLUSH   every rank, the last asked first: clear in both banks; then every policy: zero
//   sweep      the rooms were reset and zero their tables themselves, keys first of all; an op of each, on slot 0 and in both
//              directions, waits until they have: get id, key, inner, outer, bank 0 live
//
// The first fence lets packets pass that were told of the slot before the policy was bound elsewhere: make before break loses none.
// A flush takes the rules away from below: a packet meets those that still stand above, or none, never the one beneath its own.
// "Clear" is key, inner, outer, address and limits and id: the key goes first.
module host_tbl #(
  parameter int unsigned SA_LOG2 = 10,
  parameter int unsigned SP_LOG2 = 6
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                start_i,      // one cycle; the rest stands still until done_o
  input  logic                is_sweep_i,   // card reset; op_i does not count
  input  logic                clear_i,      // stop after the op under way
  input  logic [7:0]          op_i,         // enum op
  input  logic [7:0]          flags_i,
  input  logic [15:0]         index_i,
  input  logic [15:0]         value_i,
  input  logic [3071:0]       record_i,     // six words
  output logic                done_o,       // one cycle
  output logic [7:0]          status_o,     // beside done_o
  output logic [7:0]          field_o,
  output logic [1023:0]       answer_o,     // stands until the next start
  output logic                idle_o,
  output adit_pkg::tbl_req_t  tbl_o,
  input  adit_pkg::tbl_rsp_t  tbl_i
);
  localparam logic [15:0] LAST_RANK = 16'((1 << SP_LOG2) - 1);

  typedef enum logic [4:0] {
    StIdle, StGetId, StPutId, StPutAddr, StPutLimits, StPutKey, StPutInner, StPutOuter, StHashAdd, StValid,
    StUnhash, StOff, StFenceOut, StFenceIn, StZeroKey, StZeroInner, StZeroOuter, StZeroAddr,
    StZeroLimits, StZeroId, StGetLive, StLook, StSpPut, StSpClear0, StSpClear1, StSpZero, StSpLive, StSpBind, StSpGet, StDone
  } state_e;
  state_e      state_q, state_d;
  logic        req_q;                   // the op is on the bus
  logic        second_q, second_d;      // flush: the round that clears. Delete: it is off
  logic [15:0] idx_q, idx_d;            // slot, rank or policy
  logic        dir_q, dir_d;            // of the SA in hand
  logic        sweep_q, sweep_d;
  logic [7:0]  status_d, field_d, op_q, op_d;

  adit_reg_pkg::sa_w0_t new_id, old_id;
  adit_reg_pkg::sa_w1_t new_addr;
  adit_reg_pkg::sa_w2_t limits;
  adit_reg_pkg::sa_w3_t key;
  logic [511:0]         rsp;
  assign new_id   = record_i[511:0];
  assign new_addr = record_i[1023:512];
  assign limits   = record_i[1535:1024];
  assign key      = record_i[2047:1536];
  assign rsp      = tbl_i.data;
  assign old_id   = rsp;

  // Where the slot in hand is entered in the hash: destination and its family as its record has them.
  logic         ack, dst_is_v6;
  logic [128:0] dst_new, dst_old_q;
  assign dst_is_v6 = new_id.flags[1];
  assign dst_new   = {dst_is_v6, new_addr.dst};

  logic moved_q;
  logic is_add, is_update, is_flush, slot_last, same_id, moved, spared;
  assign ack       = req_q && tbl_i.ack;
  assign is_add    = !sweep_q && op_q == adit_reg_pkg::OP_SA_ADD;
  assign is_update = !sweep_q && op_q == adit_reg_pkg::OP_SA_UPDATE;
  assign is_flush  = !sweep_q && op_q == adit_reg_pkg::OP_SA_FLUSH;
  assign spared    = old_id.proto == adit_reg_pkg::PROTO_AH ? flags_i[0] : flags_i[1];  // SA_FLUSH
  assign slot_last = idx_q == 16'((1 << SA_LOG2) - 1);
  assign moved     = dir_q && dst_new != dst_old_q;

  // What SA_UPDATE may not change, and its name.
  logic [7:0] changed;
  always_comb begin
    changed = adit_reg_pkg::FIELD_NONE;
    if (old_id.spi != new_id.spi)          changed = adit_reg_pkg::FIELD_SA_SPI;
    else if (old_id.dir != new_id.dir)     changed = adit_reg_pkg::FIELD_SA_DIR;
    else if (old_id.proto != new_id.proto) changed = adit_reg_pkg::FIELD_SA_PROTO;
    else if (old_id.mode != new_id.mode)   changed = adit_reg_pkg::FIELD_SA_MODE;
    else if (old_id.enc != new_id.enc)     changed = adit_reg_pkg::FIELD_SA_ENC;
    else if (old_id.auth != new_id.auth)   changed = adit_reg_pkg::FIELD_SA_AUTH;
    else if (old_id.icv_bytes != new_id.icv_bytes) changed = adit_reg_pkg::FIELD_SA_ICV_BYTES;
    else if (old_id.flags[0] != new_id.flags[0])   changed = adit_reg_pkg::FIELD_SA_FLAGS;  // ESN
    else if (old_id.flags[7] && !new_id.flags[7])  changed = adit_reg_pkg::FIELD_SA_FLAGS;  // the host transforms: no key ever came here
    same_id = changed == adit_reg_pkg::FIELD_NONE;
  end

  // ---- where a sequence goes. Every arm but StIdle and StDone waits for its op's ack.
  always_comb begin
    state_d  = state_q;
    idx_d    = idx_q;
    dir_d    = dir_q;
    second_d = second_q;
    sweep_d  = sweep_q;
    op_d     = op_q;
    status_d = status_o;
    field_d  = field_o;
    case (state_q)
      StIdle: if (start_i) begin
        idx_d    = is_sweep_i || op_i == adit_reg_pkg::OP_SA_FLUSH ? 16'd0 :
                   op_i == adit_reg_pkg::OP_SP_FLUSH ? LAST_RANK : index_i;
        second_d = 1'b0;
        sweep_d  = is_sweep_i;
        op_d     = op_i;
        status_d = adit_reg_pkg::STATUS_OK;
        field_d  = adit_reg_pkg::FIELD_NONE;
        if (is_sweep_i) state_d = StGetId;
        else case (op_i)
          adit_reg_pkg::OP_SA_FLUSH:  state_d = flags_i[1:0] == 2'b11 ? StDone : StGetId;
          adit_reg_pkg::OP_SP_ADD:    state_d = StSpPut;
          adit_reg_pkg::OP_SP_DELETE: state_d = flags_i[0] ? StSpClear1 : StSpClear0;
          adit_reg_pkg::OP_SP_COMMIT: state_d = StSpLive;
          adit_reg_pkg::OP_SP_UPDATE: state_d = StSpBind;
          adit_reg_pkg::OP_SP_QUERY:  state_d = StSpGet;
          adit_reg_pkg::OP_SP_FLUSH:  state_d = StSpClear0;
          default:                    state_d = StGetId;
        endcase
      end

      StGetId: if (ack) begin
        dir_d = is_add ? new_id.dir[0] : old_id.dir[0];
        if (sweep_q) begin
          state_d = StZeroKey;
          dir_d   = 1'b0;
        end else if (is_flush && !second_q) begin
          if (rsp[511] && !spared) state_d = StOff;
          else if (slot_last) state_d = StFenceOut;
          else                idx_d   = idx_q + 16'd1;
        end else if (is_flush) begin
          if (!rsp[511] && old_id.spi != 32'd0) state_d = StZeroKey;  // switched off in the first round
          else if (slot_last)                   state_d = StDone;
          else                                  idx_d   = idx_q + 16'd1;
        end else if (is_add) begin
          if (rsp[511]) begin
            status_d = adit_reg_pkg::STATUS_EXISTS;
            state_d  = StDone;
          end else state_d = StPutAddr;
        end else if (!rsp[511]) begin
          status_d = adit_reg_pkg::STATUS_NOT_FOUND;
          state_d  = StDone;
        end else if (is_update && !same_id) begin
          status_d = adit_reg_pkg::STATUS_BAD_FIELD;
          field_d  = changed;
          state_d  = StDone;
        end else if (is_update) state_d = StLook;
        else if (op_q == adit_reg_pkg::OP_SA_QUERY) state_d = StGetLive;
        else state_d = old_id.dir[0] ? StOff : StFenceOut;
      end
      StGetLive: if (ack) state_d = StDone;

      // add, update
      StLook: state_d = moved ? StHashAdd : StPutAddr;
      StPutAddr: if (ack) state_d = StPutLimits;
      StPutLimits: if (ack) state_d = StPutId;
      StPutId: if (ack) state_d = is_add ? StPutKey : moved_q ? StUnhash : StDone;
      StPutKey: if (ack) state_d = StPutInner;
      StPutInner: if (ack) state_d = StPutOuter;
      StPutOuter: if (ack) state_d = dir_q ? StHashAdd : StValid;
      StHashAdd: if (ack) begin
        if (tbl_i.err == adit_reg_pkg::STATUS_OK) state_d = is_add ? StValid : StPutAddr;
        else begin
          status_d = tbl_i.err;
          state_d  = is_add ? StZeroKey : StDone;
        end
      end
      StValid: if (ack) state_d = StDone;

      // delete, flush
      StOff: if (ack) begin
        if (dir_q) state_d = StUnhash;
        else if (!is_flush) begin
          state_d  = StFenceOut;
          second_d = 1'b1;
        end else if (slot_last) state_d = StFenceOut;
        else begin
          state_d = StGetId;
          idx_d   = idx_q + 16'd1;
        end
      end
      StUnhash: if (ack) begin
        if (is_update) state_d = StDone;
        else if (!is_flush) state_d = StFenceIn;
        else if (slot_last) state_d = StFenceOut;
        else begin
          state_d = StGetId;
          idx_d   = idx_q + 16'd1;
        end
      end
      StFenceOut: if (ack) state_d = is_flush ? StFenceIn : second_q ? StZeroKey : StOff;
      StFenceIn: if (ack) begin
        if (is_flush) begin
          state_d  = StGetId;
          second_d = 1'b1;
          idx_d    = 16'd0;
        end else state_d = StZeroKey;
      end

      // clear
      StZeroKey: if (ack) state_d = StZeroInner;
      StZeroInner: if (ack) state_d = StZeroOuter;
      StZeroOuter: if (ack) begin
        if (sweep_q) begin
          dir_d   = 1'b1;
          state_d = dir_q ? StSpLive : StZeroKey;
        end else state_d = StZeroAddr;
      end
      StZeroAddr: if (ack) state_d = StZeroLimits;
      StZeroLimits: if (ack) state_d = StZeroId;
      StZeroId: if (ack) begin
        if (!is_flush || slot_last) state_d = StDone;
        else begin
          state_d = StGetId;
          idx_d   = idx_q + 16'd1;
        end
      end

      // policies
      StSpPut, StSpBind, StSpGet, StSpLive: if (ack) state_d = StDone;
      StSpClear0: if (ack) state_d = op_q == adit_reg_pkg::OP_SP_DELETE ? StDone : StSpClear1;
      StSpClear1: if (ack) begin
        if (op_q == adit_reg_pkg::OP_SP_DELETE) state_d = StDone;
        else if (idx_q == 16'd0) state_d = StSpZero;
        else begin
          state_d = StSpClear0;
          idx_d   = idx_q - 16'd1;
        end
      end
      StSpZero: if (ack) begin
        if (idx_q != LAST_RANK) idx_d = idx_q + 16'd1;
        else state_d = StDone;
      end
      default: state_d = StIdle;  // StDone
    endcase
    if (clear_i && (!req_q || ack)) state_d = StIdle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; req_q <= 1'b0; second_q <= 1'b0; idx_q <= '0; dir_q <= 1'b0; sweep_q <= 1'b0;
      status_o <= '0; field_o <= '0; op_q <= '0; moved_q <= 1'b0;
    end else begin
      state_q  <= state_d;
      idx_q    <= idx_d;
      dir_q    <= dir_d;
      second_q <= second_d;
      sweep_q  <= sweep_d;
      status_o <= status_d;
      field_o  <= field_d;
      op_q     <= op_d;
      req_q    <= req_q ? !tbl_i.ack : state_q != StIdle && state_q != StDone && state_q != StLook && !clear_i;
      if (state_q == StLook) moved_q <= moved;
    end
  end
  always_ff @(posedge clk_i) if (ack) begin
    if (state_q == StGetId) begin
      answer_o[511:0] <= {408'd0, rsp[103:0]};  // identity alone
      dst_old_q       <= {old_id.flags[1], rsp[415:288]};
    end
    if (state_q == StGetLive) answer_o[1023:512] <= rsp;
    if (state_q == StSpGet)   answer_o[511:0]    <= rsp;
  end

  // ---- what stands on the bus; data only while asked, so that no key lingers there
  // AES-GMAC has the key of a cipher: it is made ready as AES-GCM's (RFC 4543 §3).
  logic [7:0] key_enc;
  logic [5:0] key_bytes;
  logic       has_key, has_auth, has_salt;
  logic [255:0] enc_key;
  always_comb begin
    key_enc = new_id.enc;
    if (new_id.auth >= adit_reg_pkg::AUTH_AES_GMAC_128)
      key_enc = adit_reg_pkg::ENC_AES_GCM_128 + (new_id.auth - adit_reg_pkg::AUTH_AES_GMAC_128);
    case (key_enc)
      adit_reg_pkg::ENC_AES_CBC_128, adit_reg_pkg::ENC_AES_CTR_128, adit_reg_pkg::ENC_AES_GCM_128: key_bytes = 6'd16;
      adit_reg_pkg::ENC_AES_CBC_192, adit_reg_pkg::ENC_AES_CTR_192, adit_reg_pkg::ENC_AES_GCM_192: key_bytes = 6'd24;
      adit_reg_pkg::ENC_AES_CBC_256, adit_reg_pkg::ENC_AES_CTR_256, adit_reg_pkg::ENC_AES_GCM_256: key_bytes = 6'd32;
      adit_reg_pkg::ENC_DES_CBC:  key_bytes = 6'd8;
      adit_reg_pkg::ENC_DES3_CBC: key_bytes = 6'd24;
      default:                    key_bytes = 6'd0;   // NULL, and what the host transforms: no key comes here
    endcase
    enc_key = key.enc_key & ~({256{1'b1}} << {key_bytes, 3'd0});
  end
  assign has_key  = key_bytes != 6'd0 && !new_id.flags[7];
  assign has_salt = key_enc >= adit_reg_pkg::ENC_AES_CTR_128 && key_enc <= adit_reg_pkg::ENC_AES_GCM_256;

  logic       is_gcm;
  logic [2:0] hash;
  assign is_gcm   = new_id.enc >= adit_reg_pkg::ENC_AES_GCM_128 && new_id.enc <= adit_reg_pkg::ENC_AES_GCM_256;
  assign has_auth = (new_id.auth != adit_reg_pkg::AUTH_NULL || is_gcm) && !new_id.flags[7];
  always_comb begin
    case (new_id.auth)
      adit_reg_pkg::AUTH_HMAC_MD5_96:     hash = adit_pkg::HASH_MD5;
      adit_reg_pkg::AUTH_HMAC_SHA1_96:    hash = adit_pkg::HASH_SHA1;
      adit_reg_pkg::AUTH_HMAC_SHA256_128: hash = adit_pkg::HASH_SHA256;
      adit_reg_pkg::AUTH_HMAC_SHA384_192: hash = adit_pkg::HASH_SHA384;
      adit_reg_pkg::AUTH_HMAC_SHA512_256: hash = adit_pkg::HASH_SHA512;
      adit_reg_pkg::AUTH_NULL:            hash = adit_pkg::HASH_GCM;
      default:                            hash = adit_pkg::HASH_GMAC;
    endcase
  end
  always_comb begin
    tbl_o = '0;
    if (req_q) begin
      tbl_o.valid = 1'b1;
      tbl_o.idx   = idx_q;
      case (state_q)
        StGetId:      tbl_o.op = adit_pkg::TBL_SA_GET_ID;
        StGetLive:    tbl_o.op = adit_pkg::TBL_SA_GET_LIVE;
        StPutId: begin
          tbl_o.op       = adit_pkg::TBL_SA_ID;
          tbl_o.ext[1:0] = {is_add, is_update};
          tbl_o.data     = new_id;
        end
        StPutAddr: begin
          tbl_o.op   = adit_pkg::TBL_SA_ADDR;
          tbl_o.data = new_addr;
        end
        StPutLimits: begin
          tbl_o.op   = adit_pkg::TBL_SA_LIMITS;
          tbl_o.data = limits;
        end
        StPutKey: begin
          tbl_o.op   = adit_pkg::TBL_SA_KEY;
          tbl_o.ext  = {!has_key, 2'd0, dir_q};
          tbl_o.code = has_key ? key_enc : 8'd0;
          tbl_o.data = has_key ? {224'd0, has_salt ? key.salt : 32'd0, enc_key} : 512'd0;
        end
        StPutInner: begin
          tbl_o.op     = adit_pkg::TBL_SA_INNER;
          tbl_o.ext    = {!has_auth, 2'd0, dir_q};
          tbl_o.code   = {5'd0, hash};
          tbl_o.data   = has_auth ? record_i[2559:2048] : 512'd0;
        end
        StPutOuter: begin
          tbl_o.op     = adit_pkg::TBL_SA_OUTER;
          tbl_o.ext    = {!has_auth, 2'd0, dir_q};
          tbl_o.code   = {5'd0, hash};
          tbl_o.data   = has_auth ? record_i[3071:2560] : 512'd0;
        end
        StHashAdd: begin
          tbl_o.op      = adit_pkg::TBL_HASH_ADD;
          tbl_o.code[0] = dst_is_v6;
          tbl_o.data    = new_addr;
        end
        StUnhash: begin
          tbl_o.op      = adit_pkg::TBL_HASH_DEL;
          tbl_o.code[0] = dst_old_q[128];
          tbl_o.data    = {256'd0, dst_old_q[127:0], 128'd0};
        end
        StValid: begin
          tbl_o.op     = adit_pkg::TBL_SA_VALID;
          tbl_o.ext[0] = 1'b1;
        end
        StOff:        tbl_o.op = adit_pkg::TBL_SA_VALID;
        StFenceOut:   tbl_o.op = adit_pkg::TBL_FENCE_OUT;
        StFenceIn:    tbl_o.op = adit_pkg::TBL_FENCE_IN;
        StZeroKey: begin
          tbl_o.op  = adit_pkg::TBL_SA_KEY;
          tbl_o.ext = {1'b1, 2'd0, dir_q};
        end
        StZeroInner: begin
          tbl_o.op  = adit_pkg::TBL_SA_INNER;
          tbl_o.ext = {1'b1, 2'd0, dir_q};
        end
        StZeroOuter: begin
          tbl_o.op  = adit_pkg::TBL_SA_OUTER;
          tbl_o.ext = {1'b1, 2'd0, dir_q};
        end
        StZeroAddr:   tbl_o.op = adit_pkg::TBL_SA_ADDR;
        StZeroLimits: tbl_o.op = adit_pkg::TBL_SA_LIMITS;
        StZeroId: begin
          tbl_o.op     = adit_pkg::TBL_SA_ID;
          tbl_o.ext[1] = 1'b1;
        end
        StSpPut: begin
          tbl_o.op     = adit_pkg::TBL_SP_PUT;
          tbl_o.ext[0] = flags_i[0];
          tbl_o.data   = record_i[511:0];
        end
        StSpClear0:   tbl_o.op = adit_pkg::TBL_SP_CLEAR;
        StSpClear1: begin
          tbl_o.op     = adit_pkg::TBL_SP_CLEAR;
          tbl_o.ext[0] = 1'b1;
        end
        StSpZero:     tbl_o.op = adit_pkg::TBL_SP_ZERO;
        StSpLive: begin
          tbl_o.op     = adit_pkg::TBL_SP_LIVE;
          tbl_o.ext[0] = !sweep_q && value_i[0];
        end
        StSpBind: begin
          tbl_o.op     = adit_pkg::TBL_SP_BIND;
          tbl_o.ext[0] = flags_i[0];
          tbl_o.data   = {496'd0, value_i};
        end
        StSpGet:      tbl_o.op = adit_pkg::TBL_SP_GET;
        default:      tbl_o.valid = 1'b0;
      endcase
    end
  end

  assign done_o = state_q == StDone;
  assign idle_o = state_q == StIdle;

  logic unused_bits;
  assign unused_bits = ^{1'b0, flags_i[7:2], old_id, key.rsvd288};
endmodule
