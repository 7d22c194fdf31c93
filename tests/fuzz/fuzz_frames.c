// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Any bytes, at both ports and on the host's ring, through a card full of SAs of every kind. What must hold:
 *
 *   no hang           every burst comes to an end
 *   one verdict each  the reasons' counters add up to the frames that went in
 *   no leak           what a rule protects with a cipher carries a mark, and no frame at wan shows one in clear
 *   no surprise       what the driver is told by the card is always something a card may say
 *
 * Half of the frames are made as lockstep makes them and then damaged; the others are noise behind a plausible beginning.
 *
 *   fuzz_frames ADIT-SIM [FRAMES [SEED [STALL]]]
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "lab.h"
#include "transform/ip.h"
#include "world.h"

enum { TUNNELS = 48, BURST = 120, BURST_BYTES = 150000, HOST_BURST = 40, LIMIT_MS = 120000, MARK_BYTES = 8 };

static const uint8_t mark[MARK_BYTES] = { 0x5e, 0xc2, 0xe7, 0x91, 0x4d, 0xa6, 0x3b, 0xf8 };
static struct tunnel tunnels[TUNNELS];
static struct adit_card *card;
static int ports[2];
static uint64_t n_in, n_straight, n_out[3];
static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void must(int err, const char *what)
{
	if (err < 0)
		lab_die("%s: %s", what, adit_card_strerror(card));
}

/* ---- frames */

static bool hides(const struct tunnel *t)
{
	return !world_is_ah(t) && t->out.enc != ADIT_ENC_NULL;
}

/* All the payload of a packet that must not be seen, from behind its ports on. */
static void put_marks(uint8_t *frame, size_t n)
{
	for (size_t at = 90; at + MARK_BYTES <= n; at += MARK_BYTES)
		memcpy(frame + at, mark, MARK_BYTES);
}

static size_t splice(uint8_t *frame, size_t n)
{
	uint8_t other[WORLD_ROOM];
	size_t m = world_lan_frame(other, tunnels, TUNNELS), at = lab_rnd((uint32_t)(n < m ? n : m));

	memcpy(frame + at, other + at, m - at);
	return m;
}

static size_t damage(uint8_t *frame, size_t n)
{
	static const uint8_t telling[] = { 0, 1, 4, 6, 17, 41, 43, 44, 50, 51, 58, 59, 60, 0x45, 0x46, 0x4f, 0x60, 0x7f, 0x80, 0xff };

	for (unsigned k = lab_rnd(4); k > 0 && n > 1; k--) {
		uint32_t head = n < 120 ? (uint32_t)n : 120, at = lab_one_in(4) ? lab_rnd((uint32_t)n) : lab_rnd(head);

		switch (lab_rnd(7)) {
		case 0: frame[at] ^= (uint8_t)(1u << lab_rnd(8)); break;
		case 1: frame[at] = (uint8_t)lab_rnd(256); break;
		case 2: frame[at] = telling[lab_rnd(sizeof(telling))]; break;
		case 3: n = 1 + lab_rnd((uint32_t)n); break;
		case 4: n = splice(frame, n); break;
		case 5:
			if (n + 40 < WORLD_ROOM) {	/* a hole, or room for another header */
				memmove(frame + at + 8, frame + at, n - at);
				n += 8;
			}
			break;
		default:
			if (at + 2 <= n)
				ipv4_put16(frame + at, (uint16_t)(lab_one_in(2) ? n : lab_rnd(65536)));
			break;
		}
	}
	return n;
}

static size_t noise(uint8_t *frame)
{
	bool is_v6 = lab_one_in(2);
	size_t n = 1 + lab_rnd(lab_one_in(8) ? 9700 : 300);

	lab_rnd_bytes(frame, n < 400 ? n : 400);
	if (n > 60 && !lab_one_in(6)) {
		struct adit_addr us = world_local(is_v6, 0);

		ipv4_put16(frame + 12, is_v6 ? 0x86dd : 0x0800);
		frame[14] = is_v6 ? 0x60 : (uint8_t)(0x45 + lab_rnd(2));
		ipv4_put16(frame + (is_v6 ? 18 : 16), (uint16_t)(n - (is_v6 ? 54 : 14)));
		if (!is_v6 && !lab_one_in(6))
			ipv4_put16(frame + 20, 0);
		frame[is_v6 ? 20 : 23] = (uint8_t)(lab_one_in(3) ? lab_rnd(256) : 50 + lab_rnd(2));
		memcpy(frame + (is_v6 ? 38 : 30), us.bytes, is_v6 ? 16 : 4);
	}
	return n;
}

