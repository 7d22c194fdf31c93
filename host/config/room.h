// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What the files of this room share. */
#ifndef HOST_CONFIG_ROOM_H
#define HOST_CONFIG_ROOM_H

#include <libconfig.h>

#include "config/config.h"

struct key {
	const char *name;
	void (*take)(struct diag *diag, config_setting_t *setting, void *field, const void *more);
	size_t at;		/* offset of the field in the object */
	const void *more;	/* what take needs to know */
};

/* value.c: one setting into one field; a complaint names the setting and the line */
void take_text(struct diag *diag, config_setting_t *setting, void *field, const void *size_t_room);
void take_name(struct diag *diag, config_setting_t *setting, void *field, const void *none);
void take_bool(struct diag *diag, config_setting_t *setting, void *field, const void *none);
struct range { int64_t min, max; };
void take_u8(struct diag *diag, config_setting_t *setting, void *field, const void *range);
void take_u16(struct diag *diag, config_setting_t *setting, void *field, const void *range);
void take_u32(struct diag *diag, config_setting_t *setting, void *field, const void *range);
void take_u64(struct diag *diag, config_setting_t *setting, void *field, const void *range);
void take_i32(struct diag *diag, config_setting_t *setting, void *field, const void *range);
void take_seconds(struct diag *diag, config_setting_t *setting, void *field, const void *range);
void take_word(struct diag *diag, config_setting_t *setting, void *field, const void *words);	/* an int-sized enum */
void take_addr(struct diag *diag, config_setting_t *setting, void *field, const void *none);
void take_prefix(struct diag *diag, config_setting_t *setting, void *field, const void *none);
const char *setting_text(struct diag *diag, config_setting_t *setting);	/* NULL and a complaint if it is no string */
bool setting_i64(struct diag *diag, config_setting_t *setting, struct range range, int64_t *out);
void setting_wipe(config_setting_t *setting);	/* overwrite a string that libconfig would free unwiped */
const char *setting_label(const config_setting_t *setting);

/* "IP", "IP/mask", with IPv4 also ":port" behind; IPv6 with a port as "[IP]:port" or "[IP/mask]:port". *port only if one is given. */
enum prefix_err place_get(const char *text, struct prefix *out, uint16_t *port);

/* A list of different words, or one word alone. */
struct alg_list {
	uint8_t codes[CONFIG_MAX_ALGS], icvs[CONFIG_MAX_ALGS];	/* icvs: of AES-GCM, else 0 */
	unsigned n;
};
void take_algs(struct diag *diag, config_setting_t *setting, const struct word *words, unsigned max, struct alg_list *out);
void take_replay_window(struct diag *diag, config_setting_t *setting, void *field, const void *range);

/* keys.c, keys_ike.c */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
struct group_kind {
	const struct key *keys;
	size_t n_keys, object_bytes;
	const void *initial;		/* every object begins as a copy of it */
	size_t name_at, line_at, count_at;	/* in the object; in struct config, beside the pointer */
};
#define KIND(type, key_table, initial_object, pointer, count) \
	{ key_table, COUNT(key_table), sizeof(struct type), &(initial_object), offsetof(struct type, name), \
	  offsetof(struct type, line), offsetof(struct config, count) - offsetof(struct config, pointer) }
extern const struct group_kind kind_peer, kind_proposal;
bool config_add_default_proposal(struct config *config);	/* RouterOS's "default", if the file has none of that name; false: no memory */
void take_keys(struct diag *diag, config_setting_t *group, const struct key *keys, size_t n_keys, void *object);
void config_defaults(struct config *config);
void config_take_root(struct diag *diag, config_setting_t *root, struct config *config);

/* scan.c: what libconfig 1.5 would let pass in silence: numbers that do not fit 31 bits, files that include others */
void config_scan(struct diag *diag, const char *text, size_t text_bytes);

/* identity.c: "address:192.0.2.1", "fqdn:office.example", … */
void take_peer_id(struct diag *diag, config_setting_t *setting, void *field, const void *may_ignore);

/* check.c, check_ike.c: what only the whole file can tell */
void config_check(struct diag *diag, struct config *config);
void check_peer(struct diag *diag, const struct config *config, const struct cfg_peer *peer);
void check_proposal(struct diag *diag, const struct cfg_proposal *proposal);
void check_ike_policy(struct diag *diag, const struct config *config, const struct cfg_policy *policy);	/* one without manual_sa */

#endif
