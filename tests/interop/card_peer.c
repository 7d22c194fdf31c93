// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * A card at the end of a pipe: words on standard input, one command a line, drive one card through libadit, and the slow path
 * runs behind it. Frames go in and out by the card's own ports, which are the caller's. Every command is answered by one line,
 * "ok …" or "error …"; what the card says unasked comes between them:
 *
 *	verdict FACE_IN REASON FACE_OUT BYTES SLOT	one a packet
 *	host REASON SLOT HEX				a packet for this host, the slow path's excepted
 *	event KIND SLOT
 *
 * Commands, with N a number and ADDR an address of either family:
 *
 *	local ADDR…		the router's addresses; opens the ports
 *	sa SLOT WORD=VALUE…	see sa_words
 *	del SLOT		and what the slow path knows of it
 *	rule ID src=PREFIX dst=PREFIX reqid=N slot=SLOT		replaces the whole table by this one rule and binds it
 *	query SLOT		ok seq=N packets=N bytes=N icv_errors=N replays=N
 *	slow			ok and the slow path's counts
 *	stats			ok REASON=N… of those that are not 0
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "adit/adit.h"
#include "base/addr.h"
#include "slowpath/slowpath.h"

#define LINE_BYTES 4096u
#define MAX_WORDS 48u

struct peer {
	struct adit_card *card;
	struct slowpath *slowpath;
	struct adit_sa *sas;		/* by slot, without keys: what a bundle's inner SA must know of the outer one */
	unsigned sa_slots;
};

/* ---- what the card says */

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void on_event(void *arg, const struct adit_event *event)
{
	static const char *const kinds[] = { "acquire", "sa_soft", "sa_hard", "seq_near", "seq_end", "ring_fault", "verdict" };

	(void)arg;
	if (event->kind == ADIT_EV_VERDICT)
		printf("verdict %s %s %s %u %u\n", adit_face_name((unsigned)event->face_in), adit_reason_name((unsigned)event->reason),
		       adit_face_name((unsigned)event->face_out), event->frame_bytes, event->sa_slot);
	else
		printf("event %s %u\n", kinds[event->kind], event->sa_slot);
}

static void tx(void *arg, const struct adit_tx_packet *packet)
{
	struct peer *peer = arg;

	if (adit_tx(peer->card, packet, 1) != 1)
		printf("event tx_lost %u\n", packet->sa_slot);
}

