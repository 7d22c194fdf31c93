// SPDX-License-Identifier: BSD-2-Clause-Patent
// What open ought to do with a frame, said anew from the RFCs and the card's law: bytes are read one by one, keys are OpenSSL's.
#pragma once
#include <array>
#include <cstdint>
#include <random>
#include <vector>

using bytes = std::vector<uint8_t>;
using address = std::array<uint8_t, 16>;	// network order; IPv4: the first four

struct sa {
	unsigned slot = 0, spi = 0, proto = 50, mode = 0, enc = 0, auth = 0, flags = 0, icv_bytes = 0, next_slot = 0xffff;
	uint32_t reqid = 0, seq_hi = 0;
	bool is_v6 = false;
	address src{}, dst{};
	bytes enc_key, auth_key;
	uint8_t salt[4] = {0};

	bool esn() const { return flags & 1; }
	bool natt() const { return flags & 4; }
	bool has_auth() const;
	bool is_gcm() const;
	bool is_gmac() const;
	unsigned iv_bytes() const;
	unsigned block_bytes() const;
	uint64_t number(uint32_t seq) const { return esn() ? static_cast<uint64_t>(seq_hi) << 32 | seq : seq; }
};

// An IP packet as its header tells; offsets from the header's first byte.
struct ip_view {
	unsigned reason = 0;
	bool is_v6 = false, has_ext = false, is_frag = false, is_later = false, has_ports = false, no_ports = false;
	unsigned total = 0, l4 = 0, nh_off = 0, proto = 0, tos = 0, ttl = 0, sport = 0, dport = 0;
	address src{}, dst{};
	bool is_icmp() const { return proto == (is_v6 ? 58u : 1u); }
};
// is_ours: of a frame, which addresses are local; of a packet inside another, nullptr.
ip_view read_ip(const uint8_t *at, size_t room, bool is_v6, size_t reach, bool (*is_ours)(const address &, bool));
void read_ports(ip_view &v, const uint8_t *l4, size_t l4_bytes);
bool walk_ext(ip_view &v, const uint8_t *at, size_t n);	// false: cannot be followed

unsigned get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, unsigned v);
void put32(uint8_t *p, uint32_t v);
void set_checksum(uint8_t *ip);

bytes hmac(const sa &s, const bytes &text);	// cut to the SA's length
// ESP from SPI on. seal adds the ICV; open is false if it does not hold. text: payload, padding, its length, next header.
bytes esp_seal(const sa &s, uint32_t seq, const bytes &iv, const bytes &text);
bool esp_open(const sa &s, const uint8_t *esp, size_t n, uint64_t number, bytes &text);
// The ICV of the AH packet at ip, whose AH header stands at ah_at; no extension headers.
bytes ah_icv(const sa &s, const bytes &ip, unsigned ah_at, uint64_t number);
