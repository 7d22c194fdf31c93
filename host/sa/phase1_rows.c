// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Phase 1 as tables: RFC 2409 §5.1, §5.4 (main and aggressive mode with signatures and with pre-shared keys), and base mode as racoon
 * has it, the identities in the first two messages:
 *
 *   main        SA -> <- SA     KE,N -> <- KE,N     ID,AUTH* -> <- ID,AUTH*
 *   aggressive  SA,KE,N,ID -> <- SA,KE,N,ID,AUTH    AUTH* ->
 *   base        SA,ID,N -> <- SA,ID,N               KE,AUTH -> <- KE,AUTH
 */
#include "sa/phase1.h"

enum {
	SA = 1u << P_SA, KE = 1u << P_KE, ID = 1u << P_ID, CERT = 1u << P_CERT, CR = 1u << P_CR, HASH = 1u << P_HASH, SIG = 1u << P_SIG,
	NONCE = 1u << P_NONCE, NOTIFY = 1u << P_NOTIFY, VID = 1u << P_VID, NATD = 1u << P_NATD, NATD_DRAFT = 1u << 29
};
#define NATDS (NATD | NATD_DRAFT)

static const struct phase1_row rows[] = {
	/* main mode */
	{ X_MAIN, INITIATOR, 0, 0, ROW_CLEAR, false, false, 0, 0,
	  { NULL }, { put_offer, put_vendors } },
	{ X_MAIN, RESPONDER, 1, 0, ROW_CLEAR, false, false, SA, VID | NOTIFY,
	  { take_vendors, take_offer }, { put_choice, put_vendors } },
	{ X_MAIN, INITIATOR, 2, V1_AUTH_PSK, ROW_CLEAR, false, false, SA, VID | NOTIFY,
	  { take_vendors, take_answer, make_nonce, compute_dh, dh_computed }, { put_ke, put_nonce, put_natd } },
	{ X_MAIN, INITIATOR, 2, V1_AUTH_RSA, ROW_CLEAR, false, false, SA, VID | NOTIFY,
	  { take_vendors, take_answer, make_nonce, compute_dh, dh_computed }, { put_ke, put_nonce, put_requests, put_natd } },
	{ X_MAIN, RESPONDER, 3, V1_AUTH_PSK, ROW_CLEAR, false, false, KE | NONCE, VID | NOTIFY | NATDS | CR,
	  { take_vendors, take_ke, take_nonce, take_natd, make_nonce, compute_dh, dh_computed, derive }, { put_ke, put_nonce, put_natd } },
	{ X_MAIN, RESPONDER, 3, V1_AUTH_RSA, ROW_CLEAR, false, false, KE | NONCE, VID | NOTIFY | NATDS | CR,
	  { take_vendors, take_ke, take_nonce, take_natd, make_nonce, compute_dh, dh_computed, derive },
	  { put_ke, put_nonce, put_requests, put_natd } },
	{ X_MAIN, INITIATOR, 4, V1_AUTH_PSK, ROW_CLEAR, true, false, KE | NONCE, VID | NOTIFY | NATDS | CR,
	  { take_vendors, take_ke, take_nonce, take_natd, compute_dh, dh_computed, derive, make_identity, make_hash }, { put_id, put_hash } },
	{ X_MAIN, INITIATOR, 4, V1_AUTH_RSA, ROW_CLEAR, true, false, KE | NONCE, VID | NOTIFY | NATDS | CR,
	  { take_vendors, take_ke, take_nonce, take_natd, compute_dh, dh_computed, derive, make_identity, make_signature,
	    signature_made }, { put_id, put_cert, put_signature } },
	{ X_MAIN, RESPONDER, 5, V1_AUTH_PSK, ROW_ENCRYPTED, true, true, ID | HASH, VID | NOTIFY | CR | NATDS,
	  { take_identity, check_hash, settle_identity, make_identity, make_hash }, { put_id, put_hash } },
	{ X_MAIN, RESPONDER, 5, V1_AUTH_RSA, ROW_ENCRYPTED, true, true, ID | SIG, VID | NOTIFY | CR | CERT | NATDS,
	  { take_identity, take_certs, check_signature, signature_checked, settle_identity, make_identity, make_signature, signature_made },
	  { put_id, put_cert, put_signature } },
	{ X_MAIN, INITIATOR, 6, V1_AUTH_PSK, ROW_ENCRYPTED, false, true, ID | HASH, VID | NOTIFY | NATDS,
	  { take_identity, check_hash, settle_identity }, { NULL } },
	{ X_MAIN, INITIATOR, 6, V1_AUTH_RSA, ROW_ENCRYPTED, false, true, ID | SIG, VID | NOTIFY | CERT | NATDS,
	  { take_identity, take_certs, check_signature, signature_checked, settle_identity }, { NULL } },

	/* aggressive mode */
	{ X_AGGRESSIVE, INITIATOR, 0, V1_AUTH_PSK, ROW_CLEAR, false, false, 0, 0,
	  { make_identity, make_nonce, compute_dh, dh_computed }, { put_offer, put_ke, put_nonce, put_id, put_vendors } },
	{ X_AGGRESSIVE, INITIATOR, 0, V1_AUTH_RSA, ROW_CLEAR, false, false, 0, 0,
	  { make_identity, make_nonce, compute_dh, dh_computed }, { put_offer, put_ke, put_nonce, put_id, put_requests, put_vendors } },
	{ X_AGGRESSIVE, RESPONDER, 1, V1_AUTH_PSK, ROW_CLEAR, false, false, SA | KE | NONCE | ID, VID | NOTIFY | CR,
	  { take_vendors, take_offer, take_ke, take_nonce, take_identity, make_identity, make_nonce, compute_dh, dh_computed, derive, make_hash },
	  { put_choice, put_ke, put_nonce, put_id, put_hash, put_natd, put_vendors } },
	{ X_AGGRESSIVE, RESPONDER, 1, V1_AUTH_RSA, ROW_CLEAR, false, false, SA | KE | NONCE | ID, VID | NOTIFY | CR,
	  { take_vendors, take_offer, take_ke, take_nonce, take_identity, make_identity, make_nonce, compute_dh, dh_computed, derive,
	    make_signature, signature_made },
	  { put_choice, put_ke, put_nonce, put_id, put_cert, put_signature, put_requests, put_natd, put_vendors } },
	{ X_AGGRESSIVE, INITIATOR, 2, V1_AUTH_PSK, ROW_CLEAR, true, true, SA | KE | NONCE | ID | HASH, VID | NOTIFY | CR | NATDS,
	  { take_vendors, take_answer, take_ke, take_nonce, take_identity, take_natd, compute_dh, dh_computed, derive, check_hash, settle_identity,
	    make_hash },
	  { put_hash, put_natd } },
	{ X_AGGRESSIVE, INITIATOR, 2, V1_AUTH_RSA, ROW_CLEAR, true, true, SA | KE | NONCE | ID | SIG, VID | NOTIFY | CR | CERT | NATDS,
	  { take_vendors, take_answer, take_ke, take_nonce, take_identity, take_natd, take_certs, compute_dh, dh_computed, derive,
	    check_signature, signature_checked, settle_identity, make_signature, signature_made },
	  { put_cert, put_signature, put_natd } },
	{ X_AGGRESSIVE, RESPONDER, 3, V1_AUTH_PSK, ROW_EITHER, false, true, HASH, VID | NOTIFY | NATDS,
	  { take_natd, check_hash, settle_identity }, { NULL } },
	{ X_AGGRESSIVE, RESPONDER, 3, V1_AUTH_RSA, ROW_EITHER, false, true, SIG, VID | NOTIFY | CERT | NATDS,
	  { take_natd, take_certs, check_signature, signature_checked, settle_identity }, { NULL } },

	/* base mode */
	{ X_BASE, INITIATOR, 0, 0, ROW_CLEAR, false, false, 0, 0,
	  { make_identity, make_nonce }, { put_offer, put_id, put_nonce, put_vendors } },
	{ X_BASE, RESPONDER, 1, V1_AUTH_PSK, ROW_CLEAR, false, false, SA | ID | NONCE, VID | NOTIFY | CR,
	  { take_vendors, take_offer, take_nonce, take_identity, make_identity, make_nonce }, { put_choice, put_id, put_nonce, put_vendors } },
	{ X_BASE, INITIATOR, 2, V1_AUTH_PSK, ROW_CLEAR, false, false, SA | ID | NONCE, VID | NOTIFY | CR,
	  { take_vendors, take_answer, take_nonce, take_identity, compute_dh, dh_computed, make_hash }, { put_ke, put_hash, put_natd } },
	{ X_BASE, RESPONDER, 3, V1_AUTH_PSK, ROW_CLEAR, false, true, KE | HASH, VID | NOTIFY | NATDS,
	  { take_ke, take_natd, check_hash, settle_identity, compute_dh, dh_computed, derive, make_hash }, { put_ke, put_hash, put_natd } },
	{ X_BASE, INITIATOR, 4, V1_AUTH_PSK, ROW_CLEAR, false, true, KE | HASH, VID | NOTIFY | NATDS,
	  { take_ke, take_natd, compute_dh, dh_computed, derive, check_hash, settle_identity }, { NULL } },
	{ X_BASE, RESPONDER, 1, V1_AUTH_RSA, ROW_CLEAR, false, false, SA | ID | NONCE, VID | NOTIFY | CR,
	  { take_vendors, take_offer, take_nonce, take_identity, make_identity, make_nonce },
	  { put_choice, put_id, put_nonce, put_requests, put_vendors } },
	{ X_BASE, INITIATOR, 2, V1_AUTH_RSA, ROW_CLEAR, false, false, SA | ID | NONCE, VID | NOTIFY | CR,
	  { take_vendors, take_answer, take_nonce, take_identity, compute_dh, dh_computed, make_signature, signature_made },
	  { put_ke, put_cert, put_signature, put_natd } },
	{ X_BASE, RESPONDER, 3, V1_AUTH_RSA, ROW_CLEAR, false, true, KE | SIG, VID | NOTIFY | CERT | NATDS,
	  { take_ke, take_natd, take_certs, check_signature, signature_checked, settle_identity, compute_dh, dh_computed, derive,
	    make_signature, signature_made },
	  { put_ke, put_cert, put_signature, put_natd } },
	{ X_BASE, INITIATOR, 4, V1_AUTH_RSA, ROW_CLEAR, false, true, KE | SIG, VID | NOTIFY | CERT | NATDS,
	  { take_ke, take_natd, take_certs, compute_dh, dh_computed, derive, check_signature, signature_checked, settle_identity },
	  { NULL } },
};

