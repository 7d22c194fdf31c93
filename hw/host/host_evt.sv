// SPDX-License-Identifier: BSD-2-Clause-Patent
// The event ring's writer. Whoever has something to say (a command's completion, a fault, the two pipelines' verdicts,
// acquire and notices) gets a place in a short FIFO; its oldest is written when the host has left room.
// A completion, a fault and a verdict wait for a place. So does a notice while the ring takes events; once the host has left no
// room, or the ring is off, a notice that finds the FIFO full is dropped and counted.
// Writes follow one another without waiting for answers. An event leaves the FIFO when its own write and all before it were
// answered well, so a ring that faults loses none: what the host cannot read, an entry before it missing, is written again.
module host_evt #(
  parameter int unsigned DEPTH_LOG2 = 3
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,      // card reset: forget everything
  input  logic [63:0]         cycle_i,
  input  logic                verdicts_i,   // post verdicts; else they are only counted

  input  logic                cpl_valid_i,
  output logic                cpl_ready_o,
  input  logic [7:0]          cpl_status_i,
  input  logic [7:0]          cpl_field_i,
  input  logic [31:0]         cpl_tag_i,
  input  logic [15:0]         cpl_index_i,
  input  logic [3:0]          fault_i,      // one cycle: ring n stopped
  input  logic                seal_valid_i,
  output logic                seal_ready_o,
  input  adit_pkg::verdict_t  seal_i,
  input  logic                open_valid_i,
  output logic                open_ready_o,
  input  adit_pkg::verdict_t  open_i,
  input  logic                notice_valid_i,
  output logic                notice_ready_o,
  input  adit_pkg::notice_t   notice_i,
  output logic [31:0]         dropped_o,

  input  logic                run_i,
  input  logic [63:0]         base_i,
  input  logic [15:0]         mask_i,
  input  logic [4:0]          size_log2_i,
  input  logic [15:0]         consumed_i,
  input  logic [16:0]         index_i,
  output logic                advance_o,
  output logic                error_o,
  output logic                written_o,    // one cycle: an event is in host memory

  output logic                req_valid_o,
  input  logic                req_ready_i,
  output logic [63:0]         req_addr_o,
  output logic [511:0]        w_data_o,
  input  logic                w_ready_i,    // the word is taken
  input  logic                b_valid_i,
  input  logic                b_err_i,
  output logic                idle_o,       // no write under way
  output logic                busy_o        // something to write, and the host has room
);
  localparam int unsigned EVENT_BITS = 416;  // evt_desc_t without cycle and the gap before it
  localparam int unsigned DEPTH      = 1 << DEPTH_LOG2;

  logic [EVENT_BITS-1:0]   event_mem [DEPTH];
  logic [DEPTH_LOG2:0]     wr_q, sent_q, rd_q;   // put; written; answered
  logic                    full, empty;
  assign full  = (wr_q - rd_q) == (DEPTH_LOG2 + 1)'(DEPTH);
  assign empty = wr_q == sent_q;

  // ---- has the host left room?
  logic [15:0] fill;
  logic        room;
  assign fill = index_i[15:0] - consumed_i;
  assign room = fill < (size_log2_i[4] ? 16'hffff : 16'd1 << size_log2_i[3:0]);

  // ---- who is next: completion, fault, then round robin of verdicts and notices
  logic [3:0] fault_q;
  logic [1:0] last_q;   // 0 seal, 1 open, 2 notice
  logic [2:0] asks, grant;
  assign asks = {notice_valid_i, open_valid_i && verdicts_i, seal_valid_i && verdicts_i};
  always_comb begin
    grant = 3'b000;
    if (!full && !cpl_valid_i && fault_q == 4'd0) begin
      case (last_q)
        2'd0:    grant = asks[1] ? 3'b010 : asks[2] ? 3'b100 : asks & 3'b001;
        2'd1:    grant = asks[2] ? 3'b100 : asks[0] ? 3'b001 : asks & 3'b010;
        default: grant = asks[0] ? 3'b001 : asks[1] ? 3'b010 : asks & 3'b100;
      endcase
    end
  end
  assign cpl_ready_o    = !full;
  assign seal_ready_o   = !verdicts_i || grant[0];
  assign open_ready_o   = !verdicts_i || grant[1];
  logic  lose;          // nobody will make a place
  assign lose           = notice_valid_i && full && !(run_i && room);
  assign notice_ready_o = lose || grant[2];

  // Addresses: a number in notice_t, network order in the event.
  logic [127:0] src_be, dst_be;
  always_comb begin
    src_be = '0;
    dst_be = '0;
    if (notice_i.is_v6) begin
      for (int i = 0; i < 16; i++) begin
        src_be[8*i +: 8] = notice_i.src[8*(15-i) +: 8];
        dst_be[8*i +: 8] = notice_i.dst[8*(15-i) +: 8];
      end
    end else begin
      for (int i = 0; i < 4; i++) begin
        src_be[8*i +: 8] = notice_i.src[8*(3-i) +: 8];
        dst_be[8*i +: 8] = notice_i.dst[8*(3-i) +: 8];
      end
    end
  end

  adit_pkg::verdict_t        verdict;
  adit_reg_pkg::evt_desc_t   put;
  logic                      push;
  logic [1:0]                fault_ring;
  assign verdict    = grant[0] ? seal_i : open_i;
  assign fault_ring = fault_q[0] ? 2'd0 : fault_q[1] ? 2'd1 : fault_q[2] ? 2'd2 : 2'd3;
  always_comb begin
    put         = '0;
    put.sa_slot = 16'hffff;
    push        = 1'b0;
    if (!full && cpl_valid_i) begin
      push       = 1'b1;
      put.type_  = adit_reg_pkg::EVENT_COMPLETION;
      put.status = cpl_status_i;
      put.field  = cpl_field_i;
      put.tag    = cpl_tag_i;
      put.index  = cpl_index_i;
    end else if (!full && fault_q != 4'd0) begin
      push      = 1'b1;
      put.type_ = adit_reg_pkg::EVENT_RING_FAULT;
      put.index = {14'd0, fault_ring};
    end else if (grant[0] || grant[1]) begin
      push        = 1'b1;
      put.type_   = adit_reg_pkg::EVENT_VERDICT;
      put.status  = verdict.reason;
      put.field   = {4'd0, verdict.face_out, verdict.face_in};
      put.tag     = verdict.frame_no;
      put.index   = verdict.sp_id;
      put.sa_slot = verdict.sa_slot;
      put.length  = verdict.frame_bytes;
    end else if (grant[2]) begin
      push        = 1'b1;
      put.type_   = notice_i.kind;
      put.index   = notice_i.sp_id;
      put.sa_slot = notice_i.sa_slot;
      put.proto   = notice_i.proto;
      put.is_v6   = {7'd0, notice_i.is_v6};
      put.src     = src_be;
      put.dst     = dst_be;
      put.sport   = notice_i.sport;
      put.dport   = notice_i.dport;
    end
  end

  // ---- write the oldest that was not written
  typedef enum logic [1:0] {StIdle, StAsk, StData} state_e;
  state_e              state_q, state_d;
  logic                load, pop, sent, is_bad_q;   // is_bad_q: a write failed, and others after it are still to be answered
  logic [DEPTH_LOG2:0] open_q;                      // writes not yet answered
  logic [63:0]         addr_q;
  adit_reg_pkg::evt_desc_t get, write_q;
  logic                turn;
  assign turn = index_i[size_log2_i];

  always_comb begin
    get       = {96'd0, event_mem[sent_q[DEPTH_LOG2-1:0]]};
    get.gen   = {7'd0, !turn};
    get.cycle = cycle_i;
  end

  always_comb begin
    state_d = state_q;
    load    = 1'b0;
    sent    = 1'b0;
    case (state_q)
      StIdle: if (!empty && run_i && room && !is_bad_q && !clear_i) begin
        load    = 1'b1;
        state_d = StAsk;
      end
      StAsk: if (!run_i) state_d = StIdle;
      else if (req_ready_i) begin    // the DMA engine; from here on the host may see the event
        sent    = 1'b1;
        state_d = StData;
      end
      default: if (w_ready_i) state_d = StIdle;  // the DMA engine has the word
    endcase
  end
  assign pop       = b_valid_i && !b_err_i && !is_bad_q && open_q != '0;
  assign advance_o = sent;
  assign error_o   = b_valid_i && b_err_i;
  assign written_o = b_valid_i && !b_err_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; wr_q <= '0; sent_q <= '0; rd_q <= '0; open_q <= '0; is_bad_q <= 1'b0; fault_q <= '0; last_q <= '0;
      dropped_o <= '0;
    end else begin
      state_q <= state_d;
      fault_q <= fault_q | fault_i;
      if (!full && !cpl_valid_i && fault_q != 4'd0) fault_q <= (fault_q & ~(4'd1 << fault_ring)) | fault_i;
      if (push) wr_q <= wr_q + 1'b1;
      if (pop)  rd_q <= rd_q + 1'b1;
      open_q <= open_q + (DEPTH_LOG2 + 1)'(sent) - (DEPTH_LOG2 + 1)'(b_valid_i);
      if (sent) sent_q <= sent_q + 1'b1;
      if (is_bad_q && open_q == '0) begin
        sent_q   <= rd_q;
        is_bad_q <= 1'b0;
      end
      if (error_o) is_bad_q <= 1'b1;
      if (grant[0]) last_q <= 2'd0;
      if (grant[1]) last_q <= 2'd1;
      if (grant[2]) last_q <= 2'd2;
      if (lose) dropped_o <= dropped_o + 32'd1;
      if (clear_i) begin
        wr_q <= '0; sent_q <= '0; rd_q <= '0; fault_q <= '0; dropped_o <= '0;
        if (open_q != '0) is_bad_q <= 1'b1;   // what is still to be answered belongs to nothing
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (push) event_mem[wr_q[DEPTH_LOG2-1:0]] <= put[EVENT_BITS-1:0];
    if (load) begin
      write_q <= get;
      addr_q  <= {base_i[63:6], 6'd0} + {42'd0, index_i[15:0] & mask_i, 6'd0};
    end
  end

  assign req_valid_o = state_q == StAsk && run_i;
  assign req_addr_o  = addr_q;
  assign w_data_o    = write_q;
  assign idle_o      = state_q == StIdle && open_q == '0 && !is_bad_q;
  assign busy_o      = !idle_o || fault_q != 4'd0 && !full || (!empty && run_i && room);

  logic unused_bits;
  assign unused_bits = ^{1'b0, base_i[5:0], put[511:EVENT_BITS]};
endmodule
