// SPDX-License-Identifier: BSD-2-Clause-Patent
/* The page itself, in Prometheus's text exposition format 0.0.4. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "control/metrics.h"
#include "control/words_room.h"

#define MOST_STATES 16

static void head(FILE *to, const char *name, const char *type, const char *help)
{
	fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: \, " and line ends are escaped. */
static void label(FILE *to, const char *key, const char *value)
{
	char clean[256];

	journal_clean(value, clean, sizeof(clean));
	fprintf(to, "%s=\"", key);
	for (const char *c = clean; *c; c++) {
		if (*c == '\\' || *c == '"')
			fputc('\\', to);
		fputc(*c, to);
	}
	fputc('"', to);
}

static void one(FILE *to, const char *name, const char *type, const char *help, uint64_t value)
{
	head(to, name, type, help);
	fprintf(to, "%s %" PRIu64 "\n", name, value);
}

/* ---- counters that are there anyway */

static void put_host(FILE *to, const struct host_counters *host)
{
	const struct { const char *name, *help; uint64_t value; } rows[] = {
		{ "adit_host_rx_packets_total", "Packets the card handed to the host.", host->rx_packets },
		{ "adit_host_tx_packets_total", "Packets the host handed to the card.", host->tx_packets },
		{ "adit_host_tx_dropped_packets_total", "Packets that found the ring to the card full.", host->tx_dropped },
		{ "adit_host_arp_answers_total", "ARP requests answered.", host->arp_answers },
		{ "adit_host_nd_answers_total", "Neighbour solicitations answered.", host->nd_answers },
		{ "adit_host_echo_answers_total", "Pings answered.", host->echo_answers },
		{ "adit_host_ignored_packets_total", "Packets for this host that nobody wanted.", host->ignored_packets },
		{ "adit_host_ike_packets_total", "IKE packets received.", host->ike_packets },
		{ "adit_host_acquires_total", "Times the card asked for an SA.", host->acquires },
		{ "adit_card_recoveries_total", "Times the card was reset and filled again.", host->recoveries },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		one(to, rows[i].name, "counter", rows[i].help, rows[i].value);
}

static void put_slowpath(FILE *to, const struct slowpath_counts *counts)
{
	const struct { const char *name, *help; uint64_t value; } rows[] = {
		{ "adit_slowpath_sealed_packets_total", "Packets sealed by the host.", counts->sealed },
		{ "adit_slowpath_opened_packets_total", "Packets opened by the host.", counts->opened },
		{ "adit_slowpath_open_refused_packets_total", "Packets that the host could not open.", counts->open_refused },
		{ "adit_slowpath_reassembled_packets_total", "Datagrams put together from fragments.", counts->reassembled },
		{ "adit_slowpath_split_packets_total", "Packets cut to the path's MTU.", counts->split },
		{ "adit_slowpath_too_big_answers_total", "ICMP answers to packets too long for their SA.", counts->too_big_answers },
		{ "adit_slowpath_expired_datagrams_total", "Datagrams that never became whole.", counts->expired },
		{ "adit_slowpath_dropped_packets_total", "Packets that the slow path could do nothing with.", counts->dropped },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		one(to, rows[i].name, "counter", rows[i].help, rows[i].value);
}

static void put_reasons(FILE *to, const struct metrics_card *card)
{
	if (!card->has_reasons)
		return;
	head(to, "adit_reason_packets_total", "counter", "Packets by what became of them in the card.");
	for (unsigned i = 0; i < ADIT_REASON_COUNT; i++) {
		if (!adit_reason_name(i))
			continue;
		fputs("adit_reason_packets_total{", to);
		label(to, "reason", adit_reason_name(i));
		fprintf(to, "} %" PRIu64 "\n", card->reasons[i]);
	}
}

/* ---- policies */

static void put_policy_packets(FILE *to, const struct metrics_policy *policy)
{
	const struct { const char *direction, *verdict; uint64_t value, base; } rows[] = {
		{ "in", "accepted", policy->state.in_accepted, policy->base.in_accepted },
		{ "in", "dropped", policy->state.in_dropped, policy->base.in_dropped },
		{ "in", "transformed", policy->state.in_transformed, policy->base.in_transformed },
		{ "out", "accepted", policy->state.out_accepted, policy->base.out_accepted },
		{ "out", "dropped", policy->state.out_dropped, policy->base.out_dropped },
		{ "out", "transformed", policy->state.out_transformed, policy->base.out_transformed },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		fputs("adit_policy_packets_total{", to);
		label(to, "policy", policy->name);
		fprintf(to, ",direction=\"%s\",verdict=\"%s\"} %" PRIu64 "\n", rows[i].direction, rows[i].verdict,
			rows[i].value > rows[i].base ? rows[i].value - rows[i].base : 0);
	}
}

static void put_policies(FILE *to, const struct words_view *view, const struct metrics_card *card)
{
	if (card->n_policies)
		head(to, "adit_policy_packets_total", "counter", "RouterOS's six counters of each policy.");
	for (unsigned i = 0; i < card->n_policies; i++)
		put_policy_packets(to, &card->policies[i]);
	if (!view->ike || !view->config->n_policies)
		return;
	head(to, "adit_policy_established", "gauge", "Whether a policy of IKE has its SAs (RouterOS: ph2-state established).");
	for (size_t i = 0, n = 0; i < view->config->n_policies && n < METRICS_POLICIES; i++) {
		const struct cfg_policy *policy = &view->config->policies[i];

		if (policy->action != ADIT_ACTION_ENCRYPT || policy->disabled || policy->is_template || policy->manual_sa[0])
			continue;
		n++;
		fputs("adit_policy_established{", to);
		label(to, "policy", policy->name);
		fprintf(to, "} %d\n", strcmp(view->engine->ph2_state(view->ike, policy->name), "established") == 0);
	}
}

/* ---- IKE */

static void put_ike_counters(FILE *to, const struct ike_counters *counters)
{
#define X(name) one(to, "adit_ike_" #name "_total", "counter", "Counter " #name " of the IKE engine (aditctl statistics).", counters->name);
	IKE_COUNTERS(X)
#undef X
}

/* How many there are in each state; the states are the engine's own words, few and constant. */
struct states {
	struct { const char *word; uint64_t n; } rows[MOST_STATES];
	unsigned n;
};

static void count_state(struct states *states, const char *word)
{
	unsigned i = 0;

	while (i < states->n && strcmp(states->rows[i].word, word) != 0)
		i++;
	if (i == MOST_STATES)
		return;
	if (i == states->n) {
		states->rows[i].word = word;
		states->n++;
	}
	states->rows[i].n++;
}

static void count_sa(void *arg, const struct ike_sa_view *sa)
{
	count_state(arg, sa->state);
}

static void count_child(void *arg, const struct ike_child_view *child)
{
	count_state(arg, child->state);
}

static void put_states(FILE *to, const char *name, const char *help, const struct states *states)
{
	head(to, name, "gauge", help);
	for (unsigned i = 0; i < states->n; i++) {
		fprintf(to, "%s{", name);
		label(to, "state", states->rows[i].word);
		fprintf(to, "} %" PRIu64 "\n", states->rows[i].n);
	}
}

static void put_ike(FILE *to, const struct words_view *view)
{
	struct states sas = { .rows = { { "established", 0 } }, .n = 1 }, children = { .rows = { { "mature", 0 } }, .n = 1 };

	if (!view->ike)
		return;
	view->engine->each_sa(view->ike, count_sa, &sas);
	view->engine->each_child(view->ike, count_child, &children);
	put_ike_counters(to, view->engine->counters(view->ike));
	put_states(to, "adit_ike_sas", "ISAKMP SAs by state.", &sas);
	put_states(to, "adit_ike_children", "Pairs of SAs that IKE made, by state.", &children);
}

/* ---- SAs in the card */

struct installed {
	uint64_t in, out;
};

static void count_installed(void *arg, const struct child_view *child)
{
	struct installed *installed = arg;

	installed->in += child->has_inbound ? child->sas->n / 2 : 0;
	installed->out += child->has_outbound ? child->sas->n / 2 : 0;
}

static void put_sas(FILE *to, const struct words_view *view)
{
	struct installed ike = { 0 };
	uint64_t manual = 0;

	for (size_t i = 0; i < view->offload->n_pairs; i++)
		manual += view->offload->pairs[i].is_installed ? view->offload->pairs[i].plan.sas.n / 2 : 0;
	if (view->ike)
		view->engine->each_installed(view->offload, count_installed, &ike);
	head(to, "adit_sas", "gauge", "SAs in the card.");
	fprintf(to, "adit_sas{origin=\"manual\",direction=\"in\"} %" PRIu64 "\n", manual);
	fprintf(to, "adit_sas{origin=\"manual\",direction=\"out\"} %" PRIu64 "\n", manual);
	fprintf(to, "adit_sas{origin=\"ike\",direction=\"in\"} %" PRIu64 "\n", ike.in);
	fprintf(to, "adit_sas{origin=\"ike\",direction=\"out\"} %" PRIu64 "\n", ike.out);
	one(to, "adit_policies", "gauge", "Policies in the card.", view->offload->n_rules);
}

char *metrics_text(const struct words_view *view, const struct metrics_card *card, size_t *n_bytes)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, n_bytes);

	if (!to)
		return NULL;
	head(to, "adit_build_info", "gauge", "Version of aditd; always 1.");
	fputs("adit_build_info{version=\"" ADIT_VERSION "\"} 1\n", to);
	one(to, "adit_card_up", "gauge", "Whether the card is there.", view->card != NULL);
	put_sas(to, view);
	put_host(to, view->counters);
	put_slowpath(to, view->slowpath);
	put_reasons(to, card);
	put_policies(to, view, card);
	put_ike(to, view);
	if (fclose(to) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
