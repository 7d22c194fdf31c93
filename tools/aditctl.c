// SPDX-License-Identifier: BSD-2-Clause-Patent
/* aditctl: asks aditd over its control socket. A table of words, RouterOS's menus; tables for people, --json for programs. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/harden.h"
#include "base/text.h"
#include "base/version.h"
#include "config/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANSWER_SECONDS 30
#define MAX_ANSWER_BYTES (64u << 20)

enum { EXIT_GOOD = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

struct options {
	const char *socket_path;
	bool as_json, stats, keys, dry_run, all;
	const char *sa_type;
};

/* ---- reading answers */

static const char *text_of(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && value ? json_object_get_string(value) : "";
}

static uint64_t u64_of(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_uint64(value) : 0;
}

static bool bool_of(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

/* "a, b, c" of an array of strings. */
static const char *list_of(json_object *object, const char *key, const char *gap, char *out, size_t room)
{
	json_object *array;
	size_t used = 0;

	out[0] = 0;
	if (!json_object_object_get_ex(object, key, &array) || !json_object_is_type(array, json_type_array))
		return out;
	for (size_t i = 0; i < json_object_array_length(array) && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i ? gap : "",
					 json_object_get_string(json_object_array_get_idx(array, i)));
	return out;
}

static json_object *item(json_object *array, size_t i)
{
	return json_object_array_get_idx(array, i);
}

static size_t count(json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

/* ---- tables for people */

static void print_policy(json_object *result, const struct options *options)
{
	char protos[16];

	if (!count(result))
		puts("no policies");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);
		bool is_encrypt = strcmp(text_of(p, "action"), "encrypt") == 0;

		printf("%s: %s%s, level %s, priority %s", text_of(p, "name"), text_of(p, "action"),
		       bool_of(p, "disabled") ? " (disabled)" : "", text_of(p, "level"), text_of(p, "priority"));
		if (is_encrypt)
			printf(", %s, %s", bool_of(p, "tunnel") ? "tunnel" : "transport", text_of(p, "ph2_state"));
		printf("\n  %s -> %s, protocol %s", text_of(p, "src_address"), text_of(p, "dst_address"), text_of(p, "protocol"));
		if (strcmp(text_of(p, "src_port"), "any") != 0 || strcmp(text_of(p, "dst_port"), "any") != 0)
			printf(", ports %s -> %s", text_of(p, "src_port"), text_of(p, "dst_port"));
		if (is_encrypt)
			printf("\n  %s === %s, %s, %s %s", text_of(p, "sa_src_address"), text_of(p, "sa_dst_address"),
			       list_of(p, "ipsec_protocols", "+", protos, sizeof(protos)),
			       strcmp(text_of(p, "manual_sa"), "none") != 0 ? "manual_sa" : "proposal",
			       strcmp(text_of(p, "manual_sa"), "none") != 0 ? text_of(p, "manual_sa") : text_of(p, "proposal"));
		putchar('\n');
		if (!options->stats || bool_of(p, "disabled"))
			continue;
		printf("  in-accepted=%" PRIu64 " in-dropped=%" PRIu64 " in-transformed=%" PRIu64 "\n",
		       u64_of(p, "in_accepted_packets"), u64_of(p, "in_dropped_packets"), u64_of(p, "in_transformed_packets"));
		printf("  out-accepted=%" PRIu64 " out-dropped=%" PRIu64 " out-transformed=%" PRIu64 "\n",
		       u64_of(p, "out_accepted_packets"), u64_of(p, "out_dropped_packets"),
		       u64_of(p, "out_transformed_packets"));
	}
}

static void print_peer(json_object *result, const struct options *options)
{
	char time[40];

	(void)options;
	if (!count(result))
		puts("no peers");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);

		text_put_seconds(u64_of(p, "lifetime_seconds"), time, sizeof(time));
		printf("%s: %s port %s, %s, %s\n  %s/%s/%s, lifetime %s, proposal_check %s\n", text_of(p, "name"),
		       text_of(p, "address"), text_of(p, "port"), text_of(p, "exchange_mode"), text_of(p, "auth_method"),
		       text_of(p, "enc_algorithm"), text_of(p, "hash_algorithm"), text_of(p, "dh_group"), time,
		       text_of(p, "proposal_check"));
	}
}

