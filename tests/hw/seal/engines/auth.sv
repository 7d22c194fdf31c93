// SPDX-License-Identifier: BSD-2-Clause-Patent
// Stands in for hw/crypto/auth in tests of seal and open, as cipher.sv does for the cipher.
module auth #(
  parameter bit          DIR        = 1'b0,
  parameter int unsigned LANES      = 1,
  parameter int unsigned STAGES     = 5,
  parameter int unsigned CONTEXTS   = 8,
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned MEM_LOG2   = 10
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 job_valid_i,
  output logic                 job_ready_o,
  input  adit_pkg::auth_job_t  job_i,
  output logic                 rd_valid_o,
  input  logic                 rd_ready_i,
  output logic [15:0]          rd_addr_o,
  input  logic                 rd_data_valid_i,
  input  logic [511:0]         rd_data_i,
  output logic                 done_valid_o,
  input  logic                 done_ready_i,
  output adit_pkg::auth_done_t done_o,
  output logic                 busy_o,
  input  adit_pkg::tbl_req_t   tbl_i,
  output adit_pkg::tbl_rsp_t   tbl_o
);
  import "DPI-C" function void engine_auth_step(
    input int dir, input bit take, input int ticket, input int kind, input int slot, input int base, input int off, input int n_bytes,
    input int prefix_bytes, input bit [767:0] prefix, input int suffix_bytes, input bit [287:0] suffix,
    input bit data_valid, input bit [511:0] data, input bit done_take,
    output bit job_ready, output bit rd_valid, output int rd_addr, output bit done_valid, output int done_ticket,
    output bit [255:0] icv, output bit busy);
  import "DPI-C" function void engine_auth_reset(input int dir);

  bit         job_ready, rd_valid, done_valid, busy;
  int         rd_addr, done_ticket;
  bit [255:0] icv;

  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      engine_auth_reset(int'(DIR));
      {job_ready_o, rd_valid_o, done_valid_o, busy_o} <= '0;
    end else begin
      engine_auth_step(int'(DIR), job_valid_i && job_ready_o, 32'(job_i.ticket), 32'(job_i.kind), 32'(job_i.slot), 32'(job_i.base),
                       32'(job_i.off), 32'(job_i.n_bytes), 32'(job_i.prefix_bytes), job_i.prefix, 32'(job_i.suffix_bytes), job_i.suffix,
                       rd_data_valid_i, rd_data_i, done_valid_o && done_ready_i,
                       job_ready, rd_valid, rd_addr, done_valid, done_ticket, icv, busy);
      job_ready_o   <= job_ready;
      rd_valid_o    <= rd_valid;
      rd_addr_o     <= rd_addr[15:0];
      done_valid_o  <= done_valid;
      done_o.ticket <= done_ticket[9:0];
      done_o.icv    <= icv;
      busy_o        <= busy;
      if (rd_valid_o && !rd_ready_i) $fatal(1, "auth: this stand-in wants a memory that is always ready");
    end
  assign tbl_o = '0;
endmodule
