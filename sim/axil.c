// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "axil.h"

#include <string.h>

void axil_init(struct axil *axil, const struct axil_pins *pins)
{
	memset(axil, 0, sizeof(*axil));
	axil->pins = pins;
}

void axil_start(struct axil *axil, bool is_write, uint16_t addr, uint32_t data)
{
	axil->is_write = is_write;
	axil->is_active = true;
	axil->addr_done = axil->data_done = false;
	axil->addr = addr;
	axil->data = data;
	axil->resp = 0;
}

void axil_drive(struct axil *axil)
{
	const struct axil_pins *p = axil->pins;
	bool is_write = axil->is_active && axil->is_write;
	bool is_read = axil->is_active && !axil->is_write;

	*p->awvalid = is_write && !axil->addr_done;
	*p->wvalid = is_write && !axil->data_done;
	*p->bready = is_write;
	*p->arvalid = is_read && !axil->addr_done;
	*p->rready = is_read;
	if (is_write) {
		*p->awaddr = axil->addr;
		*p->wdata = axil->data;
		*p->wstrb = 0xf;
	} else if (is_read) {
		*p->araddr = axil->addr;
	}
}

void axil_sample(struct axil *axil)
{
	const struct axil_pins *p = axil->pins;

	if (!axil->is_active)
		return;
	if (axil->is_write) {
		axil->addr_done |= *p->awvalid && *p->awready;
		axil->data_done |= *p->wvalid && *p->wready;
		if (*p->bvalid) {
			axil->resp = *p->bresp;
			axil->is_active = false;
		}
	} else {
		axil->addr_done |= *p->arvalid && *p->arready;
		if (*p->rvalid) {
			axil->data = *p->rdata;
			axil->resp = *p->rresp;
			axil->is_active = false;
		}
	}
}