static void on_rx(void *arg, const struct adit_rx_packet *packet)
{
	struct peer *peer = arg;
	uint8_t mended[FRAME_MAX_BYTES];
	const uint8_t *bytes = packet->bytes;

	if (slowpath_take(peer->slowpath, packet, now_ms()))
		return;
	if (slowpath_mend(peer->slowpath, packet, mended))
		bytes = mended;
	printf("host %s %u ", adit_reason_name((unsigned)packet->reason), packet->sa_slot);
	for (unsigned i = 0; i < packet->n_bytes; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

/* ---- words to structs */

__attribute__((format(printf, 1, 2))) static bool refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("error ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
	return false;
}

static bool done(struct peer *peer, int rc)
{
	if (rc < 0)
		return refuse("%s (%s)", adit_card_strerror(peer->card), strerror(-rc));
	puts("ok");
	return true;
}

enum sa_kind { WORD_DIR, WORD_PROTO, WORD_MODE, WORD_ENC, WORD_AUTH, WORD_ENC_KEY, WORD_AUTH_KEY, WORD_SALT, WORD_SRC, WORD_DST, WORD_NUMBER };

#define NUMBER(word, field) { word, WORD_NUMBER, offsetof(struct adit_sa, field), sizeof(((struct adit_sa *)0)->field) }
static const struct sa_word {
	const char *word;
	enum sa_kind kind;
	size_t offset, n_bytes;		/* of a number */
} sa_words[] = {
	{ "dir", WORD_DIR, 0, 0 },		/* in, out */
	{ "proto", WORD_PROTO, 0, 0 },		/* esp, ah */
	{ "mode", WORD_MODE, 0, 0 },		/* tunnel, transport */
	{ "enc", WORD_ENC, 0, 0 },
	{ "auth", WORD_AUTH, 0, 0 },
	{ "enc_key", WORD_ENC_KEY, 0, 0 },	/* 0x… */
	{ "auth_key", WORD_AUTH_KEY, 0, 0 },
	{ "salt", WORD_SALT, 0, 0 },
	{ "src", WORD_SRC, 0, 0 },
	{ "dst", WORD_DST, 0, 0 },
	NUMBER("spi", spi), NUMBER("reqid", reqid), NUMBER("icv", icv_bytes), NUMBER("esn", esn), NUMBER("udp", udp_encap),
	NUMBER("sport", natt_sport), NUMBER("dport", natt_dport), NUMBER("next", next_slot), NUMBER("window", replay_packets),
	NUMBER("first", seq_first), NUMBER("mtu", path_mtu), NUMBER("tfc", tfc_bytes), NUMBER("set_dscp", set_dscp),
	NUMBER("dscp", dscp), NUMBER("clear_df", clear_df), NUMBER("set_df", set_df), NUMBER("ttl", ttl),
	NUMBER("flow_label", flow_label), NUMBER("hard_packets", hard_packets), NUMBER("host", host_transform),
};
#undef NUMBER

static bool put_number(const struct sa_word *word, const char *value, struct adit_sa *sa)
{
	uint8_t *field = (uint8_t *)sa + word->offset;
	uint64_t number;

	if (!text_get_u64(value, &number) || (word->n_bytes < 8 && number >> (8 * word->n_bytes)))
		return refuse("%s=%s is no such number", word->word, value);
	memcpy(field, &number, word->n_bytes);	/* little-endian, as the simulator's only hosts are */
	return true;
}

static bool put_code(int code, int *out)
{
	*out = code;
	return code >= 0;
}

static bool put_word(const struct sa_word *word, const char *value, struct adit_sa *sa)
{
	int code = 0;
	bool is_good = true;

	switch (word->kind) {
	case WORD_DIR:
		is_good = strcmp(value, "in") == 0 || strcmp(value, "out") == 0;
		sa->dir = strcmp(value, "in") == 0 ? ADIT_DIR_IN : ADIT_DIR_OUT;
		break;
	case WORD_PROTO:
		is_good = strcmp(value, "ah") == 0 || strcmp(value, "esp") == 0;
		sa->proto = strcmp(value, "ah") == 0 ? ADIT_PROTO_AH : ADIT_PROTO_ESP;
		break;
	case WORD_MODE:
		is_good = strcmp(value, "tunnel") == 0 || strcmp(value, "transport") == 0;
		sa->mode = strcmp(value, "tunnel") == 0 ? ADIT_MODE_TUNNEL : ADIT_MODE_TRANSPORT;
		break;
	case WORD_ENC:
		is_good = put_code(adit_enc_by_name(value), &code);
		sa->enc = (enum adit_enc)code;
		break;
	case WORD_AUTH:
		is_good = put_code(adit_auth_by_name(value), &code);
		sa->auth = (enum adit_auth)code;
		break;
	case WORD_ENC_KEY:
		is_good = put_code(text_get_hex(value, sa->enc_key, sizeof(sa->enc_key)), &code);
		break;
	case WORD_AUTH_KEY:
		is_good = put_code(text_get_hex(value, sa->auth_key, sizeof(sa->auth_key)), &code);
		sa->auth_key_bytes = (uint8_t)code;
		break;
	case WORD_SALT:
		is_good = put_code(text_get_hex(value, sa->salt, sizeof(sa->salt)), &code);
		break;
	case WORD_SRC:
		is_good = addr_get(value, &sa->src);
		break;
	case WORD_DST:
		is_good = addr_get(value, &sa->dst);
		break;
	case WORD_NUMBER:
	default:
		return put_number(word, value, sa);
	}
	return is_good || refuse("%s: not understood", word->word);
}

static bool read_sa(char **words, unsigned n_words, struct adit_sa *sa)
{
	for (unsigned w = 0; w < n_words; w++) {
		char *value = strchr(words[w], '=');
		size_t i = 0;

		if (!value)
			return refuse("%s: wants WORD=VALUE", words[w]);
		*value++ = 0;
		while (i < sizeof(sa_words) / sizeof(sa_words[0]) && strcmp(sa_words[i].word, words[w]) != 0)
			i++;
		if (i == sizeof(sa_words) / sizeof(sa_words[0]))
			return refuse("%s: an SA has no such word", words[w]);
		if (!put_word(&sa_words[i], value, sa))
			return false;
		sa->has_next |= strcmp(words[w], "next") == 0;
	}
	return true;
}

/* ---- commands. Each prints its answer. */

static bool read_slot(const struct peer *peer, const char *word, uint16_t *slot)
{
	uint64_t number;

	if (!text_get_u64(word, &number) || number >= peer->sa_slots)
		return refuse("%s: no slot of this card", word);
	*slot = (uint16_t)number;
	return true;
}

static bool do_sa(struct peer *peer, char **words, unsigned n_words)
{
	struct adit_sa sa = { 0 };
	const struct adit_sa *around;
	uint16_t slot = 0;
	bool is_good = n_words >= 1 && read_slot(peer, words[0], &slot) && read_sa(words + 1, n_words - 1, &sa);

	if (is_good) {
		int rc;

		around = sa.has_next && sa.next_slot < peer->sa_slots ? &peer->sas[sa.next_slot] : NULL;
		rc = slowpath_put_sa(peer->slowpath, slot, &sa, around);
		if (rc < 0)
			is_good = refuse("slow path: %s", strerror(-rc));
		else
			is_good = done(peer, adit_sa_add_wait(peer->card, slot, &sa));
		OPENSSL_cleanse(sa.enc_key, sizeof(sa.enc_key));
		OPENSSL_cleanse(sa.auth_key, sizeof(sa.auth_key));
		OPENSSL_cleanse(sa.salt, sizeof(sa.salt));
		peer->sas[slot] = sa;
	}
	OPENSSL_cleanse(&sa, sizeof(sa));
	return is_good;
}

static bool do_del(struct peer *peer, char **words, unsigned n_words)
{
	uint16_t slot = 0;

	if (n_words != 1 || !read_slot(peer, words[0], &slot))
		return n_words == 1 ? false : refuse("del: wants a slot");
	slowpath_drop_sa(peer->slowpath, slot);
	return done(peer, adit_sa_delete_wait(peer->card, slot));
}

static bool read_rule(char **words, unsigned n_words, struct adit_sp *rule, uint64_t *slot)
{
	struct prefix prefix = { 0 };
	uint64_t number;

	for (unsigned w = 0; w < n_words; w++) {
		const bool is_src = strncmp(words[w], "src=", 4) == 0, is_dst = strncmp(words[w], "dst=", 4) == 0;
		bool is_good = false;

		if ((is_src || is_dst) && prefix_get(words[w] + 4, &prefix) == PREFIX_OK) {
			*(is_src ? &rule->src : &rule->dst) = prefix.addr;
			*(is_src ? &rule->src_plen : &rule->dst_plen) = prefix.plen;
			is_good = true;
		} else if (strncmp(words[w], "reqid=", 6) == 0) {
			is_good = text_get_u64(words[w] + 6, &number);
			rule->reqid = (uint32_t)number;
		} else if (strncmp(words[w], "slot=", 5) == 0) {
			is_good = text_get_u64(words[w] + 5, slot);
		}
		if (!is_good)
			return refuse("rule: %s: not understood", words[w]);
	}
	return true;
}

static bool do_rule(struct peer *peer, char **words, unsigned n_words)
{
	struct adit_sp rule = { .any_proto = true, .any_ports = true, .action = ADIT_ACTION_ENCRYPT, .level = ADIT_LEVEL_REQUIRE };
	uint64_t id, slot = ADIT_NO_SLOT;
	int rc;

	if (n_words < 1 || !text_get_u64(words[0], &id))
		return refuse("rule: wants an id");
	rule.id = (uint16_t)id;
	if (!read_rule(words + 1, n_words - 1, &rule, &slot))
		return false;
	rc = adit_sp_replace_wait(peer->card, &rule, 1);
	return done(peer, rc < 0 ? rc : adit_sp_bind_wait(peer->card, rule.id, (uint16_t)slot));
}

static bool do_query(struct peer *peer, char **words, unsigned n_words)
{
	struct adit_sa_state state;
	uint16_t slot = 0;
	int rc;

	if (n_words != 1 || !read_slot(peer, words[0], &slot))
		return n_words == 1 ? false : refuse("query: wants a slot");
	rc = adit_sa_query_wait(peer->card, slot, &state);
	if (rc < 0)
		return done(peer, rc);
	printf("ok seq=%" PRIu64 " packets=%" PRIu64 " bytes=%" PRIu64 " icv_errors=%" PRIu64 " replays=%" PRIu64 "\n", state.seq,
	       state.packets, state.bytes, state.icv_errors, state.replays);
	return true;
}

static bool do_stats(struct peer *peer, char **words, unsigned n_words)
{
	uint64_t counters[ADIT_REASON_COUNT];
	int rc = adit_stats_wait(peer->card, counters);

	(void)words;
	(void)n_words;
	if (rc < 0)
		return done(peer, rc);
	fputs("ok", stdout);
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++)
		if (counters[i])
			printf(" %s=%" PRIu64, adit_reason_name(i), counters[i]);
	putchar('\n');
	return true;
}

static bool do_slow(struct peer *peer, char **words, unsigned n_words)
{
	const struct slowpath_counts *counts = slowpath_counts(peer->slowpath);

	(void)words;
	(void)n_words;
	printf("ok sealed=%" PRIu64 " opened=%" PRIu64 " refused=%" PRIu64 " reassembled=%" PRIu64 " split=%" PRIu64 " too_big=%" PRIu64
	       " dropped=%" PRIu64 "\n", counts->sealed, counts->opened, counts->open_refused, counts->reassembled, counts->split,
	       counts->too_big_answers, counts->dropped);
	return true;
}

static bool do_local(struct peer *peer, char **words, unsigned n_words)
{
	struct adit_mode_options options = { .verdicts = true };
	int rc;

	if (n_words < 1 || n_words > 8)
		return refuse("local: wants 1 to 8 addresses");
	for (unsigned i = 0; i < n_words; i++)
		if (!addr_get(words[i], &options.local[options.n_local++]))
			return refuse("local: %s is no address", words[i]);
	slowpath_set_local(peer->slowpath, options.local, options.n_local);
	rc = adit_card_configure(peer->card, &options);
	return done(peer, rc < 0 ? rc : adit_card_enable(peer->card, true));
}

static void obey(struct peer *peer, char *line)
{
	static const struct {
		const char *word;
		bool (*run)(struct peer *peer, char **words, unsigned n_words);
	} commands[] = { { "local", do_local }, { "sa", do_sa }, { "del", do_del }, { "rule", do_rule }, { "query", do_query },
			 { "stats", do_stats }, { "slow", do_slow } };
	char *words[MAX_WORDS], *rest = NULL;
	unsigned n = 0;

	for (char *word = strtok_r(line, " \n", &rest); word && n < MAX_WORDS; word = strtok_r(NULL, " \n", &rest))
		words[n++] = word;
	for (size_t i = 0; n && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].word, words[0]) == 0) {
			(void)commands[i].run(peer, words + 1, n - 1);
			return;
		}
	}
	(void)refuse("%s: no such command", n ? words[0] : "an empty line");
}

