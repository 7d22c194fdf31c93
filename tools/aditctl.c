// SPDX-License-Identifier: BSD-2-Clause-Patent
/* aditctl: asks aditd over its control socket. A table of words, RouterOS's menus; tables for people, --json for programs. */
#include <stdio.h>
#include <string.h>

#include "aditctl_room.h"
#include "base/harden.h"
#include "base/text.h"
#include "base/version.h"
#include "config/config.h"

enum {
	TAKES_STATS = 1, TAKES_KEYS = 2, TAKES_SA_TYPE = 4, TAKES_DRY_RUN = 8, TAKES_ALL = 16, TAKES_NAME = 32, TAKES_PHASE1 = 64,
	TAKES_LOG = 128, TAKES_TOP = 256
};

static const struct word_row rows[] = {
	{ "remote-peers", "peers with a phase 1, and its state", 0, print_remote_peers, NULL },
	{ "policy", "policies and the state of their SAs [--stats]", TAKES_STATS, print_policy, NULL },
	{ "peer", "configured peers", 0, print_peer, NULL },
	{ "proposal", "configured proposals", 0, print_proposal, NULL },
	{ "manual-sa", "configured manual SAs [--keys]", TAKES_KEYS, print_manual_sa, NULL },
	{ "installed-sa", "SAs in the card [--keys]", TAKES_KEYS, print_installed_sa, NULL },
	{ "installed-sa flush", "delete SAs [--sa-type ah|esp|all]", TAKES_SA_TYPE, print_flush, NULL },
	{ "statistics", "packets by reason, IKE's counters [--all]", TAKES_ALL, print_statistics, NULL },
	{ "initiate", "NAME: negotiate a policy's SAs, or all of a peer's policies", TAKES_NAME, print_done, NULL },
	{ "terminate", "NAME: delete a policy's or a peer's SAs, and tell the peer", TAKES_NAME, print_done, NULL },
	{ "rekey", "NAME: new keys now [--phase1: also of phase 1]", TAKES_NAME | TAKES_PHASE1, print_done, NULL },
	{ "log", "what happened [--peer NAME] [--level LEVEL] [--lines N] [--follow]", TAKES_LOG, print_log, talk_log },
	{ "top", "what each SA carries, again and again [--interval TIME] [--count N]", TAKES_TOP, NULL, top_run },
	{ "card", "what the card is and can", 0, print_card, NULL },
	{ "reload", "read the configuration again [--dry-run]", TAKES_DRY_RUN, print_reload, NULL },
	{ "version", "versions of aditctl and aditd", 0, print_version, NULL },
};

static void usage(FILE *to)
{
	fputs("usage: aditctl [--json] [--socket PATH] WORD [OPTION...]\n", to);
	for (size_t i = 0; i < COUNT(rows); i++)
		fprintf(to, "  %-19s %s\n", rows[i].word, rows[i].help);
	fputs("  --json    the answer as JSON\n"
	      "  --socket  aditd's control socket (default " CONFIG_DEFAULT_SOCKET ")\n"
	      "exit status: 0 good, 1 refused by aditd, 2 usage or no aditd\n", to);
}

/* What the words of the command line mean: a row, and a name if the row takes one. NULL after it has been told. */
static const struct word_row *find_row(char *const *words, unsigned n_words, struct options *options)
{
	const char *names[COUNT(rows)], *near;
	char both[128];

	(void)snprintf(both, sizeof(both), "%s%s%s", words[0], n_words > 1 ? " " : "", n_words > 1 ? words[1] : "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool takes_name = rows[i].takes & TAKES_NAME;

		names[i] = rows[i].word;
		if (strcmp(rows[i].word, takes_name ? words[0] : both) != 0)
			continue;
		if (n_words > 2 || (takes_name && n_words != 2)) {
			fprintf(stderr, "aditctl: \"%s\" takes %s name\n", rows[i].word, takes_name ? "one" : "no");
			return NULL;
		}
		options->name = takes_name ? words[1] : NULL;
		return &rows[i];
	}
	near = text_nearest(both, names, COUNT(rows));
	if (!near)
		near = text_nearest(words[0], names, COUNT(rows));
	fprintf(stderr, "aditctl: no such word \"%s\"", both);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	fputc('\n', stderr);
	return NULL;
}

