// SPDX-License-Identifier: BSD-2-Clause-Patent
// What deep_mem.v puts in place of a deep memory.
(* blackbox *)
module deep_mem (CLK, RD_EN, RD_SRST, RD_ADDR, RD_DATA, WR_EN, WR_ADDR, WR_DATA);
  parameter SIZE = 1;
  parameter ABITS = 1;
  parameter WIDTH = 1;
  parameter RD_PORTS = 1;
  parameter WR_PORTS = 1;
  input  CLK;
  input  [RD_PORTS-1:0] RD_EN, RD_SRST;
  input  [RD_PORTS*ABITS-1:0] RD_ADDR;
  output [RD_PORTS*WIDTH-1:0] RD_DATA;
  input  [WR_PORTS*WIDTH-1:0] WR_EN, WR_DATA;
  input  [WR_PORTS*ABITS-1:0] WR_ADDR;
endmodule
