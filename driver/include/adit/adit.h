// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * libadit: the driver of the adit IPsec offload card.
 *
 * One card, one thread: every call on a struct adit_card comes from the thread that opened it, or the caller locks.
 * Nothing here waits but the functions whose names end in _wait and adit_card_open(); those are bounded by time.
 *
 * Errors are negative errno. adit_card_strerror() tells the last one in words that name the thing.
 *   -ENODEV   the card is gone (all-ones reads) or was never one of ours
 *   -EIO      the card answered something that no card answers, or a ring stopped on a fault: adit_card_recover()
 *   -ETIMEDOUT the card did not answer in time
 *   -EAGAIN   the ring is full: reap with adit_card_poll(), then try again; nothing was queued
 *   -EOPNOTSUPP the card lacks something: adit_card_strerror() names it
 *   -EINVAL, -EEXIST, -ENOENT, -ENOSPC as the card's status says
 */
#ifndef ADIT_ADIT_H
#define ADIT_ADIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adit_regs.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ADIT_MUST_USE __attribute__((warn_unused_result))
#define ADIT_NO_SLOT 0xffffu	/* "none" for SA slots and policy ids */

/** An IPv4 or IPv6 address, network order; IPv4 uses the first four bytes and the rest is zero. */
struct adit_addr {
	uint8_t bytes[16];
	bool is_v6;
};

/**
 * One SA, in words people use. Keys are raw; the driver derives HMAC states (RFC 2104) and hash keys (SP 800-38D) and wipes
 * its copies. The caller owns the struct and wipes it. In a bundle the AH SA is added first, and both have one reqid.
 */
struct adit_sa {
	uint32_t spi;			/* 256 .. */
	uint32_t reqid;			/* rules with the same reqid use it */
	enum adit_dir dir;
	enum adit_proto proto;
	enum adit_mode mode;
	enum adit_enc enc;
	enum adit_auth auth;
	uint8_t enc_key[32];		/* as many bytes as adit_enc_key_bytes() says */
	uint8_t auth_key[64];		/* AES-GMAC: its key */
	uint8_t auth_key_bytes;		/* 20 for HMAC-SHA1-96, 0 for null */
	uint8_t salt[4];		/* AES-GCM, AES-GMAC; AES-CTR: its nonce */
	uint8_t icv_bytes;		/* 0: the algorithm's own: 12, 16, 24, 32; GCM 16 (or say 8 or 12) */
	struct adit_addr src, dst;	/* tunnel ends, or the two hosts of transport mode */
	bool esn, udp_encap, set_dscp, clear_df, set_df, no_ecn;
	bool host_transform;		/* every packet is punted: the host seals and opens. Set by the driver for what no card can:
					 * Blowfish, Twofish, Camellia; outbound UDP encapsulation over IPv6 */
	bool has_next;			/* bundle: next_slot counts */
	uint16_t next_slot;		/* in the ESP SA: slot of the AH transport SA around it (RFC 4301 §4.5); in
					 * an inbound AH SA: slot of the ESP SA without which it opens nothing */
	uint8_t ttl;			/* 0: 64 */
	uint8_t dscp;
	uint16_t natt_sport, natt_dport;
	uint32_t flow_label;
	uint16_t path_mtu;		/* longest outer IP packet; 0: no limit */
	uint16_t tfc_bytes;		/* OUT, tunnel, ESP: shorter inner packets are filled up to it (RFC 4303 §2.7); 0: none */
	uint16_t replay_packets;	/* IN: 0 off, else 32 .. the card's limit */
	uint64_t soft_bytes, hard_bytes, soft_packets, hard_packets;	/* 0: none */
	uint32_t soft_seconds, hard_seconds;
	uint64_t seq_first;		/* OUT: 0 means 1. IN: highest number already seen; all up to it count as seen */
	uint64_t seq_lease;		/* OUT: 0 means 0xffffffff (with ESN: 2^64-1) */
};

/** What the card tells of an SA. No keys. */
struct adit_sa_state {
	uint32_t spi, reqid;
	enum adit_dir dir;
	enum adit_proto proto;
	enum adit_mode mode;
	enum adit_enc enc;
	enum adit_auth auth;
	uint64_t seq;			/* OUT: next to be sent. IN: highest accepted */
	uint64_t replay_map;
	uint64_t packets, bytes, icv_errors, replays;
	uint32_t added_seconds;		/* the card's NOW when the SA was added */
	bool soft_expired, hard_expired;	/* sticky */
};