static bool take_flag(const char *arg, struct options *options, unsigned *taken)
{
	const struct { const char *name; bool *flag; unsigned bit; } flags[] = {
		{ "--json", &options->as_json, 0 }, { "--stats", &options->stats, TAKES_STATS },
		{ "--keys", &options->keys, TAKES_KEYS }, { "--dry-run", &options->dry_run, TAKES_DRY_RUN },
		{ "--all", &options->all, TAKES_ALL }, { "--follow", &options->follow, TAKES_LOG },
		{ "--phase1", &options->phase1, TAKES_PHASE1 },
	};

	for (size_t i = 0; i < COUNT(flags); i++) {
		if (strcmp(flags[i].name, arg) == 0) {
			*flags[i].flag = true;
			*taken |= flags[i].bit;
			return true;
		}
	}
	return false;
}

/* @return where the option's value goes, NULL: it takes none. */
static const char **take_value(const char *arg, struct options *options, unsigned *taken)
{
	const struct { const char *name; const char **value; unsigned bit; } values[] = {
		{ "--socket", &options->socket_path, 0 }, { "--sa-type", &options->sa_type, TAKES_SA_TYPE },
		{ "--peer", &options->peer, TAKES_LOG }, { "--level", &options->level, TAKES_LOG }, { "--lines", &options->lines, TAKES_LOG },
		{ "--interval", &options->interval, TAKES_TOP }, { "--count", &options->count, TAKES_TOP },
	};

	for (size_t i = 0; i < COUNT(values); i++) {
		if (strcmp(values[i].name, arg) == 0) {
			*taken |= values[i].bit;
			return values[i].value;
		}
	}
	return NULL;
}

static bool is_number(const char *text)
{
	uint64_t number;

	return text_get_u64(text, &number);
}

#define MOST_WORDS 3

struct command {
	struct options options;
	char *words[MOST_WORDS];
	unsigned n_words, taken;
};

/* @return -1 to go on, else the exit status. */
static int read_args(int argc, char **argv, struct command *command)
{
	for (int i = 1; i < argc; i++) {
		const char **value = take_value(argv[i], &command->options, &command->taken);

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return EXIT_GOOD;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("aditctl " ADIT_VERSION);
			return EXIT_GOOD;
		}
		if (value && i + 1 == argc) {
			fprintf(stderr, "aditctl: %s wants a value\n", argv[i]);
			return EXIT_USAGE;
		}
		if (value) {
			*value = argv[++i];
		} else if (argv[i][0] == '-') {
			if (!take_flag(argv[i], &command->options, &command->taken)) {
				fprintf(stderr, "aditctl: no such option \"%s\"\n", argv[i]);
				return EXIT_USAGE;
			}
		} else if (command->n_words < MOST_WORDS) {
			command->words[command->n_words++] = argv[i];
		}
	}
	if (command->n_words)
		return -1;
	usage(stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct command command = { .options = { .socket_path = CONFIG_DEFAULT_SOCKET } };
	const struct word_row *row;
	int status;

	harden_process();	/* --keys */
	status = read_args(argc, argv, &command);
	if (status >= 0)
		return status;
	row = find_row(command.words, command.n_words, &command.options);
	if (!row)
		return EXIT_USAGE;
	if (command.taken & ~row->takes) {
		fprintf(stderr, "aditctl: \"%s\" does not take that option: %s\n", row->word, row->help);
		return EXIT_USAGE;
	}
	if (command.options.lines && !is_number(command.options.lines)) {
		fprintf(stderr, "aditctl: --lines wants a number\n");
		return EXIT_USAGE;
	}
	return row->run ? row->run(row, &command.options) : talk_once(row, &command.options);
}
