// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * What the peer proposes or answers in phase 2 (RFC 2407 §4.4, §4.5; proposal_check). Of the seconds and kilobytes of an SA 0 is
 * "no limit": the longest there is.
 */
#include <stdio.h>
#include <string.h>

#include "policy/room.h"

enum { FIRST_SPI = 256,	/* RFC 4303 §2.1 */
       LAYER_CHECKS = 8 };	/* at least as many as one transform passes */

/* ---- what the peer offers, or answers */

struct view {
	const struct phase2_wish *wish;
	enum proposal_check check;	/* of an answer: exact */
	bool is_answer;
};

static bool lists_enc(const struct view *view, const struct cipher_code *theirs)
{
	const struct cfg_proposal *proposal = view->wish->proposal;

	for (unsigned i = 0; i < proposal->n_encs; i++) {
		const struct cipher_code *ours = cipher_to_wire((enum adit_enc)proposal->encs[i], proposal->icvs[i]);

		if (ours && ours->esp == theirs->esp && suits_bits(view->check, theirs->key_bits, ours->key_bits))
			return true;
	}
	return false;
}

static void our_encs(const struct view *view, char *out, size_t out_bytes)
{
	const struct cfg_proposal *proposal = view->wish->proposal;
	size_t used = 0;

	out[0] = 0;
	for (unsigned i = 0; i < proposal->n_encs && used < out_bytes; i++)
		used += (size_t)snprintf(out + used, out_bytes - used, "%s%s", i ? ", " : "",
					 enc_word((enum adit_enc)proposal->encs[i], proposal->icvs[i]));
}

static bool refuse_auth(const struct view *view, const char *theirs, struct refusal *why)
{
	char ours[128];

	codes_text(words_esp_auth, view->wish->proposal->auths, view->wish->proposal->n_auths, ours, sizeof(ours));
	return refuse(why, "auth %s, ours %s", theirs, ours);
}

static bool lists_auth(const struct view *view, enum adit_auth auth)
{
	return memchr(view->wish->proposal->auths, (int)auth, view->wish->proposal->n_auths) != NULL;
}

/* AES-GMAC: a cipher's number for integrity alone. */
static bool take_gmac(const struct view *view, const struct v1_transform *theirs, struct phase2_layer *out, struct refusal *why)
{
	static const enum adit_auth gmacs[] = { ADIT_AUTH_AES_GMAC_128, ADIT_AUTH_AES_GMAC_192, ADIT_AUTH_AES_GMAC_256 };
	enum adit_auth found = ADIT_AUTH_NULL;
	bool suits = false;

	for (size_t i = 0; i < sizeof(gmacs) / sizeof(gmacs[0]); i++)
		if (theirs->key_bits == 8 * auth_key_bytes(gmacs[i]))
			found = gmacs[i];
	if (found == ADIT_AUTH_NULL)
		return refuse(why, "aes-gmac with a key of %u bits", theirs->key_bits);
	for (size_t i = 0; i < sizeof(gmacs) / sizeof(gmacs[0]); i++)
		suits |= lists_auth(view, gmacs[i]) && suits_bits(view->check, theirs->key_bits, (uint16_t)(8 * auth_key_bytes(gmacs[i])));
	if (!suits || !memchr(view->wish->proposal->encs, ADIT_ENC_NULL, view->wish->proposal->n_encs))
		return refuse_auth(view, word_put(words_esp_auth, (int)found), why);
	if (theirs->auth)
		return refuse(why, "auth attribute %u beside aes-gmac, which is the authentication", theirs->auth);
	out->enc = ADIT_ENC_NULL;
	out->auth = found;
	return true;
}