static void print_proposal(json_object *result, const struct options *options)
{
	char encs[512], auths[256], time[40];

	(void)options;
	if (!count(result))
		puts("no proposals but the built-in \"default\"");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);

		text_put_seconds(u64_of(p, "lifetime_seconds"), time, sizeof(time));
		printf("%s: enc %s, auth %s, lifetime %s, pfs_group %s\n", text_of(p, "name"),
		       list_of(p, "enc_algorithms", " ", encs, sizeof(encs)),
		       list_of(p, "auth_algorithms", " ", auths, sizeof(auths)), time, text_of(p, "pfs_group"));
	}
}

static void print_key(json_object *object, const char *key)
{
	if (*text_of(object, key))
		printf("  %-16s %s\n", key, text_of(object, key));
}

/* "1d, 1000 bytes, 5 packets" or "no limit". */
static void print_limits(json_object *object, const char *seconds, const char *bytes, const char *packets)
{
	const struct { const char *key, *unit; } rows[] = { { bytes, "bytes" }, { packets, "packets" } };
	const char *gap = "";
	char time[40];

	if (u64_of(object, seconds)) {
		text_put_seconds(u64_of(object, seconds), time, sizeof(time));
		printf("%s", time);
		gap = ", ";
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!u64_of(object, rows[i].key))
			continue;
		printf("%s%" PRIu64 " %s", gap, u64_of(object, rows[i].key), rows[i].unit);
		gap = ", ";
	}
	if (!*gap)
		printf("no limit");
}

static void print_manual_sa(json_object *result, const struct options *options)
{
	static const char *const keys[] = { "esp_enc_key_in", "esp_enc_key_out", "esp_auth_key_in", "esp_auth_key_out", "ah_key_in",
					    "ah_key_out" };

	if (!count(result))
		puts("no manual SAs");
	for (size_t i = 0; i < count(result); i++) {
		json_object *m = item(result, i);

		printf("%s:\n", text_of(m, "name"));
		if (*text_of(m, "esp_spi_in"))
			printf("  esp in %s, out %s, %s/%s%s\n", text_of(m, "esp_spi_in"), text_of(m, "esp_spi_out"),
			       text_of(m, "esp_enc_algorithm"), text_of(m, "esp_auth_algorithm"),
			       bool_of(m, "allow_null_authentication") ? ", null authentication allowed" : "");
		if (*text_of(m, "ah_spi_in"))
			printf("  ah  in %s, out %s, %s\n", text_of(m, "ah_spi_in"), text_of(m, "ah_spi_out"),
			       text_of(m, "ah_algorithm"));
		printf("  lifetime ");
		print_limits(m, "lifetime_seconds", "lifetime_bytes", "lifetime_packets");
		printf("; esn %s, replay window %s packets\n", bool_of(m, "esn") ? "on" : "off", text_of(m, "replay_window_packets"));
		if (bool_of(m, "nat_traversal"))
			printf("  nat_traversal, UDP ports %s local, %s remote\n", text_of(m, "nat_traversal_local_port"),
			       text_of(m, "nat_traversal_remote_port"));
		printf("  outer header: dscp %s, df %s, ecn %s, ttl %s, flow_label %s; path_mtu %s, tfc_padding %s\n", text_of(m, "dscp"),
		       text_of(m, "df"), bool_of(m, "ecn") ? "copied" : "off", text_of(m, "ttl"), text_of(m, "flow_label"),
		       text_of(m, "path_mtu_bytes"), text_of(m, "tfc_padding_bytes"));
		for (size_t k = 0; k < COUNT(keys) && options->keys; k++)
			print_key(m, keys[k]);
	}
}

/* The flags of RouterOS: A AH, E ESP, P pfs. */
static const char *flags_of(json_object *sa, char out[4])
{
	(void)snprintf(out, 4, "%s%s%s", bool_of(sa, "ah") ? "A" : "", bool_of(sa, "esp") ? "E" : "", bool_of(sa, "pfs") ? "P" : "");
	return out;
}