/* ---- the loop */

/* @return false at the end of input. Lines are short and a pipe's writes whole, yet a line may come in pieces. */
static bool take_input(struct peer *peer, char *buffer, size_t *held)
{
	const ssize_t got = read(STDIN_FILENO, buffer + *held, LINE_BYTES - 1 - *held);
	char *end;

	if (got <= 0)
		return false;
	*held += (size_t)got;
	buffer[*held] = 0;
	while ((end = strchr(buffer, '\n')) != NULL) {
		const size_t used = (size_t)(end - buffer) + 1;

		*end = 0;
		obey(peer, buffer);
		OPENSSL_cleanse(buffer, used);
		memmove(buffer, buffer + used, *held - used + 1);
		*held -= used;
	}
	if (*held == LINE_BYTES - 1) {
		(void)refuse("a line of more than %u bytes", LINE_BYTES - 2);
		*held = 0;
	}
	return true;
}

static int serve(struct peer *peer)
{
	struct pollfd fds[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = adit_card_fd(peer->card), .events = POLLIN } };
	char buffer[LINE_BYTES];
	size_t held = 0;

	for (;;) {
		fflush(stdout);
		if (poll(fds, 2, 1000) < 0 && errno != EINTR)
			return -errno;
		if (adit_card_poll(peer->card, 1024) < 0) {
			fprintf(stderr, "card_peer: %s\n", adit_card_strerror(peer->card));
			return -EIO;
		}
		if (fds[0].revents && !take_input(peer, buffer, &held))
			return 0;
		slowpath_tick(peer->slowpath, now_ms());
	}
}

