// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * SAs: from words people use to the record the card reads.
 *
 *	sa_check.c -> words 0 to 2 (here) -> words 3 to 5 (sa_keys.c) -> cmd.c
 *
 * Keys are in the record and in the command's buffer: the first is wiped before these functions return, the second when
 * the command is done. Of each slot a note is kept, without keys: what a bundle must know of its other member.
 */
#include "card.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define TTL_DEFAULT 64u
#define SA_UPDATE_BYTES 192u

enum { SA_FLAG_ESN = 1, SA_FLAG_V6 = 2, SA_FLAG_UDP = 4, SA_FLAG_DSCP = 8, SA_FLAG_CLEAR_DF = 16, SA_FLAG_SET_DF = 32,
       SA_FLAG_NO_ECN = 64, SA_FLAG_HOST = 128 };
enum { FLUSH_SPARES_AH = 1, FLUSH_SPARES_ESP = 2 };

/* ---- notes: what stands in each slot once all commands queued so far are done */

struct sa_note {
	bool is_known;
	bool is_v6, is_host;
	uint8_t dir, proto, mode, icv_bytes;
	uint32_t reqid;
};

int sa_open(struct adit_card *card)
{
	card->sa_notes = calloc(card->caps.sa_slots, sizeof(*card->sa_notes));
	return card->sa_notes ? 0 : bus_fail(card->bus, -ENOMEM, "no memory for %u SAs", card->caps.sa_slots);
}

void sa_close(struct adit_card *card)
{
	free(card->sa_notes);
	card->sa_notes = NULL;
}

void sa_reset(struct adit_card *card)
{
	memset(card->sa_notes, 0, card->caps.sa_slots * sizeof(*card->sa_notes));
}

static void note_set(struct adit_card *card, uint16_t slot, const struct adit_sa *sa)
{
	card->sa_notes[slot] = (struct sa_note){
		.is_known = true, .is_v6 = sa->dst.is_v6, .is_host = sa_is_host_transform(sa), .dir = (uint8_t)sa->dir,
		.proto = (uint8_t)sa->proto, .mode = (uint8_t)sa->mode, .icv_bytes = adit_sa_icv_bytes(sa),
		.reqid = sa->reqid,
	};
}

void sa_add_failed(struct adit_card *card, uint16_t slot, int status)
{
	if (status != -EEXIST)	/* then another SA is there, and the note is of that one */
		card->sa_notes[slot].is_known = false;
}

/* The other member of a bundle must be what the card takes there: AH in transport mode around it, RFC 4301 §4.5.
 * An inbound AH SA names its ESP SA, which comes after it. */
static int next_check(struct adit_card *card, const struct adit_sa *sa)
{
	const struct sa_note *next = &card->sa_notes[sa->next_slot];

	if (!next->is_known)
		return card_fail(card, -EINVAL, "bundle: there is no SA in slot %u", sa->next_slot);
	if (next->proto != ADIT_PROTO_AH || next->mode != ADIT_MODE_TRANSPORT)
		return card_fail(card, -EINVAL, "bundle: the SA in slot %u is not AH in transport mode", sa->next_slot);
	if (next->dir != (uint8_t)sa->dir)
		return card_fail(card, -EINVAL, "bundle: the SA in slot %u has the other direction", sa->next_slot);
	if (next->is_v6 != sa->dst.is_v6)
		return card_fail(card, -EINVAL, "bundle: the SA in slot %u has the other IP version", sa->next_slot);
	if (next->reqid != sa->reqid)
		return card_fail(card, -EINVAL, "bundle: the SA in slot %u has reqid %u, not %u", sa->next_slot, next->reqid,
				 sa->reqid);
	if (next->is_host)
		return card_fail(card, -EINVAL, "a bundle cannot have a member that the host transforms");
	return 0;
}

/* What the layer in next_slot leaves of the path MTU; 0: there is no limit. */
static int layer_mtu(struct adit_card *card, const struct adit_sa *sa, uint16_t *mtu)
{
	const struct sa_note *next = &card->sa_notes[sa->next_slot];
	const struct adit_sa around = { .proto = ADIT_PROTO_AH, .mode = ADIT_MODE_TRANSPORT, .icv_bytes = next->icv_bytes,
					.dst.is_v6 = next->is_v6 };

	*mtu = adit_sa_inner_mtu(&around, sa->path_mtu);
	if (sa->path_mtu == 0 || *mtu)
		return 0;
	return card_fail(card, -EINVAL, "a path MTU of %u has no room for a sealed packet", sa->path_mtu);
}

/* ---- the record */

uint64_t sa_seq_last(const struct adit_sa *sa)
{
	return sa->esn ? UINT64_MAX : UINT32_MAX;
}

static uint8_t sa_flags(const struct adit_sa *sa)
{
	return (uint8_t)((sa->esn ? SA_FLAG_ESN : 0) | (sa->dst.is_v6 ? SA_FLAG_V6 : 0) |
			 (sa->udp_encap ? SA_FLAG_UDP : 0) | (sa->set_dscp ? SA_FLAG_DSCP : 0) |
			 (sa->clear_df ? SA_FLAG_CLEAR_DF : 0) | (sa->set_df ? SA_FLAG_SET_DF : 0) |
			 (sa->no_ecn ? SA_FLAG_NO_ECN : 0) | (sa_is_host_transform(sa) ? SA_FLAG_HOST : 0));
}

