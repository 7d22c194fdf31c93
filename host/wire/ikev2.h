// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * IKEv2 on the wire (RFC 7296 and what came to it). Header, cursor and the building of messages are isakmp.h's. Parsers copy nothing:
 * what they give points into the message. Reserved fields are not looked at (§2.5). Nothing here decides what is acceptable; it says
 * what was said.
 */
#ifndef HOST_WIRE_IKEV2_H
#define HOST_WIRE_IKEV2_H

#include "wire/isakmp.h"

#define V2_MAX_PAYLOADS 64
#define V2_MAX_PROPOSALS 64		/* in one SA payload */
#define V2_MAX_TRANSFORMS 256		/* in one SA payload */
#define V2_MAX_SELECTORS 255		/* all that a TS payload can count */
#define V2_MAX_ATTRIBUTES 64		/* in one CP payload */
#define V2_MIN_NONCE_BYTES 16		/* §3.9 */
#define V2_MAX_NONCE_BYTES 256
#define V2_CA_HASH_BYTES 20		/* of a CERTREQ: SHA-1 of a CA's public key */
#define V2_RANGE_BYTES 32		/* two IPv6 addresses */

enum v2_payload_type { P2_SA = 33, P2_KE = 34, P2_IDI = 35, P2_IDR = 36, P2_CERT = 37, P2_CERTREQ = 38, P2_AUTH = 39, P2_NONCE = 40,
		       P2_NOTIFY = 41, P2_DELETE = 42, P2_VID = 43, P2_TSI = 44, P2_TSR = 45, P2_SK = 46, P2_CP = 47, P2_EAP = 48,
		       P2_SKF = 53 };
enum { V2_INITIATOR = 8, V2_HIGHER_VERSION = 16, V2_RESPONSE = 32 };	/* flags; the others are ignored, §3.1 */
enum { X_IKE_INTERMEDIATE = 43, X_IKE_FOLLOWUP_KE = 44 };		/* RFC 9242, RFC 9370; the others: enum isakmp_exchange */
enum v2_protocol { V2_PROTO_NONE = 0, V2_PROTO_IKE = 1, V2_PROTO_AH = 2, V2_PROTO_ESP = 3 };

/* ---- messages */
struct v2_payload {
	uint8_t type;
	bool is_known;
	struct bytes body;	/* without the generic header */
	struct bytes whole;	/* with it */
};

/* In the order in which they stood; which order that is means nothing (§2.5). */
struct v2_message {
	struct isakmp_header header;
	unsigned n;
	struct v2_payload payloads[V2_MAX_PAYLOADS];
	uint8_t inner;		/* of an SK or SKF, which is the last: the type of the first payload inside it */
};

/**
 * What version 2 says of a header (§2.2, §3.1): WIRE_VERSION if it is not of version 2; WIRE_FLAGS if an IKE_SA_INIT is neither the
 * initiator's request nor the other's response; WIRE_VALUE if that one's message id is not 0, or an SPI is 0 that may not be.
 */
MUST_USE enum wire_err v2_check_header(const struct isakmp_header *header);
/**
 * The chain of payloads behind a header that v2_check_header() took. It ends with the message, or with an SK or SKF that does. Payloads
 * that are not known are listed; WIRE_CRITICAL if one has its critical bit set: UNSUPPORTED_CRITICAL_PAYLOAD, whose data is *bad_type.
 * *bad_type is the payload an error is about.
 */
MUST_USE enum wire_err v2_get_payloads(const struct isakmp_header *header, struct bytes rest, struct v2_message *out, uint8_t *bad_type);
/** The same of what an SK held (or all SKF together): first is its type, plain is without padding and may be empty. No SK stands in an SK. */
MUST_USE enum wire_err v2_get_inner(const struct isakmp_header *header, uint8_t first, struct bytes plain, struct v2_message *out,
				    uint8_t *bad_type);
/** The nth payload of a type, NULL if there are fewer. n counts from 0. */
const struct v2_payload *v2_find(const struct v2_message *message, uint8_t type, unsigned n);
unsigned v2_count(const struct v2_message *message, uint8_t type);
const char *v2_payload_name(uint8_t type);	/* "TSi", NULL if unknown */
const char *v2_exchange_name(uint8_t exchange);	/* "CREATE_CHILD_SA", NULL if unknown */

/* Encrypted Fragment (RFC 7383 §2.5): number u16 (from 1) | total u16 | what is sealed. */
struct v2_fragment {
	uint16_t number, total;
	struct bytes sealed;
};
MUST_USE enum wire_err v2_get_fragment(struct bytes body, struct v2_fragment *out);

