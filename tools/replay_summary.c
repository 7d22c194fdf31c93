// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "replay_summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *face_word(enum adit_face face)
{
	static const char *const words[] = { "lan", "wan", "host", "none" };

	return (unsigned)face < 4 ? words[face] : "?";
}

static int by_face_and_number(const void *a, const void *b)
{
	const struct adit_event *x = a, *y = b;

	if (x->face_in != y->face_in)
		return x->face_in < y->face_in ? -1 : 1;
	return x->frame_no < y->frame_no ? -1 : x->frame_no > y->frame_no;
}

static json_object *packet_object(const struct replay_summary *of, const struct adit_event *verdict)
{
	const struct offload_pair *pair = offload_pair_by_slot(of->view->offload, verdict->sa_slot);
	const struct offload_rule *rule = offload_rule_by_id(of->view->offload, verdict->sp_id);
	json_object *object = json_object_new_object();
	const char *reason = adit_reason_name((unsigned)verdict->reason);

	json_object_object_add(object, "face_in", json_object_new_string(face_word(verdict->face_in)));
	json_object_object_add(object, "number", json_object_new_uint64(verdict->frame_no));
	json_object_object_add(object, "bytes", json_object_new_uint64(verdict->frame_bytes));
	json_object_object_add(object, "reason", json_object_new_string(reason ? reason : "?"));
	json_object_object_add(object, "face_out", json_object_new_string(face_word(verdict->face_out)));
	if (pair && verdict->sa_slot != ADIT_NO_SLOT) {
		unsigned side = 0;
		char spi[12];

		while (side + 1 < pair->plan.sas.n && pair->slots[side] != verdict->sa_slot)
			side++;
		(void)snprintf(spi, sizeof(spi), "0x%08x", pair->plan.sas.sa[side].spi);
		json_object_object_add(object, "sa", json_object_new_string(pair->plan.manual_sa));
		json_object_object_add(object, "sa_direction", json_object_new_string(sa_side_is_out(side) ? "out" : "in"));
		json_object_object_add(object, "spi", json_object_new_string(spi));
	} else {
		json_object_object_add(object, "sa", NULL);
		json_object_object_add(object, "sa_direction", NULL);
		json_object_object_add(object, "spi", NULL);
	}
	json_object_object_add(object, "policy", rule ? json_object_new_string(rule->plan.name) : NULL);
	json_object_object_add(object, "cycle", json_object_new_uint64(verdict->cycle - of->cycles_before));
	return object;
}

/* The answer a control client would get to word. */
static json_object *ask(const struct replay_summary *of, const char *word)
{
	json_object *request = json_object_new_object(), *answer = words_answer(of->view, word, request, NULL);
	json_object *result = NULL, *error = NULL;

	json_object_put(request);
	if (json_object_object_get_ex(answer, "result", &result))
		result = json_object_get(result);
	else if (json_object_object_get_ex(answer, "error", &error))
		fprintf(stderr, "adit-replay: %s: %s\n", word, json_object_get_string(error));
	json_object_put(answer);
	return result;
}

/* Reasons that some packet had. */
static json_object *reasons_of(json_object *statistics)
{
	json_object *all, *some = json_object_new_array(), *packets;

	if (!json_object_object_get_ex(statistics, "reasons", &all))
		return some;
	for (size_t i = 0; i < json_object_array_length(all); i++) {
		json_object *reason = json_object_array_get_idx(all, i);

		if (json_object_object_get_ex(reason, "packets", &packets) && json_object_get_uint64(packets))
			json_object_array_add(some, json_object_get(reason));
	}
	return some;
}

json_object *replay_summary(const struct replay_summary *of)
{
	json_object *summary = json_object_new_object(), *packets = json_object_new_array();
	json_object *statistics = ask(of, "statistics"), *sas = ask(of, "installed-sa");
	json_object *policies = ask(of, "policy"), *slowpath;

	if (of->n_verdicts)
		qsort(of->verdicts, of->n_verdicts, sizeof(*of->verdicts), by_face_and_number);
	for (size_t i = 0; i < of->n_verdicts; i++)
		json_object_array_add(packets, packet_object(of, &of->verdicts[i]));
	json_object_object_add(summary, "card", json_object_new_string(of->card));
	json_object_object_add(summary, "mode", json_object_new_string(of->view->config->nic ? "nic" : "wire"));
	json_object_object_add(summary, "seed", of->seed ? json_object_new_string(of->seed) : NULL);
	json_object_object_add(summary, "cycles", json_object_new_uint64(of->cycles_after - of->cycles_before));
	json_object_object_add(summary, "packets", packets);
	json_object_object_add(summary, "installed_sas", sas);
	json_object_object_add(summary, "policies", policies);
	json_object_object_add(summary, "reasons", reasons_of(statistics));
	if (json_object_object_get_ex(statistics, "slowpath", &slowpath))
		json_object_object_add(summary, "slowpath", json_object_get(slowpath));
	json_object_put(statistics);
	for (size_t i = 0; sas && i < json_object_array_length(sas); i++) {	/* the only things that time on the wall decides */
		json_object_object_del(json_object_array_get_idx(sas, i), "age_seconds");
		json_object_object_del(json_object_array_get_idx(sas, i), "expires_in_seconds");
	}
	if (sas && policies && statistics)
		return summary;
	json_object_put(summary);
	return NULL;
}

