// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "pci.h"

#include <linux/pci_regs.h>
#include <string.h>

#include "card.h"

#define CAP_MSIX 0x50u
#define CAP_EXPRESS 0x60u
#define PENDING_OFFSET 0x800u
#define BAR2_INDEX 2u

/* Bits software may write, by offset; all others are read-only. */
static const struct {
	uint8_t offset, mask;
} writable[] = {
	{ PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER },
	{ PCI_COMMAND + 1, PCI_COMMAND_INTX_DISABLE >> 8 },
	{ PCI_CACHE_LINE_SIZE, 0xff },
	{ PCI_INTERRUPT_LINE, 0xff },
	/* BARs of 4096 bytes: address bits 31:12 */
	{ PCI_BASE_ADDRESS_0 + 1, 0xf0 }, { PCI_BASE_ADDRESS_0 + 2, 0xff }, { PCI_BASE_ADDRESS_0 + 3, 0xff },
	{ PCI_BASE_ADDRESS_2 + 1, 0xf0 }, { PCI_BASE_ADDRESS_2 + 2, 0xff }, { PCI_BASE_ADDRESS_2 + 3, 0xff },
	{ CAP_MSIX + PCI_MSIX_FLAGS + 1, (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8 },
	{ CAP_EXPRESS + PCI_EXP_DEVCTL, 0xff },
	{ CAP_EXPRESS + PCI_EXP_DEVCTL + 1, 0x7f },
};

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)value);
	put16(at + 2, (uint16_t)(value >> 16));
}

void pci_reset(struct pci *pci)
{
	uint8_t *c = pci->config;

	memset(pci, 0, sizeof(*pci));
	put16(c + PCI_VENDOR_ID, PCI_VENDOR);
	put16(c + PCI_DEVICE_ID, PCI_DEVICE);
	put16(c + PCI_STATUS, PCI_STATUS_CAP_LIST);
	c[PCI_CLASS_REVISION] = 1;
	put16(c + PCI_CLASS_DEVICE, 0x1000);
	put16(c + PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR);
	put16(c + PCI_SUBSYSTEM_ID, PCI_DEVICE);
	c[PCI_CAPABILITY_LIST] = CAP_MSIX;

	c[CAP_MSIX] = PCI_CAP_ID_MSIX;
	c[CAP_MSIX + 1] = CAP_EXPRESS;
	put16(c + CAP_MSIX + PCI_MSIX_FLAGS, CARD_VECTORS - 1);
	put32(c + CAP_MSIX + PCI_MSIX_TABLE, BAR2_INDEX);
	put32(c + CAP_MSIX + PCI_MSIX_PBA, PENDING_OFFSET | BAR2_INDEX);

	c[CAP_EXPRESS] = PCI_CAP_ID_EXP;
	put16(c + CAP_EXPRESS + PCI_EXP_FLAGS, PCI_EXP_TYPE_RC_END << 4 | 2);
	put32(c + CAP_EXPRESS + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_FLR | PCI_EXP_DEVCAP_RBER);

	for (size_t vector = 0; vector < CARD_VECTORS; vector++)	/* masked until somebody cares, PCIe 7.7.2 */
		pci->msix[vector * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL] = PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

void pci_config_read(const struct pci *pci, size_t offset, void *to, size_t n_bytes)
{
	memcpy(to, pci->config + offset, n_bytes);
}

static uint8_t writable_mask(size_t offset)
{
	for (size_t i = 0; i < sizeof(writable) / sizeof(writable[0]); i++)
		if (writable[i].offset == offset)
			return writable[i].mask;
	return 0;
}

bool pci_config_write(struct pci *pci, size_t offset, const void *from, size_t n_bytes)
{
	const uint8_t *bytes = from;
	bool is_reset = false;

	for (size_t i = 0; i < n_bytes; i++) {
		uint8_t mask = writable_mask(offset + i);
		uint8_t *at = &pci->config[offset + i];

		*at = (uint8_t)((*at & ~mask) | (bytes[i] & mask));
		if (offset + i == CAP_EXPRESS + PCI_EXP_DEVCTL + 1 && (bytes[i] & PCI_EXP_DEVCTL_BCR_FLR >> 8))
			is_reset = true;
	}
	return is_reset;
}

bool pci_may_master(const struct pci *pci)
{
	return pci->config[PCI_COMMAND] & PCI_COMMAND_MASTER;
}
