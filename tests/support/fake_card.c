// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Registers, rings and tables of the fake card. A doorbell is worked off at once, in the thread that wrote it.
 */
#include "fake_card.h"

#include <endian.h>
#include <string.h>

#define FIELD(word, name) (((word) & ADIT_REG_##name##_MASK) >> ADIT_REG_##name##_SHIFT)

void fake_card_reset(struct fake *fake)
{
	fake->n_resets++;
	fake->ctrl = 0;
	fake->fault = 0;
	fake->live_bank = 0;
	fake->now_seconds = 0;
	fake->host_period = 0;
	fake->host_reserve = 0;
	memset(fake->host_limit, 0, sizeof(fake->host_limit));
	memset(fake->ring, 0, sizeof(fake->ring));
	memset(fake->sa, 0, sizeof(fake->sa));
	memset(fake->has_sa, 0, sizeof(fake->has_sa));
	memset(fake->expired, 0, sizeof(fake->expired));
	memset(fake->has_sp, 0, sizeof(fake->has_sp));
	memset(fake->is_bound, 0, sizeof(fake->is_bound));
}

static uint8_t *entry(struct fake *fake, unsigned ring, uint16_t index, uint32_t bytes)
{
	const struct fake_ring *r = &fake->ring[ring];

	return r->is_on ? fake_memory(fake, r->base + (uint64_t)(index & (r->entries - 1)) * bytes, bytes) : NULL;
}

/* ---- events */

static bool event_write(struct fake *fake, struct adit_desc_evt evt)
{
	struct fake_ring *r = &fake->ring[ADIT_RING_EVT];
	uint8_t *at;

	if (!r->is_on || (uint16_t)(r->index - r->doorbell) >= r->entries)
		return false;
	at = entry(fake, ADIT_RING_EVT, r->index, sizeof(evt));
	if (!at)
		return false;
	evt.gen = (uint8_t)(~(r->index / r->entries) & 1u);
	if (fake->sin == CARD_BAD_GEN)
		evt.gen = 7;
	/* All but the first quad, then the quad with the generation, as memory that is seen from two sides wants it. */
	memcpy(at + 8, (const uint8_t *)&evt + 8, sizeof(evt) - 8);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	memcpy(at, &evt, 8);
	r->index++;
	return true;
}

bool fake_post_event(struct fake *fake, struct adit_desc_evt evt)
{
	bool is_posted;

	fake_lock(fake);
	is_posted = event_write(fake, evt);
	fake_irq(fake, ADIT_VECTOR_EVT);
	fake_unlock(fake);
	return is_posted;
}

static void complete(struct fake *fake, const struct adit_desc_cmd *cmd, uint8_t status, uint8_t field)
{
	struct adit_desc_evt evt = {
		.type = ADIT_EVENT_COMPLETION, .status = status, .field = field, .tag = cmd->tag, .index = cmd->index,
	};

	switch (fake->sin) {
	case CARD_SILENT:
	case CARD_DIES: return;
	case CARD_BAD_TAG: evt.tag = htole32(0xdeadbeef); break;
	case CARD_OLD_TAG: evt.tag = htole32(le32toh(cmd->tag) - 0x10000u); break;
	case CARD_BAD_STATUS: evt.status = 99; break;
	case CARD_BAD_INDEX: evt.index = htole16((uint16_t)(le16toh(cmd->index) + 1)); break;
	case CARD_BAD_TYPE: evt.type = 200; break;
	case CARD_SKIP: fake->ring[ADIT_RING_EVT].index++; break;
	case CARD_TWICE: event_write(fake, evt); break;
	default: break;
	}
	event_write(fake, evt);
}

/* ---- commands */

struct outcome {
	uint8_t status, field;
};

static const struct outcome fine;

static struct outcome sa_command(struct fake *fake, const struct adit_desc_cmd *cmd, uint8_t *data)
{
	const uint16_t slot = le16toh(cmd->index);
	struct adit_desc_sa_state state = { 0 };

