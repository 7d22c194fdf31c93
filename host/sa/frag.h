// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The vendors' fragments of IKEv1 messages (payload 132), both ways. For the engine's own files. */
#ifndef HOST_SA_FRAG_H
#define HOST_SA_FRAG_H

#include "sa/room.h"

#define FRAG_WHOLE_BYTES 1280		/* longer messages go in fragments, if the peer takes them */
#define FRAG_DATAGRAM_BYTES 1200	/* each: what any path carries (RFC 8200 §5), headers and tunnels around it */
#define FRAG_MAX 32			/* fragments of a message; and a message is at most 64 KiB */
#define FRAG_MAX_BYTES 65536
#define FRAG_MAX_ENGINE_BYTES (4u << 20)	/* held for all SAs together */
#define FRAG_MAX_AGE_MS 30000

bool frag_is_due(const struct ike_sa *sa, size_t n_bytes);
size_t frag_total_bytes(size_t n_bytes);	/* of all datagrams that carry a message in fragments */
void frag_send(struct ike_sa *sa, struct bytes message, void (*send)(struct ike_sa *sa, struct bytes datagram));
/**
 * One more fragment; constant work for each, in whatever order. @return true once the message is whole: *out, to be freed by the caller.
 */
MUST_USE bool frag_receive(struct ike_sa *sa, const struct isakmp_header *header, struct bytes rest, struct blob *out);
void frag_free(struct ike_sa *sa);

#endif