/* A message whose only payload is an SK (total 0) or an SKF. */
struct v2_sealed {
	uint8_t first;			/* type of the first payload inside; of fragments after the first 0 */
	uint16_t number, total;
	size_t iv_bytes, tail_bytes;	/* before plain and behind it: ike2_iv_bytes(), ike2_tail_bytes() */
	struct bytes plain;
};
/** Header, SK, zeros for the IV, plain, zeros for the tail, with all lengths filled in. *iv_at: where ike2_seal() finds the IV's place. */
void v2_put_sealed(struct writer *to, const struct isakmp_header *header, const struct v2_sealed *sealed, size_t *iv_at);

/* ---- SA payload (§3.3); types 6 to 12: RFC 9370 */
enum v2_transform_type { V2_ENCR = 1, V2_PRF = 2, V2_INTEG = 3, V2_KE = 4, V2_ESN = 5, V2_ADDKE1 = 6, V2_ADDKE7 = 12 };
enum v2_encr { V2_ENCR_DES = 2, V2_ENCR_3DES = 3, V2_ENCR_BLOWFISH = 7, V2_ENCR_NULL = 11, V2_ENCR_AES_CBC = 12, V2_ENCR_AES_CTR = 13,
	       V2_ENCR_CCM_8 = 14, V2_ENCR_CCM_12 = 15, V2_ENCR_CCM_16 = 16, V2_ENCR_GCM_8 = 18, V2_ENCR_GCM_12 = 19, V2_ENCR_GCM_16 = 20,
	       V2_ENCR_NULL_GMAC = 21, V2_ENCR_CAMELLIA_CBC = 23, V2_ENCR_CHACHA20 = 28 };
enum v2_prf { V2_PRF_MD5 = 1, V2_PRF_SHA1 = 2, V2_PRF_XCBC = 4, V2_PRF_SHA256 = 5, V2_PRF_SHA384 = 6, V2_PRF_SHA512 = 7, V2_PRF_CMAC = 8 };
enum v2_integ { V2_INTEG_NONE = 0, V2_INTEG_MD5_96 = 1, V2_INTEG_SHA1_96 = 2, V2_INTEG_XCBC_96 = 5, V2_INTEG_CMAC_96 = 8,
		V2_INTEG_GMAC_128 = 9, V2_INTEG_GMAC_192 = 10, V2_INTEG_GMAC_256 = 11, V2_INTEG_SHA256_128 = 12,
		V2_INTEG_SHA384_192 = 13, V2_INTEG_SHA512_256 = 14 };

struct v2_transform {
	uint8_t type;
	uint16_t id, key_bits;	/* key_bits 0: no such attribute */
	bool is_unusable;	/* it has an attribute that is not known, or one that makes no sense: cannot be chosen (§3.3.6) */
	struct bytes whole;
};

struct v2_proposal {
	uint8_t number, protocol;
	struct bytes spi, whole;
	unsigned first, n;	/* its transforms in v2_sa.transforms */
	bool is_unusable;	/* a protocol or a transform's type is not known, or it has no transform: cannot be chosen (§3.3.6) */
};

struct v2_sa {
	unsigned n_proposals, n_transforms;
	struct v2_proposal proposals[V2_MAX_PROPOSALS];
	struct v2_transform transforms[V2_MAX_TRANSFORMS];
};

/** One proposal has any number but 0 (a response's is the one that was chosen); of several the first has 1 and each one more (§3.3.1). */
MUST_USE enum wire_err v2_get_sa(struct bytes body, struct v2_sa *out);

/* Writing one: v2_open_sa, { v2_open_proposal, v2_put_transform…, v2_close_proposal }…, v2_close_sa. */
struct v2_sa_writer {
	struct writer *to;
	size_t sa_at, proposal_at, transform_at;
	unsigned n_proposals, n_transforms;
};
void v2_open_sa(struct v2_sa_writer *sa, struct writer *to, size_t *next_at);
void v2_open_proposal(struct v2_sa_writer *sa, uint8_t number, uint8_t protocol, struct bytes spi);
/** key_bits 0: none is written. */
void v2_put_transform(struct v2_sa_writer *sa, uint8_t type, uint16_t id, uint16_t key_bits);
void v2_close_proposal(struct v2_sa_writer *sa);
void v2_close_sa(struct v2_sa_writer *sa);
const char *v2_transform_type_name(uint8_t type);		/* "ENCR", NULL if unknown */
const char *v2_transform_name(uint8_t type, uint16_t id);	/* IANA's: "AES_GCM_16", NULL if unknown */

