// SPDX-License-Identifier: BSD-2-Clause-Patent
// Stands in for hw/crypto/cipher in tests of seal and open: same ports, the work is done by OpenSSL (engines.cpp), packets finish in
// any order after any time. Keys come from the test, not from the table bus.
module cipher #(
  parameter bit          DECRYPT    = 1'b0,
  parameter int unsigned LANES      = 1,
  parameter int unsigned ROUNDS     = 2,
  parameter int unsigned CONTEXTS   = 8,
  parameter int unsigned SLOTS_LOG2 = 10,
  parameter int unsigned MEM_LOG2   = 10
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   job_valid_i,
  output logic                   job_ready_o,
  input  adit_pkg::cipher_job_t  job_i,
  output logic                   rd_valid_o,
  input  logic                   rd_ready_i,
  output logic [15:0]            rd_addr_o,
  input  logic                   rd_data_valid_i,
  input  logic [511:0]           rd_data_i,
  output logic                   wr_valid_o,
  output logic [15:0]            wr_addr_o,
  output logic [511:0]           wr_data_o,
  output logic [9:0]             wr_ticket_o,
  output logic [15:0]            wr_index_o,
  output logic                   done_valid_o,
  input  logic                   done_ready_i,
  output adit_pkg::cipher_done_t done_o,
  output logic                   busy_o,
  input  adit_pkg::tbl_req_t     tbl_i,
  output adit_pkg::tbl_rsp_t     tbl_o
);
  import "DPI-C" function void engine_cipher_step(
    input int dir, input bit take, input int ticket, input int base, input int n_bytes, input bit is_copy, input int enc, input int slot,
    input bit data_valid, input bit [511:0] data, input bit done_take,
    output bit job_ready, output bit rd_valid, output int rd_addr, output bit wr_valid, output int wr_addr, output bit [511:0] wr_data,
    output int wr_ticket, output int wr_index, output bit done_valid, output int done_ticket, output int pad_bytes,
    output int next_header, output bit pad_ok, output bit [127:0] mask, output bit busy);
  import "DPI-C" function void engine_cipher_reset(input int dir);

  bit         job_ready, rd_valid, wr_valid, done_valid, pad_ok, busy;
  int         rd_addr, wr_addr, wr_ticket, wr_index, done_ticket, pad_bytes, next_header;
  bit [511:0] wr_data;
  bit [127:0] mask;

  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      engine_cipher_reset(int'(DECRYPT));
      {job_ready_o, rd_valid_o, wr_valid_o, done_valid_o, busy_o} <= '0;
    end else begin
      engine_cipher_step(int'(DECRYPT), job_valid_i && job_ready_o, 32'(job_i.ticket), 32'(job_i.base), 32'(job_i.n_bytes), job_i.is_copy,
                         32'(job_i.enc), 32'(job_i.slot), rd_data_valid_i, rd_data_i, done_valid_o && done_ready_i,
                         job_ready, rd_valid, rd_addr, wr_valid, wr_addr, wr_data, wr_ticket, wr_index, done_valid, done_ticket,
                         pad_bytes, next_header, pad_ok, mask, busy);
      job_ready_o        <= job_ready;
      rd_valid_o         <= rd_valid;
      rd_addr_o          <= rd_addr[15:0];
      wr_valid_o         <= wr_valid;
      wr_addr_o          <= wr_addr[15:0];
      wr_data_o          <= wr_data;
      wr_ticket_o        <= wr_ticket[9:0];
      wr_index_o         <= wr_index[15:0];
      done_valid_o       <= done_valid;
      done_o.ticket      <= done_ticket[9:0];
      done_o.pad_bytes   <= pad_bytes[7:0];
      done_o.next_header <= next_header[7:0];
      done_o.pad_ok      <= pad_ok;
      done_o.mask        <= mask;
      busy_o             <= busy;
      if (rd_valid_o && !rd_ready_i) $fatal(1, "cipher: this stand-in wants a memory that is always ready");
    end
  assign tbl_o = '0;
endmodule
