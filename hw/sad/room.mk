# SPDX-License-Identifier: BSD-2-Clause-Patent
SAD_SV := hw/regs/packages.vlt hw/sad/sad.vlt hw/regs/adit_reg_pkg.sv hw/top/adit_pkg.sv hw/stream/ram_1r1w.sv hw/stream/stream_fifo.sv $(wildcard hw/sad/*.sv) hw/spd/count_ram.sv