/* ---- KE, nonce (§3.4, §3.9) */
struct v2_ke {
	uint16_t group;
	struct bytes value;
};
MUST_USE enum wire_err v2_get_ke(struct bytes body, struct v2_ke *out);
void v2_put_ke(struct writer *to, size_t *next_at, const struct v2_ke *ke);
MUST_USE enum wire_err v2_check_nonce(struct bytes body);	/* 16 .. 256 bytes; written with isakmp_put() */

/* ---- ID (§3.5; numbers as in enum v1_id_type, but no subnets and ranges; RFC 7619: nobody) */
enum { ID_NULL = 13 };
struct v2_id {
	uint8_t type;
	struct bytes data;
};
MUST_USE enum wire_err v2_get_id(struct bytes body, struct v2_id *out);
void v2_put_id(struct writer *to, size_t *next_at, uint8_t payload_type, const struct v2_id *id);
/** For people, as v1_id_text(); "nobody" for ID_NULL. */
void v2_id_text(const struct v2_id *id, char *out, size_t out_bytes);

/* ---- CERT, CERTREQ (§3.6, §3.7): encoding u8 | data */
enum v2_cert_encoding { V2_CERT_X509 = 4, V2_CERT_CRL = 7, V2_CERT_URL = 12, V2_CERT_URL_BUNDLE = 13, V2_CERT_OCSP = 14, V2_CERT_RAW_KEY = 15 };
struct v2_cert {
	uint8_t encoding;
	struct bytes data;	/* of a request for X.509: CAs' hashes, V2_CA_HASH_BYTES each, perhaps none */
};
MUST_USE enum wire_err v2_get_cert(struct bytes body, struct v2_cert *out);
MUST_USE enum wire_err v2_get_certreq(struct bytes body, struct v2_cert *out);
void v2_put_cert(struct writer *to, size_t *next_at, uint8_t payload_type, const struct v2_cert *cert);

/* ---- AUTH (§3.8; RFC 7427 §3; RFC 7619) */
enum v2_auth_method { V2_AUTH_RSA = 1, V2_AUTH_PSK = 2, V2_AUTH_DSS = 3, V2_AUTH_ECDSA_256 = 9, V2_AUTH_ECDSA_384 = 10,
		      V2_AUTH_ECDSA_521 = 11, V2_AUTH_NULL = 13, V2_AUTH_DIGITAL_SIGNATURE = 14 };
struct v2_auth {
	uint8_t method;
	struct bytes algorithm;	/* of method 14: the AlgorithmIdentifier, DER, a sequence of just that length; else empty */
	struct bytes value;
};
MUST_USE enum wire_err v2_get_auth(struct bytes body, struct v2_auth *out);
void v2_put_auth(struct writer *to, size_t *next_at, const struct v2_auth *auth);

/* ---- EAP (§3.16, RFC 3748 §4) */
enum { EAP_REQUEST = 1, EAP_RESPONSE = 2, EAP_SUCCESS = 3, EAP_FAILURE = 4 };
struct v2_eap {
	uint8_t code, identifier, type;	/* type 0: success, failure */
	struct bytes data;		/* behind the type */
	struct bytes whole;		/* the EAP message: the body; written with isakmp_put() */
};
MUST_USE enum wire_err v2_get_eap(struct bytes body, struct v2_eap *out);