/* Integrity beside a cipher: its attribute; no attribute is none (RFC 2407 §4.5). */
static bool take_esp_auth(const struct view *view, const struct v1_transform *theirs, struct phase2_layer *out, struct refusal *why)
{
	const struct auth_code *auth = auth_of_attribute(theirs->auth);
	char text[24];

	out->auth = auth ? auth->auth : ADIT_AUTH_NULL;
	if (enc_facts(out->enc).is_aead)
		return !theirs->auth || refuse(why, "auth attribute %u beside %s, which brings its own", theirs->auth,
					       enc_word(out->enc, out->icv_bytes));
	if (auth && lists_auth(view, auth->auth))
		return true;
	if (!theirs->auth && out->enc == ADIT_ENC_NULL)
		return refuse(why, "enc null and auth null, which protects nothing");
	if (!theirs->auth && lists_auth(view, ADIT_AUTH_NULL) && view->wish->allow_null_auth)
		return true;
	(void)snprintf(text, sizeof(text), "%u", theirs->auth);
	return refuse_auth(view, auth ? word_put(words_esp_auth, (int)auth->auth) : theirs->auth ? text : "null", why);
}

static bool take_esp(const struct view *view, const struct v1_transform *theirs, struct phase2_layer *out, struct refusal *why)
{
	const struct cipher_code *cipher = cipher_of_esp(theirs->id, theirs->key_bits);
	char ours[160], text[48];

	out->proto = ADIT_PROTO_ESP;
	if (theirs->id == V1_ESP_NULL_GMAC)
		return take_gmac(view, theirs, out, why);
	if (cipher && lists_enc(view, cipher)) {
		out->enc = cipher->enc;
		out->icv_bytes = cipher->icv_bytes;
		return take_esp_auth(view, theirs, out, why);
	}
	our_encs(view, ours, sizeof(ours));
	if (cipher)
		return refuse(why, "enc %s, ours %s", enc_word(cipher->enc, cipher->icv_bytes), ours);
	(void)snprintf(text, sizeof(text), theirs->key_bits ? "with %u bits" : "without a key length", theirs->key_bits);
	return refuse(why, "enc %u %s, ours %s", theirs->id, text, ours);
}

/* AH says its algorithm twice, and must say the same (RFC 2407 §4.4.3). */
static bool take_ah(const struct view *view, const struct v1_transform *theirs, struct phase2_layer *out, struct refusal *why)
{
	const struct auth_code *auth = auth_of_attribute(theirs->auth);
	char text[24];

	out->proto = ADIT_PROTO_AH;
	out->enc = ADIT_ENC_NULL;
	if (auth && auth->ah != theirs->id)
		return refuse(why, "transform id %u with auth %s, whose id is %u", theirs->id, word_put(words_auth, (int)auth->auth),
			      auth->ah);
	if (theirs->key_bits)
		return refuse(why, "a key length of %u bits, and AH's keys have one length", theirs->key_bits);
	if (auth && lists_auth(view, auth->auth)) {
		out->auth = auth->auth;
		return true;
	}
	(void)snprintf(text, sizeof(text), "%u", theirs->auth);
	return refuse_auth(view, auth ? word_put(words_auth, (int)auth->auth) : theirs->auth ? text : "null", why);
}

static const char *encap_text(uint16_t encap, char out[24])
{
	switch (encap) {
	case V1_TUNNEL:
		return "tunnel";
	case V1_TRANSPORT:
		return "transport";
	case V1_UDP_TUNNEL:
	case V1_UDP_TUNNEL_DRAFT:
		return "udp-tunnel";
	case V1_UDP_TRANSPORT:
	case V1_UDP_TRANSPORT_DRAFT:
		return "udp-transport";
	default:
		(void)snprintf(out, 24, "%u", encap);
		return out;
	}
}

static bool suits_encap(const struct view *view, uint16_t theirs, bool is_ah)
{
	const struct phase2_wish *wish = view->wish;

	if (is_ah && wish->esp)	/* AH around ESP is transport; some say the bundle's mode for both */
		return theirs == V1_TRANSPORT || (!view->is_answer && (theirs == 0 || (wish->is_tunnel && theirs == V1_TUNNEL)));
	if (!wish->is_udp)	/* RFC 2407 §4.5: not said, it is the host's to choose */
		return theirs == phase2_encap(wish) || (theirs == 0 && !view->is_answer);
	if (view->is_answer)
		return theirs == phase2_encap(wish);
	return wish->is_tunnel ? theirs == V1_UDP_TUNNEL || theirs == V1_UDP_TUNNEL_DRAFT
			       : theirs == V1_UDP_TRANSPORT || theirs == V1_UDP_TRANSPORT_DRAFT;
}

