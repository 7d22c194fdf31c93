// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "config/room.h"

/* The setting's own name; for an element of a list, the list's. */
const char *setting_label(const config_setting_t *setting)
{
	while (setting && !config_setting_name(setting) && !config_setting_is_root(setting))
		setting = config_setting_parent(setting);
	return setting && config_setting_name(setting) ? config_setting_name(setting) : "file";
}

static int line_of(const config_setting_t *setting)
{
	return (int)config_setting_source_line(setting);
}

const char *setting_text(struct diag *diag, config_setting_t *setting)
{
	if (config_setting_type(setting) == CONFIG_TYPE_STRING)
		return config_setting_get_string(setting);
	diag_error(diag, line_of(setting), "%s: wants a string in quotes", setting_label(setting));
	return NULL;
}

void setting_wipe(config_setting_t *setting)
{
	if (config_setting_type(setting) == CONFIG_TYPE_STRING) {
		char *text = (char *)(uintptr_t)config_setting_get_string(setting);	/* libconfig's own heap copy */

		if (text)
			OPENSSL_cleanse(text, strlen(text));
	}
}

void take_text(struct diag *diag, config_setting_t *setting, void *field, const void *size_t_room)
{
	size_t room = *(const size_t *)size_t_room;
	const char *text = setting_text(diag, setting);

	if (!text)
		return;
	if (strlen(text) >= room)
		diag_error(diag, line_of(setting), "%s: longer than %zu characters", setting_label(setting), room - 1);
	else
		memcpy(field, text, strlen(text) + 1);
}

