// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The configuration file as the daemon sees it: read, range-checked, cross-checked. Nothing here knows the card.
 * Keys and secrets live in it: config_free() wipes them.
 */
#ifndef HOST_CONFIG_CONFIG_H
#define HOST_CONFIG_CONFIG_H

#include <net/if.h>

#include "base/addr.h"
#include "base/diag.h"
#include "config/words.h"

#define CONFIG_NAME_BYTES 64
#define CONFIG_PATH_BYTES 256
#define CONFIG_SOCKET_BYTES 108	/* sun_path */
#define CONFIG_MAX_LOCAL 8	/* what the card has registers for */
#define CONFIG_MAX_ALGS 32
#define CONFIG_MAX_PHASE1 8	/* words in each list of a peer */
#define CONFIG_MAX_FILE_BYTES (16u << 20)
#define CONFIG_DEFAULT_SOCKET "/run/adit/aditd.sock"

/* An identity of IKE. */
enum cfg_id_kind { CFG_ID_AUTO, CFG_ID_IGNORE, CFG_ID_ADDRESS, CFG_ID_FQDN, CFG_ID_USER_FQDN, CFG_ID_DN, CFG_ID_KEY_ID };
struct cfg_id {
	enum cfg_id_kind kind;		/* auto: mine: address, or with a certificate its subject; the peer's: its address or what its
					 * certificate vouches for. ignore: whatever the peer says (remote_id only) */
	struct adit_addr address;
	uint8_t bytes[256];		/* FQDN, user FQDN, key-id as said; DN in DER, none: the certificate's subject */
	uint16_t n_bytes;
};

struct cfg_peer {
	char name[CONFIG_NAME_BYTES];
	int line;
	struct prefix address;
	uint16_t port;
	enum exchange_mode exchange_mode;
	enum auth_method auth_method;
	uint8_t secret[256];
	uint16_t secret_bytes;
	char certificate[CONFIG_PATH_BYTES], remote_certificate[CONFIG_PATH_BYTES];
	char key[CONFIG_PATH_BYTES], ca[CONFIG_PATH_BYTES], crl[CONFIG_PATH_BYTES];	/* "": key with the certificate; none */
	struct cfg_id my_id, remote_id;
	/* Phase 1: every combination is proposed and accepted, in the file's order. */
	uint8_t hashes[CONFIG_MAX_PHASE1], encs[CONFIG_MAX_PHASE1], dhs[CONFIG_MAX_PHASE1];	/* adit_auth, adit_enc, dh_group */
	unsigned n_hashes, n_encs, n_dhs;
	uint32_t lifetime_seconds;
	uint64_t lifetime_bytes;	/* 0: none */
	char policy_template[CONFIG_NAME_BYTES];	/* generate_policy only within this policy's selectors; "": whatever is asked */
	bool fragmentation;		/* the vendors' fragments of IKEv1 */
	bool nat_traversal, generate_policy, send_initial_contact;
	uint32_t dpd_seconds;		/* 0: off */
	uint8_t dpd_failures;
	enum proposal_check check;
};

struct cfg_proposal {
	char name[CONFIG_NAME_BYTES];
	int line;
	uint8_t auths[CONFIG_MAX_ALGS], encs[CONFIG_MAX_ALGS];	/* enum adit_auth, enum adit_enc, in the file's order */
	unsigned n_auths, n_encs;
	uint8_t icvs[CONFIG_MAX_ALGS];	/* beside encs: ICV bytes of AES-GCM, 0 for others */
	uint32_t lifetime_seconds;
	uint64_t lifetime_bytes;	/* 0: none */
	bool esn;			/* proposed and accepted; without it both are refused */
	uint16_t replay_packets;	/* window of the SAs made from it */
	bool allow_null_auth;		/* the second word that a cipher without integrity needs */
	enum dh_group pfs;
};

struct cfg_ports {
	bool any, opaque;	/* opaque: only what cannot be known, later fragments (RFC 4301 §4.4.1.1) */
	uint16_t lo, hi;
};

