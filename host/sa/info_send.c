// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Informational messages that go out (RFC 2408 §4.8, RFC 2409 §5.7): HDR*, HASH(1), N/D with HASH(1) = prf(SKEYID_a, M-ID | N/D).
 * Each is an exchange of its own, sent once: what matters is said again by whoever needs it.
 */
#include "sa/phase2.h"

#include <string.h>

static bool has_keys(const struct ike_sa *sa)
{
	return !sa->is_dead && (sa->state == IKE_ESTABLISHED || sa->state == IKE_DYING);
}

static bool info_open(struct ike_sa *sa, struct message_out *out)
{
	struct v1_exchange *exchange = has_keys(sa) ? exchange_open(sa, X_INFORMATIONAL, 0, true) : NULL;

	if (exchange)
		message_begin(out, exchange);
	return exchange != NULL;
}

static void info_close(struct message_out *out)
{
	struct v1_exchange *exchange = out->exchange;
	const struct bytes rest = { out->to.at + out->after_hash, out->to.len - out->after_hash };
	uint8_t hash[HASH_MAX_BYTES];

	if (!out->to.has_failed && message_hash(exchange->sa, false, exchange->message_id, &rest, 1, hash)) {
		memcpy(out->to.at + out->hash_at, hash, exchange->sa->keys.n);
		if (!message_finish(out, false))
			ike_say(exchange->sa->ike, LOG_LEVEL_ERROR, exchange->sa->peer, exchange->sa, "an Informational could not be written");
	}
	exchange_close(exchange);
}

void info_send_notify(struct ike_sa *sa, const struct v1_notify *notify)
{
	struct message_out out;

	if (!info_open(sa, &out))
		return;
	v1_put_notify(&out.to, &out.next_at, notify);
	info_close(&out);
}

void info_refuse_clear(struct ike_sa *sa, uint16_t type)
{
	struct isakmp_header header = { .version = 0x10, .exchange = X_INFORMATIONAL };
	uint8_t bytes[ISAKMP_HEADER_BYTES + 16];
	struct writer to = { .at = bytes, .room = sizeof(bytes) };
	size_t next_at;

	if (sa->is_dead || !random_bytes(&header.message_id, sizeof(header.message_id)))
		return;
	memcpy(header.icookie, sa->cookies, sizeof(header.icookie));
	memcpy(header.rcookie, sa->cookies + sizeof(header.icookie), sizeof(header.rcookie));
	isakmp_open(&to, &header, &next_at);
	v1_put_notify(&to, &next_at, &(struct v1_notify){ .doi = DOI_IPSEC, .protocol = V1_PROTO_ISAKMP, .type = type });
	isakmp_close(&to, 0);
	if (!to.has_failed)
		(void)sa_send(sa, (struct bytes){ to.at, to.len });
}

static void send_delete(struct ike_sa *sa, uint8_t protocol, struct bytes spi)
{
	struct message_out out;

	if (!info_open(sa, &out))
		return;
	sa->ike->counters.deletes_sent++;
	v1_put_delete(&out.to, &out.next_at, &(struct v1_delete){ .doi = DOI_IPSEC, .protocol = protocol, .spi_bytes = (uint8_t)spi.len,
								  .n = 1, .spis = spi });
	info_close(&out);
}

void info_send_delete_sa(struct ike_sa *sa)
{
	send_delete(sa, V1_PROTO_ISAKMP, (struct bytes){ sa->cookies, COOKIES_BYTES });
}

void info_send_delete_child(struct ike_sa *sa, uint8_t v1_protocol, uint32_t spi)
{
	const uint8_t spi_be[4] = { (uint8_t)(spi >> 24), (uint8_t)(spi >> 16), (uint8_t)(spi >> 8), (uint8_t)spi };

	send_delete(sa, v1_protocol, (struct bytes){ spi_be, sizeof(spi_be) });
}
