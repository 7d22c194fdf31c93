// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What a quick mode is for: IDci and IDcr (RFC 2407 §4.6.2, RFC 2409 §5.5), and the original addresses of RFC 3947 §5.2. */
#include "sa/phase2.h"

#include <stdio.h>
#include <string.h>

#define NATOA_HEADER_BYTES 4	/* type u8 | reserved u8[3] | address */

static uint8_t host_plen(const struct adit_addr *addr)
{
	return (uint8_t)addr_bits(addr);
}

static struct prefix host_of(const struct adit_addr *addr)
{
	return (struct prefix){ .addr = *addr, .plen = host_plen(addr) };
}

static bool get_one(const struct isakmp_payload *payload, struct v1_id *id, struct prefix *prefix, const char *whose,
		    char why[MATCH_WHY_BYTES])
{
	char text[128];
	enum wire_err err = v1_get_id(payload->body, id);

	if (err != WIRE_OK) {
		(void)snprintf(why, MATCH_WHY_BYTES, "%s: the ID payload %s", whose, wire_err_text(err));
		return false;
	}
	memset(prefix, 0, sizeof(*prefix));
	if (v1_id_prefix(id, &prefix->addr, &prefix->plen))
		return true;
	v1_id_text(id, text, sizeof(text));
	(void)snprintf(why, MATCH_WHY_BYTES, "%s: %s is neither an address nor a subnet", whose, text);
	return false;
}

bool quick_get_ids(const struct isakmp_message *message, const struct ike_sa *sa, bool is_initiator, struct selectors *out,
		   bool *has_ids, char why[MATCH_WHY_BYTES])
{
	const struct isakmp_payload *first = isakmp_find(message, P_ID, 0), *second = isakmp_find(message, P_ID, 1);
	struct v1_id ci, cr;
	struct prefix from, to;

	*has_ids = first && second;
	*out = (struct selectors){ .src = host_of(&sa->path.local.addr), .dst = host_of(&sa->path.remote.addr), .proto = -1 };
	if (!first)
		return true;	/* the ends themselves (RFC 2409 §5.5) */
	if (!second) {
		(void)snprintf(why, MATCH_WHY_BYTES, "one ID payload alone");
		return false;
	}
	if (!get_one(first, &ci, &from, "IDci", why) || !get_one(second, &cr, &to, "IDcr", why))
		return false;
	if (ci.proto != cr.proto) {
		(void)snprintf(why, MATCH_WHY_BYTES, "IDci is for protocol %u, IDcr for %u", ci.proto, cr.proto);
		return false;
	}
	if (from.addr.is_v6 != to.addr.is_v6) {
		(void)snprintf(why, MATCH_WHY_BYTES, "IDci and IDcr are of two address families");
		return false;
	}
	out->src = is_initiator ? from : to;
	out->dst = is_initiator ? to : from;
	out->sport = is_initiator ? ci.port : cr.port;
	out->dport = is_initiator ? cr.port : ci.port;
	out->proto = ci.proto ? ci.proto : -1;
	return true;
}

static void put_one(struct writer *to, size_t *next_at, const struct prefix *prefix, int proto, uint16_t port)
{
	bool is_host = prefix->plen == host_plen(&prefix->addr);
	size_t n = prefix->addr.is_v6 ? 16 : 4;
	uint8_t data[32];

	memcpy(data, prefix->addr.bytes, n);
	for (size_t i = 0; i < n; i++) {	/* the mask */
		int bits = (int)prefix->plen - (int)(8 * i);

		data[n + i] = (uint8_t)(bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits));
	}
	v1_put_id(to, next_at, &(struct v1_id){
		.type = prefix->addr.is_v6 ? (is_host ? ID_IPV6 : ID_IPV6_SUBNET) : (is_host ? ID_IPV4 : ID_IPV4_SUBNET),
		.proto = (uint8_t)(proto < 0 ? 0 : proto), .port = port, .data = { data, is_host ? n : 2 * n } });
}

void quick_put_ids(struct writer *to, size_t *next_at, const struct selectors *selectors, bool is_initiator)
{
	const struct prefix *ends[] = { &selectors->src, &selectors->dst };
	const uint16_t ports[] = { selectors->sport, selectors->dport };

	for (unsigned i = 0; i < 2; i++)
		put_one(to, next_at, ends[is_initiator ? i : 1 - i], selectors->proto, ports[is_initiator ? i : 1 - i]);
}

static void put_natoa(struct writer *to, size_t *next_at, const struct adit_addr *addr, uint8_t type)
{
	size_t at = isakmp_begin(to, next_at, type);

	put_u8(to, addr->is_v6 ? ID_IPV6 : ID_IPV4);
	put_zeros(to, 3);
	put_bytes(to, addr->bytes, addr->is_v6 ? 16 : 4);
	isakmp_end(to, at);
}

void quick_put_natoa(struct writer *to, size_t *next_at, const struct ike_sa *sa, bool is_initiator, bool is_draft)
{
	const struct adit_addr *ours = &sa->path.local.addr, *theirs = &sa->path.remote.addr;
	uint8_t type = is_draft ? P_NATOA_DRAFT : P_NATOA;

	put_natoa(to, next_at, is_initiator ? ours : theirs, type);	/* NAT-OAi first (§5.2) */
	put_natoa(to, next_at, is_initiator ? theirs : ours, type);
}

static bool natoa_is_sane(struct bytes body)
{
	return (body.len == NATOA_HEADER_BYTES + 4 && body.at[0] == ID_IPV4) || (body.len == NATOA_HEADER_BYTES + 16 && body.at[0] == ID_IPV6);
}

bool quick_natoa_is_sane(const struct isakmp_message *message)
{
	for (unsigned i = 0; i < message->n; i++) {
		const struct isakmp_payload *payload = &message->payloads[i];

		if ((payload->type == P_NATOA || payload->type == P_NATOA_DRAFT) && !natoa_is_sane(payload->body))
			return false;
	}
	return true;
}
