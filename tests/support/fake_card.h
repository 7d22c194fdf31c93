// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A card in software for the driver's tests: the server side of vfio-user, registers and rings, run by a thread of the
 * test itself. It keeps the contract unless a test tells it to sin.
 *
 *	fake_wire.c	socket, messages, DMA maps, eventfds
 *	fake_card.c	registers, command, event, TX and RX rings, tables
 */
#ifndef FAKE_CARD_H
#define FAKE_CARD_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adit/adit.h"

#define FAKE_SA_LOG2 10u
#define FAKE_SP_LOG2 6u
#define FAKE_SA_SLOTS (1u << FAKE_SA_LOG2)
#define FAKE_SP_RULES (1u << FAKE_SP_LOG2)
#define FAKE_MAPS 16u
#define FAKE_FRAMES 64u
#define FAKE_FRAME_BYTES 9600u
#define FAKE_REPLAY_PACKETS 4096u

/** What the server does wrong with one kind of message. */
enum wire_sin {
	WIRE_GOOD,
	WIRE_CLOSE,		/* hang up instead of answering */
	WIRE_SILENT,		/* no answer */
	WIRE_LATE,		/* no answer now; both answers at the next message */
	WIRE_FLOOD,		/* no answer now; at the next message that answer, without end */
	WIRE_HALF_HEADER,	/* eight bytes of the answer, then nothing */
	WIRE_SHORT,		/* one byte of payload less */
	WIRE_LONG,		/* four bytes of payload more */
	WIRE_HUGE,		/* claims 2 GiB */
	WIRE_TINY,		/* claims 4 bytes */
	WIRE_WRONG_ID,
	WIRE_WRONG_COMMAND,
	WIRE_NOT_A_REPLY,
	WIRE_ERROR,		/* errno EPERM */
	WIRE_ERROR_HUGE,	/* errno 0xffffffff */
	WIRE_WRONG_ECHO,	/* index or offset of another object */
};

/** What the card does wrong with completions. */
enum card_sin {
	CARD_GOOD,
	CARD_SILENT,		/* takes commands and never answers */
	CARD_BAD_TAG,
	CARD_OLD_TAG,		/* the right slot, the turn before */
	CARD_BAD_GEN,
	CARD_BAD_STATUS,
	CARD_BAD_INDEX,
	CARD_SKIP,		/* leaves one event entry out */
	CARD_BAD_TYPE,
	CARD_TWICE,		/* completes everything twice */
	CARD_BAD_ANSWER,	/* garbage in what queries write */
	CARD_NO_IRQ,		/* right answers, lost interrupts */
	CARD_STUCK_RESET,	/* never ready after a reset */
	CARD_ALL_ONES,		/* every register reads 0xffffffff */
	CARD_DIES,		/* all ones and silence, from the next doorbell on */
};

struct fake_frame {
	uint16_t n_bytes;
	struct adit_desc_tx desc;
	uint8_t bytes[FAKE_FRAME_BYTES];
};

struct fake_ring {
	uint64_t base, wb;
	uint32_t entries;
	bool is_on;
	uint16_t doorbell, index;
};

struct fake {
	/* Sins and sizes: a test may change them under fake_lock(), or before the driver connects. */
	unsigned wire_sin_command;	/* vfio-user command that wire_sin is about */
	enum wire_sin wire_sin;
	unsigned wire_sin_after;	/* so many of them are answered well first */
	enum card_sin sin;
	uint16_t version_major, version_minor;	/* of vfio-user */
	const char *capabilities;		/* JSON in the reply to VERSION */
	uint32_t magic, contract, sizes, enc_mask, auth_mask, feature_mask, limits, clock_hz;
	uint32_t n_vectors;
	uint64_t bar_bytes;
	int refuse_op;			/* -1, or complete this op with refuse_status and refuse_field */
	unsigned refuse_after;
	uint8_t refuse_status, refuse_field;

	/* What a test may look at under fake_lock(). */
	uint32_t ctrl, ctrl_at_flush, local[32], local_valid;
	uint32_t now_seconds, host_period, host_reserve, host_limit[16];
	unsigned n_limits_in_force;	/* writes to HOST_LIMIT while a period ran */
	struct adit_desc_sa sa[FAKE_SA_SLOTS];
	bool has_sa[FAKE_SA_SLOTS];
	uint32_t added_seconds[FAKE_SA_SLOTS];
	uint8_t expired[FAKE_SA_SLOTS];
	struct adit_desc_sp sp[2][FAKE_SP_RULES];
	bool has_sp[2][FAKE_SP_RULES];
	unsigned live_bank;
	uint16_t bound_slot[FAKE_SP_RULES];
	bool is_bound[FAKE_SP_RULES];
	uint64_t counters[64];
	struct fake_frame frames[FAKE_FRAMES];
	unsigned n_frames, n_commands, n_resets, n_writes_to_live;
	unsigned n_ops[32];
	unsigned n_device_resets;
	bool is_dead;
	uint32_t fault;

	/* Machinery. */
	struct fake_ring ring[4];
	struct {
		uint64_t iova, bytes;
		uint8_t *host;
	} maps[FAKE_MAPS];
	int irq_fds[4];
	int listen_fd, fd, stop_fd;
	pthread_t thread;
	pthread_mutex_t mutex;
	char dir[64], where[128];
	uint8_t late[64];
	size_t late_bytes;
	bool is_flooding;
};

/** Listens at fake->where; close ends the thread and frees all. */
struct fake *fake_open(void);
void fake_close(struct fake *fake);
void fake_lock(struct fake *fake);
void fake_unlock(struct fake *fake);
void fake_set_sin(struct fake *fake, enum card_sin sin);
void fake_set_wire_sin(struct fake *fake, unsigned command, enum wire_sin sin, unsigned after);
/** End the connection as a killed card does. */
void fake_hang_up(struct fake *fake);

/** Post an event as it is, generation excepted. @return false if the event ring is full. */
bool fake_post_event(struct fake *fake, struct adit_desc_evt evt);
/** Deliver a frame on the RX ring. claim_bytes is what the descriptor says of its length. */
bool fake_receive(struct fake *fake, const uint8_t *bytes, uint16_t n_bytes, const struct adit_desc_rx *facts);
/** Write an index where the driver looks for the TX ring's. */
void fake_write_back(struct fake *fake, uint32_t value);
/** Stop a ring on a fault: register, event unless it is the event ring, interrupt. */
void fake_fault(struct fake *fake, enum adit_ring ring, enum adit_fault fault);
void fake_irq(struct fake *fake, enum adit_vector vector);
/** Does a run of bytes stand anywhere in the memory that the driver shares? */
bool fake_memory_has(struct fake *fake, const void *bytes, size_t n_bytes);

/* Between the two files; the lock is held. */
uint32_t fake_register_read(struct fake *fake, uint32_t offset);
void fake_register_write(struct fake *fake, uint32_t offset, uint32_t value);
void fake_card_reset(struct fake *fake);
uint8_t *fake_memory(struct fake *fake, uint64_t iova, uint64_t n_bytes);

#endif
