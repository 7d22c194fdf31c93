// SPDX-License-Identifier: BSD-2-Clause-Patent
// Packets on their way to host memory, oldest first: when all data bursts of one were answered, its descriptor is
// written over (desc rx) and the index moves. Data is in memory before the descriptor says so.
module host_rx_done #(
  parameter int unsigned DEPTH_LOG2 = 3
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  clear_i,
  input  logic                  run_i,
  input  logic [63:0]           base_i,
  input  logic [15:0]           mask_i,
  input  logic                  put_valid_i,
  output logic                  put_ready_o,     // room for a packet that begins now
  input  logic [63:0]           put_iova_i,
  input  logic [15:0]           put_room_i,
  input  logic [15:0]           put_index_i,
  input  adit_pkg::host_meta_t  put_meta_i,
  input  logic [3:0]            put_bursts_i,    // data bursts of this packet
  input  logic [1:0]            open_bursts_i,   // data bursts that go to the DMA engine this cycle
  input  logic                  b_valid_i,       // one of them is answered
  output logic                  req_valid_o,
  input  logic                  req_ready_i,
  output logic [63:0]           req_addr_o,
  output logic [511:0]          w_data_o,
  input  logic                  done_b_valid_i,
  input  logic                  b_err_i,
  output logic                  advance_o,
  output logic                  error_o,
  output logic                  irq_o,
  output logic                  pop_o,
  output logic                  lost_o,          // a packet of a stopped ring is forgotten
  output logic                  idle_o
);
  localparam int unsigned DEPTH = 1 << DEPTH_LOG2;
  localparam int unsigned ENTRY_BITS = 64 + 4 + 16 + 58 + 16 + 58;
  logic [ENTRY_BITS-1:0] entry_mem [DEPTH];
  logic [ENTRY_BITS-1:0] head;
  logic [DEPTH_LOG2:0]   wr_q, rd_q;
  logic [5:0]            open_q, answered_q;   // bursts under way; answered and not yet used up by a packet
  logic [3:0]            bursts;
  logic [15:0]           index, room;
  logic                  valid;
  assign head  = entry_mem[rd_q[DEPTH_LOG2-1:0]];
  assign valid = wr_q != rd_q;
  assign put_ready_o = (wr_q - rd_q) < (DEPTH_LOG2 + 1)'(DEPTH - 1);
  assign bursts = head[151:148];
  assign index  = head[147:132];
  assign room   = head[73:58];

  typedef enum logic [1:0] {StIdle, StAsk, StWait} state_e;
  state_e state_q, state_d;
  always_comb begin
    state_d   = state_q;
    advance_o = 1'b0;
    error_o   = 1'b0;
    irq_o     = 1'b0;
    pop_o     = 1'b0;
    lost_o    = 1'b0;
    case (state_q)
      StIdle: if (valid && !run_i) begin
        pop_o  = 1'b1;
        lost_o = 1'b1;
      end else if (valid && answered_q >= {2'd0, bursts}) state_d = StAsk;
      StAsk: if (!run_i) state_d = StIdle;
      else if (req_ready_i) begin     // the DMA engine; from here on the host may see the packet
        advance_o = 1'b1;
        state_d   = StWait;
      end
      default: if (done_b_valid_i) begin
        error_o = b_err_i;
        irq_o   = !b_err_i;
        pop_o   = valid;
        state_d = StIdle;
      end
    endcase
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle; wr_q <= '0; rd_q <= '0; open_q <= '0; answered_q <= '0;
    end else begin
      state_q <= state_d;
      if (put_valid_i) wr_q <= wr_q + 1'b1;
      if (pop_o) rd_q <= rd_q + 1'b1;
      open_q     <= open_q + {4'd0, open_bursts_i} - 6'(b_valid_i);
      answered_q <= !run_i ? 6'd0 :
                    answered_q + 6'(b_valid_i && !b_err_i) - (advance_o ? {2'd0, bursts} : 6'd0);
      if (clear_i && state_q == StIdle) begin  // never under a write that is on its way
        wr_q <= '0; rd_q <= '0;
      end
    end
  end
  always_ff @(posedge clk_i) if (put_valid_i)
    entry_mem[wr_q[DEPTH_LOG2-1:0]] <= {put_meta_i.seq, put_bursts_i, put_index_i, put_meta_i.reason, put_meta_i.face,
                                        put_meta_i.n_bytes, put_meta_i.sa_slot, put_meta_i.sp_id,
                                        put_room_i, put_iova_i[63:6]};

  adit_reg_pkg::rx_desc_t desc;
  always_comb begin
    desc         = '0;
    desc.iova    = {head[57:0], 6'd0};
    desc.room    = room;
    desc.sp_id   = head[89:74];
    desc.sa_slot = head[105:90];
    desc.length  = head[121:106];
    desc.face    = {6'd0, head[123:122]};
    desc.reason  = head[131:124];
    desc.done    = 8'd1;
    desc.seq     = head[215:152];
  end
  assign req_valid_o = state_q == StAsk && run_i;
  assign req_addr_o  = {base_i[63:6], 6'd0} + {43'd0, index & mask_i, 5'd0};
  assign w_data_o    = {desc, desc};
  assign idle_o      = state_q == StIdle && !valid && open_q == 6'd0;

  logic unused_bits;
  assign unused_bits = ^{1'b0, base_i[5:0], put_iova_i[5:0]};
endmodule