	if (slot >= FAKE_SA_SLOTS)
		return (struct outcome){ ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX };
	if (cmd->op == ADIT_OP_SA_ADD ? fake->has_sa[slot] : !fake->has_sa[slot])
		return (struct outcome){ cmd->op == ADIT_OP_SA_ADD ? ADIT_STATUS_EXISTS : ADIT_STATUS_NOT_FOUND, 0 };
	switch (cmd->op) {
	case ADIT_OP_SA_ADD:
		memcpy(&fake->sa[slot], data, sizeof(fake->sa[slot]));
		if (fake->sa[slot].ttl == 0)
			return (struct outcome){ ADIT_STATUS_BAD_FIELD, ADIT_FIELD_SA_TTL };
		fake->has_sa[slot] = true;
		fake->added_seconds[slot] = fake->now_seconds;
		fake->expired[slot] = 0;
		break;
	case ADIT_OP_SA_UPDATE: memcpy(&fake->sa[slot], data, 192); break;
	case ADIT_OP_SA_DELETE:
		memset(&fake->sa[slot], 0, sizeof(fake->sa[slot]));
		fake->has_sa[slot] = false;
		break;
	default:
		memcpy(&state, &fake->sa[slot], 13);
		state.seq = fake->sa[slot].seq_first;
		state.added = htole32(fake->added_seconds[slot]);
		state.expired = fake->expired[slot];
		memcpy(data, &state, sizeof(state));
	}
	return fine;
}

static struct outcome sp_command(struct fake *fake, const struct adit_desc_cmd *cmd, uint8_t *data)
{
	const uint16_t index = le16toh(cmd->index);
	const unsigned bank = cmd->flags & 1u;
	struct adit_desc_sp_state state = { 0 };

	if (index >= FAKE_SP_RULES)
		return (struct outcome){ ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX };
	switch (cmd->op) {
	case ADIT_OP_SP_ADD:
		memcpy(&fake->sp[bank][index], data, sizeof(fake->sp[0][0]));
		fake->has_sp[bank][index] = true;
		fake->n_writes_to_live += bank == fake->live_bank;
		break;
	case ADIT_OP_SP_DELETE:
		fake->has_sp[bank][index] = false;
		fake->n_writes_to_live += bank == fake->live_bank;
		break;
	case ADIT_OP_SP_COMMIT: fake->live_bank = le32toh(cmd->value) & 1u; break;
	case ADIT_OP_SP_UPDATE:
		fake->is_bound[index] = cmd->flags & 1u;
		fake->bound_slot[index] = (uint16_t)le32toh(cmd->value);
		break;
	default:
		state.in_accepted = htole64(index + 1u);
		state.out_transformed = htole64(1000u + index);
		state.bound = fake->is_bound[index];
		state.sa_slot = htole16(fake->bound_slot[index]);
		memcpy(data, &state, sizeof(state));
	}
	return fine;
}

static void flush(struct fake *fake, uint8_t flags)
{
	for (unsigned slot = 0; slot < FAKE_SA_SLOTS; slot++) {
		const bool is_ah = fake->sa[slot].proto == ADIT_PROTO_AH;

		if (flags & (is_ah ? 1u : 2u))
			continue;
		fake->has_sa[slot] = false;
		memset(&fake->sa[slot], 0, sizeof(fake->sa[slot]));
	}
}

