// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the card costs in cycles, and what its simulation costs in seconds.
 *
 *   card_bench ADIT-SIM [PACKETS]
 *
 * Seals PACKETS frames of one size on eight SAs in turn, then opens them again on a second card; cycles are the card's
 * own counter from enable to idle. The frames wait in a capture, so the port is never the limit. Medians of RUNS runs.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pcap/pcap.h>

#include "lab.h"
#include "transform/ipv4.h"

enum { SAS = 8, RUNS = 3, L2 = 14, ADDS = 512 };

/* What an SA is protected with. */
struct kind {
	const char *name;
	enum adit_proto proto;
	enum adit_enc enc;
	enum adit_auth auth;
};

static const struct kind kinds[] = {
	{ "AES-128-CBC + SHA1", ADIT_PROTO_ESP, ADIT_ENC_AES_CBC_128, ADIT_AUTH_HMAC_SHA1_96 },
	{ "AES-256-CBC + SHA256", ADIT_PROTO_ESP, ADIT_ENC_AES_CBC_256, ADIT_AUTH_HMAC_SHA256_128 },
	{ "AES-128-GCM", ADIT_PROTO_ESP, ADIT_ENC_AES_GCM_128, ADIT_AUTH_NULL },
	{ "3DES + MD5", ADIT_PROTO_ESP, ADIT_ENC_DES3_CBC, ADIT_AUTH_HMAC_MD5_96 },
	{ "AH SHA1", ADIT_PROTO_AH, ADIT_ENC_NULL, ADIT_AUTH_HMAC_SHA1_96 },
};

struct figures {
	double cycles, seconds;
};

static const char *sim_path;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* UDP frames of frame_bytes (without FCS), one after the other for tunnels 0 .. SAS - 1. */
static void write_frames(const char *path, unsigned n, size_t frame_bytes)
{
	pcap_t *ethernet = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *file = pcap_dump_open(ethernet, path);
	uint8_t frame[2048] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00, 0x45 };
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)frame_bytes, .len = (bpf_u_int32)frame_bytes };

	if (file == NULL)
		lab_die("%s", pcap_geterr(ethernet));
	ipv4_put16(frame + L2 + 2, (uint16_t)(frame_bytes - L2));
	frame[L2 + 8] = 64;
	frame[L2 + 9] = 17;
	for (unsigned i = 0; i < n; i++) {
		ipv4_put32(frame + L2 + 12, 0x0a010001 + (i % SAS << 8));
		ipv4_put32(frame + L2 + 16, 0x0a020001 + (i % SAS << 8));
		ipv4_set_checksum(frame + L2);
		pcap_dump((u_char *)file, &header, frame);
	}
	pcap_dump_close(file);
	pcap_close(ethernet);
}

static const struct adit_open_options ring_sizes = { .cmd_entries = 1024, .evt_entries = 4096, .timeout_ms = 600000 };

static struct adit_sa sa_of(unsigned i, enum adit_dir dir, const struct kind *kind)
{
	struct adit_sa sa = {
		.spi = 0x1000 + i, .reqid = i + 1, .dir = dir, .proto = kind->proto, .mode = ADIT_MODE_TUNNEL,
		.enc = kind->enc, .auth = kind->auth, .auth_key_bytes = (uint8_t)adit_auth_key_bytes(kind->auth),
		.src = lab_addr4(0xc0000201), .dst = lab_addr4(0xc6336401 + i), .replay_packets = dir == ADIT_DIR_IN ? 64 : 0,
	};

	memset(sa.enc_key, (int)i + 1, sizeof(sa.enc_key));
	memset(sa.auth_key, (int)i + 2, sa.auth_key_bytes);
	return sa;
}

static void program(struct adit_card *card, enum adit_dir dir, const struct kind *kind)
{
	struct adit_mode_options mode = { .n_local = 0 };
	struct adit_sp rules[SAS];
	int err = adit_card_configure(card, &mode);

	for (unsigned i = 0; i < SAS && err == 0; i++) {
		struct adit_sa sa = sa_of(i, dir, kind);
		uint32_t near = 0x0a010000 + (i << 8), far = 0x0a020000 + (i << 8);

		rules[i] = (struct adit_sp){
			.id = (uint16_t)i, .src = lab_addr4(dir == ADIT_DIR_OUT ? near : far), .dst = lab_addr4(dir == ADIT_DIR_OUT ? far : near),
			.src_plen = 24, .dst_plen = 24, .any_proto = true, .any_ports = true,
			.action = ADIT_ACTION_ENCRYPT, .level = ADIT_LEVEL_REQUIRE, .reqid = i + 1,
		};
		err = adit_sa_add_wait(card, (uint16_t)i, &sa);
		if (err == 0 && dir == ADIT_DIR_OUT)
			err = adit_sp_bind_wait(card, (uint16_t)i, (uint16_t)i);
	}
	if (err == 0)
		err = adit_sp_replace_wait(card, rules, SAS);
	if (err != 0)
		lab_die("programming the card: %s", adit_card_strerror(card));
}

static uint64_t packets_done(struct adit_card *card)
{
	uint64_t sum = 0;

	for (uint16_t i = 0; i < SAS; i++) {
		struct adit_sa_state state;

		if (adit_sa_query_wait(card, i, &state) != 0)
			lab_die("SA %u: %s", i, adit_card_strerror(card));
		sum += state.packets;
	}
	return sum;
}

/* All frames through a fresh card. */
static struct figures run(enum adit_dir dir, const struct kind *kind, unsigned packets)
{
	char lan[PATH_MAX], wan[PATH_MAX];
	uint64_t began = 0, ended = 0;
	struct adit_card *card;
	struct figures f;
	double start;
	pid_t sim;

