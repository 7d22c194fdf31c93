// SPDX-License-Identifier: BSD-2-Clause-Patent
/* SA payloads for tests: written, and read back through the wire from exactly as much memory as they have. */
#ifndef TESTS_HOST_POLICY_SUPPORT_SA_H
#define TESTS_HOST_POLICY_SUPPORT_SA_H

#include "policy/proposal.h"
#include "room_test.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A message that holds an SA payload alone: the byte that names it, its generic header, its body. */
struct sa_message {
	uint8_t room[32768];
	struct writer to;
	size_t next_at;
	char *copy;
	struct v1_sa sa;
};

static inline void sa_begin(struct sa_message *message)
{
	message->to = (struct writer){ .at = message->room, .room = sizeof(message->room) };
	message->next_at = 0;
	message->copy = NULL;
	put_u8(&message->to, 0);
}

static inline void sa_read(struct sa_message *message)
{
	assert_false(message->to.has_failed);
	assert_int_equal(message->room[0], P_SA);
	free(message->copy);
	message->copy = exact_copy((const char *)message->room + 5, message->to.len - 5);
	assert_int_equal(v1_get_sa((struct bytes){ (const uint8_t *)message->copy, message->to.len - 5 }, &message->sa), WIRE_OK);
}

/* One proposal of a peer: its transforms as they are told. */
static inline void sa_put_proposal(struct v1_sa_writer *sa, uint8_t number, uint8_t protocol, const uint8_t *spi, size_t spi_bytes,
				   const struct v1_transform *transforms, size_t n)
{
	v1_open_proposal(sa, number, protocol, (struct bytes){ spi, spi_bytes });
	for (size_t i = 0; i < n; i++)
		v1_put_transform(sa, &transforms[i], protocol == V1_PROTO_ISAKMP);
	v1_close_proposal(sa);
}

#endif