static struct outcome execute(struct fake *fake, const struct adit_desc_cmd *cmd, uint8_t *data)
{
	switch (cmd->op) {
	case ADIT_OP_NOP: return fine;
	case ADIT_OP_SA_ADD:
	case ADIT_OP_SA_UPDATE:
	case ADIT_OP_SA_DELETE:
	case ADIT_OP_SA_QUERY: return sa_command(fake, cmd, data);
	case ADIT_OP_SA_FLUSH:
		fake->ctrl_at_flush = fake->ctrl;
		flush(fake, cmd->flags);
		return fine;
	case ADIT_OP_SP_ADD:
	case ADIT_OP_SP_DELETE:
	case ADIT_OP_SP_COMMIT:
	case ADIT_OP_SP_UPDATE:
	case ADIT_OP_SP_QUERY: return sp_command(fake, cmd, data);
	case ADIT_OP_STATS:
		if (le16toh(cmd->index) >= 56 && FIELD(fake->contract, VERSION_MINOR) < 2)
			return (struct outcome){ ADIT_STATUS_BAD_FIELD, ADIT_FIELD_INDEX };
		for (unsigned i = 0; i < 8; i++) {
			const uint64_t count_le = htole64(fake->counters[(le16toh(cmd->index) + i) & 63u]);

			memcpy(data + 8 * i, &count_le, 8);
		}
		return fine;
	default: return (struct outcome){ ADIT_STATUS_BAD_OP, ADIT_FIELD_OP };
	}
}

static uint32_t record_bytes(uint8_t op)
{
	switch (op) {
	case ADIT_OP_SA_ADD: return ADIT_DESC_SA_BYTES;
	case ADIT_OP_SA_UPDATE: return 192;
	case ADIT_OP_SA_QUERY: return ADIT_DESC_SA_STATE_BYTES;
	case ADIT_OP_SP_ADD:
	case ADIT_OP_SP_QUERY:
	case ADIT_OP_STATS: return 64;
	default: return 0;
	}
}

static void command(struct fake *fake, const struct adit_desc_cmd *cmd)
{
	const uint32_t bytes = le32toh(cmd->data_bytes);
	uint8_t *data = bytes ? fake_memory(fake, le64toh(cmd->data_iova), bytes) : NULL;
	struct outcome outcome;

	fake->n_commands++;
	fake->n_ops[cmd->op & 31u]++;
	if (bytes != record_bytes(cmd->op)) {
		outcome = (struct outcome){ ADIT_STATUS_BAD_LENGTH, ADIT_FIELD_DATA_BYTES };
	} else if (bytes && (!data || le64toh(cmd->data_iova) % 64)) {
		outcome = (struct outcome){ ADIT_STATUS_DMA_ERROR, ADIT_FIELD_DATA_IOVA };
	} else if (fake->refuse_op == cmd->op && fake->refuse_after-- == 0) {
		outcome = (struct outcome){ fake->refuse_status, fake->refuse_field };
		fake->refuse_op = -1;
	} else {
		outcome = execute(fake, cmd, data);
		if (fake->sin == CARD_BAD_ANSWER && bytes && outcome.status == 0)
			memset(data, 0xa5, bytes);
	}
	complete(fake, cmd, outcome.status, outcome.field);
}

static void commands_run(struct fake *fake)
{
	struct fake_ring *r = &fake->ring[ADIT_RING_CMD];
	const uint16_t before = r->index;

	if (fake->sin == CARD_DIES)
		fake->is_dead = true;
	/* A completion must have its place before the command is taken. */
	while (r->is_on && r->index != r->doorbell && !fake->is_dead &&
	       (uint16_t)(fake->ring[ADIT_RING_EVT].index - fake->ring[ADIT_RING_EVT].doorbell) <
	       fake->ring[ADIT_RING_EVT].entries) {
		struct adit_desc_cmd cmd;
		const uint8_t *at = entry(fake, ADIT_RING_CMD, r->index, sizeof(cmd));

		if (!at)
			return;
		memcpy(&cmd, at, sizeof(cmd));
		r->index++;
		command(fake, &cmd);
	}
	if (r->index != before)
		fake_irq(fake, ADIT_VECTOR_EVT);
}

/* ---- packets */

