// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aditctl_room.h"
#include "base/text.h"

/* RouterOS's flags. */
static const char *policy_flags(json_object *p, char out[4])
{
	(void)snprintf(out, 4, "%s%s%s", bool_of(p, "template") ? "T" : "", bool_of(p, "disabled") ? "X" : "", bool_of(p, "dynamic") ? "D" : "");
	return out;
}

static void print_policy_ends(json_object *p)
{
	bool is_manual = strcmp(text_of(p, "manual_sa"), "none") != 0;
	char protos[16];

	printf("\n  %s === %s, %s, ", *text_of(p, "sa_src_address") ? text_of(p, "sa_src_address") : "any",
	       *text_of(p, "sa_dst_address") ? text_of(p, "sa_dst_address") : "any",
	       list_of(p, "ipsec_protocols", "+", protos, sizeof(protos)));
	if (bool_of(p, "dynamic"))
		printf("generated for peer %s", text_of(p, "peer"));
	else
		printf("%s %s", is_manual ? "manual_sa" : "proposal", is_manual ? text_of(p, "manual_sa") : text_of(p, "proposal"));
}

static void print_policy_stats(json_object *p)
{
	printf("  in-accepted=%" PRIu64 " in-dropped=%" PRIu64 " in-transformed=%" PRIu64 "\n",
	       u64_of(p, "in_accepted_packets"), u64_of(p, "in_dropped_packets"), u64_of(p, "in_transformed_packets"));
	printf("  out-accepted=%" PRIu64 " out-dropped=%" PRIu64 " out-transformed=%" PRIu64 "\n",
	       u64_of(p, "out_accepted_packets"), u64_of(p, "out_dropped_packets"), u64_of(p, "out_transformed_packets"));
}

void print_policy(json_object *result, const struct options *options)
{
	char flags[4];

	puts(count(result) ? "Flags: T - template, X - disabled, D - dynamic" : "no policies");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);
		bool is_encrypt = strcmp(text_of(p, "action"), "encrypt") == 0;

		(void)policy_flags(p, flags);
		printf("%s%s%s: %s", flags, *flags ? " " : "", text_of(p, "name"), text_of(p, "action"));
		if (!bool_of(p, "dynamic"))
			printf(", level %s, priority %s", text_of(p, "level"), text_of(p, "priority"));
		if (is_encrypt)
			printf(", %s", bool_of(p, "tunnel") ? "tunnel" : "transport");
		if (is_encrypt && *text_of(p, "ph2_state"))
			printf(", %s", text_of(p, "ph2_state"));
		printf("\n  %s -> %s, protocol %s", text_of(p, "src_address"), text_of(p, "dst_address"), text_of(p, "protocol"));
		if (strcmp(text_of(p, "src_port"), "any") != 0 || strcmp(text_of(p, "dst_port"), "any") != 0)
			printf(", ports %s -> %s", text_of(p, "src_port"), text_of(p, "dst_port"));
		if (is_encrypt)
			print_policy_ends(p);
		putchar('\n');
		if (options->stats && has(p, "in_accepted_packets"))
			print_policy_stats(p);
	}
}

static void print_peer_rest(json_object *p)
{
	static const char *const files[] = { "certificate", "key", "ca", "crl", "remote_certificate" };
	char time[40];

	printf("  my_id %s, remote_id %s", text_of(p, "my_id"), text_of(p, "remote_id"));
	for (size_t i = 0; i < COUNT(files); i++)
		if (*text_of(p, files[i]))
			printf(", %s %s", files[i], text_of(p, files[i]));
	printf("\n  nat_traversal %s, send_initial_contact %s, fragmentation %s, generate_policy %s%s%s, ",
	       bool_of(p, "nat_traversal") ? "yes" : "no", bool_of(p, "send_initial_contact") ? "yes" : "no",
	       bool_of(p, "fragmentation") ? "yes" : "no", bool_of(p, "generate_policy") ? "yes" : "no",
	       *text_of(p, "policy_template") ? " within " : "", text_of(p, "policy_template"));
	if (u64_of(p, "dpd_interval_seconds"))
		printf("dpd_interval %s, dpd_maximum_failures %s\n", time_of(p, "dpd_interval_seconds", time), text_of(p, "dpd_maximum_failures"));
	else
		puts("dpd_interval disable-dpd");
}

void print_peer(json_object *result, const struct options *options)
{
	char time[40], encs[256], hashes[128], groups[256];

	(void)options;
	if (!count(result))
		puts("no peers");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);

		printf("%s: %s port %s, %s, %s%s\n  %s / %s / %s, lifetime %s, lifebytes %s, proposal_check %s\n", text_of(p, "name"),
		       text_of(p, "address"), text_of(p, "port"), text_of(p, "exchange_mode"), text_of(p, "auth_method"),
		       bool_of(p, "has_secret") ? " (secret set)" : "", list_of(p, "enc_algorithm", " ", encs, sizeof(encs)),
		       list_of(p, "hash_algorithm", " ", hashes, sizeof(hashes)), list_of(p, "dh_group", " ", groups, sizeof(groups)),
		       time_of(p, "lifetime_seconds", time), text_of(p, "lifetime_bytes"), text_of(p, "proposal_check"));
		print_peer_rest(p);
	}
}

void print_proposal(json_object *result, const struct options *options)
{
	char encs[512], auths[256], time[40];

	(void)options;
	if (!count(result))
		puts("no proposals but the built-in \"default\"");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);

		printf("%s: enc %s, auth %s, lifetime %s, lifebytes %s, pfs_group %s, esn %s, replay window %s packets\n", text_of(p, "name"),
		       list_of(p, "enc_algorithms", " ", encs, sizeof(encs)),
		       list_of(p, "auth_algorithms", " ", auths, sizeof(auths)), time_of(p, "lifetime_seconds", time),
		       text_of(p, "lifetime_bytes"), text_of(p, "pfs_group"), bool_of(p, "esn") ? "on" : "off",
		       text_of(p, "replay_window_packets"));
	}
}

static void print_key(json_object *object, const char *key)
{
	if (*text_of(object, key))
		printf("  %-16s %s\n", key, text_of(object, key));
}

/* "1d, 1000 bytes, 5 packets" or "no limit". */
void print_limits(json_object *object, const char *seconds, const char *bytes, const char *packets)
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

void print_manual_sa(json_object *result, const struct options *options)
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