/** One policy rule, outbound sense. Larger priority is asked first; among equals the lower id. */
struct adit_sp {
	uint16_t id;			/* 0 .. policies - 1; names counters and binding */
	int32_t priority;
	struct adit_addr src, dst;
	uint8_t src_plen, dst_plen;
	bool any_proto, any_ports;
	bool opaque;			/* only packets whose ports cannot be known: later fragments (RFC 4301 §4.4.1.1) */
	uint8_t proto;
	uint16_t sport_lo, sport_hi, dport_lo, dport_hi;	/* ICMP, ICMPv6: sport is the type, dport the code, in both directions */
	enum adit_action action;
	enum adit_level level;
	uint32_t reqid;
};

struct adit_sp_state {
	uint64_t in_accepted, in_dropped, in_transformed;
	uint64_t out_accepted, out_dropped, out_transformed;
	uint16_t sa_slot;		/* bound SA, ADIT_NO_SLOT if none */
};

struct adit_caps {
	uint16_t major, minor;
	uint32_t sa_slots, sp_rules, pkt_rings, vectors;
	bool full_size;
	uint32_t enc_mask, auth_mask, feature_mask;	/* bit n: enum adit_enc / adit_auth / adit_feature value n */
	uint16_t frame_bytes, replay_packets;
	uint32_t clock_hz;		/* 0: the card has no clock, adit_card_set_now() is its clock */
};

/** What the card says unasked. */
struct adit_event {
	enum adit_event_kind {
		ADIT_EV_ACQUIRE,	/* a packet wants an SA: policy and the packet's selectors are set */
		ADIT_EV_SA_SOFT, ADIT_EV_SA_HARD, ADIT_EV_SEQ_NEAR, ADIT_EV_SEQ_END,	/* sa_slot is set */
		ADIT_EV_RING_FAULT,	/* ring is set */
		ADIT_EV_VERDICT		/* reason, face_in, face_out, frame_no, frame_bytes, sa_slot, sp_id are set */
	} kind;
	uint16_t sp_id, sa_slot, ring;
	uint8_t proto;
	struct adit_addr src, dst;
	uint16_t sport, dport;
	enum adit_reason reason;
	enum adit_face face_in, face_out;
	uint32_t frame_no;
	uint16_t frame_bytes;
	uint64_t cycle;
};

/** A packet from the card. bytes stay valid until the callback returns. */
struct adit_rx_packet {
	const uint8_t *bytes;
	uint16_t n_bytes;
	enum adit_reason reason;
	enum adit_face face;		/* where it entered the card */
	uint16_t sa_slot, sp_id;
	uint64_t seq;			/* HostSlowSeal, HostSlowOpen: its sequence number, with ESN all 64 bits; else 0 */
};

struct adit_card;

/** Sizes of host rings, powers of two; 0 takes the default in brackets. */
struct adit_open_options {
	uint32_t cmd_entries;		/* [256] */
	uint32_t evt_entries;		/* [1024] */
	uint32_t tx_entries;		/* [256] */
	uint32_t rx_entries;		/* [256] */
	uint32_t timeout_ms;		/* for every _wait call and recover [5000] */
};

/**
 * Open a card, reset it and start its rings. Ports stay closed until adit_card_enable().
 *
 * @param where   "sim:/path/to/socket" (vfio-user) or "pci:0000:03:00.0" (VFIO)
 * @param options NULL for defaults
 * @param out     the card, on success
 * @param why     on failure, one line that names the missing piece; may be NULL
 */
ADIT_MUST_USE int adit_card_open(const char *where, const struct adit_open_options *options, struct adit_card **out,
				 char *why, size_t why_bytes);
/** Close the ports (the card drops everything), flush the SAs in the card if flush, stop rings, free all. */
void adit_card_close(struct adit_card *card, bool flush);

const char *adit_card_strerror(const struct adit_card *card);
const struct adit_caps *adit_card_caps(const struct adit_card *card);

/** Readable when adit_card_poll() has work. The caller polls it and never reads it. */
int adit_card_fd(const struct adit_card *card);

typedef void adit_event_fn(void *arg, const struct adit_event *event);
typedef void adit_rx_fn(void *arg, const struct adit_rx_packet *packet);
void adit_card_on_event(struct adit_card *card, adit_event_fn *fn, void *arg);
void adit_card_on_rx(struct adit_card *card, adit_rx_fn *fn, void *arg);

