# SPDX-License-Identifier: BSD-2-Clause-Patent
PARSE_SV := hw/regs/packages.vlt hw/parse/parse.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/stream/ram_1r1w.sv hw/stream/stream_fifo.sv hw/parse/parse.sv
