// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The inside of struct adit_card, shared by the files of this folder. Each part belongs to one file:
 *	cmd      cmd.c     commands in flight
 *	sa_notes sa.c      what bundles must know of the SAs in the card
 *	sp       sp.c      policy tables: the two banks as the card has them, and replaces that wait
 *	packet   packet.c  frame buffers of the TX and RX rings
 *	the rest card.c
 */
#ifndef ADIT_CARD_H
#define ADIT_CARD_H

#include "ring.h"

#define CARD_VECTORS 4u
#define CARD_WHY_BYTES 320u
#define CARD_MINOR_LIMITS 2u	/* the contract that brought NOW, HOST_* and the told packets */

struct cmd_slot {
	bool is_busy;
	bool is_doomed;		/* was in flight when cmd_cancel_all() began */
	uint8_t op;
	uint16_t index;		/* as sent: a completion must bring it back */
	uint16_t turn;		/* upper half of the tag; another for each use of the slot */
	uint16_t next_free;
	uint16_t wipe_bytes;	/* so much of the buffer holds key material */
	adit_done_fn *done;
	void *arg;
};

struct cmd_table {
	struct cmd_slot *slots;		/* as many as the command ring has entries */
	uint32_t n_slots, n_busy;
	uint16_t first_free;
	struct bus_dma data;		/* one record of CMD_DATA_BYTES for each slot */
	uint64_t progress_ms;		/* when the last completion came, or the first command went out */
};

struct sa_note;
struct sp_job;

struct sp_shadow {
	struct adit_sp *live;		/* what the live bank says, in the caller's words, in rank order */
	unsigned n_live;
	struct adit_desc_sp *bank[2];	/* what each bank holds, by rank */
	uint8_t *state[2];		/* enum sp_rank_state */
	unsigned live_bank;
	struct sp_job *first, *last;	/* the first is at work */
};

struct packet_lane {
	uint32_t buffer_bytes;		/* of one frame, a multiple of 64 */
	struct bus_dma tx, rx, wb;	/* wb: the line where the card writes its TX index */
	bool is_lent;			/* a callback is looking at a received packet */
};

struct adit_card {
	struct bus *bus;
	char *where;
	struct adit_caps caps;
	struct adit_open_options options;
	int broken;			/* why the card is unusable, 0 while it is well; adit_card_recover() mends it */
	uint32_t ctrl;			/* CTRL as last written */
	uint32_t now_seconds;		/* NOW as last written */
	struct ring ring[4];		/* by enum adit_ring */
	int irq_fds[CARD_VECTORS];
	unsigned n_irq_fds;
	int epoll_fd, again_fd, timer_fd;
	bool is_timed;			/* timer_fd runs: commands are in flight */
	bool has_again;			/* again_fd is readable */
	struct cmd_table cmd;
	struct sa_note *sa_notes;	/* by slot */
	struct sp_shadow sp;
	struct packet_lane packet;
	adit_event_fn *on_event;
	void *on_event_arg;
	adit_rx_fn *on_rx;
	void *on_rx_arg;
	char why[CARD_WHY_BYTES];
};

/** Remember words for adit_card_strerror(). @return error */
__attribute__((format(printf, 3, 4))) int card_fail(struct adit_card *card, int error, const char *format, ...);
/** As card_fail(), and nothing but recover works from now on. The first cause stays. */
__attribute__((format(printf, 3, 4))) int card_break(struct adit_card *card, int error, const char *format, ...);
/** A bus call failed: its words become the card's, and the card is broken. @return error */
int card_bus_failed(struct adit_card *card, int error);
/** Register access that tells a dead card (all ones, no MAGIC) from a living one. */
ADIT_MUST_USE int card_read(struct adit_card *card, uint32_t offset, uint32_t *value);
ADIT_MUST_USE int card_write(struct adit_card *card, uint32_t offset, uint32_t value);
/** Make adit_card_fd() readable: there is work that no interrupt will tell of. */
void card_again(struct adit_card *card);

/* ---- cmd.c */
#define CMD_DATA_BYTES ADIT_DESC_SA_BYTES	/* the largest record; a multiple of 64 */

struct cmd_request {
	enum adit_op op;
	uint8_t flags;
	uint16_t index;
	uint32_t value;
	const void *record;		/* copied into shared memory; NULL: none */
	uint32_t data_bytes;		/* of the record, or of the answer */
	bool is_secret;			/* wipe the copy when the command is done */
};

