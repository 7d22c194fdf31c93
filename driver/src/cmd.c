// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Commands in flight.
 *
 *	tag   31..16 turn: another for each use of the slot   15..0 slot
 *	slot  one line of the table and CMD_DATA_BYTES of shared memory, free <-> busy
 *
 * There are as many slots as ring entries. The card fetches descriptors in order, so when a slot is free, at least one
 * command among the last `entries` is done, and the oldest descriptor of them has been fetched: its place may be reused.
 * A completion is believed only if its tag names a busy slot in its present turn and its index is the command's.
 */
#include "card.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define NO_SLOT 0xffffu

enum { SA_STATE_SOFT = 1, SA_STATE_HARD = 2 };	/* sa_state.expired */

static void *slot_data(struct adit_card *card, uint16_t slot)
{
	return (char *)card->cmd.data.host + (size_t)slot * CMD_DATA_BYTES;
}

int cmd_open(struct adit_card *card)
{
	struct cmd_table *cmd = &card->cmd;
	const uint32_t n = card->options.cmd_entries;
	int error = ring_open(&card->ring[ADIT_RING_CMD], card->bus, ADIT_RING_CMD, n, ADIT_DESC_CMD_BYTES, false);

	if (error)
		return error;
	error = bus_dma_alloc(card->bus, (size_t)n * CMD_DATA_BYTES, true, &cmd->data);
	if (error)
		return error;
	cmd->slots = calloc(n, sizeof(*cmd->slots));
	if (!cmd->slots)
		return bus_fail(card->bus, -ENOMEM, "no memory for %u commands", n);
	cmd->n_slots = n;
	for (uint32_t i = 0; i < n; i++)
		cmd->slots[i].next_free = (uint16_t)(i + 1 < n ? i + 1 : NO_SLOT);
	cmd->first_free = 0;
	return 0;
}

void cmd_close(struct adit_card *card)
{
	free(card->cmd.slots);
	card->cmd.slots = NULL;
	bus_dma_free(card->bus, &card->cmd.data);
	ring_close(&card->ring[ADIT_RING_CMD], card->bus);
}

int cmd_post(struct adit_card *card, const struct cmd_request *request, adit_done_fn *done, void *arg)
{
	struct cmd_table *cmd = &card->cmd;
	struct ring *ring = &card->ring[ADIT_RING_CMD];
	const uint16_t number = cmd->first_free;
	struct adit_desc_cmd desc = { .op = (uint8_t)request->op, .flags = request->flags };
	struct cmd_slot *slot;

	if (card->broken)
		return card->broken;
	if (number == NO_SLOT)
		return card_fail(card, -EAGAIN, "%s: the command ring is full (%u entries)", cmd_op_name(request->op),
				 ring->entries);
	slot = &cmd->slots[number];
	cmd->first_free = slot->next_free;
	*slot = (struct cmd_slot){
		.is_busy = true, .op = (uint8_t)request->op, .index = request->index,
		.turn = (uint16_t)(slot->turn + 1), .next_free = NO_SLOT, .done = done, .arg = arg,
		.wipe_bytes = (uint16_t)(request->is_secret ? request->data_bytes : 0),
	};
	if (request->data_bytes) {
		if (request->record)
			memcpy(slot_data(card, number), request->record, request->data_bytes);
		else
			memset(slot_data(card, number), 0, request->data_bytes);
		desc.data_iova = htole64(cmd->data.iova + (uint64_t)number * CMD_DATA_BYTES);
		desc.data_bytes = htole32(request->data_bytes);
	}
	desc.index = htole16(request->index);
	desc.value = htole32(request->value);
	desc.tag = htole32((uint32_t)slot->turn << 16 | number);
	memcpy(ring_entry(ring, ring->posted), &desc, sizeof(desc));
	ring->posted++;
	cmd->n_busy++;
	card_again(card);
	return 0;
}

int cmd_kick(struct adit_card *card)
{
	struct ring *ring = &card->ring[ADIT_RING_CMD];
	const uint32_t n_new = (uint16_t)(ring->posted - ring->rung);
	int error;

	if (n_new == 0)
		return 0;
	if (card->cmd.n_busy <= n_new)	/* the card had nothing to do: its time begins now */
		card->cmd.progress_ms = bus_now_ms();
	error = ring_kick(ring, card->bus);
	return error ? card_bus_failed(card, error) : 0;
}