static bool take_encap(const struct view *view, const struct v1_transform *theirs, bool is_ah, struct phase2_choice *out,
		       struct refusal *why)
{
	char text[24], ours[24];

	if (!suits_encap(view, theirs->encap, is_ah))
		return refuse(why, "mode %s, ours %s", encap_text(theirs->encap, text),
			      encap_text(is_ah && view->wish->esp ? V1_TRANSPORT : phase2_encap(view->wish), ours));
	if (!(is_ah && view->wish->esp))
		out->encap = (enum v1_encap)(theirs->encap ? theirs->encap : phase2_encap(view->wish));
	return true;
}

/* SEMANTICS of proposal_check for PFS: obey takes any group and none, exact ours alone, strict and claim ours if there is one. */
static bool take_pfs(const struct view *view, const struct v1_transform *theirs, struct phase2_choice *out, struct refusal *why)
{
	uint16_t ours = (uint16_t)view->wish->pfs;
	bool is_spoken = theirs->group == DH_NONE || (theirs->group != DH_X25519 && word_put(words_dh, theirs->group));
	char text[24], our_text[24];

	if (out->n && theirs->group != out->pfs)	/* RFC 2407 §4.5: one KE payload, one group */
		return refuse(why, "pfs_group %s, and %s beside it", group_text(theirs->group, text),
			      group_text((uint16_t)out->pfs, our_text));
	if (is_spoken && (theirs->group == ours || view->check == CHECK_OBEY || (view->check != CHECK_EXACT && ours == DH_NONE))) {
		out->pfs = (enum dh_group)theirs->group;
		return true;
	}
	return refuse(why, "pfs_group %s, ours %s", group_text(theirs->group, text), group_text(ours, our_text));
}

static bool is_longer(uint64_t a, uint64_t b)
{
	return b != 0 && (a == 0 || a > b);
}

/* One dimension of the lifetime, 0 without limit. @return false: refused */
static bool check_life(enum proposal_check check, uint64_t theirs, uint64_t ours, uint64_t *out, bool *must_notify)
{
	*out = theirs;
	switch (check) {
	case CHECK_OBEY:
		return true;
	case CHECK_STRICT:
		return !is_longer(theirs, ours);
	case CHECK_CLAIM:
		if (is_longer(theirs, ours)) {
			*out = ours;
			*must_notify = true;
		}
		return true;
	case CHECK_EXACT:
	default:
		return theirs == ours;
	}
}

static bool take_lifetime(const struct view *view, const struct v1_transform *theirs, struct phase2_choice *out, struct refusal *why)
{
	const char *check = word_put(words_check, (int)view->check);
	uint64_t seconds = theirs->has_seconds ? theirs->seconds : DEFAULT_SECONDS, our_seconds = view->wish->proposal->lifetime_seconds;
	uint64_t kilobytes = theirs->has_kilobytes ? theirs->kilobytes : 0;
	uint64_t our_kilobytes = kilobytes_of(view->wish->proposal->lifetime_bytes), agreed_seconds, agreed_kilobytes;

	if (view->is_answer && !theirs->has_kilobytes)	/* some know only seconds; ours hold for this end */
		kilobytes = our_kilobytes;
	if (seconds == 0)
		return refuse(why, "lifetime 0s, which is none");
	if (!check_life(view->check, seconds, our_seconds, &agreed_seconds, &out->must_notify_seconds))
		return refuse(why, "lifetime %llus, ours %llus, and %s %s", (unsigned long long)seconds, (unsigned long long)our_seconds,
			      view->is_answer ? "an answer must be" : "proposal_check is", check);
	if (!check_life(view->check, kilobytes, our_kilobytes, &agreed_kilobytes, &out->must_notify_kilobytes))
		return refuse(why, "lifetime %llukB, ours %llukB (0: no limit), and %s %s", (unsigned long long)kilobytes,
			      (unsigned long long)our_kilobytes, view->is_answer ? "an answer must be" : "proposal_check is", check);
	if (!out->n || is_longer(out->seconds, agreed_seconds))	/* of a bundle the shorter one */
		out->seconds = seconds_of(agreed_seconds);
	if (!out->n || is_longer(out->kilobytes, agreed_kilobytes))
		out->kilobytes = agreed_kilobytes;
	return true;
}

