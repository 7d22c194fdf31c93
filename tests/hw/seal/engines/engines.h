// SPDX-License-Identifier: BSD-2-Clause-Patent
// The stand-ins for cipher and auth: what a test tells them.
#pragma once
#include <cstdint>
#include <random>
#include <vector>

struct engine_keys {
	unsigned auth = 0;			// adit_auth: which HMAC; others: by the job
	std::vector<uint8_t> enc_key, auth_key;	// raw keys; AES-GMAC: enc_key
	uint8_t salt[4] = {0};
};

extern std::mt19937_64 engine_rng;
extern unsigned engine_patience;		// cycles a packet may lie about in an engine
void engine_set_keys(unsigned dir, unsigned slot, const engine_keys &keys);
extern unsigned engine_errors;			// jobs that break the contract of adit_pkg; each is printed