/**
 * Do what is due: completions (their callbacks run here), events, received packets, at most budget of each.
 * @return how many things were done, or a negative errno once the card is unusable.
 */
ADIT_MUST_USE int adit_card_poll(struct adit_card *card, unsigned budget);

/** Reset the card and start anew: tables are empty, pending commands complete with -ECANCELED. Bounded by timeout_ms. */
ADIT_MUST_USE int adit_card_recover(struct adit_card *card);

/** Ports on or off and how the card treats traffic. */
struct adit_mode_options {
	bool nic;			/* else wire */
	bool pass_unmatched;		/* packets that no rule matches: pass, else drop */
	bool verdicts;			/* one event per packet */
	struct adit_addr local[8];
	unsigned n_local;
};
ADIT_MUST_USE int adit_card_configure(struct adit_card *card, const struct adit_mode_options *options);
ADIT_MUST_USE int adit_card_enable(struct adit_card *card, bool on);
ADIT_MUST_USE int adit_card_cycles(struct adit_card *card, uint64_t *cycles);
/**
 * The card's NOW, for lifetimes in seconds: set before the first SA is added, and by the owner of a card without a clock
 * (caps.clock_hz 0) as time passes. -EINVAL if it went back; -EOPNOTSUPP on a card of contract 1.0 or 1.1.
 */
ADIT_MUST_USE int adit_card_set_now(struct adit_card *card, uint32_t seconds);

/** How much of its traffic the card gives to the host; what is beyond is dropped and counted (HostRateLimit, HostRingFull). */
struct adit_host_limits {
	uint32_t period_cycles;		/* 0: no limit holds */
	uint16_t packets[16];		/* of reason ADIT_REASON_HostIke + n in one period; 0: no limit */
	uint16_t reserve_buffers;	/* RX buffers that only IKE may use; after open and recover an eighth of rx_entries */
};
ADIT_MUST_USE int adit_card_set_host_limits(struct adit_card *card, const struct adit_host_limits *limits);

/* ---- commands. Each is queued at once or fails at once; done runs from adit_card_poll(), exactly once. The doorbell
 * rings at adit_card_kick() or when poll runs, so that batches cost one. status is 0 or a negative errno. */
union adit_answer {
	struct adit_sa_state sa;
	struct adit_sp_state sp;
	uint64_t counters[8];
};
typedef void adit_done_fn(void *arg, int status, const union adit_answer *answer);

/** Key length in bytes of a cipher; 0 for null; -EINVAL for a code that is none. */
int adit_enc_key_bytes(enum adit_enc enc);
int adit_auth_key_bytes(enum adit_auth auth);

/*
 * Sizes, of one SA alone, from its algorithms, mode, addresses' family, encapsulation and TFC. Of a bundle the caller asks layer
 * by layer: sealed(ah, sealed(esp, n)) and inner_mtu(esp, inner_mtu(ah, path_mtu)). Headers without options are assumed.
 */
/** ICV length: sa->icv_bytes, or if that is 0 the algorithm's own. */
uint8_t adit_sa_icv_bytes(const struct adit_sa *sa);
/** The most by which sealing makes a packet longer, padding to the cipher's block included and TFC not. */
uint16_t adit_sa_overhead(const struct adit_sa *sa);
/** Length of the outer IP packet that an IP packet of ip_bytes becomes, all included; 65535 if it is longer than that. */
uint16_t adit_sa_sealed_bytes(const struct adit_sa *sa, uint16_t ip_bytes);
/** Longest IP packet whose sealed form is no longer than path_mtu; 0 if path_mtu is 0 or nothing fits. */
uint16_t adit_sa_inner_mtu(const struct adit_sa *sa, uint16_t path_mtu);

