// SPDX-License-Identifier: BSD-2-Clause-Patent
#ifndef HOST_BASE_HARDEN_H
#define HOST_BASE_HARDEN_H

/**
 * For a process that holds keys: no core dumps, no ptrace by others of the same user. Whoever links this also wipes all
 * heap memory as it is freed (what libraries free without wiping, such as a parser's strings, goes too); builds with
 * AddressSanitizer, which brings its own heap, do not.
 */
void harden_process(void);

#endif
