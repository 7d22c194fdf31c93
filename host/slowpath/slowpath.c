// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "slowpath/slowpath.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "slowpath/checksum.h"
#include "slowpath/fragment.h"
#include "slowpath/too_big.h"
#include "transform/golden.h"

/* An SA whose packets may come here. Its keys are in golden's contexts alone. */
struct slow_sa {
	bool is_there;
	bool is_behind_nat;		/* inbound, transport mode, UDP encapsulation */
	struct golden_sa *golden;	/* NULL: the card never asks the host to transform for it */
	uint16_t path_mtu, inner_mtu;
};

struct slowpath {
	struct slowpath_options options;
	struct slow_sa *sas;
	struct reassembly *reassembly;
	struct slowpath_counts counts;
	uint32_t next_id;	/* of IPv6 fragments */
};

struct slowpath *slowpath_open(const struct slowpath_options *options)
{
	struct slowpath *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->options = *options;
	s->sas = calloc(options->sa_slots, sizeof(*s->sas));
	s->reassembly = reassembly_open(&options->limits);
	if (!s->sas || !s->reassembly) {
		slowpath_close(s);
		return NULL;
	}
	return s;
}

void slowpath_close(struct slowpath *s)
{
	if (!s)
		return;
	for (unsigned i = 0; s->sas && i < s->options.sa_slots; i++)
		slowpath_drop_sa(s, (uint16_t)i);
	free(s->sas);
	reassembly_close(s->reassembly);
	free(s);
}

/* The card punts what it does not transform itself: hw/README.md lists it. */
static bool may_be_punted(const struct adit_sa *sa)
{
	if (sa->host_transform || sa->enc >= ADIT_ENC_BLOWFISH_CBC || sa->proto == ADIT_PROTO_AH)
		return true;
	return sa->dir == ADIT_DIR_OUT && (sa->mode == ADIT_MODE_TRANSPORT || sa->clear_df || (sa->udp_encap && sa->src.is_v6));
}

int slowpath_put_sa(struct slowpath *s, uint16_t slot, const struct adit_sa *sa, const struct adit_sa *around)
{
	if (slot >= s->options.sa_slots)
		return -EINVAL;
	slowpath_drop_sa(s, slot);
	if (may_be_punted(sa)) {
		int rc = golden_sa_open(sa, &s->sas[slot].golden);

		if (rc != 0)
			return rc;
	}
	s->sas[slot].is_there = true;
	s->sas[slot].is_behind_nat = sa->dir == ADIT_DIR_IN && sa->mode == ADIT_MODE_TRANSPORT && sa->udp_encap;
	s->sas[slot].path_mtu = sa->path_mtu;
	s->sas[slot].inner_mtu = adit_sa_inner_mtu(sa, around ? adit_sa_inner_mtu(around, sa->path_mtu) : sa->path_mtu);
	return 0;
}

void slowpath_drop_sa(struct slowpath *s, uint16_t slot)
{
	if (slot >= s->options.sa_slots)
		return;
	if (s->sas[slot].golden)
		golden_sa_close(s->sas[slot].golden);
	s->sas[slot] = (struct slow_sa){ 0 };
}

static struct slow_sa *sa_of(struct slowpath *s, const struct adit_rx_packet *packet)
{
	struct slow_sa *sa = packet->sa_slot < s->options.sa_slots ? &s->sas[packet->sa_slot] : NULL;

	return sa && sa->is_there ? sa : NULL;
}

/* ---- HostSlowSeal */

struct leaving {
	struct slowpath *slowpath;
	enum adit_dest dest;
	uint16_t sa_slot, sp_id;
};

static void leave(void *arg, const uint8_t *frame, size_t frame_bytes)
{
	const struct leaving *how = arg;
	const struct adit_tx_packet packet = { .bytes = frame, .n_bytes = (uint16_t)frame_bytes, .dest = how->dest,
					       .sa_slot = how->sa_slot, .sp_id = how->sp_id };

	how->slowpath->options.tx(how->slowpath->options.arg, &packet);
}

static bool seal(struct slowpath *s, const struct frame *frame, const struct adit_rx_packet *packet)
{
	struct leaving out = { .slowpath = s, .dest = ADIT_DEST_OUT_WAN };
	struct slow_sa *sa = sa_of(s, packet);
	uint8_t sealed[FRAME_MAX_BYTES];
	struct frame outer;
	size_t n_bytes, mtu;

	if (!sa || !sa->golden || golden_seal(sa->golden, frame->bytes, frame->n_bytes, frame->l3_off, packet->seq, sealed, sizeof(sealed),
			       &n_bytes) != ADIT_REASON_NONE)
		return false;
	if (!frame_find(sealed, n_bytes, &outer))
		return false;
	mtu = sa->path_mtu ? sa->path_mtu : FRAME_MAX_BYTES;
	if (!fragment_cut(&outer, mtu, s->next_id++, leave, &out))
		return false;
	s->counts.sealed++;
	return true;
}

/* ---- HostSlowOpen */