static bool is_readable(const struct v1_transform *theirs, struct refusal *why)
{
	if (theirs->has_unknown)
		return refuse(why, "attribute %u, ours are those of RFC 2407", theirs->unknown_type);
	if (theirs->key_rounds)
		return refuse(why, "key rounds %u, ours none", theirs->key_rounds);
	return true;
}

/* One transform as the next layer. On false *out has changed: the caller tries with a copy. */
static bool take_transform(const struct view *view, const struct v1_proposal *proposal, const struct v1_transform *theirs,
			   struct phase2_choice *out, struct refusal *why)
{
	bool is_ah = proposal->protocol == V1_PROTO_AH, ours_esn = view->wish->proposal->esn;
	struct phase2_layer *layer = &out->layers[out->n];
	const uint8_t *spi = proposal->spi.at;

	*layer = (struct phase2_layer){ .transform = *theirs, .esn = theirs->esn };
	if (!(is_readable(theirs, why) && pass(why) && (is_ah ? take_ah(view, theirs, layer, why) : take_esp(view, theirs, layer, why)) &&
	      pass(why) && take_encap(view, theirs, is_ah, out, why) && pass(why) && take_pfs(view, theirs, out, why) && pass(why) &&
	      take_lifetime(view, theirs, out, why) && pass(why)))
		return false;
	if (theirs->esn != ours_esn)	/* RFC 4304 §3 */
		return refuse(why, "esn %s, ours %s", theirs->esn ? "true" : "false", ours_esn ? "true" : "false");
	if (proposal->spi.len != 4)
		return refuse(why, "an SPI of %zu bytes", proposal->spi.len);
	layer->peer_spi = (uint32_t)spi[0] << 24 | (uint32_t)spi[1] << 16 | (uint32_t)spi[2] << 8 | spi[3];
	if (layer->peer_spi < FIRST_SPI)
		return refuse(why, "SPI %u, and those below %d are reserved", layer->peer_spi, FIRST_SPI);
	out->n++;
	return true;
}

/* Proposals of one number: they are taken together (RFC 2408 §4.2). ESP first, as in a choice. */
struct group {
	const struct v1_sa *sa;
	const struct v1_proposal *members[2];
	unsigned n;
	uint8_t number;
};

static bool take_layers(const struct view *view, const struct group *group, struct phase2_choice *out, struct report *report)
{
	const struct v1_proposal *proposal = group->members[out->n];

	for (unsigned t = proposal->first; t < proposal->first + proposal->n; t++) {
		const struct v1_transform *transform = &group->sa->transforms[t];
		struct phase2_choice next = *out;
		struct refusal refusal = { .n_passed = out->n * LAYER_CHECKS };

		if (!take_transform(view, proposal, transform, &next, &refusal)) {
			report_refusal(report, proposal, transform, &refusal);
		} else if (next.n == group->n || take_layers(view, group, &next, report)) {
			*out = next;
			return true;
		}
	}
	return false;
}

static const char *protocols_text(bool esp, bool ah)
{
	return esp && ah ? "esp and ah" : esp ? "esp" : ah ? "ah" : "neither esp nor ah";
}

/* The proposals from first on that share a number. @return how many; group->n is 0 if they are not what is wished. */
static unsigned read_group(const struct phase2_wish *wish, const struct v1_sa *sa, unsigned first, struct group *group,
			   struct report *report)
{
	const struct v1_proposal *esp = NULL, *ah = NULL;
	bool is_odd = false;
	unsigned i = first;

