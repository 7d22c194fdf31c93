// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * ISAKMP and its IPsec DOI on the wire (RFC 2407, 2408, 2409, 3947). Parsers copy nothing: what they give points into the message.
 * Nothing here decides what is acceptable; it says what was said.
 */
#ifndef HOST_WIRE_ISAKMP_H
#define HOST_WIRE_ISAKMP_H

#include "adit/adit.h"
#include "wire/bytes.h"

#define ISAKMP_HEADER_BYTES 28
#define ISAKMP_COOKIE_BYTES 8
#define ISAKMP_MAX_BYTES 65507		/* what one UDP datagram carries */
#define ISAKMP_MAX_PAYLOADS 48
#define V1_MAX_PROPOSALS 16		/* in one SA payload */
#define V1_MAX_TRANSFORMS 128		/* in one SA payload */

enum isakmp_payload_type {	/* RFC 2408 §3.1, RFC 3947 §3.2, §5.2 */
	P_NONE = 0, P_SA = 1, P_PROPOSAL = 2, P_TRANSFORM = 3, P_KE = 4, P_ID = 5, P_CERT = 6, P_CR = 7, P_HASH = 8, P_SIG = 9,
	P_NONCE = 10, P_NOTIFY = 11, P_DELETE = 12, P_VID = 13, P_NATD = 20, P_NATOA = 21,
	P_NATD_DRAFT = 130, P_NATOA_DRAFT = 131, P_FRAGMENT = 132	/* the vendors' */
};
enum isakmp_exchange { X_BASE = 1, X_MAIN = 2, X_AGGRESSIVE = 4, X_INFORMATIONAL = 5, X_QUICK = 32, X_NEW_GROUP = 33,
		       X_IKE_SA_INIT = 34, X_IKE_AUTH = 35, X_CREATE_CHILD_SA = 36, X_INFORMATIONAL_V2 = 37 };
enum { ISAKMP_ENCRYPTED = 1, ISAKMP_COMMIT = 2, ISAKMP_AUTH_ONLY = 4 };	/* flags */
enum { DOI_ISAKMP = 0, DOI_IPSEC = 1, SIT_IDENTITY_ONLY = 1 };
enum v1_protocol { V1_PROTO_ISAKMP = 1, V1_PROTO_AH = 2, V1_PROTO_ESP = 3, V1_PROTO_IPCOMP = 4 };

struct isakmp_header {
	uint8_t icookie[ISAKMP_COOKIE_BYTES], rcookie[ISAKMP_COOKIE_BYTES];
	uint8_t next, version, exchange, flags;
	uint32_t message_id, length;
};

struct isakmp_payload {
	uint8_t type;
	struct bytes body;	/* without the generic header */
	struct bytes whole;	/* with it: what hashes cover */
};

struct isakmp_message {
	struct isakmp_header header;
	unsigned n;
	struct isakmp_payload payloads[ISAKMP_MAX_PAYLOADS];
	struct bytes chain;	/* all payloads, padding excluded */
};

/**
 * The fixed header. Accepts versions 1.0 and 2.x (the caller sorts them). The length must be that of the datagram: WIRE_SHORT if it is
 * greater, WIRE_LENGTH if it is less. WIRE_FLAGS: of version 1, a flag that is not defined. Of all errors but a datagram shorter than
 * the header *out is filled in.
 */
MUST_USE enum wire_err isakmp_get_header(struct bytes datagram, struct isakmp_header *out, struct bytes *rest);
/**
 * The chain of payloads, whose first has the type header.next, of version 1 (else WIRE_VERSION). After the last may follow up to 352
 * bytes of padding if is_decrypted (racoon's longest), in clear zeros up to a multiple of four (libreswan's). Reserved bytes of generic
 * headers must be 0. A type that is not of version 1, a proposal or a transform is WIRE_NEXT; no payload at all WIRE_MISSING. *bad_type is
 * the payload an error is about.
 */
MUST_USE enum wire_err isakmp_get_payloads(const struct isakmp_header *header, struct bytes rest, bool is_decrypted,
					   struct isakmp_message *out, uint8_t *bad_type);
/** The nth payload of a type, NULL if there are fewer. n counts from 0. */
const struct isakmp_payload *isakmp_find(const struct isakmp_message *message, uint8_t type, unsigned n);
unsigned isakmp_count(const struct isakmp_message *message, uint8_t type);

/* ---- SA payload. Attributes: RFC 2409 App. A (phase 1), RFC 2407 §4.5 (phase 2). */
enum { V1_LIFE_SECONDS = 1, V1_LIFE_KILOBYTES = 2 };
enum v1_auth_method { V1_AUTH_PSK = 1, V1_AUTH_DSS = 2, V1_AUTH_RSA = 3, V1_AUTH_RSA_ENC = 4, V1_AUTH_RSA_REV = 5 };
enum v1_enc { V1_ENC_DES = 1, V1_ENC_IDEA = 2, V1_ENC_BLOWFISH = 3, V1_ENC_RC5 = 4, V1_ENC_3DES = 5, V1_ENC_CAST = 6,
	      V1_ENC_AES = 7, V1_ENC_CAMELLIA = 8 };