/** Refuses by name, with -EOPNOTSUPP, what the card lacks; -EINVAL for what makes no sense. Nothing is queued. */
ADIT_MUST_USE int adit_sa_check(struct adit_card *card, const struct adit_sa *sa);
ADIT_MUST_USE int adit_sa_add(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_sa_update(struct adit_card *card, uint16_t slot, const struct adit_sa *sa, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_sa_delete(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_sa_query(struct adit_card *card, uint16_t slot, adit_done_fn *done, void *arg);
/** Flush SAs of the given protocols; keys are zeroed in the card before it completes. */
ADIT_MUST_USE int adit_sa_flush(struct adit_card *card, bool esp, bool ah, adit_done_fn *done, void *arg);

/**
 * Replace the whole rule table at once: no packet sees a mixture. Policies keep their counters and bindings by id.
 * The driver orders the rules by priority, writes only what differs from the idle bank and flips the banks.
 */
ADIT_MUST_USE int adit_sp_replace(struct adit_card *card, const struct adit_sp *rules, unsigned n_rules,
				  adit_done_fn *done, void *arg);
/** Add, change (same id) or remove one rule; each is a replace of the whole table with one difference. */
ADIT_MUST_USE int adit_sp_add(struct adit_card *card, const struct adit_sp *rule, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_sp_delete(struct adit_card *card, uint16_t id, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_sp_flush(struct adit_card *card, adit_done_fn *done, void *arg);
/** Policy id seals with the SA in slot; ADIT_NO_SLOT unbinds. Also lets the policy post its next acquire. */
ADIT_MUST_USE int adit_sp_bind(struct adit_card *card, uint16_t id, uint16_t slot, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_sp_query(struct adit_card *card, uint16_t id, adit_done_fn *done, void *arg);
/** Eight reason counters, first a multiple of 8. */
ADIT_MUST_USE int adit_stats_query(struct adit_card *card, unsigned first, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_nop(struct adit_card *card, adit_done_fn *done, void *arg);
ADIT_MUST_USE int adit_card_kick(struct adit_card *card);

/* The same, waiting for the answer: at most timeout_ms, polling meanwhile (so other callbacks run). */
ADIT_MUST_USE int adit_sa_add_wait(struct adit_card *card, uint16_t slot, const struct adit_sa *sa);
ADIT_MUST_USE int adit_sa_update_wait(struct adit_card *card, uint16_t slot, const struct adit_sa *sa);
ADIT_MUST_USE int adit_sa_delete_wait(struct adit_card *card, uint16_t slot);
ADIT_MUST_USE int adit_sa_query_wait(struct adit_card *card, uint16_t slot, struct adit_sa_state *state);
ADIT_MUST_USE int adit_sa_flush_wait(struct adit_card *card, bool esp, bool ah);
ADIT_MUST_USE int adit_sp_replace_wait(struct adit_card *card, const struct adit_sp *rules, unsigned n_rules);
ADIT_MUST_USE int adit_sp_bind_wait(struct adit_card *card, uint16_t id, uint16_t slot);
ADIT_MUST_USE int adit_sp_query_wait(struct adit_card *card, uint16_t id, struct adit_sp_state *state);
/** All reason counters by code; counters[ADIT_REASON_COUNT]. Reasons that came after the card's contract stay 0. */
ADIT_MUST_USE int adit_stats_wait(struct adit_card *card, uint64_t *counters);

/* ---- packets */
/**
 * Queue frames for the card; bytes are copied before it returns.
 * @return how many were queued (fewer than n when the ring fills), or a negative errno.
 */
struct adit_tx_packet {
	const uint8_t *bytes;
	uint16_t n_bytes;		/* 14 .. caps.frame_bytes */
	enum adit_dest dest;
	enum adit_reason reason;	/* OPENED: why the host could not open it, else ADIT_REASON_NONE */
	uint16_t sa_slot;		/* OPENED, SEAL */
	uint16_t sp_id;			/* SEAL */
	uint64_t seq;			/* OPENED: as the punt gave it */
};
ADIT_MUST_USE int adit_tx(struct adit_card *card, const struct adit_tx_packet *packets, unsigned n);

/* Words of the contract: "aes-128-cbc", "sha1", "XfrmInNoStates", … ; NULL for a code that is none. */
const char *adit_enc_name(unsigned enc);
const char *adit_auth_name(unsigned auth);
const char *adit_reason_name(unsigned reason);
const char *adit_reason_doc(unsigned reason);
const char *adit_feature_name(unsigned feature);
const char *adit_face_name(unsigned face);
int adit_enc_by_name(const char *name);		/* code or -EINVAL; accepts "aes-128" for "aes-128-cbc" */
/** Also "aes-128-gcm-8", "-12", "-16" (RFC 4106 §6). *icv_bytes: of GCM, 16 if the name does not say; of other ciphers 0. */
int adit_enc_by_name_icv(const char *name, uint8_t *icv_bytes);
int adit_auth_by_name(const char *name);

#ifdef __cplusplus
}
#endif
#endif
