// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The Internet checksum (RFC 1071), for all who write or check one. */
#ifndef HOST_BASE_INET_H
#define HOST_BASE_INET_H

#include <stddef.h>
#include <stdint.h>

/** Adds n_bytes as 16-bit words in network order, the last one filled with a zero byte. Good for up to 128 KiB in all. */
static inline uint32_t inet_sum(uint32_t sum, const uint8_t *at, size_t n_bytes)
{
	for (size_t i = 0; i + 1 < n_bytes; i += 2)
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
	return n_bytes & 1 ? sum + ((uint32_t)at[n_bytes - 1] << 8) : sum;
}

/** The checksum of a sum; 0 if what was summed held its right checksum. */
static inline uint16_t inet_fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~(sum + (sum >> 16));
}

#endif