	snprintf(lan, sizeof(lan), "pcap:%s,%s", dir == ADIT_DIR_OUT ? lab_path("plain.pcap") : "", lab_path("opened.pcap"));
	snprintf(wan, sizeof(wan), "pcap:%s,%s", dir == ADIT_DIR_IN ? lab_path("sealed.pcap") : "", dir == ADIT_DIR_OUT ? lab_path("sealed.pcap") : "");
	sim = lab_start_sim(sim_path, lan, wan, "1", "0");
	card = lab_open_card(&ring_sizes);
	program(card, dir, kind);
	if (adit_card_cycles(card, &began) != 0)
		lab_die("%s", adit_card_strerror(card));
	start = now();
	if (adit_card_enable(card, true) != 0 || adit_card_cycles(card, &ended) != 0)
		lab_die("%s", adit_card_strerror(card));
	f.seconds = now() - start;
	f.cycles = (double)(ended - began);
	if (packets_done(card) != packets)
		lab_die("%llu of %u packets went through", (unsigned long long)packets_done(card), packets);
	lab_stop(card, sim);
	return f;
}

static int by_cycles(const void *a, const void *b)
{
	const struct figures *x = a, *y = b;

	return x->cycles < y->cycles ? -1 : x->cycles > y->cycles;
}

static int by_seconds(const void *a, const void *b)
{
	const struct figures *x = a, *y = b;

	return x->seconds < y->seconds ? -1 : x->seconds > y->seconds;
}

static struct figures median(struct figures *all)
{
	struct figures out;

	qsort(all, RUNS, sizeof(*all), by_cycles);
	out.cycles = all[RUNS / 2].cycles;
	qsort(all, RUNS, sizeof(*all), by_seconds);
	out.seconds = all[RUNS / 2].seconds;
	return out;
}

static void print_row(const char *what, size_t frame_bytes, unsigned packets, struct figures *all)
{
	struct figures m = median(all);

	printf("| %s | %zu | %.0f | %.2f | %.0f | %.2f |\n", what, frame_bytes, m.cycles / packets,
	       (double)frame_bytes * 8 * packets / m.cycles, packets / m.seconds, m.cycles / m.seconds / 1e6);
	fflush(stdout);
}

static void on_added(void *arg, int status, const union adit_answer *answer)
{
	unsigned *left = arg;

	(void)answer;
	if (status != 0)
		lab_die("SA add: %s", strerror(-status));
	--*left;
}

static void bench_adds(void)
{
	double rates[RUNS];

	for (unsigned r = 0; r < RUNS; r++) {
		pid_t sim = lab_start_sim(sim_path, "none", "none", "1", "0");
		struct adit_card *card = lab_open_card(&ring_sizes);
		uint64_t began = 0, ended = 0;
		unsigned left = ADDS;
		int err = adit_card_cycles(card, &began);

		for (uint16_t i = 0; i < ADDS && err == 0; i++) {
			struct adit_sa sa = sa_of(i, ADIT_DIR_IN, &kinds[1]);

			err = adit_sa_add(card, i, &sa, on_added, &left);
		}
		if (err == 0)
			err = adit_card_kick(card);
		for (double limit = now() + 60; err >= 0 && left > 0 && now() < limit;)
			err = adit_card_poll(card, ADDS);
		if (err < 0 || left > 0 || adit_card_cycles(card, &ended) != 0)
			lab_die("SA adds: %s", adit_card_strerror(card));
		rates[r] = ADDS * 1000.0 / (double)(ended - began);
		lab_stop(card, sim);
	}
	for (unsigned i = 0; i < RUNS; i++)	/* RUNS is small: sort by hand */
		for (unsigned j = i + 1; j < RUNS; j++)
			if (rates[j] < rates[i]) {
				double t = rates[i];

				rates[i] = rates[j];
				rates[j] = t;
			}
	printf("\nSA adds in one batch (%u inbound, AES-256-CBC + SHA256): %.2f per thousand cycles, %.0f cycles each\n", ADDS, rates[RUNS / 2], 1000 / rates[RUNS / 2]);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 64, 512, 1500 };
	unsigned packets = argc > 2 ? (unsigned)atoi(argv[2]) : 2000;

	if (argc < 2 || packets == 0) {
		fprintf(stderr, "usage: card_bench ADIT-SIM [PACKETS]\n");
		return 2;
	}
	sim_path = argv[1];
	lab_open("card_bench");
	printf("%s, %u packets a run on %d SAs, tunnel mode, medians of %d runs\n\n", sim_path, packets, SAS, RUNS);
	puts("| what | frame bytes | cycles a packet | bits a cycle | packets a second of wall clock | Mcycles a second of wall clock |");
	puts("|---|---|---|---|---|---|");
	for (size_t c = 0; c < sizeof(kinds) / sizeof(kinds[0]); c++)
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			struct figures sealed[RUNS], opened[RUNS];
			char what[64];

			write_frames(lab_path("plain.pcap"), packets, sizes[s]);
			for (unsigned r = 0; r < RUNS; r++) {
				sealed[r] = run(ADIT_DIR_OUT, &kinds[c], packets);
				opened[r] = run(ADIT_DIR_IN, &kinds[c], packets);
			}
			snprintf(what, sizeof(what), "%s sealed", kinds[c].name);
			print_row(what, sizes[s], packets, sealed);
			snprintf(what, sizeof(what), "%s opened", kinds[c].name);
			print_row(what, sizes[s], packets, opened);
		}
	bench_adds();
	lab_close();
	return 0;
}
