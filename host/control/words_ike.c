// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the engine does and can be told to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/words_room.h"

/* ---- remote-peers */

struct peers {
	json_object *array;
	int64_t now_ms;
};

static void add_times(json_object *object, const struct ike_sa_view *sa, int64_t now_ms)
{
	if (sa->is_established && sa->since_ms)
		add_u64(object, "established_seconds", seconds_between(sa->since_ms, now_ms));
	if (sa->rekey_ms)
		add_u64(object, "rekey_in_seconds", seconds_between(now_ms, sa->rekey_ms));
	if (sa->expires_ms)
		add_u64(object, "expires_in_seconds", seconds_between(now_ms, sa->expires_ms));
}

static void add_remote_peer(void *arg, const struct ike_sa_view *sa)
{
	struct peers *peers = arg;
	json_object *object = json_object_new_object();

	add_u64(object, "id", sa->id);
	add_text(object, "peer", sa->peer);
	add_addr(object, "local_address", &sa->path.local.addr);
	add_u64(object, "local_port", sa->path.local.port);
	add_addr(object, "remote_address", &sa->path.remote.addr);
	add_u64(object, "port", sa->path.remote.port);
	add_text(object, "side", sa->is_initiator ? "initiator" : "responder");
	add_text(object, "state", sa->state);
	add_bool(object, "established", sa->is_established);
	add_text(object, "identity", sa->identity);
	add_text(object, "algorithms", sa->algorithms);
	add_hex(object, "initiator_cookie", sa->icookie, sizeof(sa->icookie), NULL, 0);
	add_hex(object, "responder_cookie", sa->rcookie, sizeof(sa->rcookie), NULL, 0);
	add_times(object, sa, peers->now_ms);
	add_bool(object, "nat_traversal", sa->path.is_natt);
	add_bool(object, "nat_local", sa->is_nat_local);
	add_bool(object, "nat_remote", sa->is_nat_remote);
	add_u64(object, "dpd_failures", sa->dpd_failures);
	add_u64(object, "children", sa->n_children);
	json_object_array_add(peers->array, object);
}

json_object *say_remote_peers(const struct asked *asked)
{
	struct peers peers = { json_object_new_array(), offload_now_ms() };

	if (asked->view->ike)
		asked->view->engine->each_sa(asked->view->ike, add_remote_peer, &peers);
	return control_ok(peers.array);
}

/* ---- names: of policies and peers, configured or (a policy that a peer generated, a peer that a reload took away) alive */

struct names {
	char (*names)[CONFIG_NAME_BYTES];
	size_t n, room;
};

static void note_name(struct names *names, const char *name)
{
	if (names->n == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		void *grown = realloc(names->names, room * sizeof(*names->names));

		if (!grown)
			return;
		names->names = grown;
		names->room = room;
	}
	(void)snprintf(names->names[names->n++], CONFIG_NAME_BYTES, "%s", name);
}

static void note_child_name(void *arg, const struct ike_child_view *child)
{
	note_name(arg, child->policy);
}

static void note_sa_name(void *arg, const struct ike_sa_view *sa)
{
	note_name(arg, sa->peer);
}

/* What is wrong with a name that meant nothing to the engine. */
static json_object *bad_name(const struct words_view *view, const char *name, const char *otherwise)
{
	struct names names = { 0 };
	const char **list, *near = NULL;
	bool is_known = false;
	json_object *error;

	for (size_t i = 0; i < view->config->n_policies; i++)
		note_name(&names, view->config->policies[i].name);
	for (size_t i = 0; i < view->config->n_peers; i++)
		note_name(&names, view->config->peers[i].name);
	view->engine->each_child(view->ike, note_child_name, &names);
	view->engine->each_sa(view->ike, note_sa_name, &names);
	list = calloc(names.n + 1, sizeof(*list));
	for (size_t i = 0; list && i < names.n; i++) {
		list[i] = names.names[i];
		is_known |= strcmp(list[i], name) == 0;
	}
	if (list)
		near = text_nearest(name, list, names.n);
	if (is_known)
		error = control_error("%s: %s", name, otherwise);
	else if (near)
		error = control_error("there is no policy or peer \"%s\"; did you mean \"%s\"?", name, near);
	else
		error = control_error("there is no policy or peer \"%s\"", name);
	free(list);
	free(names.names);
	return error;
}

/* ---- initiate, terminate, rekey */

static json_object *check_name(const struct asked *asked, const char **name)
{
	*name = asked_text(asked, "name");
	if (!*name || !**name)
		return control_error("the name of a policy or a peer is missing");
	if (!asked->view->ike)
		return control_error("this aditd runs without IKE");
	return NULL;
}

static json_object *concerned(const char *name, const char *key, unsigned n)
{
	json_object *object = json_object_new_object();

	add_text(object, "name", name);
	add_u64(object, key, n);
	return control_ok(object);
}

json_object *say_initiate(const struct asked *asked)
{
	struct words_view *view = asked->view;
	char why[MATCH_WHY_BYTES] = "";
	const char *name;
	json_object *error = check_name(asked, &name);
	unsigned n;

	if (error)
		return error;
	n = view->engine->initiate(view->ike, name, offload_now_ms(), why);
	return n ? concerned(name, "initiated", n) : bad_name(view, name, *why ? why : "there is nothing to initiate");
}

json_object *say_terminate(const struct asked *asked)
{
	struct words_view *view = asked->view;
	const char *name;
	json_object *error = check_name(asked, &name);
	unsigned n;

	if (error)
		return error;
	n = view->engine->terminate(view->ike, name, offload_now_ms());
	return n ? concerned(name, "terminated", n) : bad_name(view, name, "it has no SAs");
}

json_object *say_rekey(const struct asked *asked)
{
	struct words_view *view = asked->view;
	const char *name;
	json_object *error = check_name(asked, &name);
	unsigned n;

	if (error)
		return error;
	n = view->engine->rekey(view->ike, name, asked_flag(asked, "phase1"), offload_now_ms());
	return n ? concerned(name, "rekeying", n) : bad_name(view, name, "it has no SAs");
}
