// SPDX-License-Identifier: BSD-2-Clause-Patent
/* A new configuration: who differs in it is told, and begins anew; the rest does not notice. */
#include <string.h>

#include "sa/phase2.h"
#include "sa/room.h"

static bool id_same(const struct cfg_id *a, const struct cfg_id *b)
{
	return a->kind == b->kind && addr_same(&a->address, &b->address) && a->n_bytes == b->n_bytes &&
	       memcmp(a->bytes, b->bytes, a->n_bytes) == 0;
}

static bool proves_same(const struct cfg_peer *a, const struct cfg_peer *b)
{
	return a->auth_method == b->auth_method && a->secret_bytes == b->secret_bytes &&
	       bytes_equal((struct bytes){ a->secret, a->secret_bytes }, (struct bytes){ b->secret, b->secret_bytes }) &&
	       strcmp(a->certificate, b->certificate) == 0 && strcmp(a->remote_certificate, b->remote_certificate) == 0 &&
	       strcmp(a->key, b->key) == 0 && strcmp(a->ca, b->ca) == 0 && strcmp(a->crl, b->crl) == 0 && id_same(&a->my_id, &b->my_id) &&
	       id_same(&a->remote_id, &b->remote_id);
}

static bool proposes_same(const struct cfg_peer *a, const struct cfg_peer *b)
{
	return a->n_hashes == b->n_hashes && a->n_encs == b->n_encs && a->n_dhs == b->n_dhs &&
	       memcmp(a->hashes, b->hashes, a->n_hashes) == 0 && memcmp(a->encs, b->encs, a->n_encs) == 0 &&
	       memcmp(a->dhs, b->dhs, a->n_dhs) == 0 && a->lifetime_seconds == b->lifetime_seconds && a->lifetime_bytes == b->lifetime_bytes &&
	       a->check == b->check;
}

/* Of what an SA was made with, everything; how often its peer is asked whether it lives, and the like, changes under way. */
static bool peer_same(const struct cfg_peer *a, const struct cfg_peer *b)
{
	return addr_same(&a->address.addr, &b->address.addr) && a->address.plen == b->address.plen && a->port == b->port &&
	       a->exchange_mode == b->exchange_mode && a->nat_traversal == b->nat_traversal && proves_same(a, b) && proposes_same(a, b);
}

static bool is_local(const struct config *config, const struct adit_addr *addr)
{
	for (unsigned i = 0; i < config->n_local; i++)
		if (addr_same(&config->local[i], addr))
			return true;
	return false;
}

static bool stays(const struct ike *ike, const char *name, const struct adit_addr *local, const struct config *config)
{
	const struct cfg_peer *old = config_peer(ike->config, name), *new = config_peer(config, name);

	return old != NULL && new != NULL && peer_same(old, new) && is_local(config, local);
}

/* Deletes are said while there is still an SA to protect them, and its peer is still known. */
static void say_farewells(struct ike *ike, const struct config *config)
{
	static const char *const why = "its peer or its local address left the configuration or changed";

	for (struct ike_child *child = ike->children; child != NULL; child = child->next)
		if (!child->is_dead && child->state != CHILD_HUSK && !stays(ike, child->peer, &child->path.local.addr, config))
			child_remove(child, true, why);
	for (struct ike_sa *sa = ike->sas; sa != NULL; sa = sa->next) {
		if (sa->is_dead || stays(ike, sa->peer, &sa->path.local.addr, config))
			continue;
		if (sa->state != IKE_LARVAL)
			info_send_delete_sa(sa);
		sa_kill(sa, why);
	}
}

void ike_reconfigure(struct ike *ike, const struct config *config, int64_t now_ms)
{
	if (now_ms > ike->now_ms)
		ike->now_ms = now_ms;
	say_farewells(ike, config);
	ike->config = config;
	for (struct ike_sa *sa = ike->sas; sa != NULL; sa = sa->next)
		sa->cfg = config_peer(config, sa->peer);
	credentials_drop(ike);
	children_tick_config(ike);
	for (struct ike_sa *sa = ike->sas; sa != NULL; sa = sa->next)
		if (!sa->is_dead && sa->state == IKE_ESTABLISHED)
			dpd_start(sa);
	ike_reap(ike);
}