enum v1_hash { V1_HASH_MD5 = 1, V1_HASH_SHA1 = 2, V1_HASH_TIGER = 3, V1_HASH_SHA256 = 4, V1_HASH_SHA384 = 5, V1_HASH_SHA512 = 6 };
enum v1_encap { V1_TUNNEL = 1, V1_TRANSPORT = 2, V1_UDP_TUNNEL = 3, V1_UDP_TRANSPORT = 4,
		V1_UDP_TUNNEL_DRAFT = 61443, V1_UDP_TRANSPORT_DRAFT = 61444 };
enum v1_esp { V1_ESP_DES = 2, V1_ESP_3DES = 3, V1_ESP_BLOWFISH = 7, V1_ESP_NULL = 11, V1_ESP_AES_CBC = 12, V1_ESP_AES_CTR = 13,
	      V1_ESP_GCM_8 = 18, V1_ESP_GCM_12 = 19, V1_ESP_GCM_16 = 20, V1_ESP_CAMELLIA = 22, V1_ESP_NULL_GMAC = 23,
	      V1_ESP_TWOFISH = 253 };
enum v1_ah { V1_AH_MD5 = 2, V1_AH_SHA1 = 3, V1_AH_SHA256 = 5, V1_AH_SHA384 = 6, V1_AH_SHA512 = 7 };
enum v1_ipsec_auth { V1_HMAC_MD5 = 1, V1_HMAC_SHA1 = 2, V1_HMAC_SHA256 = 5, V1_HMAC_SHA384 = 6, V1_HMAC_SHA512 = 7 };

/* One transform; an attribute that is absent is 0, or as said. Of two lifetimes of one type the parser reports WIRE_TWICE. */
struct v1_transform {
	uint8_t number, id;		/* id: KEY_IKE 1, or enum v1_esp / v1_ah */
	struct bytes whole;		/* with the generic header, as it stood: what a responder sends back */
	uint16_t enc, hash, auth_method, group, key_bits, prf, group_type;
	uint16_t encap, auth, key_rounds;
	bool esn;			/* attribute 11, value 1 (RFC 4304 §3) */
	bool has_seconds, has_kilobytes;
	uint64_t seconds, kilobytes;	/* longer than 64 bits: saturated */
	bool has_unknown;		/* an attribute or protocol that is not in the tables, or a reserved 0: cannot be chosen (RFC 2408 §5.6) */
	uint16_t unknown_type;
};

struct v1_proposal {
	uint8_t number, protocol;
	struct bytes spi, whole;
	unsigned first, n;		/* its transforms in v1_sa.transforms */
};

/* Proposals with the same number stand together and belong together (AH + ESP). */
struct v1_sa {
	uint32_t doi, situation;
	unsigned n_proposals, n_transforms;
	struct v1_proposal proposals[V1_MAX_PROPOSALS];
	struct v1_transform transforms[V1_MAX_TRANSFORMS];
};

/** WIRE_VALUE with a doi that is not DOI_IPSEC or a situation that is not SIT_IDENTITY_ONLY: those are filled in, the rest was not read. */
MUST_USE enum wire_err v1_get_sa(struct bytes body, struct v1_sa *out);

/* Writing one: v1_open_sa, { v1_open_proposal, v1_put_transform…, v1_close_proposal }…, v1_close_sa. */
struct v1_sa_writer {
	struct writer *to;
	size_t sa_at, proposal_at, last_proposal_at, last_transform_at;
	unsigned n_proposals, n_transforms;
};
/** The type goes to *next_at, the place of the next-payload byte before it. */
void v1_open_sa(struct v1_sa_writer *sa, struct writer *to, size_t *next_at);
void v1_open_proposal(struct v1_sa_writer *sa, uint8_t number, uint8_t protocol, struct bytes spi);
/** Writes the attributes that are set, of phase 1 if is_phase1. number and id as given; seconds/kilobytes if has_…. */
void v1_put_transform(struct v1_sa_writer *sa, const struct v1_transform *transform, bool is_phase1);
/** The peer's own transform, byte by byte: a responder must not change what it chooses (RFC 2408 §4.2). */
void v1_put_chosen(struct v1_sa_writer *sa, const struct v1_transform *transform);
void v1_close_proposal(struct v1_sa_writer *sa);
void v1_close_sa(struct v1_sa_writer *sa);

/* ---- messages. next_at always is where the type of the next payload is to be written. */
/** The header with length 0 and next payload 0; isakmp_close() fills them in. It is the first that is written: to->len is 0. */
void isakmp_open(struct writer *to, const struct isakmp_header *header, size_t *next_at);
/** A payload as a whole: generic header and body. */
void isakmp_put(struct writer *to, size_t *next_at, uint8_t type, const void *body, size_t n_bytes);
/** A payload whose body the caller writes: begin, write, end. @return where it began */
MUST_USE size_t isakmp_begin(struct writer *to, size_t *next_at, uint8_t type);
void isakmp_end(struct writer *to, size_t began_at);
/** Fills in the length of the whole; n_padding zero bytes are appended first (for a cipher's block). */
void isakmp_close(struct writer *to, size_t n_padding);