static bool open_one(struct slowpath *s, const struct frame *frame, const struct adit_rx_packet *packet)
{
	struct slow_sa *sa = sa_of(s, packet);
	uint8_t opened[FRAME_MAX_BYTES];
	struct adit_tx_packet back = { .bytes = opened, .dest = ADIT_DEST_OPENED, .sa_slot = packet->sa_slot, .seq = packet->seq };
	size_t n_bytes = 0;

	if (!sa || !sa->golden)
		return false;
	back.reason = golden_open(sa->golden, frame->bytes, frame->n_bytes, frame->l3_off, packet->seq, opened, sizeof(opened),
				  &n_bytes);
	if (back.reason == ADIT_REASON_NONE) {
		s->counts.opened++;
	} else {	/* the card counts it for the SA: it gets the packet as it came */
		s->counts.open_refused++;
		back.bytes = packet->bytes;
		n_bytes = packet->n_bytes;
	}
	back.n_bytes = (uint16_t)n_bytes;
	s->options.tx(s->options.arg, &back);
	return true;
}

/* ---- HostFragment, HostSplit, HostTooBig */

static bool put_together(struct slowpath *s, const struct frame *frame, int64_t now_ms)
{
	uint8_t whole[FRAME_MAX_BYTES];
	size_t n_bytes = 0;
	enum reassembly_result result = reassembly_take(s->reassembly, frame, now_ms, whole, &n_bytes);

	s->counts.fragments[result]++;
	if (result == REASSEMBLY_WHOLE) {
		struct leaving back = { .slowpath = s, .dest = ADIT_DEST_FROM_WAN };

		leave(&back, whole, n_bytes);
		s->counts.reassembled++;
	}
	return true;
}

static bool split(struct slowpath *s, const struct frame *frame, const struct adit_rx_packet *packet)
{
	struct leaving back = { .slowpath = s, .dest = ADIT_DEST_SEAL, .sa_slot = packet->sa_slot, .sp_id = packet->sp_id };
	struct slow_sa *sa = sa_of(s, packet);

	if (!sa || sa->inner_mtu == 0 || frame->ip.is_v6 || !fragment_cut(frame, sa->inner_mtu, 0, leave, &back))
		return false;
	s->counts.split++;
	return true;
}

static bool tell_too_big(struct slowpath *s, const struct frame *frame, const struct adit_rx_packet *packet)
{
	struct leaving back = { .slowpath = s, .dest = ADIT_DEST_OUT_LAN };
	struct slow_sa *sa = sa_of(s, packet);
	uint8_t answer[FRAME_MAX_BYTES];

	for (unsigned i = 0; sa && i < s->options.n_local; i++) {
		size_t n_bytes;

		if (s->options.local[i].is_v6 != frame->ip.is_v6)
			continue;
		n_bytes = too_big_answer(frame, &s->options.local[i], sa->inner_mtu, answer);
		if (!n_bytes)
			return true;	/* none may be given */
		if (packet->face == ADIT_FACE_LAN)
			leave(&back, answer, n_bytes);
		else if (s->options.up)
			s->options.up(s->options.arg, answer, n_bytes);
		s->counts.too_big_answers++;
		return true;
	}
	return false;	/* no SA, or no address of that family to answer from */
}

bool slowpath_take(struct slowpath *s, const struct adit_rx_packet *packet, int64_t now_ms)
{
	struct frame frame;
	bool is_done = false;

	if (packet->reason < ADIT_REASON_HostSlowSeal || packet->reason > ADIT_REASON_HostSplit)
		return false;
	if (frame_find(packet->bytes, packet->n_bytes, &frame)) {
		switch (packet->reason) {
		case ADIT_REASON_HostSlowSeal: is_done = seal(s, &frame, packet); break;
		case ADIT_REASON_HostSlowOpen: is_done = open_one(s, &frame, packet); break;
		case ADIT_REASON_HostFragment: is_done = put_together(s, &frame, now_ms); break;
		case ADIT_REASON_HostTooBig: is_done = tell_too_big(s, &frame, packet); break;
		default: is_done = split(s, &frame, packet); break;
		}
	}
	s->counts.dropped += !is_done;
	return true;
}

bool slowpath_mend(struct slowpath *s, const struct adit_rx_packet *packet, uint8_t *out)
{
	const struct slow_sa *sa = sa_of(s, packet);

	if (!sa || !sa->is_behind_nat || packet->n_bytes > FRAME_MAX_BYTES)
		return false;
	memcpy(out, packet->bytes, packet->n_bytes);
	if (!checksum_mend(out, packet->n_bytes))
		return false;
	s->counts.mended++;
	return true;
}

void slowpath_set_local(struct slowpath *s, const struct adit_addr *local, unsigned n_local)
{
	s->options.n_local = n_local < 8 ? n_local : 8;
	memcpy(s->options.local, local, s->options.n_local * sizeof(*local));
}

void slowpath_tick(struct slowpath *s, int64_t now_ms)
{
	s->counts.expired += reassembly_expire(s->reassembly, now_ms);
}

const struct slowpath_counts *slowpath_counts(const struct slowpath *s)
{
	return &s->counts;
}