static void print_sa_line(json_object *sa, const struct options *options)
{
	bool is_in = strcmp(text_of(sa, "direction"), "in") == 0;
	char flags[4];

	printf("  %-3s %s %s, %s, %12" PRIu64 " bytes, %8" PRIu64 " packets, ", text_of(sa, "direction"), flags_of(sa, flags),
	       text_of(sa, "spi") + 2, text_of(sa, "state"), u64_of(sa, "bytes"), u64_of(sa, "packets"));
	if (is_in)
		printf("sequence %" PRIu64 " seen, window %s, %" PRIu64 " replayed, %" PRIu64 " bad ICV\n",
		       u64_of(sa, "sequence_highest"), u64_of(sa, "replay_window_packets") ? text_of(sa, "replay_window_packets") : "off",
		       u64_of(sa, "replayed_packets"), u64_of(sa, "bad_icv_packets"));
	else
		printf("sequence %" PRIu64 " next\n", u64_of(sa, "sequence_next"));
	if (options->keys)
		printf("      enc_key  %s\n      auth_key %s\n", text_of(sa, "enc_key"), text_of(sa, "auth_key"));
}

static void print_sa_life(json_object *sa)
{
	char age[40], left[40];

	text_put_seconds(u64_of(sa, "age_seconds"), age, sizeof(age));
	printf("  installed %s ago", age);
	if (u64_of(sa, "lifetime_hard_seconds")) {
		text_put_seconds(u64_of(sa, "expires_in_seconds"), left, sizeof(left));
		printf(", expires in %s", left);
	}
	printf("; lifetime soft ");
	print_limits(sa, "lifetime_soft_seconds", "lifetime_soft_bytes", "lifetime_soft_packets");
	printf(", hard ");
	print_limits(sa, "lifetime_hard_seconds", "lifetime_hard_bytes", "lifetime_hard_packets");
	putchar('\n');
}

static void print_sa_head(json_object *sa, json_object *outer)
{
	char policies[1024], mode[16], around[128] = "", bits[16] = "";

	(void)snprintf(mode, sizeof(mode), "%s", strcmp(text_of(sa, "mode"), "tunnel") == 0 ? "TUNNEL" : "TRANSPORT");
	if (outer)
		(void)snprintf(around, sizeof(around), " in AH:%s", text_of(outer, "auth_algorithm"));
	if (u64_of(sa, "enc_key_bits"))
		(void)snprintf(bits, sizeof(bits), " (%s bits)", text_of(sa, "enc_key_bits"));
	printf("%s: reqid %s, %s, %s%s, ", text_of(sa, "manual_sa"), text_of(sa, "reqid"),
	       strcmp(text_of(sa, "state"), "installed") == 0 ? "INSTALLED" :
	       strcmp(text_of(sa, "state"), "expired") == 0 ? "EXPIRED" : "EXPIRING",
	       mode, bool_of(sa, "nat_traversal") ? "-in-UDP" : "");
	if (bool_of(sa, "ah"))
		printf("AH:%s", text_of(sa, "auth_algorithm"));
	else
		printf("ESP:%s%s/%s%s", text_of(sa, "enc_algorithm"), bits, text_of(sa, "auth_algorithm"), around);
	printf("%s, manual keys, transform by the %s\n", bool_of(sa, "esn") ? "/ESN" : "", text_of(sa, "transform"));
	printf("  policies %s\n", list_of(sa, "policies", ", ", policies, sizeof(policies)));
	print_sa_life(sa);
	printf("  overhead at most %" PRIu64 " bytes, inner MTU %s (path MTU %s)\n",
	       u64_of(sa, "overhead_bytes") + (outer ? u64_of(outer, "overhead_bytes") : 0), text_of(sa, "inner_mtu_bytes"),
	       u64_of(sa, "path_mtu_bytes") ? text_of(sa, "path_mtu_bytes") : "not set, 1500 assumed");
}

