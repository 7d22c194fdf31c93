// SPDX-License-Identifier: BSD-2-Clause-Patent
// A record's words 0 and 1 and its valid bit, as read from the tables, shown as the pipelines know an SA. Combinational.
module sad_words (
  input  logic [287:0]           id_i,     // the part of the record's word 0 that has fields, as stored
  input  logic [255:0]           addr_i,
  input  logic                   valid_i,
  output adit_pkg::sa_t          sa_o
);
  // Addresses stand in network order in the record; in sa_t they are numbers.
  adit_reg_pkg::sa_w0_t w0;
  logic [127:0]         src, dst;
  logic                 is_v6;
  assign w0    = {224'b0, id_i};
  assign is_v6 = w0.flags[1];
  for (genvar b = 0; b < 16; b++) begin : g_byte
    assign src[8*b +: 8] = addr_i[8*(15-b) +: 8];
    assign dst[8*b +: 8] = addr_i[128 + 8*(15-b) +: 8];
  end

  always_comb begin
    sa_o                = '0;
    sa_o.valid          = valid_i;
    sa_o.spi            = w0.spi;
    sa_o.reqid          = w0.reqid;
    sa_o.dir            = w0.dir[0];
    sa_o.proto          = w0.proto;
    sa_o.mode           = w0.mode;
    sa_o.enc            = w0.enc;
    sa_o.auth           = w0.auth;
    sa_o.flags          = w0.flags;
    sa_o.ttl            = w0.ttl;
    sa_o.dscp           = w0.dscp;
    sa_o.replay_packets = w0.replay_packets;
    sa_o.natt_sport     = w0.natt_sport;
    sa_o.natt_dport     = w0.natt_dport;
    sa_o.next_slot      = w0.next_slot;
    sa_o.flow_label     = w0.flow_label;
    sa_o.path_mtu       = w0.path_mtu;
    sa_o.inner_mtu      = w0.inner_mtu;
    sa_o.icv_bytes      = w0.icv_bytes;
    sa_o.tfc_bytes      = w0.tfc_bytes;
    sa_o.src            = is_v6 ? src : {96'b0, src[127:96]};
    sa_o.dst            = is_v6 ? dst : {96'b0, dst[127:96]};
  end
endmodule