const struct phase1_row *phase1_row(uint8_t exchange, bool is_initiator, unsigned number, enum v1_auth_method method)
{
	const uint8_t role = is_initiator ? INITIATOR : RESPONDER;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].exchange == exchange && rows[i].role == role && rows[i].number == number &&
		    (rows[i].method == 0 || rows[i].method == method))
			return &rows[i];
	return NULL;
}

static uint32_t payload_bit(uint8_t type)
{
	return type == P_NATD_DRAFT ? (uint32_t)NATD_DRAFT : type <= P_NATD ? 1u << type : 0;
}

/* The drafts' NAT-D was 15 in the earliest ones; nobody speaks those any more. */
uint16_t phase1_check_payloads(const struct phase1_row *row, const struct isakmp_message *message, uint8_t *type)
{
	uint32_t seen = 0;

	for (unsigned i = 0; i < message->n; i++) {
		const uint32_t bit = payload_bit(message->payloads[i].type);

		*type = message->payloads[i].type;
		if (!(bit & (row->needed | row->allowed)) || (bit & row->needed & seen))
			return N_INVALID_PAYLOAD_TYPE;
		seen |= bit;
	}
	for (*type = 1; *type < 32; (*type)++)
		if ((row->needed & ~seen) & (1u << *type))
			return N_PAYLOAD_MALFORMED;
	return 0;
}