int main(int argc, char **argv)
{
	struct peer peer = { 0 };
	struct slowpath_options options = { .limits = reassembly_default, .tx = tx, .arg = &peer };
	char why[256] = "";
	int rc;

	if (argc != 2) {
		fputs("usage: card_peer CARD\n", stderr);
		return 2;
	}
	rc = adit_card_open(argv[1], NULL, &peer.card, why, sizeof(why));
	if (rc < 0) {
		fprintf(stderr, "card_peer: card %s\n", *why ? why : strerror(-rc));
		return 1;
	}
	peer.sa_slots = options.sa_slots = adit_card_caps(peer.card)->sa_slots;
	peer.slowpath = slowpath_open(&options);
	peer.sas = calloc(peer.sa_slots, sizeof(*peer.sas));
	if (!peer.slowpath || !peer.sas) {
		fputs("card_peer: out of memory\n", stderr);
		slowpath_close(peer.slowpath);
		free(peer.sas);
		adit_card_close(peer.card, false);
		return 1;
	}
	adit_card_on_event(peer.card, on_event, &peer);
	adit_card_on_rx(peer.card, on_rx, &peer);
	printf("ok slots=%u\n", peer.sa_slots);
	rc = serve(&peer);
	slowpath_close(peer.slowpath);
	free(peer.sas);
	adit_card_close(peer.card, true);
	return rc < 0;
}
