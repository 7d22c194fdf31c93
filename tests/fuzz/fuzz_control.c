// SPDX-License-Identifier: BSD-2-Clause-Patent
/* libFuzzer's target for the control socket: any line gets one JSON object as its answer. A card in memory, and no engine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/words.h"
#include "fake_adit.h"
#include "fuzz_random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static const char text[] =
	"peers = ( { name = \"p\"; address = \"192.0.2.2\"; secret = \"fuzzing\"; } ); policies = ( { name = \"tunnel\"; tunnel = true; "
	"src_address = \"10.1.0.0/16\"; dst_address = \"10.2.0.0/16\"; sa_src_address = \"192.0.2.1\"; sa_dst_address = \"192.0.2.2\"; } );";

static bool reload(void *arg, bool is_dry, json_object *result, json_object *errors)
{
	(void)arg;
	(void)is_dry;
	(void)result;
	(void)errors;
	return true;
}

static void nothing(void *arg)
{
	(void)arg;
}

static struct words_view *open_view(void)
{
	static const struct host_counters counters;
	static const struct slowpath_counts slowpath;
	static struct words_view view;
	struct diag diag;

	diag_open(&diag, "fuzz.conf");
	view = (struct words_view){ .config = config_parse(text, strlen(text), &diag), .card_name = "none", .counters = &counters, .slowpath = &slowpath,
				    .engine = &words_engine, .journal = journal_open(), .reload = reload, .card_failed = nothing, .look_children = nothing };
	diag_close(&diag);
	fake_reset();
	view.card = fake_card();
	view.offload = offload_open(view.card);
	return &view;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	static struct words_view *view;
	char *exact = malloc(n_bytes + !n_bytes);
	json_object *answer, *ok;

	if (!view)
		view = open_view();
	if (n_bytes > 0)
		memcpy(exact, data, n_bytes);
	answer = control_answer_line(exact, n_bytes, words_answer, view);
	free(exact);
	if (!json_object_is_type(answer, json_type_object) || !json_object_object_get_ex(answer, "ok", &ok) ||
	    strstr(json_object_to_json_string(answer), "\"fuzzing\"")) {
		fprintf(stderr, "fuzz_control: no such answer\n");
		abort();
	}
	json_object_put(answer);
	return 0;
}