/* What is no UTF-8 (RFC 3629) would make aditctl's JSON none. */
static bool is_utf8(const char *text)
{
	while (*text) {
		unsigned char first = (unsigned char)*text++;
		unsigned n_more = first < 0x80 ? 0 : first < 0xc2 ? 4 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 4;
		unsigned char second = (unsigned char)*text;

		if (n_more == 4 || (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
		    (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
			return false;
		for (; n_more; n_more--)
			if (((unsigned char)*text++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

void take_name(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	static const size_t room = CONFIG_NAME_BYTES;
	const char *text;

	(void)none;
	text = setting_text(diag, setting);
	if (!text)
		return;
	if (!*text)
		diag_error(diag, line_of(setting), "%s: empty", setting_label(setting));
	if (*text == '*')	/* policies that are generated are called so */
		diag_error(diag, line_of(setting), "%s: names do not begin with *", setting_label(setting));
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c <= 0x20 || *c == 0x7f) {
			diag_error(diag, line_of(setting), "%s: names hold no spaces or control characters",
				   setting_label(setting));
			return;
		}
	}
	if (!is_utf8(text))
		diag_error(diag, line_of(setting), "%s: is not UTF-8", setting_label(setting));
	else
		take_text(diag, setting, field, &room);
}

void take_bool(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	bool *out = field;

	(void)none;
	if (config_setting_type(setting) == CONFIG_TYPE_BOOL) {
		*out = config_setting_get_bool(setting);
	} else if (config_setting_type(setting) == CONFIG_TYPE_STRING &&
		   strcmp(config_setting_get_string(setting), "yes") == 0) {
		*out = true;
	} else if (config_setting_type(setting) == CONFIG_TYPE_STRING &&
		   strcmp(config_setting_get_string(setting), "no") == 0) {
		*out = false;
	} else {
		diag_error(diag, line_of(setting), "%s: wants true or false", setting_label(setting));
	}
}

bool setting_i64(struct diag *diag, config_setting_t *setting, struct range range, int64_t *out)
{
	bool is_good = true;
	int64_t value = 0;

	switch (config_setting_type(setting)) {
	case CONFIG_TYPE_INT:
		value = config_setting_get_int(setting);
		break;
	case CONFIG_TYPE_INT64:
		value = config_setting_get_int64(setting);
		break;
	case CONFIG_TYPE_STRING:
		is_good = text_get_i64(config_setting_get_string(setting), &value);
		break;
	default:
		is_good = false;
	}
	if (!is_good) {
		diag_error(diag, line_of(setting), "%s: wants a whole number", setting_label(setting));
		return false;
	}
	if (value < range.min || value > range.max) {
		diag_error(diag, line_of(setting), "%s: %lld is not within %lld .. %lld", setting_label(setting),
			   (long long)value, (long long)range.min, (long long)range.max);
		return false;
	}
	*out = value;
	return true;
}

void take_u8(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	int64_t value;

	if (setting_i64(diag, setting, *(const struct range *)range, &value))
		*(uint8_t *)field = (uint8_t)value;
}

void take_u16(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	int64_t value;

	if (setting_i64(diag, setting, *(const struct range *)range, &value))
		*(uint16_t *)field = (uint16_t)value;
}

void take_u32(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	int64_t value;

	if (setting_i64(diag, setting, *(const struct range *)range, &value))
		*(uint32_t *)field = (uint32_t)value;
}

void take_u64(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	int64_t value;

	if (setting_i64(diag, setting, *(const struct range *)range, &value))
		*(uint64_t *)field = (uint64_t)value;
}

void take_i32(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	int64_t value;

	if (setting_i64(diag, setting, *(const struct range *)range, &value))
		*(int32_t *)field = (int32_t)value;
}

void take_seconds(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	const struct range *seconds = range;
	uint64_t value;

	if (config_setting_type(setting) != CONFIG_TYPE_STRING) {
		take_u32(diag, setting, field, range);
		return;
	}
	if (!text_get_seconds(config_setting_get_string(setting), &value))
		diag_error(diag, line_of(setting), "%s: \"%s\" is no time: write \"30m\", \"1d\" or \"1d 02:03:04\"",
			   setting_label(setting), config_setting_get_string(setting));
	else if (value < (uint64_t)seconds->min || value > (uint64_t)seconds->max)
		diag_error(diag, line_of(setting), "%s: %llu seconds is not within %lld .. %lld", setting_label(setting),
			   (unsigned long long)value, (long long)seconds->min, (long long)seconds->max);
	else
		*(uint32_t *)field = (uint32_t)value;
}

void take_word(struct diag *diag, config_setting_t *setting, void *field, const void *words)
{
	const char *text = setting_text(diag, setting), *near;
	char all[512];
	int code;

	if (!text)
		return;
	if (word_get(words, text, &code)) {
		*(int *)field = code;
		return;
	}
	near = word_nearest(words, text);
	word_list(words, all, sizeof(all));
	if (near)
		diag_error(diag, line_of(setting), "%s: unknown word \"%s\"; did you mean \"%s\"?", setting_label(setting),
			   text, near);
	else
		diag_error(diag, line_of(setting), "%s: unknown word \"%s\"; the words are: %s", setting_label(setting), text,
			   all);
}

void take_addr(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	const char *text = setting_text(diag, setting);

	(void)none;
	if (text && !addr_get(text, field))
		diag_error(diag, line_of(setting), "%s: \"%s\" is not an IP address", setting_label(setting), text);
}

void take_prefix(struct diag *diag, config_setting_t *setting, void *field, const void *none)
{
	const char *text = setting_text(diag, setting);
	char right[ADDR_TEXT_BYTES];

	(void)none;
	if (!text)
		return;
	switch (prefix_get(text, field)) {
	case PREFIX_OK:
		return;
	case PREFIX_HOST_BITS:
		diag_error(diag, line_of(setting), "%s: \"%s\" has host bits set; the prefix is \"%s\"",
			   setting_label(setting), text, prefix_put(field, right));
		return;
	case PREFIX_BAD:
	default:
		diag_error(diag, line_of(setting), "%s: \"%s\" is not a prefix such as \"10.1.202.0/24\"",
			   setting_label(setting), text);
	}
}

enum prefix_err place_get(const char *text, struct prefix *out, uint16_t *port)
{
	const char *close = strchr(text, ']'), *colon = strrchr(text, ':');
	char head[ADDR_TEXT_BYTES + 2];
	bool is_v6 = text[0] == '[';
	uint64_t value = 0;
	size_t n;

	if (!is_v6 && (!colon || strchr(text, ':') != colon))	/* IPv4 without a port, IPv6 without brackets */
		return prefix_get(text, out);
	if (is_v6 && (!close || close[1] != ':' || strchr(text, ':') > close))
		return PREFIX_BAD;
	n = is_v6 ? (size_t)(close - text) - 1 : (size_t)(colon - text);
	if (n >= sizeof(head) || colon[1] < '0' || colon[1] > '9' || colon[2] == 'x' || !text_get_u64(colon + 1, &value) ||
	    value == 0 || value > 65535)
		return PREFIX_BAD;
	memcpy(head, text + is_v6, n);
	head[n] = 0;
	*port = (uint16_t)value;
	return prefix_get(head, out);
}

/* Off, or a size that the card's windows can have. */
void take_replay_window(struct diag *diag, config_setting_t *setting, void *field, const void *range)
{
	size_t before = diag->n_errors;

	take_u16(diag, setting, field, range);
	if (diag->n_errors == before && *(uint16_t *)field > 0 && *(uint16_t *)field < 32)
		diag_error(diag, line_of(setting), "%s: 0 turns the window off; else it holds 32 .. 4096 packets", setting_label(setting));
}

static uint8_t icv_of(const struct word *words, int code, const char *text)
{
	unsigned icv = enc_icv_bytes(text);

	return words == words_enc && enc_facts((enum adit_enc)code).is_aead ? (uint8_t)(icv ? icv : 16) : 0;
}

void take_algs(struct diag *diag, config_setting_t *setting, const struct word *words, unsigned max, struct alg_list *out)
{
	bool is_list = config_setting_is_aggregate(setting) && !config_setting_is_group(setting);
	int n = is_list ? config_setting_length(setting) : 1;

	*out = (struct alg_list){ .n = 0 };
	if (n <= 0 || (unsigned)n > max) {
		diag_error(diag, line_of(setting), "%s: wants 1 .. %u words", setting_label(setting), max);
		return;
	}
	for (unsigned i = 0; i < (unsigned)n; i++) {
		config_setting_t *elem = is_list ? config_setting_get_elem(setting, i) : setting;
		bool is_twice = false;
		uint8_t icv;
		int code = -1;

		take_word(diag, elem, &code, words);
		if (code < 0)
			continue;
		icv = icv_of(words, code, config_setting_get_string(elem));
		for (unsigned k = 0; k < out->n; k++)
			is_twice |= out->codes[k] == code && out->icvs[k] == icv;
		if (is_twice) {
			diag_error(diag, line_of(elem), "%s: \"%s\" stands twice", setting_label(setting),
				   config_setting_get_string(elem));
			continue;
		}
		out->codes[out->n] = (uint8_t)code;
		out->icvs[out->n++] = icv;
	}
}