static size_t any_frame(uint8_t *frame, bool is_outbound)
{
	size_t n;

	if (lab_one_in(3))
		return noise(frame);
	if (!is_outbound)
		return lab_one_in(4) ? world_wan_frame(frame, tunnels, TUNNELS) : damage(frame, world_wan_frame(frame, tunnels, TUNNELS));
	if (lab_one_in(2)) {
		n = world_lan_frame(frame, tunnels, TUNNELS);
	} else {	/* surely protected */
		const struct tunnel *t = &tunnels[lab_rnd(TUNNELS)];

		n = world_put_l2(frame, world_shapes[t->shape].inner_v6, true);
		n += world_put_matching(frame + n, t, false, world_body_bytes());
		if (hides(t))
			put_marks(frame, n);
	}
	return lab_one_in(3) ? n : damage(frame, n);
}

/* ---- what leaves */

static bool is_clear_spi(uint32_t spi)
{
	for (unsigned i = 0; i < TUNNELS; i++)
		if ((tunnels[i].out.spi == spi && !hides(&tunnels[i])) || (tunnels[i].peer_ah != NULL && tunnels[i].out_ah.spi == spi && !hides(&tunnels[i])))
			return true;
	return false;
}

/* A mark may show where the law lets a packet go in clear: ARP, neighbour discovery, IKE from the card, and inside AH or null, which
 * a damaged packet may have come to match. */
static bool may_show(const uint8_t *frame, size_t n)
{
	size_t l3 = 14;
	uint16_t type = ipv4_get16(frame + 12);
	struct ip_packet p;
	const uint8_t *l4;

	for (unsigned tags = 0; (type == 0x8100 || type == 0x88a8) && tags < 2; tags++, l3 += 4)
		type = ipv4_get16(frame + l3 + 2);
	if (type == 0x0806)
		return true;
	if ((type != 0x0800 && type != 0x86dd) || ip_read(frame + l3, n - l3, type == 0x86dd, &p) != ADIT_REASON_NONE)
		return false;
	l4 = p.at + p.head_bytes;
	if (p.is_v6 && p.proto == PROTO_ICMPV6 && p.ttl == 255 && p.sport >= 133 && p.sport <= 137)
		return true;
	if (p.proto == PROTO_UDP && p.has_ports && (p.sport == 500 || p.sport == 4500))
		return true;
	if (p.proto == PROTO_UDP)
		return is_clear_spi(ipv4_get32(l4 + 8));
	if (p.proto == ADIT_PROTO_AH)
		return is_clear_spi(ipv4_get32(l4 + 4));
	return p.proto == ADIT_PROTO_ESP && is_clear_spi(ipv4_get32(l4));
}

static void drain(void)
{
	static unsigned n_shown;
	uint8_t frame[WORLD_ROOM];
	ssize_t n;

	for (unsigned k = 0; k < 2; k++)
		while ((n = recv(ports[k], frame, sizeof(frame), MSG_DONTWAIT)) > 0) {
			n_out[k]++;
			if (k == 1 && memmem(frame, (size_t)n, mark, MARK_BYTES) != NULL && !may_show(frame, (size_t)n)) {
				char name[32];
				FILE *file;

				snprintf(name, sizeof(name), "shown-%u.bin", n_shown++);
				file = fopen(lab_path(name), "wb");
				if (file != NULL) {
					fwrite(frame, 1, (size_t)n, file);
					fclose(file);
				}
				lab_mistake("wan: a frame of %zd bytes shows what a rule protects", n);
			}
		}
}

static void on_rx(void *arg, const struct adit_rx_packet *p)
{
	(void)arg;
	(void)p;
	n_out[2]++;
}

/* ---- bursts */

