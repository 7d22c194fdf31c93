// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aditctl_room.h"
#include "base/version.h"

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

void print_statistics(json_object *result, const struct options *options)
{
	json_object *reasons, *host, *slowpath, *fragments, *ike;
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
	if (json_object_object_get_ex(result, "ike", &ike))
		print_counts("IKE", ike, options->all);
	if (!json_object_object_get_ex(result, "slowpath", &slowpath))
		return;
	print_counts("done by the host for the card", slowpath, options->all);
	if (json_object_object_get_ex(slowpath, "fragments_packets", &fragments))
		print_counts("fragments, by what became of them", fragments, options->all);
}

void print_card(json_object *result, const struct options *options)
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

void print_reload(json_object *result, const struct options *options)
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

void print_version(json_object *result, const struct options *options)
{
	(void)options;
	printf("aditctl %s, aditd %s, contract %s\n", ADIT_VERSION, text_of(result, "version"),
	       text_of(result, "contract_version"));
}

void print_log_line(json_object *line)
{
	printf("%s %-7s %s%s%s\n", text_of(line, "time"), text_of(line, "level"), text_of(line, "peer"), *text_of(line, "peer") ? ": " : "",
	       text_of(line, "text"));
}

void print_log(json_object *result, const struct options *options)
{
	(void)options;
	for (size_t i = 0; i < count(result); i++)
		print_log_line(item(result, i));
}