/* Words 0 to 2: everything but keys. mtu: what the SA's own packets may be long, 0 for any length. */
static void record_build(const struct adit_sa *sa, uint16_t mtu, struct adit_desc_sa *out)
{
	const bool is_out = sa->dir == ADIT_DIR_OUT;

	*out = (struct adit_desc_sa){
		.spi = htole32(sa->spi), .reqid = htole32(sa->reqid), .dir = (uint8_t)sa->dir,
		.proto = (uint8_t)sa->proto, .mode = (uint8_t)sa->mode, .enc = (uint8_t)sa->enc,
		.auth = (uint8_t)sa->auth, .flags = sa_flags(sa), .ttl = sa->ttl ? sa->ttl : TTL_DEFAULT,
		.dscp = sa->dscp, .replay_packets = htole16(is_out ? 0 : sa->replay_packets),
		.natt_sport = htole16(sa->natt_sport), .natt_dport = htole16(sa->natt_dport),
		.next_slot = htole16(sa->has_next ? sa->next_slot : ADIT_NO_SLOT),
		.flow_label = htole32(sa->flow_label), .path_mtu = htole16(sa->path_mtu),
		.inner_mtu = htole16(is_out ? adit_sa_inner_mtu(sa, mtu) : 0), .icv_bytes = adit_sa_icv_bytes(sa),
		.tfc_bytes = htole16(is_out ? sa->tfc_bytes : 0), .soft_bytes = htole64(sa->soft_bytes),
		.hard_bytes = htole64(sa->hard_bytes), .soft_packets = htole64(sa->soft_packets),
		.hard_packets = htole64(sa->hard_packets), .soft_seconds = htole32(sa->soft_seconds),
		.hard_seconds = htole32(sa->hard_seconds),
		.seq_first = htole64(is_out && sa->seq_first == 0 ? 1 : sa->seq_first),
		.seq_lease = htole64(sa->seq_lease ? sa->seq_lease : sa_seq_last(sa)),
	};
	memcpy(out->src, sa->src.bytes, sa->src.is_v6 ? 16 : 4);
	memcpy(out->dst, sa->dst.bytes, sa->dst.is_v6 ? 16 : 4);
}

static int slot_check(struct adit_card *card, uint16_t slot)
{
	if (slot < card->caps.sa_slots)
		return 0;
	return card_fail(card, -EINVAL, "SA slot %u: the card has slots 0 to %u", slot, card->caps.sa_slots - 1);
}

/* Checks all of it and writes words 0 to 2. */
static int record_prepare(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, struct adit_desc_sa *out)
{
	uint16_t mtu = sa->path_mtu;
	int error = slot_check(card, slot);

	if (!error)
		error = adit_sa_check(card, sa);
	if (!error && sa->has_next && sa->proto == ADIT_PROTO_ESP) {
		error = next_check(card, sa);
		if (!error)
			error = layer_mtu(card, sa, &mtu);
		if (!error)
			error = sa_size_check(card, sa, mtu);
	}
	if (!error)
		record_build(sa, mtu, out);
	return error;
}

/* ---- calls */

int adit_sa_add(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg)
{
	struct adit_desc_sa record;
	const struct cmd_request request = {
		.op = ADIT_OP_SA_ADD, .index = slot, .record = &record, .data_bytes = sizeof(record), .is_secret = true,
	};
	int error = record_prepare(card, slot, sa, &record);

	if (error)
		return error;
	error = sa_add_keys(sa, &record);
	if (error)
		card_fail(card, error, "libcrypto has no memory for a key");
	else
		error = cmd_post(card, &request, done, arg);
	OPENSSL_cleanse(&record, sizeof(record));
	if (!error && !card->sa_notes[slot].is_known)	/* else the card will say EXISTS */
		note_set(card, slot, sa);
	return error;
}

int adit_sa_update(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg)
{
	struct adit_desc_sa record;
	const struct cmd_request request = {
		.op = ADIT_OP_SA_UPDATE, .index = slot, .record = &record, .data_bytes = SA_UPDATE_BYTES,
	};
	int error = record_prepare(card, slot, sa, &record);

	return error ? error : cmd_post(card, &request, done, arg);
}

int adit_sa_delete(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = { .op = ADIT_OP_SA_DELETE, .index = slot };
	int error = slot_check(card, slot);

	if (!error)
		error = cmd_post(card, &request, done, arg);
	if (!error)
		card->sa_notes[slot].is_known = false;
	return error;
}

int adit_sa_query(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_SA_QUERY, .index = slot, .data_bytes = ADIT_DESC_SA_STATE_BYTES,
	};
	int error = slot_check(card, slot);

	return error ? error : cmd_post(card, &request, done, arg);
}

int adit_sa_flush(struct adit_card *card, bool esp, bool ah, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_SA_FLUSH,
		.flags = (uint8_t)((ah ? 0 : FLUSH_SPARES_AH) | (esp ? 0 : FLUSH_SPARES_ESP)),
	};
	int error;

	if (!esp && !ah)
		return card_fail(card, -EINVAL, "a flush of neither ESP nor AH");
	error = cmd_post(card, &request, done, arg);
	for (uint32_t slot = 0; slot < card->caps.sa_slots && !error; slot++)
		if (card->sa_notes[slot].proto == ADIT_PROTO_AH ? ah : esp)
			card->sa_notes[slot].is_known = false;
	return error;
}