static uint64_t count_verdicts(void)
{
	uint64_t counts[ADIT_REASON_COUNT], sum = 0;

	must(adit_stats_wait(card, counts), "statistics");
	for (unsigned r = 0; r < ADIT_REASON_COUNT; r++)
		if (r != ADIT_REASON_HostRingFull && r != ADIT_REASON_HostRateLimit)	/* those come after a verdict */
			sum += counts[r];
	return sum;
}

static void serve(void)
{
	struct pollfd fds[3] = { { .fd = ports[0], .events = POLLIN }, { .fd = ports[1], .events = POLLIN }, { .fd = adit_card_fd(card), .events = POLLIN } };
	int n;

	drain();
	n = adit_card_poll(card, 512);
	must(n, "card");
	if (n == 0)
		(void)poll(fds, 3, 2);
}

static void send_port(unsigned k)
{
	uint8_t frame[WORLD_ROOM];
	size_t total = 0;

	for (unsigned i = lab_rnd(BURST); i > 0 && total < BURST_BYTES; i--) {
		size_t n = any_frame(frame, k == 0);

		if (send(ports[k], frame, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			lab_die("port: %s", strerror(errno));
		total += n + 600;
		n_in++;
	}
}

/* A host that may be mistaken in all that it says. */
static void send_host(void)
{
	static uint8_t frame[WORLD_ROOM];

	for (unsigned i = lab_rnd(HOST_BURST); i > 0; i--) {
		enum adit_dest dest = (enum adit_dest)lab_rnd(6);
		struct adit_tx_packet tx = { .bytes = frame, .dest = dest };
		size_t n = any_frame(frame, dest == ADIT_DEST_FROM_LAN || dest == ADIT_DEST_SEAL);

		if (n < 14 || n > GOLDEN_MAX_FRAME_BYTES)
			continue;
		if (dest == ADIT_DEST_OUT_WAN && memmem(frame, n, mark, MARK_BYTES) != NULL)
			continue;
		tx.n_bytes = (uint16_t)n;
		if (dest == ADIT_DEST_OPENED || dest == ADIT_DEST_SEAL) {
			tx.sa_slot = (uint16_t)lab_rnd(TUNNELS * WORLD_SLOTS + 8);
			tx.sp_id = (uint16_t)lab_rnd(TUNNELS);
			tx.seq = lab_one_in(4) ? (uint64_t)lab_rnd(1u << 31) << lab_rnd(33) : tunnels[tx.sa_slot / WORLD_SLOTS % TUNNELS].peer_seq + lab_rnd(40);
			tx.reason = dest == ADIT_DEST_OPENED && lab_one_in(3) ? ADIT_REASON_InPadding : ADIT_REASON_NONE;
			if (dest == ADIT_DEST_SEAL)	/* the host chooses the SA: it may choose one that hides nothing */
				for (size_t at = 0; at + MARK_BYTES <= n; at++)
					frame[at] ^= memcmp(frame + at, mark, MARK_BYTES) == 0;
		}
		if (adit_tx(card, &tx, 1) != 1)
			lab_die("host frame: %s", adit_card_strerror(card));
		if (dest == ADIT_DEST_OUT_LAN || dest == ADIT_DEST_OUT_WAN)
			n_straight++;
		else
			n_in++;
	}
}

static void burst(bool is_nic)
{
	uint64_t began = now_ms();

	for (unsigned i = 0; i < TUNNELS; i++)
		tunnels[i].is_quiet = true;
	if (!is_nic)
		send_port(0);
	send_port(1);
	send_host();
	must(adit_card_kick(card), "doorbell");
	must(adit_card_enable(card, true), "enable");
	while (count_verdicts() < n_in) {
		serve();
		if (now_ms() - began > LIMIT_MS)
			lab_die("stuck: %llu frames went in, %llu verdicts came", (unsigned long long)n_in, (unsigned long long)count_verdicts());
	}
	must(adit_card_enable(card, false), "enable");
	serve();
	if (count_verdicts() != n_in)
		lab_mistake("%llu frames went in, and there are %llu verdicts", (unsigned long long)n_in, (unsigned long long)count_verdicts());
}

/* ---- tables */

static void load(unsigned i)
{
	struct tunnel *t = &tunnels[i];

	if (t->out.has_next) {
		must(adit_sa_add_wait(card, (uint16_t)(t->slot + 2), &t->out_ah), "add");
		must(adit_sa_add_wait(card, (uint16_t)(t->slot + 3), &t->in_ah), "add");
	}
	must(adit_sa_add_wait(card, t->slot, &t->out), "add");
	must(adit_sa_add_wait(card, (uint16_t)(t->slot + 1), &t->in), "add");
	must(adit_sp_bind_wait(card, (uint16_t)i, t->slot), "bind");
	/* a rule for all of what it must hide */
	t->rule.any_proto = t->rule.any_ports = true;
	t->rule.action = ADIT_ACTION_ENCRYPT;
	t->rule.level = ADIT_LEVEL_REQUIRE;
	if (world_shapes[t->shape].mode == ADIT_MODE_TUNNEL) {
		t->rule.src_plen = t->rule.dst_plen = t->rule.src.is_v6 ? 64 : 24;
		t->rule.src.bytes[t->rule.src.is_v6 ? 7 : 2] = (uint8_t)i;
	}
}

static void load_all(unsigned *kind)
{
	struct adit_sp rules[TUNNELS];

	must(adit_sa_flush_wait(card, true, true), "flush");
	for (unsigned i = 0; i < TUNNELS; i++) {
		world_tunnel_drop(&tunnels[i]);
		world_tunnel_make(&tunnels[i], i, (*kind)++);
		load(i);
		rules[i] = tunnels[i].rule;
	}
	must(adit_sp_replace_wait(card, rules, TUNNELS), "rules");
}

int main(int argc, char **argv)
{
	uint64_t frames = argc > 2 ? strtoull(argv[2], NULL, 0) : 4000, seed = argc > 3 ? strtoull(argv[3], NULL, 0) : (uint64_t)time(NULL), began;
	const char *stall = argc > 4 ? argv[4] : "10";
	struct adit_open_options sizes = { .evt_entries = 4096, .rx_entries = 2048, .tx_entries = 256, .timeout_ms = 120000 };
	struct adit_mode_options mode = world_options();
	unsigned kind, n_bursts = 0;
	double seconds;
	pid_t sim;

	if (argc < 2 || frames == 0) {
		fprintf(stderr, "usage: fuzz_frames ADIT-SIM [FRAMES [SEED [STALL]]]\n");
		return 2;
	}
	printf("fuzz_frames: seed %llu, %llu frames, stall %s %%\n", (unsigned long long)seed, (unsigned long long)frames, stall);
	fflush(stdout);
	lab_seed(seed);
	lab_open("fuzz_frames");
	kind = lab_rnd(WORLD_KINDS);
	sim = lab_start_with_ports(argv[1], seed, stall, true, ports);
	card = lab_open_card(&sizes);
	world_largest_window = adit_card_caps(card)->replay_packets;
	adit_card_on_rx(card, on_rx, NULL);
	must(adit_card_set_now(card, 1), "time");
	began = now_ms();
	while (n_in < frames) {
		if (n_bursts % 40 == 0)
			load_all(&kind);
		if (n_bursts % 10 == 0) {
			mode.nic = lab_one_in(4);
			must(adit_card_configure(card, &mode), "configure");
		}
		burst(mode.nic);
		n_bursts++;
	}
	seconds = (double)(now_ms() - began) / 1000;
	lab_stop(card, sim);
	for (unsigned i = 0; i < TUNNELS; i++) {
		world_tunnel_drop(&tunnels[i]);
		free(tunnels[i].sent);
	}
	printf("fuzz_frames: %llu frames and %llu straight ones in %u bursts, %.0f frames/s; out lan %llu wan %llu host %llu\n", (unsigned long long)n_in,
	       (unsigned long long)n_straight, n_bursts, (double)n_in / seconds, (unsigned long long)n_out[0], (unsigned long long)n_out[1],
	       (unsigned long long)n_out[2]);
	if (lab_mistakes() == 0)
		lab_close();
	else
		printf("what went wrong is kept in %s\n", lab_folder());
	printf("%llu passed, %u failed\n", (unsigned long long)n_in - lab_mistakes(), lab_mistakes());
	return lab_mistakes() == 0 ? 0 : 1;
}
