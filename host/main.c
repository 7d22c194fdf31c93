// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <getopt.h>
#include <stdio.h>

#include "base/harden.h"
#include "base/log.h"
#include "base/version.h"
#include "config/config.h"
#include "daemon.h"

static const char usage[] =
	"usage: aditd -c FILE [--card CARD] [--control PATH] [-v]\n"
	"       aditd --check FILE\n"
	"  -c, --config FILE   configuration; aditd.conf(5)\n"
	"      --check FILE    tell everything that is wrong with FILE and exit: 0 good, 1 not\n"
	"      --card CARD     sim:PATH or pci:ADDRESS instead of the file's card\n"
	"      --control PATH  control socket instead of the file's (default " CONFIG_DEFAULT_SOCKET ")\n"
	"  -v, --verbose       log more; twice is no more than once\n"
	"      --version\n"
	"      --help\n";

static int check(const char *path)
{
	struct config *config;
	struct diag diag;

	diag_open(&diag, path);
	config = config_load(path, &diag);
	diag_print(&diag, stderr);
	if (config)
		printf("%s: ok: %zu policies, %zu manual SAs, %zu peers, %zu proposals; %zu warnings\n", path,
		       config->n_policies, config->n_manual_sas, config->n_peers, config->n_proposals, diag.n_entries);
	else
		fprintf(stderr, "%s: %zu errors\n", path, diag.n_errors);
	config_free(config);
	diag_close(&diag);
	return config ? 0 : 1;
}

int main(int argc, char **argv)
{
	enum { OPT_CHECK = 256, OPT_CARD, OPT_CONTROL, OPT_VERSION, OPT_HELP };
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' }, { "check", required_argument, NULL, OPT_CHECK },
		{ "card", required_argument, NULL, OPT_CARD }, { "control", required_argument, NULL, OPT_CONTROL },
		{ "verbose", no_argument, NULL, 'v' }, { "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, OPT_HELP }, { NULL, 0, NULL, 0 }
	};
	struct daemon_options options = { 0 };
	const char *check_path = NULL;
	int opt;

	while ((opt = getopt_long(argc, argv, "c:v", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			options.config_path = optarg;
			break;
		case OPT_CHECK:
			check_path = optarg;
			break;
		case OPT_CARD:
			options.card = optarg;
			break;
		case OPT_CONTROL:
			options.control_path = optarg;
			break;
		case 'v':
			log_set_level(LOG_LEVEL_DEBUG);
			break;
		case OPT_VERSION:
			puts("aditd " ADIT_VERSION);
			return 0;
		case OPT_HELP:
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind != argc || (!check_path && !options.config_path)) {
		fputs(usage, stderr);
		return 2;
	}
	harden_process();
	return check_path ? check(check_path) : daemon_run(&options);
}
