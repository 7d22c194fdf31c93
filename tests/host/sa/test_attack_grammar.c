// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Class 12: what follows the grammar almost (CVE-2023-38710, CVE-2024-3652, CVE-2016-5391, CVE-2023-23009, CVE-2023-38711) */
#include "sa/letter.h"

static struct letter letter;

static int setup(void **state)
{
	(void)state;
	return crypto_open() ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	crypto_close();
	return 0;
}

static void mutate(struct rig *rig, uint8_t *body, size_t *n)
{
	static const uint8_t edges[] = { 0, 1, 2, 3, 4, 5, 7, 8, 11, 16, 0x7f, 0x80, 0xff };

	for (unsigned i = 1 + rig_random(rig, 3); i > 0 && *n > 0; i--) {
		const uint32_t at = rig_random(rig, (uint32_t)*n);

		switch (rig_random(rig, 4)) {
		case 0:
			body[at] = edges[rig_random(rig, sizeof(edges))];
			break;
		case 1:
			body[at] ^= (uint8_t)(1u << rig_random(rig, 8));
			break;
		case 2:
			*n = at;
			break;
		default:
			memmove(body + at + 4, body + at, *n - at);
			*n += 4;
		}
	}
}

/* The nth message of quick mode with one body mutated. */
static bool send_mutant(struct rig_end *to, const struct rig_datagram *held, uint32_t message_id)
{
	struct ike_sa *sa = letter_sa(to, held);
	const struct ike_path path = letter_from_office(to);
	struct isakmp_message message;
	struct blob text = { NULL, 0 };
	uint8_t body[4096];
	unsigned victim;

	if (!sa || !letter_read(held, sa, &text, &message)) {	/* a mutant before has ended it all, or another rekey came between */
		blob_free(&text);
		return false;
	}
	victim = 1 + rig_random(to->rig, message.n - 1);
	letter_open(&letter, sa->cookies, X_QUICK, ISAKMP_ENCRYPTED, message_id ? message_id : message.header.message_id);
	for (unsigned i = 0; i < message.n; i++) {
		size_t n = message.payloads[i].body.len;

		memcpy(body, message.payloads[i].body.at, n);
		if (i == victim)
			mutate(to->rig, body, &n);
		letter_put(&letter, message.payloads[i].type, body, n);
	}
	letter_send_sealed(&letter, to, sa, &path, true);
	blob_free(&text);
	return true;
}

static void class_12_ten_thousand_almost_right_sa_and_id_payloads_after_authentication(void **state)
{
	const char *wanted = getenv("ADIT_SEED");
	const uint64_t seed = wanted ? strtoull(wanted, NULL, 0) : 20120412;
	struct rig *rig = offices_established();
	unsigned n = 0;

	(void)state;
	printf("seed %llu\n", (unsigned long long)seed);
	rig->random = seed * 0x9e3779b97f4a7c15u | 1;
	for (unsigned round = 0; round < 50; round++) {		/* the responder */
		struct rig_end *to = hold(rig, 0);

		rig->fate = lose_all;
		for (unsigned i = 0; i < 190; i++) {
			n += send_mutant(to, &rig->kept[0], 0x10000000u + round * 1000 + i);
			if (i % 20 == 0)
				rig_run(rig, 100000);	/* what was taken by mistake of ours runs out, so that caps do not hide the rest */
		}
		rig->fate = NULL;
		assert_alive(rig);
	}
	for (unsigned round = 0; round < 500; round++) {	/* the initiator */
		struct rig_end *to = hold(rig, 1);

		n += send_mutant(to, &rig->kept[1], 0);
		rig->fate = NULL;
		rig_run(rig, 3000);
		if (!rig_established(&rig->ends[0]) || children_of(&rig->ends[0]) == 0)
			assert_alive(rig);
	}
	assert_true(n > 9000);
	assert_alive(rig);
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_12_ten_thousand_almost_right_sa_and_id_payloads_after_authentication),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