/* The slot is free again; what it knew comes back for the callback. */
static struct cmd_slot slot_free(struct adit_card *card, uint16_t number)
{
	struct cmd_table *cmd = &card->cmd;
	struct cmd_slot *slot = &cmd->slots[number];
	const struct cmd_slot was = *slot;

	if (slot->wipe_bytes)
		OPENSSL_cleanse(slot_data(card, number), slot->wipe_bytes);
	*slot = (struct cmd_slot){ .turn = was.turn, .next_free = cmd->first_free };
	cmd->first_free = number;
	cmd->n_busy--;
	return was;
}

static int status_to_errno(unsigned status)
{
	switch (status) {
	case ADIT_STATUS_OK: return 0;
	case ADIT_STATUS_BAD_FIELD:
	case ADIT_STATUS_BAD_LENGTH: return -EINVAL;
	case ADIT_STATUS_NOT_FOUND: return -ENOENT;
	case ADIT_STATUS_EXISTS: return -EEXIST;
	case ADIT_STATUS_TABLE_FULL: return -ENOSPC;
	case ADIT_STATUS_BAD_OP:
	case ADIT_STATUS_UNSUPPORTED: return -EOPNOTSUPP;
	default: return -EIO;	/* DMA_ERROR */
	}
}

/* @return false if no card that keeps the contract writes this. */
static bool sa_state_read(const void *data, struct adit_sa_state *out)
{
	struct adit_desc_sa_state state;

	memcpy(&state, data, sizeof(state));
	*out = (struct adit_sa_state){
		.spi = le32toh(state.spi), .reqid = le32toh(state.reqid), .dir = state.dir, .proto = state.proto,
		.mode = state.mode, .enc = state.enc, .auth = state.auth, .seq = le64toh(state.seq),
		.replay_map = le64toh(state.replay_map), .packets = le64toh(state.packets),
		.bytes = le64toh(state.bytes_done), .icv_errors = le64toh(state.icv_errors),
		.replays = le64toh(state.replays), .added_seconds = le32toh(state.added),
		.soft_expired = (state.expired & SA_STATE_SOFT) != 0, .hard_expired = (state.expired & SA_STATE_HARD) != 0,
	};
	return state.expired <= (SA_STATE_SOFT | SA_STATE_HARD) && state.dir <= ADIT_DIR_IN &&
	       (state.proto == ADIT_PROTO_ESP || state.proto == ADIT_PROTO_AH) && state.mode <= ADIT_MODE_TUNNEL &&
	       adit_enc_name(state.enc) && adit_auth_name(state.auth);
}

static bool sp_state_read(const struct adit_card *card, const void *data, struct adit_sp_state *out)
{
	struct adit_desc_sp_state state;

	memcpy(&state, data, sizeof(state));
	*out = (struct adit_sp_state){
		.in_accepted = le64toh(state.in_accepted), .in_dropped = le64toh(state.in_dropped),
		.in_transformed = le64toh(state.in_transformed), .out_accepted = le64toh(state.out_accepted),
		.out_dropped = le64toh(state.out_dropped), .out_transformed = le64toh(state.out_transformed),
		.sa_slot = state.bound ? le16toh(state.sa_slot) : ADIT_NO_SLOT,
	};
	return state.bound <= 1 && (!state.bound || out->sa_slot < card->caps.sa_slots);
}

static bool answer_read(struct adit_card *card, unsigned op, uint16_t number, union adit_answer *answer)
{
	const void *data = slot_data(card, number);

	switch (op) {
	case ADIT_OP_SA_QUERY: return sa_state_read(data, &answer->sa);
	case ADIT_OP_SP_QUERY: return sp_state_read(card, data, &answer->sp);
	case ADIT_OP_STATS:
		for (size_t i = 0; i < 8; i++) {
			uint64_t count_le;

			memcpy(&count_le, (const char *)data + 8 * i, sizeof(count_le));
			answer->counters[i] = le64toh(count_le);
		}
		return true;
	default: return true;
	}
}

