// SPDX-License-Identifier: BSD-2-Clause-Patent
/* ID payload (RFC 2407 §4.6.2):  type u8 | protocol u8 | port u16 | data */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/room.h"

enum shape { TEXT, OPAQUE, ADDRESS, SUBNET, RANGE };

static const struct {
	enum shape shape;
	bool is_v6;
	const char *word;	/* before what is not an address */
} kinds[] = {
	[ID_IPV4] = { ADDRESS, false, NULL },
	[ID_FQDN] = { TEXT, false, "fqdn" },
	[ID_USER_FQDN] = { TEXT, false, "user-fqdn" },
	[ID_IPV4_SUBNET] = { SUBNET, false, NULL },
	[ID_IPV6] = { ADDRESS, true, NULL },
	[ID_IPV6_SUBNET] = { SUBNET, true, NULL },
	[ID_IPV4_RANGE] = { RANGE, false, NULL },
	[ID_IPV6_RANGE] = { RANGE, true, NULL },
	[ID_DN] = { OPAQUE, false, "dn" },
	[ID_GN] = { OPAQUE, false, "gn" },
	[ID_KEY_ID] = { OPAQUE, false, "key-id" }
};

static bool is_known(uint8_t type)
{
	return type >= ID_IPV4 && type <= ID_KEY_ID;
}

static size_t addr_bytes(uint8_t type)
{
	return kinds[type].is_v6 ? 16 : 4;
}

/* Ones, then zeros. */
static bool get_mask(const uint8_t *mask, size_t n_bytes, uint8_t *plen)
{
	size_t n_ones = 0;

	while (n_ones < n_bytes * 8 && (mask[n_ones / 8] << n_ones % 8 & 0x80))
		n_ones++;
	for (size_t i = n_ones; i < n_bytes * 8; i++)
		if (mask[i / 8] << i % 8 & 0x80)
			return false;
	*plen = (uint8_t)n_ones;
	return true;
}

enum wire_err v1_check_id_data(uint8_t type, struct bytes data)
{
	const size_t n_bytes = addr_bytes(type);
	uint8_t plen;

	switch (kinds[type].shape) {
	case ADDRESS:
		return data.len == n_bytes ? WIRE_OK : WIRE_LENGTH;
	case SUBNET:
		if (data.len != 2 * n_bytes)
			return WIRE_LENGTH;
		return get_mask(data.at + n_bytes, n_bytes, &plen) ? WIRE_OK : WIRE_VALUE;
	case RANGE:
		if (data.len != 2 * n_bytes)
			return WIRE_LENGTH;
		return memcmp(data.at, data.at + n_bytes, n_bytes) <= 0 ? WIRE_OK : WIRE_VALUE;
	case TEXT:	/* no terminators, §4.6.2.3, §4.6.2.4 */
		if (data.len && memchr(data.at, 0, data.len))
			return WIRE_VALUE;
		break;
	case OPAQUE:
		break;
	}
	return data.len ? WIRE_OK : WIRE_MISSING;
}

enum wire_err v1_get_id(struct bytes body, struct v1_id *out)
{
	TRY(get_u8(&body, &out->type));
	TRY(get_u8(&body, &out->proto));
	TRY(get_u16(&body, &out->port));
	if (!is_known(out->type))
		return WIRE_VALUE;
	out->data = body;
	return v1_check_id_data(out->type, body);
}

void v1_put_id(struct writer *to, size_t *next_at, const struct v1_id *id)
{
	const size_t began_at = isakmp_begin(to, next_at, P_ID);

	put_u8(to, id->type);
	put_u8(to, id->proto);
	put_u16(to, id->port);
	put_bytes(to, id->data.at, id->data.len);
	isakmp_end(to, began_at);
}

/* The prefix that spans exactly first .. last, if there is one: after the bits they share, all zeros and all ones. */
static bool get_span(const uint8_t *first, const uint8_t *last, size_t n_bytes, uint8_t *plen)
{
	uint8_t same[16];

	for (size_t i = 0; i < n_bytes; i++)
		same[i] = (uint8_t)~(first[i] ^ last[i]);
	if (!get_mask(same, n_bytes, plen))
		return false;
	for (size_t i = 0; i < n_bytes; i++)
		if (first[i] & (uint8_t)~same[i])
			return false;
	return true;
}

bool v1_id_prefix(const struct v1_id *id, struct adit_addr *addr, uint8_t *plen)
{
	const uint8_t *data = id->data.at;
	struct adit_addr first = { .is_v6 = false };
	size_t n_bytes;

	if (!is_known(id->type) || kinds[id->type].word || v1_check_id_data(id->type, id->data) != WIRE_OK)
		return false;
	n_bytes = addr_bytes(id->type);
	first.is_v6 = kinds[id->type].is_v6;
	memcpy(first.bytes, data, n_bytes);
	if (kinds[id->type].shape == ADDRESS) {
		*plen = (uint8_t)(n_bytes * 8);
	} else if (kinds[id->type].shape == RANGE) {
		if (!get_span(data, data + n_bytes, n_bytes, plen))
			return false;
	} else {
		if (!get_mask(data + n_bytes, n_bytes, plen))
			return false;
		for (size_t i = 0; i < n_bytes; i++)
			first.bytes[i] &= data[n_bytes + i];
	}
	*addr = first;
	return true;
}

/* A text that is cut where its room ends. */
struct text {
	char *at;
	size_t room, len;
};

static __attribute__((format(printf, 2, 3))) void add(struct text *to, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to->at + to->len, to->room - to->len, format, args);
	va_end(args);
	if (n > 0)
		to->len += (size_t)n < to->room - to->len ? (size_t)n : to->room - to->len - 1;
}

static void add_addr(struct text *to, const uint8_t *bytes, bool is_v6)
{
	char word[INET6_ADDRSTRLEN] = "";

	add(to, "%s", inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes, word, sizeof(word)));
}

static void add_network(struct text *to, const struct v1_id *id)
{
	const bool is_v6 = kinds[id->type].is_v6;
	const uint8_t *second = id->data.at + addr_bytes(id->type);
	uint8_t plen = 0;

	add_addr(to, id->data.at, is_v6);
	if (kinds[id->type].shape == RANGE) {
		add(to, "-");
		add_addr(to, second, is_v6);
	} else if (kinds[id->type].shape == SUBNET && get_mask(second, addr_bytes(id->type), &plen)) {
		add(to, "/%u", plen);
	}
}

/* A backslash is escaped too: no name looks like another one's escape. */
static void add_text(struct text *to, struct bytes data)
{
	for (size_t i = 0; i < data.len; i++)
		if (data.at[i] > ' ' && data.at[i] < 0x7f && data.at[i] != '\\')
			add(to, "%c", data.at[i]);
		else
			add(to, "\\x%02X", data.at[i]);
}

void v1_id_text(const struct v1_id *id, char *out, size_t out_bytes)
{
	struct text text = { out, out_bytes, 0 };

	if (out_bytes == 0)
		return;
	out[0] = 0;
	if (!is_known(id->type) || v1_check_id_data(id->type, id->data) != WIRE_OK) {
		add(&text, "malformed id of type %u", id->type);
		return;
	}
	if (!kinds[id->type].word) {
		add_network(&text, id);
		return;
	}
	add(&text, "%s %s", kinds[id->type].word, kinds[id->type].shape == OPAQUE ? "0x" : "");
	if (kinds[id->type].shape == TEXT) {
		add_text(&text, id->data);
		return;
	}
	for (size_t i = 0; i < id->data.len; i++)
		add(&text, "%02x", id->data.at[i]);
}