/* ---- Notify, Delete (§3.10, §3.11) */
enum v2_notify_type {
	N2_UNSUPPORTED_CRITICAL_PAYLOAD = 1, N2_INVALID_IKE_SPI = 4, N2_INVALID_MAJOR_VERSION = 5, N2_INVALID_SYNTAX = 7,
	N2_INVALID_MESSAGE_ID = 9, N2_INVALID_SPI = 11, N2_NO_PROPOSAL_CHOSEN = 14, N2_INVALID_KE_PAYLOAD = 17,
	N2_AUTHENTICATION_FAILED = 24, N2_SINGLE_PAIR_REQUIRED = 34, N2_NO_ADDITIONAL_SAS = 35, N2_INTERNAL_ADDRESS_FAILURE = 36,
	N2_FAILED_CP_REQUIRED = 37, N2_TS_UNACCEPTABLE = 38, N2_INVALID_SELECTORS = 39, N2_UNACCEPTABLE_ADDRESSES = 40,
	N2_UNEXPECTED_NAT_DETECTED = 41, N2_USE_ASSIGNED_HOA = 42, N2_TEMPORARY_FAILURE = 43, N2_CHILD_SA_NOT_FOUND = 44,
	N2_INVALID_GROUP_ID = 45, N2_AUTHORIZATION_FAILED = 46, N2_STATE_NOT_FOUND = 47,
	N2_INITIAL_CONTACT = 16384, N2_SET_WINDOW_SIZE = 16385, N2_ADDITIONAL_TS_POSSIBLE = 16386, N2_IPCOMP_SUPPORTED = 16387,
	N2_NAT_DETECTION_SOURCE_IP = 16388, N2_NAT_DETECTION_DESTINATION_IP = 16389, N2_COOKIE = 16390, N2_USE_TRANSPORT_MODE = 16391,
	N2_HTTP_CERT_LOOKUP_SUPPORTED = 16392, N2_REKEY_SA = 16393, N2_ESP_TFC_PADDING_NOT_SUPPORTED = 16394,
	N2_NON_FIRST_FRAGMENTS_ALSO = 16395, N2_MOBIKE_SUPPORTED = 16396, N2_ADDITIONAL_IP4_ADDRESS = 16397,
	N2_ADDITIONAL_IP6_ADDRESS = 16398, N2_NO_ADDITIONAL_ADDRESSES = 16399, N2_UPDATE_SA_ADDRESSES = 16400, N2_COOKIE2 = 16401,
	N2_NO_NATS_ALLOWED = 16402, N2_AUTH_LIFETIME = 16403, N2_MULTIPLE_AUTH_SUPPORTED = 16404, N2_ANOTHER_AUTH_FOLLOWS = 16405,
	N2_REDIRECT_SUPPORTED = 16406, N2_REDIRECT = 16407, N2_REDIRECTED_FROM = 16408, N2_TICKET_LT_OPAQUE = 16409,
	N2_TICKET_REQUEST = 16410, N2_TICKET_ACK = 16411, N2_TICKET_NACK = 16412, N2_TICKET_OPAQUE = 16413, N2_LINK_ID = 16414,
	N2_USE_WESP_MODE = 16415, N2_ROHC_SUPPORTED = 16416, N2_EAP_ONLY_AUTHENTICATION = 16417, N2_CHILDLESS_IKEV2_SUPPORTED = 16418,
	N2_QUICK_CRASH_DETECTION = 16419, N2_MESSAGE_ID_SYNC_SUPPORTED = 16420, N2_REPLAY_COUNTER_SYNC_SUPPORTED = 16421,
	N2_MESSAGE_ID_SYNC = 16422, N2_REPLAY_COUNTER_SYNC = 16423, N2_SECURE_PASSWORD_METHODS = 16424, N2_PSK_PERSIST = 16425,
	N2_PSK_CONFIRM = 16426, N2_ERX_SUPPORTED = 16427, N2_IFOM_CAPABILITY = 16428, N2_SENDER_REQUEST_ID = 16429,
	N2_FRAGMENTATION_SUPPORTED = 16430, N2_SIGNATURE_HASH_ALGORITHMS = 16431, N2_CLONE_IKE_SA_SUPPORTED = 16432,
	N2_CLONE_IKE_SA = 16433, N2_PUZZLE = 16434, N2_USE_PPK = 16435, N2_PPK_IDENTITY = 16436, N2_NO_PPK_AUTH = 16437,
	N2_INTERMEDIATE_EXCHANGE_SUPPORTED = 16438, N2_IP4_ALLOWED = 16439, N2_IP6_ALLOWED = 16440, N2_ADDITIONAL_KEY_EXCHANGE = 16441,
	N2_USE_AGGFRAG = 16442 };
enum v2_signature_hash { V2_HASH_SHA1 = 1, V2_HASH_SHA256 = 2, V2_HASH_SHA384 = 3, V2_HASH_SHA512 = 4, V2_HASH_IDENTITY = 5 };	/* RFC 7427, 8420 */
enum { V2_FIRST_STATUS = 16384 };		/* below: errors; those not known fail what was asked for (§3.10.1) */
const char *v2_notify_name(uint16_t type);	/* "NO_PROPOSAL_CHOSEN", NULL if unknown */
struct v2_notify {
	uint8_t protocol;	/* enum v2_protocol; 0 if there is no SPI */
	uint16_t type;
	struct bytes spi, data;
};
/** Of the types above the data has a length that is right: 2 for INVALID_KE_PAYLOAD, 1 .. 64 for COOKIE, and so on; WIRE_LENGTH else. */
MUST_USE enum wire_err v2_get_notify(struct bytes body, struct v2_notify *out);
void v2_put_notify(struct writer *to, size_t *next_at, const struct v2_notify *notify);
/** The first notify of this type that is well formed; false if there is none. */
MUST_USE bool v2_find_notify(const struct v2_message *message, uint16_t type, struct v2_notify *out);
/** Does a SIGNATURE_HASH_ALGORITHMS or INVALID_KE_PAYLOAD, a list of u16, hold this number? */
MUST_USE bool v2_list_holds(struct bytes list, uint16_t number);

