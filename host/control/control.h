// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The control socket: AF_UNIX stream, mode 0600. One JSON object a line in, one JSON object a line out, in order.
 *   {"word":"policy","stats":true}            {"ok":true,"result":[...]}      {"ok":false,"error":"..."}
 * Every client is bounded: line length, nesting, number, silence. A bad one is told so and cut off. A client that follows the log gets its
 * answer and then a line {"line":{...}} for each of the journal's; one that reads too slowly is cut off, nobody waits for it.
 */
#ifndef HOST_CONTROL_CONTROL_H
#define HOST_CONTROL_CONTROL_H

#include <json-c/json.h>
#include <systemd/sd-event.h>

#include "base/text.h"
#include "control/journal.h"

#define CONTROL_LINE_BYTES 4096
#define CONTROL_DEPTH 8
#define CONTROL_CLIENTS 16
#define CONTROL_SILENCE_SECONDS 30
#define CONTROL_FOLLOWERS 8		/* of the clients: the others can still ask */
#define CONTROL_BEHIND_BYTES (256u << 10)	/* what a follower may have to catch up with */

struct control;
struct control_client;

/**
 * Answer a request (an object with a string "word"); returns a new object, or NULL after control_postpone(): then it is asked once more, later.
 * client: who asks, NULL if nobody who could wait or follow.
 */
typedef json_object *control_answer_fn(void *arg, const char *word, json_object *request, struct control_client *client);

MUST_USE int control_open(struct control **out, sd_event *event, const char *path, control_answer_fn *answer, void *arg,
			  char *why, size_t why_bytes);
void control_close(struct control *control);	/* removes the socket */
/** Followers hear this journal, which must outlive the control socket. */
void control_use_journal(struct control *control, struct journal *journal);
/** From inside an answer: after it this client gets the journal's lines that pass. @return false if there are too many followers. */
MUST_USE bool control_follow(struct control_client *client, const struct journal_filter *filter);

/*
 * An answer that must wait for something: the client waits, the loop goes on. Whoever brings the something redeems the ticket, exactly once, whatever
 * has become of the client meanwhile. After that, or after most_ms without, the same request is asked again.
 */
struct control_ticket;
enum control_wait { CONTROL_FRESH, CONTROL_READY, CONTROL_IN_VAIN };

struct control_ticket *control_postpone(struct control_client *client, unsigned most_ms);	/* NULL: no memory, or it has waited already */
void control_redeem(struct control_ticket *ticket);
enum control_wait control_waited(const struct control_client *client);	/* for this request; NULL: fresh */
json_object *control_journal_line(const struct journal_line *line);	/* as followers get it */

/** One line to one answer: what a client gets, without the socket. The answer is the caller's. */
json_object *control_answer_line(const char *line, size_t n_bytes, control_answer_fn *answer, void *arg);
json_object *control_ok(json_object *result);	/* takes result */
json_object *control_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