int cmd_complete(struct adit_card *card, const struct adit_desc_evt *evt)
{
	struct cmd_table *cmd = &card->cmd;
	const uint32_t tag = le32toh(evt->tag);
	const uint16_t index = le16toh(evt->index);
	const uint16_t number = (uint16_t)tag;
	const int status = status_to_errno(evt->status);
	union adit_answer answer = { 0 };
	struct cmd_slot slot;

	if (number >= cmd->n_slots || !cmd->slots[number].is_busy || cmd->slots[number].turn != tag >> 16)
		return card_break(card, -EIO, "a completion with tag %#x, which no command in flight has", tag);
	slot = cmd->slots[number];
	if (slot.index != index)
		return card_break(card, -EIO, "%s of %u completed as one of %u", cmd_op_name(slot.op), slot.index, index);
	if (evt->status > ADIT_STATUS_DMA_ERROR)
		return card_break(card, -EIO, "%s of %u completed with status %u, which is none", cmd_op_name(slot.op),
				  slot.index, evt->status);
	if (status == 0 && !answer_read(card, slot.op, number, &answer))
		return card_break(card, -EIO, "%s of %u: the answer has a value that no card writes", cmd_op_name(slot.op),
				  slot.index);
	if (status)
		card_fail(card, status, "%s of %u: the card says %s%s%s", cmd_op_name(slot.op), slot.index,
			  name_status(evt->status), evt->field ? " for field " : "",
			  evt->field ? name_field(evt->field) : "");
	cmd->progress_ms = bus_now_ms();
	slot_free(card, number);
	if (status && slot.op == ADIT_OP_SA_ADD)
		sa_add_failed(card, index, status);
	if (slot.done)
		slot.done(slot.arg, status, &answer);
	return 0;
}

void cmd_cancel_all(struct adit_card *card, int status)
{
	static const union adit_answer none;

	/* Callbacks may queue new commands: those live on. */
	for (uint32_t i = 0; i < card->cmd.n_slots; i++)
		card->cmd.slots[i].is_doomed = card->cmd.slots[i].is_busy;
	for (uint32_t i = 0; i < card->cmd.n_slots; i++) {
		if (!card->cmd.slots[i].is_doomed)
			continue;
		struct cmd_slot slot = slot_free(card, (uint16_t)i);

		if (slot.done)
			slot.done(slot.arg, status, &none);
	}
}

void cmd_forget(struct adit_card *card, const void *arg)
{
	for (uint32_t i = 0; i < card->cmd.n_slots; i++)
		if (card->cmd.slots[i].is_busy && card->cmd.slots[i].arg == arg)
			card->cmd.slots[i].done = NULL;
}

int cmd_watch(struct adit_card *card)
{
	const struct ring *ring = &card->ring[ADIT_RING_CMD];
	const uint32_t n_rung = card->cmd.n_busy - (uint16_t)(ring->posted - ring->rung);
	uint32_t magic;
	int error;

	if (n_rung == 0 || bus_now_ms() - card->cmd.progress_ms < card->options.timeout_ms)
		return 0;
	error = card_read(card, ADIT_REG_MAGIC, &magic);	/* gone altogether? */
	if (error)
		return error;
	return card_break(card, -ETIMEDOUT, "%u commands wait and the card has answered none for %u ms", n_rung,
			  card->options.timeout_ms);
}

/* ---- commands that belong to no table */

int adit_nop(struct adit_card *card, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = { .op = ADIT_OP_NOP };

	return cmd_post(card, &request, done, arg);
}

int adit_stats_query(struct adit_card *card, unsigned first, adit_done_fn *done, void *arg)
{
	const struct cmd_request request = {
		.op = ADIT_OP_STATS, .index = (uint16_t)first, .data_bytes = ADIT_DESC_STATS_BYTES,
	};

	if (first % 8 != 0 || first >= ADIT_REASON_COUNT)
		return card_fail(card, -EINVAL, "reason %u does not begin a group of eight counters below %u", first,
				 ADIT_REASON_COUNT);
	return cmd_post(card, &request, done, arg);
}

int adit_card_kick(struct adit_card *card)
{
	return card->broken ? card->broken : cmd_kick(card);
}