ADIT_MUST_USE int cmd_open(struct adit_card *card);
void cmd_close(struct adit_card *card);
ADIT_MUST_USE int cmd_post(struct adit_card *card, const struct cmd_request *request, adit_done_fn *done, void *arg);
/** A completion event. @return 0, or the card is broken. */
ADIT_MUST_USE int cmd_complete(struct adit_card *card, const struct adit_desc_evt *evt);
/** Complete everything in flight with status, and wipe. The card must have stopped reading. */
void cmd_cancel_all(struct adit_card *card, int status);
/** Ring the doorbell for everything posted. */
ADIT_MUST_USE int cmd_kick(struct adit_card *card);
/** Nobody waits for commands whose argument is arg any more. */
void cmd_forget(struct adit_card *card, const void *arg);
/** Breaks the card if commands wait and none has been answered for timeout_ms. */
ADIT_MUST_USE int cmd_watch(struct adit_card *card);
const char *cmd_op_name(unsigned op);

/* A waiting call: queue something with wait_done and &wait, then wait_run(). */
struct wait {
	bool is_done;
	int status;
	union adit_answer answer;
};
void wait_done(void *arg, int status, const union adit_answer *answer);
ADIT_MUST_USE int wait_run(struct adit_card *card, struct wait *wait, int queued);
/** Poll once, resting a little if there was nothing. @return 0, -ETIMEDOUT once deadline_ms has passed, or broken. */
ADIT_MUST_USE int wait_step(struct adit_card *card, const struct wait *wait, uint64_t deadline_ms);

/* ---- algorithm.c */
struct algo_enc {
	const char *word;
	uint8_t key_bytes, iv_bytes;	/* iv_bytes: on the wire */
	uint8_t align_bytes;		/* what is ciphered is a multiple of it */
	bool is_host;			/* no card has it: the host transforms */
};
struct algo_auth {
	const char *word;
	uint8_t key_bytes, icv_bytes;
	bool is_gmac;
};
/** @return NULL for a code that is none. */
const struct algo_enc *algo_enc(enum adit_enc enc);
const struct algo_auth *algo_auth(enum adit_auth auth);
bool algo_is_gcm(enum adit_enc enc);

/* ---- hash_state.c */
#define HASH_BLOCK_BYTES 128u		/* of the longest; MD5, SHA-1 and SHA-256 take the first 64 */
/** The hash's state after one block, as the card's record has it. Nothing is written for an algorithm that is no HMAC. */
void hash_state(enum adit_auth auth, const uint8_t block[HASH_BLOCK_BYTES], uint8_t out[64]);

/* ---- sa_keys.c */
/** Words 3 to 5 of a sound SA's record; the caller wipes it. @return 0 or -ENOMEM */
ADIT_MUST_USE int sa_add_keys(const struct adit_sa *sa, struct adit_desc_sa *out);

/* ---- sa_check.c */
/** -EOPNOTSUPP with words if a feature is wanted that the card lacks. */
ADIT_MUST_USE int card_needs(struct adit_card *card, bool is_wanted, enum adit_feature feature);
/** The TFC fill, and at least the smallest packet, must fit when sealed. path_mtu: what this layer may be long. */
ADIT_MUST_USE int sa_size_check(struct adit_card *card, const struct adit_sa *sa, uint16_t path_mtu);
bool sa_is_host_transform(const struct adit_sa *sa);

/* ---- sa.c */
ADIT_MUST_USE int sa_open(struct adit_card *card);
void sa_close(struct adit_card *card);
/** The card was reset: it has no SA. */
void sa_reset(struct adit_card *card);
void sa_add_failed(struct adit_card *card, uint16_t slot, int status);
uint64_t sa_seq_last(const struct adit_sa *sa);

/* ---- sp.c */
ADIT_MUST_USE int sp_open(struct adit_card *card);
void sp_close(struct adit_card *card);
/** Go on with the replace at work, as far as the command ring has room. */
ADIT_MUST_USE int sp_run(struct adit_card *card);
/** The card was reset: both banks are empty. Jobs that wait end with status. */
void sp_reset(struct adit_card *card, int status);
void sp_forget(struct adit_card *card, const void *arg);

/* ---- event.c */
/** @return how many were taken, at most budget; negative if the card is broken. */
ADIT_MUST_USE int event_poll(struct adit_card *card, unsigned budget);

/* ---- packet.c */
ADIT_MUST_USE int packet_open(struct adit_card *card);
void packet_close(struct adit_card *card);
/** After ring_start(): hand all RX buffers to the card. */
ADIT_MUST_USE int packet_start(struct adit_card *card);
ADIT_MUST_USE int packet_poll(struct adit_card *card, unsigned budget);

/* ---- poll.c */
/** The epoll set behind adit_card_fd(), with its eventfds and its timer. */
ADIT_MUST_USE int poll_open(struct adit_card *card);
void poll_close(struct adit_card *card);
/** Reads the rings' fault register. @return 0, or the card is broken: commands or events cannot flow. */
ADIT_MUST_USE int card_check_faults(struct adit_card *card);

/* ---- names.c, for error texts */
const char *name_status(unsigned status);
const char *name_field(unsigned field);
const char *name_fault(unsigned fault);
const char *name_ring(unsigned ring);

#endif