/* swanctl --list-sas's order: name, state, mode, protocol and algorithms; age; in; out; ends. */
static void print_installed_sa(json_object *result, const struct options *options)
{
	if (!count(result))
		puts("no SAs installed");
	else
		puts("Flags: A - AH, E - ESP, P - pfs");
	for (size_t i = 0; i < count(result); i++) {
		json_object *sa = item(result, i);
		bool is_in = strcmp(text_of(sa, "direction"), "in") == 0, is_inner = strcmp(text_of(sa, "layer"), "inner") == 0;
		bool is_outer = strcmp(text_of(sa, "layer"), "outer") == 0;

		if (is_in && !is_outer)
			print_sa_head(sa, is_inner && i + 1 < count(result) ? item(result, i + 1) : NULL);
		print_sa_line(sa, options);
		if (is_in || is_inner)
			continue;
		printf("  local  %s", text_of(sa, "src_address"));
		if (bool_of(sa, "nat_traversal"))
			printf("[%s]", text_of(sa, "src_port"));
		printf("\n  remote %s", text_of(sa, "dst_address"));
		if (bool_of(sa, "nat_traversal"))
			printf("[%s]", text_of(sa, "dst_port"));
		putchar('\n');
	}
}

static void print_flush(json_object *result, const struct options *options)
{
	(void)options;
	printf("flushed %" PRIu64 " SAs; manual SAs come back with reload\n", u64_of(result, "flushed_sas"));
}

static void print_counts(const char *title, json_object *counts, bool also_zeros)
{
	const char *before = title;

	json_object_object_foreach(counts, key, value) {
		if (json_object_is_type(value, json_type_object) || (!also_zeros && !json_object_get_uint64(value)))
			continue;
		printf("%s%s%12s  %s\n", before, *before ? ":\n" : "", json_object_get_string(value), key);
		before = "";
	}
}

static void print_statistics(json_object *result, const struct options *options)
{
	json_object *reasons, *host, *slowpath, *fragments;
	unsigned n_shown = 0;

	if (json_object_object_get_ex(result, "reasons", &reasons)) {
		for (size_t i = 0; i < count(reasons); i++) {
			json_object *r = item(reasons, i);

			if (!u64_of(r, "packets") && !options->all)
				continue;
			n_shown++;
			printf("%12" PRIu64 "  %-22s %s\n", u64_of(r, "packets"), text_of(r, "reason"), text_of(r, "meaning"));
		}
		if (n_shown < count(reasons))
			printf("%12s  %zu reasons with no packets; --all shows them\n", "", count(reasons) - n_shown);
	}
	if (json_object_object_get_ex(result, "host", &host))
		print_counts("host", host, true);
	if (!json_object_object_get_ex(result, "slowpath", &slowpath))
		return;
	print_counts("done by the host for the card", slowpath, options->all);
	if (json_object_object_get_ex(slowpath, "fragments_packets", &fragments))
		print_counts("fragments, by what became of them", fragments, options->all);
}

static void print_card(json_object *result, const struct options *options)
{
	json_object *limits;
	char list[1024];

	(void)options;
	printf("%s: %s, mode %s, contract %s, %s size, %s cycles since reset\n", text_of(result, "card"),
	       text_of(result, "state"), text_of(result, "mode"), text_of(result, "contract_version"),
	       text_of(result, "size"), text_of(result, "cycles"));
	printf("  SAs       %s of %s\n", text_of(result, "sa_slots_used"), text_of(result, "sa_slots"));
	printf("  policies  %s of %s, default action %s\n", text_of(result, "policy_rules_used"),
	       text_of(result, "policy_rules"), text_of(result, "default_action"));
	printf("  ciphers   %s\n", list_of(result, "enc_algorithms", " ", list, sizeof(list)));
	printf("  integrity %s\n", list_of(result, "auth_algorithms", " ", list, sizeof(list)));
	printf("  features  %s\n", list_of(result, "features", " ", list, sizeof(list)));
	printf("  local     %s\n", list_of(result, "local_addresses", " ", list, sizeof(list)));
	printf("  limits    frames of %s bytes, replay windows of %s packets, %s packet rings, %s interrupts\n",
	       text_of(result, "frame_bytes_max"), text_of(result, "replay_window_packets_max"),
	       text_of(result, "packet_rings"), text_of(result, "interrupt_vectors"));
	printf("  clock     %s\n", u64_of(result, "clock_hz") ? text_of(result, "clock_hz") : "none: the host tells it the time");
	if (!json_object_object_get_ex(result, "host_limits_packets_per_second", &limits))
		return;
	printf("  to host   ");
	json_object_object_foreach(limits, key, value)
		printf("%s %s/s ", key, json_object_get_string(value));
	putchar('\n');
}