	for (; i < sa->n_proposals && sa->proposals[i].number == sa->proposals[first].number; i++) {
		const struct v1_proposal *proposal = &sa->proposals[i], **place = proposal->protocol == V1_PROTO_ESP ? &esp : &ah;

		if ((proposal->protocol != V1_PROTO_ESP && proposal->protocol != V1_PROTO_AH) || *place)
			is_odd = true;
		else
			*place = proposal;
	}
	*group = (struct group){ .sa = sa, .number = sa->proposals[first].number };
	if (is_odd || wish->esp != (esp != NULL) || wish->ah != (ah != NULL)) {
		if (report->n_passed == 0)	/* no transform came nearer */
			(void)snprintf(report->why, PROPOSAL_WHY_BYTES, "proposal %u: protocols %s%s, ours %s", group->number,
				       protocols_text(esp != NULL, ah != NULL), is_odd ? " and more" : "", protocols_text(wish->esp, wish->ah));
		return i - first;
	}
	if (esp)
		group->members[group->n++] = esp;
	if (ah)
		group->members[group->n++] = ah;
	return i - first;
}

static bool take_group(const struct view *view, const struct group *group, struct phase2_choice *out, struct report *report)
{
	*out = (struct phase2_choice){ .proposal_number = group->number, .is_tunnel = view->wish->is_tunnel, .is_udp = view->wish->is_udp };
	if (!group->n || !take_layers(view, group, out, report))
		return false;
	report->why[0] = 0;
	return true;
}

bool phase2_choose(const struct phase2_wish *wish, const struct v1_sa *theirs, struct phase2_choice *out, char why[PROPOSAL_WHY_BYTES])
{
	const struct view view = { wish, wish->check, false };
	struct report report = { .why = why };
	struct group group;

	(void)snprintf(why, PROPOSAL_WHY_BYTES, wish->is_udp && wish->ah ? "AH cannot pass a NAT" : "there is no proposal");
	if (wish->is_udp && wish->ah)
		return false;
	for (unsigned i = 0; i < theirs->n_proposals;) {
		i += read_group(wish, theirs, i, &group, &report);
		if (take_group(&view, &group, out, &report))
			return true;
	}
	return false;
}

bool phase2_accept(const struct phase2_wish *wish, const struct v1_sa *answer, struct phase2_choice *out, char why[PROPOSAL_WHY_BYTES])
{
	const struct view view = { wish, CHECK_EXACT, true };
	struct report report = { .why = why };
	struct group group;

	(void)snprintf(why, PROPOSAL_WHY_BYTES, "the answer has %u proposals and %u transforms, and should have one of each protocol",
		       answer->n_proposals, answer->n_transforms);
	if (answer->n_proposals == 0 || answer->n_transforms != answer->n_proposals)
		return false;
	for (unsigned i = 0; i < answer->n_proposals; i++)
		if (answer->proposals[i].n != 1)
			return false;
	if (read_group(wish, answer, 0, &group, &report) != answer->n_proposals)
		return false;
	return take_group(&view, &group, out, &report);
}

/* ---- RESPONDER-LIFETIME (RFC 2407 §4.6.3.1) at the initiator */

static bool take_notified(enum proposal_check check, uint64_t theirs, uint64_t ours, uint64_t *out)
{
	*out = ours;
	if (check == CHECK_EXACT)
		return theirs == ours;
	if (check == CHECK_OBEY || is_longer(ours, theirs))
		*out = theirs;
	return true;
}

bool phase2_take_lifetimes(enum proposal_check check, const struct v1_transform *notified, struct phase2_choice *choice,
			   char why[PROPOSAL_WHY_BYTES])
{
	uint64_t seconds = choice->seconds, kilobytes = choice->kilobytes;
	bool is_good = true;

	why[0] = 0;
	if (notified->has_seconds && notified->seconds)	/* 0 seconds would be no SA */
		is_good &= take_notified(check, notified->seconds, choice->seconds, &seconds);
	if (notified->has_kilobytes && notified->kilobytes)
		is_good &= take_notified(check, notified->kilobytes, choice->kilobytes, &kilobytes);
	if (!is_good) {
		(void)snprintf(why, PROPOSAL_WHY_BYTES, "RESPONDER-LIFETIME %llus %llukB, ours %us %llukB, and proposal_check is exact",
			       (unsigned long long)notified->seconds, (unsigned long long)notified->kilobytes, choice->seconds,
			       (unsigned long long)choice->kilobytes);
		return false;
	}
	choice->seconds = seconds_of(seconds);
	choice->kilobytes = kilobytes;
	return true;
}
