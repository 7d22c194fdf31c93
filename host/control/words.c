// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "control/words.h"

#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "control/words_room.h"

static json_object *say_reload(const struct asked *asked)
{
	json_object *result = json_object_new_object(), *errors = json_object_new_array(), *reply;

	if (asked->view->reload(asked->view->arg, asked_flag(asked, "dry_run"), result, errors)) {
		json_object_put(errors);
		return control_ok(result);
	}
	json_object_put(result);
	reply = control_error("nothing was changed");
	json_object_object_add(reply, "errors", errors);
	return reply;
}

static json_object *say_version(const struct asked *asked)
{
	json_object *object = json_object_new_object();
	char contract[16];

	(void)asked;
	(void)snprintf(contract, sizeof(contract), "%u.%u", ADIT_REG_VERSION_MAJOR_RESET, ADIT_REG_VERSION_MINOR_RESET);
	add_text(object, "version", ADIT_VERSION);
	add_text(object, "contract_version", contract);
	return control_ok(object);
}

#define MOST_KEYS 4

static const struct word_row {
	const char *word;
	json_object *(*say)(const struct asked *asked);
	bool needs_card;
	struct { const char *key; json_type type; } keys[MOST_KEYS];	/* what it can be told */
} words[] = {
	{ "policy", say_policy, true, { { "stats", json_type_boolean } } },
	{ "peer", say_peer, false, { { NULL, json_type_null } } },
	{ "proposal", say_proposal, false, { { NULL, json_type_null } } },
	{ "manual-sa", say_manual_sa, false, { { "keys", json_type_boolean } } },
	{ "installed-sa", say_installed_sa, true, { { "keys", json_type_boolean } } },
	{ "installed-sa flush", say_flush, true, { { "sa_type", json_type_string } } },
	{ "remote-peers", say_remote_peers, false, { { NULL, json_type_null } } },
	{ "initiate", say_initiate, false, { { "name", json_type_string } } },
	{ "terminate", say_terminate, false, { { "name", json_type_string } } },
	{ "rekey", say_rekey, false, { { "name", json_type_string }, { "phase1", json_type_boolean } } },
	{ "statistics", say_statistics, true, { { NULL, json_type_null } } },
	{ "card", say_card, true, { { NULL, json_type_null } } },
	{ "log", say_log, false, { { "peer", json_type_string }, { "level", json_type_string }, { "lines", json_type_int },
				   { "follow", json_type_boolean } } },
	{ "reload", say_reload, true, { { "dry_run", json_type_boolean } } },
	{ "version", say_version, false, { { NULL, json_type_null } } },
};

/* A slip in a request must not be taken for silence: a dry run that is none would reload. NULL if all is as the table says. */
static json_object *check_request(const struct word_row *row, json_object *request)
{
	json_object_object_foreach(request, key, value) {
		unsigned i = 0;

		if (strcmp(key, "word") == 0)
			continue;
		while (i < MOST_KEYS && row->keys[i].key && strcmp(key, row->keys[i].key) != 0)
			i++;
		if (i == MOST_KEYS || !row->keys[i].key)
			return control_error("\"%s\" cannot be told \"%s\"", row->word, key);
		if (!json_object_is_type(value, row->keys[i].type))
			return control_error("\"%s\" wants a %s", key, json_type_to_name(row->keys[i].type));
	}
	return NULL;
}

/* ---- a card that does not answer must not hold up the loop: before it is asked and waited for, it shows that it answers */

#define CARD_MS 3000

static void on_sign_of_life(void *ticket, int status, const union adit_answer *answer)
{
	(void)status;	/* a card that is being closed or reset says so to the word itself */
	(void)answer;
	control_redeem(ticket);
}

/* @return whether the answer has to wait. */
static bool wait_for_card(const struct asked *asked)
{
	struct control_ticket *ticket;

	if (!asked->client || control_waited(asked->client) != CONTROL_FRESH)
		return false;
	ticket = control_postpone(asked->client, CARD_MS);
	if (!ticket)
		return false;
	if (adit_nop(asked->view->card, on_sign_of_life, ticket) < 0)
		control_redeem(ticket);	/* the word will be told why */
	else if (adit_card_kick(asked->view->card) < 0)
		asked->view->card_failed(asked->view->arg);
	return true;
}

json_object *words_answer(void *arg, const char *word, json_object *request, struct control_client *client)
{
	const struct asked asked = { arg, request, client };
	const char *names[COUNT(words)], *near;
	json_object *refusal;

	for (size_t i = 0; i < COUNT(words); i++) {
		names[i] = words[i].word;
		if (strcmp(words[i].word, word) != 0)
			continue;
		refusal = check_request(&words[i], request);
		if (refusal)
			return refusal;
		if (words[i].needs_card && !asked.view->card)
			return control_error("the card is away; aditd is trying to get it back");
		if (words[i].needs_card && wait_for_card(&asked))
			return NULL;
		if (words[i].needs_card && control_waited(client) == CONTROL_IN_VAIN)
			return control_error("card: does not answer");
		return words[i].say(&asked);
	}
	near = text_nearest(word, names, COUNT(words));
	if (near)
		return control_error("no such word; did you mean \"%s\"?", near);
	return control_error("no such word");
}