static void print_reload(json_object *result, const struct options *options)
{
	json_object *warnings;

	if (json_object_object_get_ex(result, "warnings", &warnings))
		for (size_t i = 0; i < count(warnings); i++)
			printf("%s\n", json_object_get_string(item(warnings, i)));
	printf("%s: policies +%s -%s, %s changed, %s kept; SAs +%s -%s, %s changed, %s kept\n",
	       options->dry_run ? "would reload" : "reloaded", text_of(result, "policies_added"),
	       text_of(result, "policies_removed"), text_of(result, "policies_changed"), text_of(result, "policies_kept"),
	       text_of(result, "sas_added"), text_of(result, "sas_removed"), text_of(result, "sas_changed"),
	       text_of(result, "sas_kept"));
}

static void print_version(json_object *result, const struct options *options)
{
	(void)options;
	printf("aditctl %s, aditd %s, contract %s\n", ADIT_VERSION, text_of(result, "version"),
	       text_of(result, "contract_version"));
}

enum { TAKES_STATS = 1, TAKES_KEYS = 2, TAKES_SA_TYPE = 4, TAKES_DRY_RUN = 8, TAKES_ALL = 16 };

static const struct word_row {
	const char *word, *help;
	unsigned takes;
	void (*print)(json_object *result, const struct options *options);
} rows[] = {
	{ "policy", "policies and the state of their SAs [--stats]", TAKES_STATS, print_policy },
	{ "peer", "configured peers", 0, print_peer },
	{ "proposal", "configured proposals", 0, print_proposal },
	{ "manual-sa", "configured manual SAs [--keys]", TAKES_KEYS, print_manual_sa },
	{ "installed-sa", "SAs in the card [--keys]", TAKES_KEYS, print_installed_sa },
	{ "installed-sa flush", "delete SAs [--sa-type ah|esp|all]", TAKES_SA_TYPE, print_flush },
	{ "statistics", "packets by reason [--all]", TAKES_ALL, print_statistics },
	{ "card", "what the card is and can", 0, print_card },
	{ "reload", "read the configuration again [--dry-run]", TAKES_DRY_RUN, print_reload },
	{ "version", "versions of aditctl and aditd", 0, print_version },
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

/* ---- the conversation */

static int dial(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = ANSWER_SECONDS };
	int fd;

	if (strlen(path) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "aditctl: %s: longer than a socket's path can be\n", path);
		return -1;
	}
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		fprintf(stderr, "aditctl: %s: %s%s\n", path, strerror(errno),
			errno == ENOENT || errno == ECONNREFUSED ? " (is aditd running?)" : "");
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return fd;
}

