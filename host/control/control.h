// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The control socket: AF_UNIX stream, mode 0600. One JSON object a line in, one JSON object a line out, in order.
 *   {"word":"policy","stats":true}            {"ok":true,"result":[...]}      {"ok":false,"error":"..."}
 * Every client is bounded: line length, nesting, number, silence. A bad one is told so and cut off.
 */
#ifndef HOST_CONTROL_CONTROL_H
#define HOST_CONTROL_CONTROL_H

#include <json-c/json.h>
#include <systemd/sd-event.h>

#include "base/text.h"

#define CONTROL_LINE_BYTES 4096
#define CONTROL_DEPTH 8
#define CONTROL_CLIENTS 16
#define CONTROL_SILENCE_SECONDS 30

/** Answer a request (an object with a string "word"); returns a new object, never NULL. */
typedef json_object *control_answer_fn(void *arg, const char *word, json_object *request);

struct control;

MUST_USE int control_open(struct control **out, sd_event *event, const char *path, control_answer_fn *answer, void *arg,
			  char *why, size_t why_bytes);
void control_close(struct control *control);	/* removes the socket */

/** One line to one answer: what a client gets, without the socket. The answer is the caller's. */
json_object *control_answer_line(const char *line, size_t n_bytes, control_answer_fn *answer, void *arg);
json_object *control_ok(json_object *result);	/* takes result */
json_object *control_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