static void tx_run(struct fake *fake)
{
	struct fake_ring *r = &fake->ring[ADIT_RING_TX];
	uint8_t *wb;

	while (r->is_on && r->index != r->doorbell && fake->n_frames < FAKE_FRAMES) {
		struct adit_desc_tx desc;
		struct fake_frame *frame = &fake->frames[fake->n_frames];
		const uint8_t *at = entry(fake, ADIT_RING_TX, r->index, sizeof(desc));
		const uint8_t *bytes;

		if (!at)
			return;
		memcpy(&desc, at, sizeof(desc));
		r->index++;
		bytes = fake_memory(fake, le64toh(desc.iova), le16toh(desc.length));
		if (!bytes || le16toh(desc.length) > FAKE_FRAME_BYTES)
			continue;
		frame->n_bytes = le16toh(desc.length);
		frame->desc = desc;
		memcpy(frame->bytes, bytes, frame->n_bytes);
		fake->n_frames++;
	}
	wb = r->wb ? fake_memory(fake, r->wb, 64) : NULL;
	if (wb) {
		const uint32_t index_le = htole32(r->index);

		memcpy(wb, &index_le, sizeof(index_le));
		fake_irq(fake, ADIT_VECTOR_TX);
	}
}

void fake_write_back(struct fake *fake, uint32_t value)
{
	const uint32_t value_le = htole32(value);
	uint8_t *wb;

	fake_lock(fake);
	wb = fake_memory(fake, fake->ring[ADIT_RING_TX].wb, 64);
	if (wb)
		memcpy(wb, &value_le, sizeof(value_le));
	fake_irq(fake, ADIT_VECTOR_TX);
	fake_unlock(fake);
}

bool fake_receive(struct fake *fake, const uint8_t *bytes, uint16_t n_bytes, const struct adit_desc_rx *facts)
{
	struct fake_ring *r = &fake->ring[ADIT_RING_RX];
	struct adit_desc_rx desc;
	uint8_t *at, *buffer;
	bool is_done = false;

	fake_lock(fake);
	at = r->index != r->doorbell ? entry(fake, ADIT_RING_RX, r->index, sizeof(desc)) : NULL;
	if (at) {
		memcpy(&desc, at, sizeof(desc));
		buffer = fake_memory(fake, le64toh(desc.iova), le16toh(desc.room));
		if (buffer && n_bytes <= le16toh(desc.room)) {
			memcpy(buffer, bytes, n_bytes);
			desc.length = facts->length;
			desc.reason = facts->reason;
			desc.face = facts->face;
			desc.sa_slot = facts->sa_slot;
			desc.sp_id = facts->sp_id;
			desc.seq = facts->seq;
			desc.done = facts->done;
			__atomic_thread_fence(__ATOMIC_RELEASE);
			memcpy(at, &desc, sizeof(desc));
			r->index++;
			is_done = true;
		}
	}
	fake_irq(fake, ADIT_VECTOR_RX);
	fake_unlock(fake);
	return is_done;
}

void fake_fault(struct fake *fake, enum adit_ring ring, enum adit_fault fault)
{
	const struct adit_desc_evt evt = { .type = ADIT_EVENT_RING_FAULT, .index = htole16((uint16_t)ring) };

	fake_lock(fake);
	fake->fault |= (uint32_t)fault << (8u * (uint32_t)ring);
	fake->ring[ring].is_on = false;
	event_write(fake, evt);
	fake_irq(fake, ADIT_VECTOR_EVT);
	fake_irq(fake, ADIT_VECTOR_FAULT);
	fake_unlock(fake);
}

/* ---- registers */