/* One line in, one line out. The answer may hold keys: the caller wipes *n_bytes of it. */
static char *ask(int fd, const char *request, size_t *n_bytes)
{
	size_t room = 65536, n = 0;
	char *answer = malloc(room);

	if (!answer || send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
		goto fail;
	for (;;) {
		ssize_t got = recv(fd, answer + n, room - n - 1, 0);

		if (got <= 0)
			goto fail;
		n += (size_t)got;
		answer[n] = 0;
		if (answer[n - 1] == '\n')
			break;
		if (n + 1 == room) {
			char *grown = room < MAX_ANSWER_BYTES ? malloc(2 * room) : NULL;

			if (!grown)
				goto fail;
			memcpy(grown, answer, n);
			explicit_bzero(answer, n);
			free(answer);
			answer = grown;
			room *= 2;
		}
	}
	*n_bytes = n;
	return answer;
fail:
	fprintf(stderr, "aditctl: no answer from aditd\n");
	if (answer)
		explicit_bzero(answer, n);
	free(answer);
	return NULL;
}

static int show(json_object *answer, const struct word_row *row, const struct options *options)
{
	json_object *result, *errors;

	if (bool_of(answer, "ok") && json_object_object_get_ex(answer, "result", &result)) {
		if (options->as_json)
			puts(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
		else
			row->print(result, options);
		return EXIT_GOOD;
	}
	if (json_object_object_get_ex(answer, "errors", &errors))
		for (size_t i = 0; i < count(errors); i++)
			fprintf(stderr, "%s\n", json_object_get_string(item(errors, i)));
	fprintf(stderr, "aditctl: %s\n", *text_of(answer, "error") ? text_of(answer, "error") : "an answer of no known form");
	return EXIT_REFUSED;
}

static int converse(const struct word_row *row, const struct options *options)
{
	json_object *request = json_object_new_object(), *answer;
	char line[512], *text;
	size_t n = 0;
	int fd, status = EXIT_USAGE;

	json_object_object_add(request, "word", json_object_new_string(row->word));
	if (options->stats)
		json_object_object_add(request, "stats", json_object_new_boolean(1));
	if (options->keys)
		json_object_object_add(request, "keys", json_object_new_boolean(1));
	if (options->dry_run)
		json_object_object_add(request, "dry_run", json_object_new_boolean(1));
	if (options->sa_type)
		json_object_object_add(request, "sa_type", json_object_new_string(options->sa_type));
	(void)snprintf(line, sizeof(line), "%s\n", json_object_to_json_string_ext(request, JSON_C_TO_STRING_PLAIN));
	json_object_put(request);
	fd = dial(options->socket_path);
	if (fd < 0)
		return EXIT_USAGE;
	text = ask(fd, line, &n);
	(void)close(fd);
	if (!text)
		return EXIT_USAGE;
	answer = json_tokener_parse(text);
	if (answer)
		status = show(answer, row, options);
	else
		fprintf(stderr, "aditctl: aditd's answer is not JSON\n");
	json_object_put(answer);
	explicit_bzero(text, n);
	free(text);
	return status;
}

/* ---- the command line */

static const struct word_row *find_row(const char *word)
{
	const char *names[COUNT(rows)], *near;

	for (size_t i = 0; i < COUNT(rows); i++) {
		names[i] = rows[i].word;
		if (strcmp(rows[i].word, word) == 0)
			return &rows[i];
	}
	near = text_nearest(word, names, COUNT(rows));
	fprintf(stderr, "aditctl: no such word \"%s\"", word);
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
		{ "--all", &options->all, TAKES_ALL },
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

int main(int argc, char **argv)
{
	struct options options = { .socket_path = CONFIG_DEFAULT_SOCKET };
	const struct word_row *row;
	unsigned taken = 0;
	char word[128] = "";

	harden_process();	/* --keys */
	for (int i = 1; i < argc; i++) {
		bool wants_value = strcmp(argv[i], "--socket") == 0 || strcmp(argv[i], "--sa-type") == 0;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return EXIT_GOOD;
		}
		if (strcmp(argv[i], "--version") == 0) {
			puts("aditctl " ADIT_VERSION);
			return EXIT_GOOD;
		}
		if (wants_value && i + 1 == argc) {
			fprintf(stderr, "aditctl: %s wants a value\n", argv[i]);
			return EXIT_USAGE;
		}
		if (strcmp(argv[i], "--socket") == 0) {
			options.socket_path = argv[++i];
		} else if (strcmp(argv[i], "--sa-type") == 0) {
			options.sa_type = argv[++i];
			taken |= TAKES_SA_TYPE;
		} else if (argv[i][0] == '-') {
			if (!take_flag(argv[i], &options, &taken)) {
				fprintf(stderr, "aditctl: no such option \"%s\"\n", argv[i]);
				return EXIT_USAGE;
			}
		} else if (strlen(word) + strlen(argv[i]) + 2 < sizeof(word)) {
			size_t used = strlen(word);

			(void)snprintf(word + used, sizeof(word) - used, "%s%s", used ? " " : "", argv[i]);
		} else {
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (!*word) {
		usage(stderr);
		return EXIT_USAGE;
	}
	row = find_row(word);
	if (!row)
		return EXIT_USAGE;
	if (taken & ~row->takes) {
		fprintf(stderr, "aditctl: \"%s\" does not take that option: %s\n", row->word, row->help);
		return EXIT_USAGE;
	}
	return converse(row, &options);
}