struct v2_delete {
	uint8_t protocol;
	uint16_t n;		/* 0: the IKE SA that the message came in */
	struct bytes spis;	/* n of 4 bytes each */
};
MUST_USE enum wire_err v2_get_delete(struct bytes body, struct v2_delete *out);
void v2_put_delete(struct writer *to, size_t *next_at, const struct v2_delete *del);

/* ---- TSi, TSr (§3.13) */
enum { V2_TS_IPV4 = 7, V2_TS_IPV6 = 8 };
struct v2_selector {
	uint8_t type, proto;		/* proto 0: any */
	uint16_t port_lo, port_hi;	/* 0 .. 65535: any; 65535 .. 0: opaque; ICMP, ICMPv6, MH: type << 8 | code */
	struct bytes range;		/* first address | last address, as they stood */
	bool is_known;			/* of type V2_TS_IPV4 or V2_TS_IPV6; of the others nothing but type is set */
};
struct v2_ts {
	unsigned n;
	struct v2_selector selectors[V2_MAX_SELECTORS];
};
/** No range falls, of addresses or of ports (but opaque ones). */
MUST_USE enum wire_err v2_get_ts(struct bytes body, struct v2_ts *out);
void v2_put_ts(struct writer *to, size_t *next_at, uint8_t payload_type, const struct v2_selector *selectors, unsigned n);
/** As what a policy can have: first address and prefix length; false for a range that is no prefix. */
MUST_USE bool v2_selector_prefix(const struct v2_selector *selector, struct adit_addr *addr, uint8_t *plen);
/** A selector of all that a prefix holds: any protocol, any port. Its range lives in room. */
struct v2_selector v2_selector_of(const struct adit_addr *addr, uint8_t plen, uint8_t room[V2_RANGE_BYTES]);

/* Types and codes of ICMP messages (§3.13.1). */
struct v2_icmp {
	uint8_t type_lo, type_hi, code_lo, code_hi;
};
bool v2_is_icmp(uint8_t proto);	/* do ports mean types and codes? ICMP, ICMPv6, Mobility Header (codes 0) */
/** false for ports that are no product of types and codes (or opaque): one type, or all codes. */
MUST_USE bool v2_get_icmp(uint16_t port_lo, uint16_t port_hi, struct v2_icmp *out);
void v2_put_icmp(const struct v2_icmp *icmp, uint16_t *port_lo, uint16_t *port_hi);

/* ---- CP (§3.15) */
enum v2_cp_type { V2_CP_REQUEST = 1, V2_CP_REPLY = 2, V2_CP_SET = 3, V2_CP_ACK = 4 };
enum v2_cp_attribute { V2_CP_IP4_ADDRESS = 1, V2_CP_IP4_NETMASK = 2, V2_CP_IP4_DNS = 3, V2_CP_IP4_NBNS = 4, V2_CP_IP4_DHCP = 6,
		       V2_CP_APPLICATION_VERSION = 7, V2_CP_IP6_ADDRESS = 8, V2_CP_IP6_DNS = 10, V2_CP_IP6_DHCP = 12,
		       V2_CP_IP4_SUBNET = 13, V2_CP_SUPPORTED_ATTRIBUTES = 14, V2_CP_IP6_SUBNET = 15, V2_CP_DNS_DOMAIN = 25 };
struct v2_attribute {
	uint16_t type;
	struct bytes value;	/* empty: asked for */
	bool is_known;		/* of the types above; others are to be ignored (§3.15.1) */
};
struct v2_cp {
	uint8_t type;
	unsigned n;
	struct v2_attribute attributes[V2_MAX_ATTRIBUTES];
};
/** WIRE_LENGTH also if an attribute of the types above has a length that it cannot have. */
MUST_USE enum wire_err v2_get_cp(struct bytes body, struct v2_cp *out);
void v2_put_cp(struct writer *to, size_t *next_at, uint8_t type, const struct v2_attribute *attributes, unsigned n);

#endif
