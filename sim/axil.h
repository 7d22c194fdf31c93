// SPDX-License-Identifier: BSD-2-Clause-Patent
/* AXI4-Lite master: one register access at a time. drive() sets the card's inputs, sample() looks after settling. */
#ifndef SIM_AXIL_H
#define SIM_AXIL_H

#include <stdbool.h>
#include <stdint.h>

#include "model.h"

struct axil {
	const struct axil_pins *pins;
	bool is_write, is_active;
	bool addr_done, data_done;
	uint16_t addr;
	uint32_t data;		/* to write, or what was read */
	uint8_t resp;
};

void axil_init(struct axil *axil, const struct axil_pins *pins);

/** Begin an access; is_active falls when it is answered. None may be under way. */
void axil_start(struct axil *axil, bool is_write, uint16_t addr, uint32_t data);
void axil_drive(struct axil *axil);
void axil_sample(struct axil *axil);

#endif