static const char *get(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && value ? json_object_get_string(value) : "-";
}

static json_object *list(json_object *object, const char *key)
{
	json_object *value = NULL;

	(void)json_object_object_get_ex(object, key, &value);
	return value;
}

/* What the host did for the card, if it did anything. */
static void print_slowpath(json_object *counts)
{
	json_object *fragments = list(counts, "fragments_packets");

	puts("done by the host");
	json_object_object_foreach(counts, key, value)
		if (!json_object_is_type(value, json_type_object) && json_object_get_uint64(value))
			printf("  %8s  %s\n", json_object_get_string(value), key);
	json_object_object_foreach(fragments, name, n)
		if (json_object_get_uint64(n))
			printf("  %8s  fragments: %s\n", json_object_get_string(n), name);
}

void replay_summary_print(json_object *summary)
{
	json_object *packets = list(summary, "packets"), *sas = list(summary, "installed_sas");
	json_object *policies = list(summary, "policies"), *reasons = list(summary, "reasons");
	json_object *files = list(summary, "files");

	printf("%-4s %6s %6s  %-4s  %-22s %-24s %s\n", "in", "no", "bytes", "out", "reason", "SA", "policy");
	for (size_t i = 0; i < json_object_array_length(packets); i++) {
		json_object *p = json_object_array_get_idx(packets, i);
		char sa[128];

		(void)snprintf(sa, sizeof(sa), "%s", get(p, "sa"));
		if (strcmp(get(p, "sa"), "-") != 0)
			(void)snprintf(sa, sizeof(sa), "%s %s", get(p, "spi") + 2, get(p, "sa"));
		printf("%-4s %6s %6s  %-4s  %-22s %-24s %s\n", get(p, "face_in"), get(p, "number"), get(p, "bytes"),
		       get(p, "face_out"), get(p, "reason"), sa, get(p, "policy"));
	}
	puts("\nSAs");
	for (size_t i = 0; i < json_object_array_length(sas); i++) {
		json_object *sa = json_object_array_get_idx(sas, i);

		printf("  %-3s %s %s: %s packets, %s bytes", get(sa, "direction"), get(sa, "spi") + 2, get(sa, "manual_sa"),
		       get(sa, "packets"), get(sa, "bytes"));
		if (strcmp(get(sa, "direction"), "in") == 0)
			printf(", %s replayed, %s bad ICV\n", get(sa, "replayed_packets"), get(sa, "bad_icv_packets"));
		else
			printf(", sequence %s next\n", get(sa, "sequence_next"));
	}
	puts("policies (accepted / dropped / transformed)");
	for (size_t i = 0; i < json_object_array_length(policies); i++) {
		json_object *p = json_object_array_get_idx(policies, i);

		printf("  %s: in %s / %s / %s, out %s / %s / %s\n", get(p, "name"), get(p, "in_accepted_packets"),
		       get(p, "in_dropped_packets"), get(p, "in_transformed_packets"), get(p, "out_accepted_packets"),
		       get(p, "out_dropped_packets"), get(p, "out_transformed_packets"));
	}
	puts("reasons");
	for (size_t i = 0; i < json_object_array_length(reasons); i++) {
		json_object *r = json_object_array_get_idx(reasons, i);

		printf("  %8s  %-22s %s\n", get(r, "packets"), get(r, "reason"), get(r, "meaning"));
	}
	print_slowpath(list(summary, "slowpath"));
	puts("captures");
	for (size_t i = 0; i < json_object_array_length(files); i++) {
		json_object *f = json_object_array_get_idx(files, i);

		printf("  %-4s %6s frames  %s\n", get(f, "face"), get(f, "frames"), get(f, "path"));
	}
	printf("%s cycles, seed %s\n", get(summary, "cycles"), get(summary, "seed"));
}
