// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_BASE_HARDEN_H
#define HOST_BASE_HARDEN_H

/**
 * For a process that holds keys: no core dumps, no ptrace by others of the same user, freed heap memory is overwritten
 * (what libraries free without wiping, such as a parser's buffers, goes too).
 */
void harden_process(void);

#endif
