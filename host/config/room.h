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

/* keys.c */
void take_keys(struct diag *diag, config_setting_t *group, const struct key *keys, size_t n_keys, void *object);
void config_defaults(struct config *config);
void config_take_root(struct diag *diag, config_setting_t *root, struct config *config);

/* scan.c: what libconfig 1.5 would let pass in silence: numbers that do not fit 31 bits, files that include others */
void config_scan(struct diag *diag, const char *text, size_t text_bytes);

/* check.c: what only the whole file can tell */
void config_check(struct diag *diag, struct config *config);

#endif