uint32_t fake_register_read(struct fake *fake, uint32_t offset)
{
	if (fake->is_dead || fake->sin == CARD_ALL_ONES)
		return UINT32_MAX;
	switch (offset) {
	case ADIT_REG_MAGIC: return fake->magic;
	case ADIT_REG_VERSION: return fake->contract;
	case ADIT_REG_CAP_SIZES: return fake->sizes;
	case ADIT_REG_CAP_ENC: return fake->enc_mask;
	case ADIT_REG_CAP_AUTH: return fake->auth_mask;
	case ADIT_REG_CAP_FEATURES: return fake->feature_mask;
	case ADIT_REG_CAP_LIMITS: return fake->limits;
	case ADIT_REG_CAP_CLOCK: return fake->clock_hz;
	case ADIT_REG_CTRL: return fake->ctrl;
	case ADIT_REG_NOW: return fake->now_seconds;
	case ADIT_REG_STATUS: return fake->sin == CARD_STUCK_RESET ? 0 : ADIT_REG_STATUS_READY_MASK;
	case ADIT_REG_RING_FAULT: return fake->fault;
	case ADIT_REG_CYCLES_LO: return UINT32_MAX;	/* a value that a dead card would give too */
	case ADIT_REG_CYCLES_HI: return 5;
	default: return 0;
	}
}

static void ring_control(struct fake *fake, unsigned n, uint32_t value)
{
	struct fake_ring *r = &fake->ring[n];

	r->is_on = (value & ADIT_REG_RING_CTRL_ENABLE_MASK) != 0;
	r->entries = 1u << FIELD(value, RING_CTRL_SIZE_LOG2);
	if (r->is_on) {
		r->index = 0;
		r->doorbell = 0;
		fake->fault &= ~(0xffu << (8 * n));
	}
}

static void ring_write(struct fake *fake, uint32_t offset, uint32_t value)
{
	const unsigned n = (offset - ADIT_REG_RING_BASE_LO(0)) / 0x20u;
	struct fake_ring *r = &fake->ring[n];

	switch (offset - 0x20u * n) {
	case ADIT_REG_RING_BASE_LO(0): r->base = (r->base & ~(uint64_t)UINT32_MAX) | value; break;
	case ADIT_REG_RING_BASE_HI(0): r->base = (r->base & UINT32_MAX) | (uint64_t)value << 32; break;
	case ADIT_REG_RING_WB_LO(0): r->wb = (r->wb & ~(uint64_t)UINT32_MAX) | value; break;
	case ADIT_REG_RING_WB_HI(0): r->wb = (r->wb & UINT32_MAX) | (uint64_t)value << 32; break;
	case ADIT_REG_RING_CTRL(0): ring_control(fake, n, value); break;
	case ADIT_REG_RING_DOORBELL(0):
		r->doorbell = (uint16_t)value;
		if (n == ADIT_RING_CMD || n == ADIT_RING_EVT)
			commands_run(fake);
		else if (n == ADIT_RING_TX)
			tx_run(fake);
		break;
	default: break;
	}
}

void fake_register_write(struct fake *fake, uint32_t offset, uint32_t value)
{
	if (offset == ADIT_REG_CTRL) {
		fake->ctrl = value & ~ADIT_REG_CTRL_RESET_MASK;
		if (value & ADIT_REG_CTRL_RESET_MASK)
			fake_card_reset(fake);
	} else if (offset >= ADIT_REG_LOCAL_ADDR(0) && offset < ADIT_REG_LOCAL_ADDR(32)) {
		fake->local[(offset - ADIT_REG_LOCAL_ADDR(0)) / 4] = value;
	} else if (offset == ADIT_REG_LOCAL_VALID) {
		fake->local_valid = value;
	} else if (offset == ADIT_REG_NOW) {
		fake->now_seconds = value;
	} else if (offset == ADIT_REG_HOST_PERIOD) {
		fake->host_period = value;
	} else if (offset == ADIT_REG_HOST_RESERVE) {
		fake->host_reserve = value;
	} else if (offset >= ADIT_REG_HOST_LIMIT(0) && offset < ADIT_REG_HOST_LIMIT(16)) {
		fake->host_limit[(offset - ADIT_REG_HOST_LIMIT(0)) / 4] = value;
		fake->n_limits_in_force += fake->host_period != 0;
	} else if (offset >= ADIT_REG_RING_BASE_LO(0) && offset < ADIT_REG_RING_BASE_LO(4)) {
		ring_write(fake, offset, value);
	}
}