struct cfg_policy {
	char name[CONFIG_NAME_BYTES];
	int line;
	struct prefix src, dst;
	int proto;			/* -1: all */
	struct cfg_ports sport, dport;
	struct adit_addr sa_src, sa_dst;
	bool has_sa_src, has_sa_dst;
	bool tunnel, disabled;
	bool is_template;		/* no policy itself: what generate_policy may make */
	enum adit_action action;
	enum adit_level level;
	bool esp, ah;
	char proposal[CONFIG_NAME_BYTES], manual_sa[CONFIG_NAME_BYTES];	/* manual_sa "": keys come from IKE */
	int32_t priority;
};

/* Key material as written; which length is right is known once the algorithm is. */
struct cfg_key {
	uint8_t bytes[72];
	uint8_t n_bytes;
	bool is_set;
	int line;
};

struct cfg_spi {
	uint32_t in, out;
	bool has_in, has_out;
	int line;
};

struct cfg_manual_sa {
	char name[CONFIG_NAME_BYTES];
	int line;
	struct cfg_spi esp_spi, ah_spi;
	enum adit_enc esp_enc;
	enum adit_auth esp_auth, ah_auth;
	struct cfg_key esp_enc_key_in, esp_enc_key_out, esp_auth_key_in, esp_auth_key_out, ah_key_in, ah_key_out;
	unsigned esp_icv_bytes;		/* AES-GCM's; 0: the algorithm's own */
	bool allow_null_auth;		/* the second word that encryption without integrity needs */
	uint32_t lifetime_seconds;	/* 0: none */
	uint64_t lifetime_bytes, lifetime_packets;
	bool esn;
	uint16_t replay_packets;	/* 0: off */
	bool nat_traversal;
	uint16_t natt_local_port, natt_remote_port;
	/* the outer header */
	int dscp;			/* -1: copied */
	enum df_mode df;
	bool ecn;			/* copied, RFC 6040 */
	uint8_t ttl;
	uint32_t flow_label;
	uint16_t path_mtu, tfc_bytes;	/* 0: none */
};

/* How much the card may hand to the host, packets a second by kind; 0: no limit. */
struct cfg_host_limits {
	uint16_t ike, arp, local, nic, nd, slow_seal, slow_open, fragments, too_big, split;
	uint16_t reserve_buffers;	/* of the RX ring, for IKE alone */
};

struct config {
	char card[CONFIG_PATH_BYTES];
	bool nic;
	struct adit_addr local[CONFIG_MAX_LOCAL];	/* as listed, then the policies' sa_src_address values */
	unsigned n_local;
	char control_socket[CONFIG_SOCKET_BYTES];
	enum adit_action default_action;
	char tap[IFNAMSIZ];		/* "": none */
	bool has_tap;
	uint8_t mac[6];
	bool has_mac;
	struct cfg_host_limits host_limits;
	uint16_t ike_port, natt_port;	/* 500, 4500 */
	struct adit_addr metrics;	/* where Prometheus may ask; port 0: nowhere */
	uint16_t metrics_port;
	struct cfg_peer *peers;
	size_t n_peers;
	struct cfg_proposal *proposals;
	size_t n_proposals;
	struct cfg_policy *policies;
	size_t n_policies;
	struct cfg_manual_sa *manual_sas;
	size_t n_manual_sas;
};

/**
 * Read and check a file. Everything wrong with it is in diag afterwards; the file's name there is borrowed from path.
 * @return a configuration, or NULL if diag holds an error.
 */
MUST_USE struct config *config_load(const char *path, struct diag *diag);
/** The same from memory. text need not end with NUL and is not kept. */
MUST_USE struct config *config_parse(const char *text, size_t text_bytes, struct diag *diag);
void config_free(struct config *config);

const struct cfg_manual_sa *config_manual_sa(const struct config *config, const char *name);
const struct cfg_peer *config_peer(const struct config *config, const char *name);
const struct cfg_policy *config_policy(const struct config *config, const char *name);
const struct cfg_proposal *config_proposal(const struct config *config, const char *name);

#endif
