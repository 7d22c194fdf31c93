// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "aditctl_room.h"

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

	printf("  installed %s ago", time_of(sa, "age_seconds", age));
	if (has(sa, "rekey_in_seconds"))
		printf(", rekeying in %s", time_of(sa, "rekey_in_seconds", left));
	if (u64_of(sa, "lifetime_hard_seconds"))
		printf(", expires in %s", time_of(sa, "expires_in_seconds", left));
	printf("; lifetime soft ");
	print_limits(sa, "lifetime_soft_seconds", "lifetime_soft_bytes", "lifetime_soft_packets");
	printf(", hard ");
	print_limits(sa, "lifetime_hard_seconds", "lifetime_hard_bytes", "lifetime_hard_packets");
	putchar('\n');
}

/* INSTALLED, MATURE, ... */
static const char *state_of(json_object *sa, char out[16])
{
	(void)snprintf(out, 16, "%s", text_of(sa, "state"));
	for (char *c = out; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return out;
}

static void print_sa_name(json_object *sa, const char *policies)
{
	if (strcmp(text_of(sa, "origin"), "ike") == 0)
		printf("%s: #%s of %s%s%s, ", policies, text_of(sa, "child_id"), text_of(sa, "peer"), *text_of(sa, "side") ? " as " : "",
		       text_of(sa, "side"));
	else
		printf("%s: ", text_of(sa, "manual_sa"));
}

static void print_sa_head(json_object *sa, json_object *outer)
{
	char policies[1024], around[128] = "", bits[16] = "", state[16];

	if (outer)
		(void)snprintf(around, sizeof(around), " in AH:%s", text_of(outer, "auth_algorithm"));
	if (u64_of(sa, "enc_key_bits"))
		(void)snprintf(bits, sizeof(bits), " (%s bits)", text_of(sa, "enc_key_bits"));
	print_sa_name(sa, list_of(sa, "policies", ", ", policies, sizeof(policies)));
	printf("reqid %s, %s, %s%s, ", text_of(sa, "reqid"), state_of(sa, state),
	       strcmp(text_of(sa, "mode"), "tunnel") == 0 ? "TUNNEL" : "TRANSPORT", bool_of(sa, "nat_traversal") ? "-in-UDP" : "");
	if (bool_of(sa, "ah"))
		printf("AH:%s", text_of(sa, "auth_algorithm"));
	else
		printf("ESP:%s%s/%s%s", text_of(sa, "enc_algorithm"), bits, text_of(sa, "auth_algorithm"), around);
	if (bool_of(sa, "pfs"))
		printf("/%s", text_of(sa, "pfs_group"));
	printf("%s, %s, transform by the %s\n", bool_of(sa, "esn") ? "/ESN" : "",
	       strcmp(text_of(sa, "origin"), "ike") == 0 ? "keys of IKE" : "manual keys", text_of(sa, "transform"));
	printf("  policies %s\n", policies);
	print_sa_life(sa);
	printf("  overhead at most %" PRIu64 " bytes, inner MTU %s (path MTU %s)\n",
	       u64_of(sa, "overhead_bytes") + (outer ? u64_of(outer, "overhead_bytes") : 0), text_of(sa, "inner_mtu_bytes"),
	       u64_of(sa, "path_mtu_bytes") ? text_of(sa, "path_mtu_bytes") : "not set, 1500 assumed");
}

/* swanctl --list-sas's order: name, state, mode, protocol and algorithms; age; in; out; ends. */
void print_installed_sa(json_object *result, const struct options *options)
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

void print_flush(json_object *result, const struct options *options)
{
	(void)options;
	printf("flushed %" PRIu64 " SAs, %" PRIu64 " of them IKE's, which are negotiated anew when wanted; manual SAs come back with reload\n",
	       u64_of(result, "flushed_sas"), u64_of(result, "flushed_ike_sas"));
}

/* ---- remote-peers: RouterOS's local-address, remote-address, side, state; then what else is known */

static void print_remote_peer_rest(json_object *p)
{
	char time[40];

	printf("    %s", *text_of(p, "algorithms") ? text_of(p, "algorithms") : "nothing agreed yet");
	if (*text_of(p, "identity"))
		printf(", identity %s", text_of(p, "identity"));
	printf(", cookies %s %s\n    ", text_of(p, "initiator_cookie") + 2, text_of(p, "responder_cookie") + 2);
	if (has(p, "established_seconds"))
		printf("established %s ago, ", time_of(p, "established_seconds", time));
	if (has(p, "rekey_in_seconds"))
		printf("rekeying in %s, ", time_of(p, "rekey_in_seconds", time));
	if (has(p, "expires_in_seconds"))
		printf("expires in %s, ", time_of(p, "expires_in_seconds", time));
	printf("children %s, NAT %s, DPD failures %s\n", text_of(p, "children"),
	       bool_of(p, "nat_local") && bool_of(p, "nat_remote") ? "before both" : bool_of(p, "nat_local") ? "before us" :
	       bool_of(p, "nat_remote") ? "before the peer" : "none", text_of(p, "dpd_failures"));
}

void print_remote_peers(json_object *result, const struct options *options)
{
	char local[80], remote[80];

	(void)options;
	if (!count(result)) {
		puts("no remote peers");
		return;
	}
	printf("%-24s %-24s %-10s %-16s %s\n", "local-address", "remote-address", "side", "state", "peer");
	for (size_t i = 0; i < count(result); i++) {
		json_object *p = item(result, i);

		printf("%-24s %-24s %-10s %-16s %s\n", end_of(p, "local_address", "local_port", local),
		       end_of(p, "remote_address", "port", remote), text_of(p, "side"), text_of(p, "state"), text_of(p, "peer"));
		print_remote_peer_rest(p);
	}
}

void print_done(json_object *result, const struct options *options)
{
	json_object_object_foreach(result, key, value)
		if (json_object_is_type(value, json_type_int))
			printf("%s: %s %s\n", options->name, key, json_object_get_string(value));
}
