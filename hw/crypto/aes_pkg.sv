// SPDX-License-Identifier: BSD-2-Clause-Patent
// AES tables and column arithmetic (FIPS-197). In every table entry n begins at bit n * (bits of an entry).
// A column is 32 bits, its row 0 byte on top; a block is four columns, first byte of the block on top.
package aes_pkg;

  localparam int unsigned KEY_ROUNDS = 14;  // rounds of AES-256; shorter keys use the last 10 or 12

  // FIPS-197 figure 7
  localparam logic [2047:0] SBOX = {
    256'h16bb54b0_0f2d9941_6842e6bf_0d89a18c_df2855ce_e9871e9b_948ed969_1198f8e1,
    256'h9e1dc186_b9573561_0ef60348_66b53e70_8a8bbd4b_1f74dde8_c6b4a61c_2e2578ba,
    256'h08ae7a65_eaf4566c_a94ed58d_6d37c8e7_79e49591_62acd3c2_5c240649_0a3a32e0,
    256'hdb0b5ede_14b8ee46_88902a22_dc4f8160_73195d64_3d7ea7c4_1744975f_ec130ccd,
    256'hd2f3ff10_21dab6bc_f5389d92_8f40a351_a89f3c50_7f02f945_85334d43_fbaaefd0,
    256'hcf584c4a_39becb6a_5bb1fc20_ed00d153_842fe329_b3d63b52_a05a6e1b_1a2c8309,
    256'h75b227eb_e2801207_9a059618_c323c704_1531d871_f1e5a534_ccf73f36_2693fdb7,
    256'hc072a49c_afa2d4ad_f04759fa_7dc982ca_76abd7fe_2b670130_c56f6bf2_7b777c63};

  // FIPS-197 figure 14
  localparam logic [2047:0] INV_SBOX = {
    256'h7d0c2155_631469e1_26d677ba_7e042b17_61995383_3cbbebc8_b0f52aae_4d3be0a0,
    256'hef9cc993_9f7ae52d_0d4ab519_a97f5160_5fec8027_591012b1_31c70788_33a8dd1f,
    256'hf45acd78_fec0db9a_2079d2c6_4b3e56fc_1bbe18aa_0e62b76f_89c5291d_711af147,
    256'h6edf751c_e837f9e2_8535ade7_2274ac96_73e6b4f0_cecff297_eadc674f_4111913a,
    256'h6b8a1301_03bdafc1_020f3fca_8f1e2cd0_0645b3b8_0558e4f7_0ad3bc8c_00abd890,
    256'h849d8da7_5746155e_dab9edfd_5048706c_92b6655d_cc5ca4d4_16986886_64f6f872,
    256'h25d18b6d_49a25b76_b224d928_66a12e08_4ec3fa42_0b954cee_3d23c2a6_32947b54,
    256'hcbe9dec4_44438e34_87ff2f9b_8239e37c_fbd7f381_9ea340bf_38a53630_d56a0952};

  // MixColumns of {S(x), 0, 0, 0}: SubBytes and MixColumns in one look-up
  localparam logic [8191:0] T_ENC = {
  256'h2c16163a_6dbbbbd6_a85454fc_7bb0b0cb_1e0f0f11_5a2d2d77_299999b0_824141c3,
  256'hd06868b8_844242c6_d7e6e631_65bfbfda_1a0d0d17_09898980_59a1a1f8_038c8c8f,
  256'ha5dfdf7a_50282878_aa5555ff_87cece49_c9e9e920_15878792_3c1e1e22_2d9b9bb6,
  256'h339494a7_078e8e89_a9d9d970_d26969bb_22111133_2b9898b3_ebf8f813_d9e1e138,
  256'h279e9eb9_3a1d1d27_99c1c158_17868691_69b9b9d0_ae5757f9_6a35355f_c26161a3,
  256'h1c0e0e12_f7f6f601_06030305_904848d8_cc6666aa_71b5b5c4_7c3e3e42_e0707090,
  256'h0f8a8a85_0d8b8b86_61bdbddc_964b4bdd_3e1f1f21_e874749c_a1dddd7c_cbe8e823,
  256'h97c6c651_73b4b4c7_57a6a6f1_381c1c24_5c2e2e72_4a25256f_f0787888_6fbabad5,
  256'h10080818_47aeaee9_f47a7a8e_ca6565af_cfeaea25_f3f4f407_ac5656fa_d86c6cb4,
  256'h49a9a9e0_9c4e4ed2_b1d5d564_018d8d8c_da6d6db7_6e373759_8bc8c843_d5e7e732,
  256'hf279798b_d3e4e437_319595a4_399191a8_c46262a6_43acacef_bdd3d36e_9fc2c25d,
  256'hb85c5ce4_4824246c_0c06060a_924949db_140a0a1e_743a3a4e_64323256_dbe0e03b,
  256'haddbdb76_160b0b1d_bc5e5ee2_a7dede79_2814143c_6bb8b8d3_c7eeee29_8c4646ca,
  256'h0b888883_3b9090ab_542a2a7e_44222266_a3dcdc7f_9e4f4fd1_19818198_c06060a0,
  256'he6737395_3219192b_ba5d5de7_c86464ac_7a3d3d47_fc7e7e82_55a7a7f2_93c4c457,
  256'h2e171739_884444cc_359797a2_be5f5fe1_c3ecec2f_26131335_180c0c14_81cdcd4c,
  256'hbfd2d26d_fdf3f30e_e5ffff1a_20101030_42212163_afdada75_77b6b6c1_63bcbcdf,
  256'hf1f5f504_70383848_219d9dbc_3f9292ad_058f8f8a_804040c0_5da3a3fe_a25151f3,
  256'h4ba8a8e3_259f9fba_783c3c44_a05050f0_fe7f7f81_04020206_e9f9f910_8a4545cf,
  256'h11858594_66333355_9a4d4dd7_864343c5_edfbfb16_4faaaae5_c5efef2a_bbd0d06b,
  256'h85cfcf4a_b05858e8_984c4cd4_944a4ade_7239394b_67bebed9_8dcbcb46_d46a6abe,
  256'hb65b5bed_79b1b1c8_e3fcfc1f_40202060_c1eded2c_00000000_b9d1d168_a65353f5,
  256'h13848497_5e2f2f71_dde3e33e_5229297b_7db3b3ce_b7d6d661_763b3b4d_a45252f6,
  256'h5ba0a0fb_b45a5aee_dc6e6eb2_361b1b2d_341a1a2e_582c2c74_1d83839e_1209091b,
  256'hea75759f_7fb2b2cd_4e272769_cdebeb26_dfe2e23d_1b80809b_24121236_0e070709,
  256'h2f9a9ab5_0a05050f_379696a1_30181828_9dc3c35e_46232365_95c7c752_0804040c,
  256'h2a15153f_62313153_abd8d873_e2717193_f9f1f108_d1e5e534_51a5a5f4_6834345c,
  256'h83cccc4f_f5f7f702_7e3f3f41_6c36365a_4c26266a_3d9393ae_e1fdfd1c_75b7b7c2,
  256'h9bc0c05b_e4727296_53a4a4f7_239c9cbf_45afafea_5fa2a2fd_b3d4d467_41adadec,
  256'hfbf0f00b_8e4747c9_b25959eb_effafa15_fa7d7d87_89c9c940_1f82829d_8fcaca45,
  256'hec76769a_4dababe6_b5d7d762_e7fefe19_562b2b7d_ce6767a9_02010103_60303050,
  256'h91c5c554_de6f6fb1_d66b6bbd_fff2f20d_f67b7b8d_ee777799_f87c7c84_c66363a5};

  // InvMixColumns of {IS(x), 0, 0, 0}
  localparam logic [8191:0] T_DEC = {
  256'hd0b85742_486c5c74_d532b670_7bcb8461_6456c190_d8b4e49c_080cb3de_39a80171,
  256'hff0d9541_283c498b_bce2250c_161dc372_c2a3405f_3824342c_b968c43e_caaff381,
  256'h7844db86_df3d6f14_5ffdaa5b_53f7cdea_73c737bf_1814ce79_55f2733f_9cd2df59,
  256'h7a47b13c_e11ce5ed_b761c935_cea927ee_eb133c89_59f8148e_37a10c7a_9ad7618c,
  256'h6dd64713_e9105633_92dbd252_b3671d5a_fb0b412e_fa877473_018c355d_9d5eea04,
  256'h4665517f_c12c1fb8_4c6a881b_9ed1b5e3_e49604df_ccaa4d54_43efb04d_764dd68d,
  256'h1791f62f_7fcd500e_41ecdaf7_f104984a_33a7d815_e090d0b0_fc82caa6_744ebc37,
  256'h35a266c0_c6a59430_2a3f2331_31a4b2af_29b07cd6_ea9f09d4_4a6f36ce_bae79bd9,
  256'hef15e8e6_21bccf08_aaffe67e_e6956e65_834f9aa8_ec9ab701_6e5918f4_cd267809,
  256'hdb3bbb7b_e89c636e_10187da7_c8ac993b_cf2512b3_6fd52da9_69d0937c_9f5d80be,
  256'h82c3aff5_2e39f75e_90d8b8e8_f68d13c2_547e4662_6a5fcc9b_5078920d_2c3a9de4,
  256'h3fadbfa4_dab78e26_a57ade28_a6f581cf_98d40b36_8ccaa2fe_d938d1c1_87494ec7,
  256'h223390ef_567d2cd8_a0f03f1a_a8fc8cc4_47e96422_119448fa_a970b999_2bb3166c,
  256'h77c1e3d0_0d8652ec_dcb230f3_1d9e2f4b_c729a16d_aef93211_d2bb3df8_854a247d,
  256'h84c61120_13972240_42638510_d731dcca_b8e4f163_b6edfc68_cb23c6dc_8b432976,
  256'h5bfb7e34_44663bc5_5c72f5bc_f701269f_a37f60fd_ee99ddbb_af75074c_57f11985,
  256'h141ea9c8_2db6a8b9_f28bc7ad_0e090d0b_121b171d_3c22e043_c0a02ae5_e293ba0a,
  256'h1c121a16_5a774b69_61dc20a2_80c0c54f_1b9b919e_b4ee96d2_9357e70f_0c0a67b1,
  256'h24362e3a_9b5b54d1_685ca621_0a0fd964_362d3927_3daed51e_0f853856_fd0efffb,
  256'h6c5a724e_1e1170ac_322bed48_09808683_00000000_f8841ec9_7c420fe9_a17c0a47,
  256'h79c8eedb_e7195b38_07898b88_b0e842bd_67d99e77_894043cc_d6bde997_1998fb24,
  256'h605015ff_0406d46f_71c45d05_91548db5_4de6bd46_dd3e05ae_96dd063d_3e218af9,
  256'hbd6e1051_5e719f06_4060efaa_0b83ec39_a4f6eb75_058ae132_a2f355a0_342e539d,
  256'hc4a6fe8a_d134621f_0605bed5_65daf4cd_4e69e2a1_f307f2f0_a779b492_8acf1c2b,
  256'hed16825c_02036aba_23bfa5b2_302887f2_d33708a5_86c57b9a_2fb5c203_b2eb2807,
  256'h6655ab2a_e31f8f57_724b02e2_ab73d323_527bf8b7_94de6c87_8f45fd19_70486858,
  256'hf9082b94_fe81a01c_bb6bae84_b16477e0_62537f45_97513360_e51a3182_63df4a18,
  256'h7dce3ab4_c920ac66_f088ad17_bee14fb6_27b971dd_99583e6b_f48e7978_75c2896a,
  256'h8ec9c844_49e06929_587421d3_d4be832d_955259da_bf6d7aeb_15929c95_038f5fe7,
  256'h6bd3f9c6_8d4697a3_814cf012_c32f7502_5dfec0e1_45ea0e98_25ba1b67_deb15a49,
  256'hb562a38f_26354480_c52acbd7_4fe5d7fc_f5024c25_88cc7691_ad766df6_2030fa55,
  256'h4be30393_acfa58ab_1f9d45f1_3bab6bcb_3a275e96_1a17a4c3_7e416553_51f4a750};

  // four products by x in GF(2^8), FIPS-197 section 4.2.1
  function automatic logic [31:0] xtimes(input logic [31:0] x);
    logic [31:0] h;
    h = {7'd0, x[31], 7'd0, x[23], 7'd0, x[15], 7'd0, x[7]};
    xtimes = {x[30:24], 1'b0, x[22:16], 1'b0, x[14:8], 1'b0, x[6:0], 1'b0} ^ h ^ (h << 1) ^ (h << 3) ^ (h << 4);
  endfunction

  // MixColumns, section 5.1.3
  function automatic logic [31:0] mix(input logic [31:0] x);
    logic [31:0] r;
    r = {x[23:0], x[31:24]};
    mix = xtimes(x ^ r) ^ r ^ {x[15:0], x[31:16]} ^ {x[7:0], x[31:8]};
  endfunction

  // InvMixColumns, section 5.3.3
  function automatic logic [31:0] inv_mix(input logic [31:0] x);
    inv_mix = mix(x ^ xtimes(xtimes(x ^ {x[15:0], x[31:16]})));
  endfunction

  // ShiftRows, section 5.1.2
  function automatic logic [127:0] shift_rows(input logic [127:0] s);
    shift_rows = {s[127:120], s[87:80], s[47:40], s[7:0], s[95:88], s[55:48], s[15:8], s[103:96],
                  s[63:56], s[23:16], s[111:104], s[71:64], s[31:24], s[119:112], s[79:72], s[39:32]};
  endfunction

  // InvShiftRows, section 5.3.1
  function automatic logic [127:0] inv_shift_rows(input logic [127:0] s);
    inv_shift_rows = {s[127:120], s[23:16], s[47:40], s[71:64], s[95:88], s[119:112], s[15:8], s[39:32],
                      s[63:56], s[87:80], s[111:104], s[7:0], s[31:24], s[55:48], s[79:72], s[103:96]};
  endfunction

endpackage
