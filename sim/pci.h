// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What PCI wraps around the card: configuration space with its capabilities, and the MSI-X table.
 *
 *   0x00 header: class 0x100000 (network and computing encryption controller), BAR0 registers, BAR2 MSI-X
 *   0x50 MSI-X capability: table at BAR2 + 0, pending bits at BAR2 + 0x800
 *   0x60 PCI Express capability: root complex integrated endpoint, with function level reset
 */
#ifndef SIM_PCI_H
#define SIM_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_CONFIG_BYTES 256u
#define PCI_BAR0_BYTES 4096u
#define PCI_BAR2_BYTES 4096u
#define PCI_VENDOR 0xad17u	/* not registered: simulated cards only */
#define PCI_DEVICE 0x0001u

struct pci {
	uint8_t config[PCI_CONFIG_BYTES];
	uint8_t msix[PCI_BAR2_BYTES];
};

/** Power-on state. */
void pci_reset(struct pci *pci);

/** Read n_bytes at offset; both inside PCI_CONFIG_BYTES. */
void pci_config_read(const struct pci *pci, size_t offset, void *to, size_t n_bytes);

/** Write; bits that are not writable stay. @return true if the write asks for a function level reset */
bool pci_config_write(struct pci *pci, size_t offset, const void *from, size_t n_bytes);

/** Whether the card may master the bus: command register, bit 2. */
bool pci_may_master(const struct pci *pci);

#endif
