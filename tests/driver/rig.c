// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "rig.h"

#include <poll.h>
#include <time.h>

uint64_t rig_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

static const char *real_card(void)
{
	const char *where = getenv("ADIT_TEST_CARD");

	return where && where[0] ? where : NULL;
}

bool rig_is_fake(void)
{
	return !real_card();
}

struct rig rig_open(const struct adit_open_options *options)
{
	struct adit_open_options own = options ? *options : (struct adit_open_options){ 0 };
	struct rig rig = { 0 };
	char why[400] = "";
	const char *where = real_card();

	own.timeout_ms = where ? RIG_SIM_TIMEOUT_MS : RIG_TIMEOUT_MS;
	if (!where) {
		rig.fake = fake_open();
		where = rig.fake->where;
	}
	if (adit_card_open(where, &own, &rig.card, why, sizeof(why)) != 0)
		fail_msg("cannot open the card: %s", why);
	return rig;
}

int rig_try(struct fake *fake, struct adit_card **card, char *why, size_t why_bytes)
{
	const struct adit_open_options options = { .timeout_ms = RIG_TIMEOUT_MS };

	why[0] = '\0';
	return adit_card_open(fake->where, &options, card, why, why_bytes);
}

void rig_close(struct rig *rig)
{
	if (rig->card)
		adit_card_close(rig->card, false);
	if (rig->fake)
		fake_close(rig->fake);
	*rig = (struct rig){ 0 };
}

int rig_poll(struct adit_card *card, int n)
{
	const uint64_t deadline_ms = rig_now_ms() + (rig_is_fake() ? 4 * RIG_TIMEOUT_MS : RIG_SIM_TIMEOUT_MS);
	int done = 0;

	while (done < n && rig_now_ms() < deadline_ms) {
		struct pollfd pfd = { .fd = adit_card_fd(card), .events = POLLIN };
		int now = adit_card_poll(card, 64);

		if (now < 0)
			return now;
		done += now;
		if (now == 0)
			poll(&pfd, 1, 5);
	}
	return done;
}

int rig_poll_until(struct adit_card *card, const unsigned *counter, unsigned want)
{
	const uint64_t deadline_ms = rig_now_ms() + (rig_is_fake() ? 10 * RIG_TIMEOUT_MS : RIG_SIM_TIMEOUT_MS);

	while (*counter < want) {
		struct pollfd pfd = { .fd = adit_card_fd(card), .events = POLLIN };
		int now = adit_card_poll(card, 64);

		if (now < 0)
			return now;
		if (rig_now_ms() >= deadline_ms)
			return -ETIME;
		if (now == 0)
			poll(&pfd, 1, 5);
	}
	return 0;
}

bool rig_is_readable(const struct adit_card *card)
{
	struct pollfd pfd = { .fd = adit_card_fd(card), .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

void tally_done(void *arg, int status, const union adit_answer *answer)
{
	struct tally *tally = arg;

	tally->n++;
	tally->n_failed += status != 0;
	tally->status = status;
	tally->answer = *answer;
}

struct adit_sa rig_sa(enum adit_dir dir, uint32_t spi)
{
	struct adit_sa sa = {
		.spi = spi, .reqid = 7, .dir = dir, .proto = ADIT_PROTO_ESP, .mode = ADIT_MODE_TUNNEL,
		.enc = ADIT_ENC_AES_CBC_128, .auth = ADIT_AUTH_HMAC_SHA1_96, .auth_key_bytes = 20,
		.src.bytes = { 192, 0, 2, 1 }, .dst.bytes = { 198, 51, 100, 1 },
		.replay_packets = dir == ADIT_DIR_IN ? 64 : 0,
	};

	for (unsigned i = 0; i < 16; i++)
		sa.enc_key[i] = (uint8_t)(0x40 + i);
	for (unsigned i = 0; i < 20; i++)
		sa.auth_key[i] = (uint8_t)(0x80 + i);
	return sa;
}

struct adit_sp rig_sp(uint16_t id, int32_t priority)
{
	return (struct adit_sp){
		.id = id, .priority = priority, .src.bytes = { 10, 1, (uint8_t)id, 0 }, .dst.bytes = { 10, 2, (uint8_t)id, 0 },
		.src_plen = 24, .dst_plen = 24, .any_proto = true, .any_ports = true, .action = ADIT_ACTION_ENCRYPT,
		.level = ADIT_LEVEL_REQUIRE, .reqid = 7,
	};
}

unsigned rig_seed(void)
{
	const char *text = getenv("ADIT_SEED");
	const unsigned seed = text ? (unsigned)strtoul(text, NULL, 0) : (unsigned)time(NULL);

	printf("ADIT_SEED=%u\n", seed);
	return seed;
}
