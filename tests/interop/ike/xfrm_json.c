// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Requests as JSON lines; names of algorithms are those that the daemon gave. */
#include <arpa/inet.h>
#include <stdint.h>

#include "xfrmshim.h"

static void put_hex(FILE *log, const char *key, const void *bytes, size_t n_bytes)
{
	const uint8_t *at = bytes;

	fprintf(log, ",\"%s\":\"", key);
	for (size_t i = 0; i < n_bytes; i++)
		fprintf(log, "%02x", at[i]);
	fputc('"', log);
}

static const char *address(int family, const void *bytes, char text[INET6_ADDRSTRLEN])
{
	return inet_ntop(family ? family : AF_INET, bytes, text, INET6_ADDRSTRLEN) ? text : "?";
}

static void put_selector(FILE *log, const struct xfrm_selector *selector)
{
	char text[INET6_ADDRSTRLEN];

	fprintf(log, ",\"selector\":\"%s/%d ", address(selector->family, &selector->saddr, text), selector->prefixlen_s);
	fprintf(log, "%s/%d proto %d sport %d dport %d\"", address(selector->family, &selector->daddr, text), selector->prefixlen_d,
		selector->proto, ntohs(selector->sport), ntohs(selector->dport));
}

/* struct xfrm_algo_auth and _aead begin as xfrm_algo does, and have one more number before the key. */
static void put_algorithm(FILE *log, int type, const void *body)
{
	const struct xfrm_algo *plain = body;
	const struct xfrm_algo_auth *auth = body;
	const struct xfrm_algo_aead *aead = body;

	switch (type) {
	case XFRMA_ALG_CRYPT:
		fprintf(log, ",\"enc\":\"%s\"", plain->alg_name);
		put_hex(log, "enc_key", plain->alg_key, plain->alg_key_len / 8);
		break;
	case XFRMA_ALG_AUTH:
		fprintf(log, ",\"auth\":\"%s\"", plain->alg_name);
		put_hex(log, "auth_key", plain->alg_key, plain->alg_key_len / 8);
		break;
	case XFRMA_ALG_AUTH_TRUNC:
		fprintf(log, ",\"auth\":\"%s\",\"trunc\":%u", auth->alg_name, auth->alg_trunc_len);
		put_hex(log, "auth_key", auth->alg_key, auth->alg_key_len / 8);
		break;
	case XFRMA_ALG_AEAD:
	default:
		fprintf(log, ",\"aead\":\"%s\",\"icv\":%u", aead->alg_name, aead->alg_icv_len);
		put_hex(log, "enc_key", aead->alg_key, aead->alg_key_len / 8);
		break;
	}
}

static void put_attribute(FILE *log, int type, const void *body)
{
	const struct xfrm_encap_tmpl *encap = body;
	const struct xfrm_replay_state_esn *replay = body;

	switch (type) {
	case XFRMA_ALG_CRYPT:
	case XFRMA_ALG_AUTH:
	case XFRMA_ALG_AUTH_TRUNC:
	case XFRMA_ALG_AEAD:
		put_algorithm(log, type, body);
		break;
	case XFRMA_ENCAP:
		fprintf(log, ",\"encap\":[%d,%d,%d]", encap->encap_type, ntohs(encap->encap_sport), ntohs(encap->encap_dport));
		break;
	case XFRMA_REPLAY_ESN_VAL:
		fprintf(log, ",\"replay_window\":%u", replay->replay_window);
		break;
	default:
		break;
	}
}

static void put_attributes(FILE *log, const struct nlmsghdr *request, size_t body_bytes)
{
	const char *at = (const char *)NLMSG_DATA(request) + NLMSG_ALIGN(body_bytes), *end = (const char *)request + request->nlmsg_len;

	while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
		const struct nlattr *attribute = (const void *)at;

		if (attribute->nla_len < sizeof(*attribute) || attribute->nla_len > end - at)
			break;
		put_attribute(log, attribute->nla_type & NLA_TYPE_MASK, attribute + 1);
		at += NLA_ALIGN(attribute->nla_len);
	}
}

void xfrm_log_sa(FILE *log, const char *op, const struct nlmsghdr *request)
{
	const struct xfrm_usersa_info *sa = NLMSG_DATA(request);
	char text[INET6_ADDRSTRLEN];

	fprintf(log, "{\"op\":\"%s\",\"proto\":\"%s\",\"spi\":\"0x%08x\"", op,
		sa->id.proto == IPPROTO_ESP ? "esp" : sa->id.proto == IPPROTO_AH ? "ah" : "other", ntohl(sa->id.spi));
	fprintf(log, ",\"src\":\"%s\"", address(sa->family, &sa->saddr, text));
	fprintf(log, ",\"dst\":\"%s\"", address(sa->family, &sa->id.daddr, text));
	fprintf(log, ",\"mode\":\"%s\",\"reqid\":%u,\"esn\":%s,\"window\":%u", sa->mode == XFRM_MODE_TUNNEL ? "tunnel" : "transport",
		sa->reqid, sa->flags & XFRM_STATE_ESN ? "true" : "false", sa->replay_window);
	fprintf(log, ",\"soft_seconds\":%llu,\"hard_seconds\":%llu,\"hard_bytes\":%llu", sa->lft.soft_add_expires_seconds,
		sa->lft.hard_add_expires_seconds, sa->lft.hard_byte_limit);
	put_selector(log, &sa->sel);
	put_attributes(log, request, sizeof(*sa));
	fputs("}\n", log);
}

void xfrm_log_policy(FILE *log, const struct nlmsghdr *request)
{
	const struct xfrm_userpolicy_info *policy = NLMSG_DATA(request);
	static const char *const directions[] = { "in", "out", "fwd" };

	fprintf(log, "{\"op\":\"policy\",\"dir\":\"%s\",\"action\":\"%s\"", directions[policy->dir % 3], policy->action ? "block" : "allow");
	put_selector(log, &policy->sel);
	fputs("}\n", log);
}

void xfrm_log_gone(FILE *log, const struct xfrm_usersa_id *id)
{
	char text[INET6_ADDRSTRLEN];

	fprintf(log, "{\"op\":\"delsa\",\"spi\":\"0x%08x\",\"dst\":\"%s\"}\n", ntohl(id->spi), address(id->family, &id->daddr, text));
}