/* ---- ID payload (RFC 2407 §4.6.2) */
enum v1_id_type { ID_IPV4 = 1, ID_FQDN = 2, ID_USER_FQDN = 3, ID_IPV4_SUBNET = 4, ID_IPV6 = 5, ID_IPV6_SUBNET = 6, ID_IPV4_RANGE = 7,
		  ID_IPV6_RANGE = 8, ID_DN = 9, ID_GN = 10, ID_KEY_ID = 11 };
struct v1_id {
	uint8_t type, proto;
	uint16_t port;
	struct bytes data;
};
MUST_USE enum wire_err v1_get_id(struct bytes body, struct v1_id *out);	/* data's length fits the type; mask and range are sound */
void v1_put_id(struct writer *to, size_t *next_at, const struct v1_id *id);
/** An address, subnet or range as what a policy can have: first address and prefix length; false for a range that is no prefix. */
MUST_USE bool v1_id_prefix(const struct v1_id *id, struct adit_addr *addr, uint8_t *plen);
/** For people: "192.0.2.1", "10.0.0.0/8", "fqdn office.example", "key-id 0x…"; unprintable bytes as \xHH. */
void v1_id_text(const struct v1_id *id, char *out, size_t out_bytes);

/* ---- Notify, Delete (RFC 2408 §3.14, §3.15) */
enum v1_notify_type { N_INVALID_PAYLOAD_TYPE = 1, N_DOI_NOT_SUPPORTED = 2, N_SITUATION_NOT_SUPPORTED = 3, N_INVALID_COOKIE = 4,
	N_INVALID_MAJOR_VERSION = 5, N_INVALID_MINOR_VERSION = 6, N_INVALID_EXCHANGE_TYPE = 7, N_INVALID_FLAGS = 8, N_INVALID_MESSAGE_ID = 9,
	N_INVALID_PROTOCOL_ID = 10, N_INVALID_SPI = 11, N_INVALID_TRANSFORM_ID = 12, N_ATTRIBUTES_NOT_SUPPORTED = 13, N_NO_PROPOSAL_CHOSEN = 14,
	N_BAD_PROPOSAL_SYNTAX = 15, N_PAYLOAD_MALFORMED = 16, N_INVALID_KEY_INFORMATION = 17, N_INVALID_ID_INFORMATION = 18,
	N_INVALID_CERT_ENCODING = 19, N_INVALID_CERTIFICATE = 20, N_CERT_TYPE_UNSUPPORTED = 21, N_INVALID_CERT_AUTHORITY = 22,
	N_INVALID_HASH_INFORMATION = 23, N_AUTHENTICATION_FAILED = 24, N_INVALID_SIGNATURE = 25, N_ADDRESS_NOTIFICATION = 26,
	N_NOTIFY_SA_LIFETIME = 27, N_CERTIFICATE_UNAVAILABLE = 28, N_UNEQUAL_PAYLOAD_LENGTHS = 30,
	N_RESPONDER_LIFETIME = 24576, N_REPLAY_STATUS = 24577, N_INITIAL_CONTACT = 24578, N_R_U_THERE = 36136, N_R_U_THERE_ACK = 36137 };
const char *v1_notify_name(uint16_t type);	/* "NO-PROPOSAL-CHOSEN", NULL if unknown */
struct v1_notify {
	uint32_t doi;
	uint8_t protocol;
	uint16_t type;
	struct bytes spi, data;
};
MUST_USE enum wire_err v1_get_notify(struct bytes body, struct v1_notify *out);
void v1_put_notify(struct writer *to, size_t *next_at, const struct v1_notify *notify);
/** The data of RESPONDER-LIFETIME: life attributes as in a transform, with the numbers of phase 2 or 1. WIRE_MISSING if there is none. */
MUST_USE enum wire_err v1_get_lifetimes(struct bytes data, struct v1_transform *out);
void v1_put_lifetimes(struct writer *to, const struct v1_transform *lifetimes);
struct v1_delete {
	uint32_t doi;
	uint8_t protocol, spi_bytes;
	uint16_t n;
	struct bytes spis;	/* n of spi_bytes each */
};
MUST_USE enum wire_err v1_get_delete(struct bytes body, struct v1_delete *out);
void v1_put_delete(struct writer *to, size_t *next_at, const struct v1_delete *del);

/* ---- vendors' fragments (payload 132): id u16 | number u8 (from 1) | flags u8 (1: the last) | data */
struct v1_fragment {
	uint16_t id;
	uint8_t number;
	bool is_last;
	struct bytes data;
};
MUST_USE enum wire_err v1_get_fragment(struct bytes body, struct v1_fragment *out);
void v1_put_fragment(struct writer *to, size_t *next_at, const struct v1_fragment *fragment);

/* ---- CERT, CR (RFC 2408 §3.9, §3.10): encoding u8 | data */
enum { V1_CERT_X509_SIGNATURE = 4 };

#endif
