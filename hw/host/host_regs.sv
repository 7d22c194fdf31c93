// SPDX-License-Identifier: BSD-2-Clause-Patent
// The register file of card.toml behind AXI4-Lite. Unmapped addresses read 0 and swallow writes.
// One write and one read at a time; a write waits for address and data.
module host_regs #(
  parameter int unsigned SA_LOG2 = 10,
  parameter int unsigned SP_LOG2 = 6,
  parameter int unsigned WINDOW_LOG2 = 12,
  parameter int unsigned FULL    = 0,
  parameter int unsigned CLOCK_HZ = 0    // 0: the host keeps time
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,          // card reset: every register to its reset value

  input  logic [11:0]   s_axil_awaddr_i,
  input  logic          s_axil_awvalid_i,
  output logic          s_axil_awready_o,
  input  logic [31:0]   s_axil_wdata_i,
  input  logic [3:0]    s_axil_wstrb_i,
  input  logic          s_axil_wvalid_i,
  output logic          s_axil_wready_o,
  output logic [1:0]    s_axil_bresp_o,
  output logic          s_axil_bvalid_o,
  input  logic          s_axil_bready_i,
  input  logic [11:0]   s_axil_araddr_i,
  input  logic          s_axil_arvalid_i,
  output logic          s_axil_arready_o,
  output logic [31:0]   s_axil_rdata_o,
  output logic [1:0]    s_axil_rresp_o,
  output logic          s_axil_rvalid_o,
  input  logic          s_axil_rready_i,

  output logic [3:0]    ctrl_o,           // verdicts, no_match, nic, enable
  output logic          reset_o,          // CTRL.reset, one cycle
  output logic [15:0]   moderation_o,
  output logic [31:0]   now_o,            // seconds
  output logic [31:0]   host_period_o,
  output logic [15:0]   host_reserve_o,
  output logic [255:0]  host_limits_o,
  output logic [1023:0] local_addr_o,     // as numbers
  output logic [7:0]    local_v4_o,
  output logic [7:0]    local_v6_o,
  output logic [511:0]  caps_o,           // desc caps

  // rings 0..3 side by side
  output logic [255:0]  base_o,
  output logic [63:0]   tx_wb_o,
  output logic [3:0]    start_o,          // start, stop and doorbell: the cycle after the write
  output logic [3:0]    stop_o,
  output logic [4:0]    size_log2_o,      // beside start_o
  output logic [3:0]    bell_valid_o,
  output logic [15:0]   bell_o,           // beside bell_valid_o
  input  logic [63:0]   bell_i,           // doorbells that count
  input  logic [63:0]   index_i,
  input  logic [31:0]   fault_i,

  input  logic          ready_i,
  input  logic          busy_i,
  input  logic [63:0]   cycle_i,
  input  logic [31:0]   evt_dropped_i,
  output logic          busy_o            // an access is under way
);
  localparam logic [31:0] CAP_SIZES =
      {7'd0, FULL != 0, 4'd4, 4'd1, 8'(SP_LOG2), 8'(SA_LOG2)};
  localparam logic [31:0] CAP_ENC      = (32'd2 << adit_reg_pkg::ENC_DES3_CBC) - 32'd1;      // all up to 3DES
  localparam logic [31:0] CAP_AUTH     = (32'd2 << adit_reg_pkg::AUTH_AES_GMAC_256) - 32'd1;  // all
  localparam logic [31:0] CAP_FEATURES = (32'd2 << adit_reg_pkg::FEATURE_HOST_TRANSFORM) - 32'd1;
  localparam logic [31:0] CAP_LIMITS   = {16'(1 << WINDOW_LOG2), 16'(adit_pkg::MAX_FRAME_BYTES)};
  assign caps_o = {288'd0, CAP_LIMITS, CAP_FEATURES, CAP_AUTH, CAP_ENC, CAP_SIZES,
                   adit_reg_pkg::VERSION_RESET, adit_reg_pkg::MAGIC_RESET};

  // Offsets inside a ring's 32 bytes, and of the ring block.
  localparam logic [4:0] AT_BASE_LO = adit_reg_pkg::RING_BASE_LO_OFFSET[4:0];
  localparam logic [4:0] AT_BASE_HI = adit_reg_pkg::RING_BASE_HI_OFFSET[4:0];
  localparam logic [4:0] AT_CTRL    = adit_reg_pkg::RING_CTRL_OFFSET[4:0];
  localparam logic [4:0] AT_BELL    = adit_reg_pkg::RING_DOORBELL_OFFSET[4:0];
  localparam logic [4:0] AT_INDEX   = adit_reg_pkg::RING_INDEX_OFFSET[4:0];
  localparam logic [4:0] AT_WB_LO   = adit_reg_pkg::RING_WB_LO_OFFSET[4:0];
  localparam logic [4:0] AT_WB_HI   = adit_reg_pkg::RING_WB_HI_OFFSET[4:0];

  logic [3:0]    ctrl_q;
  logic [15:0]   moderation_q, local_valid_q;
  logic [255:0]  base_q, wb_q;
  logic [19:0]   size_q;
  logic [3:0]    enable_q;
  logic [31:0]   now_q, second_q, period_q;   // second_q: cycles left of the running second
  logic [15:0]   reserve_q;
  logic [255:0]  limits_q;
  logic [1023:0] local_q;      // as written: byte 0 in the lowest bits
  logic [31:0]   cycle_hi_q;

  // ---- read value of any address; a partial write keeps the bytes it does not name
  logic        write;
  logic [11:0] addr;
  logic [1:0]  ring;
  logic [31:0] value;
  logic        in_rings, in_local, in_limits;   // the address is one of the rings' registers; of LOCAL_ADDR; of HOST_LIMIT
  assign write = s_axil_awvalid_i && s_axil_wvalid_i && (!s_axil_bvalid_o || s_axil_bready_i);
  assign addr  = write ? {s_axil_awaddr_i[11:2], 2'd0} : {s_axil_araddr_i[11:2], 2'd0};
  assign ring  = addr[6:5];
  assign in_rings = addr[11:7] == adit_reg_pkg::RING_BASE_LO_OFFSET[11:7];
  assign in_local = addr[11:7] == adit_reg_pkg::LOCAL_ADDR_OFFSET[11:7];
  assign in_limits = addr[11:6] == adit_reg_pkg::HOST_LIMIT_OFFSET[11:6];
  always_comb begin
    value = 32'd0;
    if (in_local) value = local_q[{addr[6:2], 5'd0} +: 32];
    else if (in_limits) value = {16'd0, limits_q[{addr[5:2], 4'd0} +: 16]};
    else if (in_rings) begin
      case (addr[4:0])
        AT_BASE_LO: value = base_q[{ring, 6'd0} +: 32];
        AT_BASE_HI: value = base_q[{ring, 6'd32} +: 32];
        AT_CTRL:    value = {enable_q[ring], 26'd0, size_q[5*ring +: 5]};
        AT_BELL:    value = {16'd0, bell_i[{ring, 4'd0} +: 16]};
        AT_INDEX:   value = {16'd0, index_i[{ring, 4'd0} +: 16]};
        AT_WB_LO:   value = wb_q[{ring, 6'd0} +: 32];
        AT_WB_HI:   value = wb_q[{ring, 6'd32} +: 32];
        default:    value = 32'd0;
      endcase
    end else begin
      case (addr)
        adit_reg_pkg::MAGIC_OFFSET:          value = adit_reg_pkg::MAGIC_RESET;
        adit_reg_pkg::VERSION_OFFSET:        value = adit_reg_pkg::VERSION_RESET;
        adit_reg_pkg::CAP_SIZES_OFFSET:      value = CAP_SIZES;
        adit_reg_pkg::CAP_ENC_OFFSET:        value = CAP_ENC;
        adit_reg_pkg::CAP_AUTH_OFFSET:       value = CAP_AUTH;
        adit_reg_pkg::CAP_FEATURES_OFFSET:   value = CAP_FEATURES;
        adit_reg_pkg::CAP_LIMITS_OFFSET:     value = CAP_LIMITS;
        adit_reg_pkg::CAP_CLOCK_OFFSET:      value = 32'(CLOCK_HZ);
        adit_reg_pkg::CTRL_OFFSET:           value = {28'd0, ctrl_q};
        adit_reg_pkg::NOW_OFFSET:            value = now_q;
        adit_reg_pkg::HOST_PERIOD_OFFSET:    value = period_q;
        adit_reg_pkg::HOST_RESERVE_OFFSET:   value = {16'd0, reserve_q};
        adit_reg_pkg::STATUS_OFFSET:         value = {24'd0, fault_i[31:24] != 8'd0, fault_i[23:16] != 8'd0,
                                                      fault_i[15:8] != 8'd0, fault_i[7:0] != 8'd0,
                                                      2'd0, busy_i, ready_i};
        adit_reg_pkg::RING_FAULT_OFFSET:     value = fault_i;
        adit_reg_pkg::CYCLES_LO_OFFSET:      value = cycle_i[31:0];
        adit_reg_pkg::CYCLES_HI_OFFSET:      value = cycle_hi_q;
        adit_reg_pkg::IRQ_MODERATION_OFFSET: value = {16'd0, moderation_q};
        adit_reg_pkg::EVT_DROPPED_OFFSET:    value = evt_dropped_i;
        adit_reg_pkg::LOCAL_VALID_OFFSET:    value = {16'd0, local_valid_q};
        default:                             value = 32'd0;
      endcase
    end
  end

  logic [31:0] mask, next;
  assign mask = {{8{s_axil_wstrb_i[3]}}, {8{s_axil_wstrb_i[2]}}, {8{s_axil_wstrb_i[1]}}, {8{s_axil_wstrb_i[0]}}};
  assign next = (value & ~mask) | (s_axil_wdata_i & mask);

  logic ring_ctrl;
  assign ring_ctrl    = write && in_rings && addr[4:0] == AT_CTRL;
  assign reset_o      = write && addr == adit_reg_pkg::CTRL_OFFSET && next[8];
  always_ff @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      start_o <= '0; stop_o <= '0; bell_valid_o <= '0;
    end else begin
      start_o            <= '0;
      stop_o             <= '0;
      bell_valid_o       <= '0;
      start_o[ring]      <= ring_ctrl && next[31] && !clear_i;
      stop_o[ring]       <= ring_ctrl && !next[31];
      bell_valid_o[ring] <= write && in_rings && addr[4:0] == AT_BELL;
    end
  always_ff @(posedge clk_i)
    if (write) begin
      size_log2_o <= next[4:0];
      bell_o      <= next[15:0];
    end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ctrl_q <= '0; moderation_q <= '0; local_valid_q <= '0; base_q <= '0; wb_q <= '0; size_q <= '0; enable_q <= '0;
      local_q <= '0; period_q <= '0; reserve_q <= '0; limits_q <= '0;
    end else if (clear_i) begin
      ctrl_q <= '0; moderation_q <= '0; local_valid_q <= '0; base_q <= '0; wb_q <= '0; size_q <= '0; enable_q <= '0;
      local_q <= '0; period_q <= '0; reserve_q <= '0; limits_q <= '0;
    end else if (write) begin
      if (in_local) local_q[{addr[6:2], 5'd0} +: 32] <= next;
      else if (in_limits) limits_q[{addr[5:2], 4'd0} +: 16] <= next[15:0];
      else if (in_rings) begin
        case (addr[4:0])
          AT_BASE_LO: base_q[{ring, 6'd0} +: 32]  <= next;
          AT_BASE_HI: base_q[{ring, 6'd32} +: 32] <= next;
          AT_WB_LO:   wb_q[{ring, 6'd0} +: 32]    <= next;
          AT_WB_HI:   wb_q[{ring, 6'd32} +: 32]   <= next;
          AT_CTRL: begin
            enable_q[ring]     <= next[31];
            size_q[5*ring +: 5] <= next[4:0];
          end
          default: ;
        endcase
      end else begin
        case (addr)
          adit_reg_pkg::CTRL_OFFSET:           ctrl_q        <= next[3:0];
          adit_reg_pkg::IRQ_MODERATION_OFFSET: moderation_q  <= next[15:0];
          adit_reg_pkg::LOCAL_VALID_OFFSET:    local_valid_q <= next[15:0];
          adit_reg_pkg::HOST_PERIOD_OFFSET:    period_q      <= next;
          adit_reg_pkg::HOST_RESERVE_OFFSET:   reserve_q     <= next[15:0];
          default: ;
        endcase
      end
    end
  end

  // ---- time: a card with a clock of known speed counts; without one the host does. A reset of the card does not stop it.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      now_q <= '0; second_q <= '0;
    end else if (write && addr == adit_reg_pkg::NOW_OFFSET) begin
      now_q    <= next;
      second_q <= 32'(CLOCK_HZ);
    end else if (CLOCK_HZ != 0) begin
      second_q <= second_q <= 32'd1 ? 32'(CLOCK_HZ) : second_q - 32'd1;
      if (second_q == 32'd1) now_q <= now_q + 32'd1;
    end
  end

  // ---- the bus
  logic read;
  assign read = s_axil_arvalid_i && !write && (!s_axil_rvalid_o || s_axil_rready_i);
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_arready_o = read;
  assign s_axil_bresp_o   = 2'd0;
  assign s_axil_rresp_o   = 2'd0;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s_axil_bvalid_o <= 1'b0; s_axil_rvalid_o <= 1'b0; s_axil_rdata_o <= '0; cycle_hi_q <= '0;
    end else begin
      if (!s_axil_bvalid_o || s_axil_bready_i) s_axil_bvalid_o <= write;
      if (!s_axil_rvalid_o || s_axil_rready_i) s_axil_rvalid_o <= read;
      if (read) s_axil_rdata_o <= value;
      if (read && addr == adit_reg_pkg::CYCLES_LO_OFFSET) cycle_hi_q <= cycle_i[63:32];
    end
  end

  // ---- addresses: network order here, numbers for the pipelines
  always_comb begin
    local_addr_o = '0;
    for (int n = 0; n < 8; n++) begin
      if (local_valid_q[n])
        for (int i = 0; i < 4; i++)  local_addr_o[128*n + 8*i +: 8] = local_q[128*n + 8*(3-i) +: 8];
      else
        for (int i = 0; i < 16; i++) local_addr_o[128*n + 8*i +: 8] = local_q[128*n + 8*(15-i) +: 8];
    end
  end
  assign local_v4_o   = local_valid_q[7:0];
  assign local_v6_o   = local_valid_q[15:8];
  assign ctrl_o       = ctrl_q;
  assign moderation_o = moderation_q;
  assign now_o          = now_q;
  assign host_period_o  = period_q;
  assign host_reserve_o = reserve_q;
  assign host_limits_o  = limits_q;
  assign base_o       = base_q;
  assign tx_wb_o      = wb_q[191:128];
  assign busy_o       = s_axil_awvalid_i || s_axil_wvalid_i || s_axil_arvalid_i || s_axil_bvalid_o || s_axil_rvalid_o;

  logic unused_bits;
  assign unused_bits = ^{1'b0, s_axil_awaddr_i[1:0], s_axil_araddr_i[1:0]};
endmodule
