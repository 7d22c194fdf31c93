// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Identities of IKE in RouterOS v7's words: a kind, and after a colon its value. */
#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "config/room.h"

enum { MAX_DN_TEXT = 1024 };

static const struct kind {
	const char *word;
	enum cfg_id_kind kind;
} kinds[] = {
	{ "auto", CFG_ID_AUTO }, { "ignore", CFG_ID_IGNORE }, { "address", CFG_ID_ADDRESS }, { "fqdn", CFG_ID_FQDN },
	{ "user-fqdn", CFG_ID_USER_FQDN }, { "dn", CFG_ID_DN }, { "key-id", CFG_ID_KEY_ID }
};

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One part up to a separator, backslashes undone (RFC 2253 §2.4), blanks around it dropped. *text then stands at the separator. */
static bool take_part(char **text, const char *separators, char *out)
{
	char *from = *text, *last = out;

	while (*from == ' ')
		from++;
	while (*from && !strchr(separators, *from)) {
		bool is_escaped = *from == '\\';

		if (is_escaped && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
			*out++ = (char)(hex_digit(from[1]) << 4 | hex_digit(from[2]));
			from += 3;
		} else if (is_escaped && !from[1]) {
			return false;
		} else {
			from += is_escaped;
			*out++ = *from++;
		}
		if (is_escaped || out[-1] != ' ')
			last = out;
	}
	*last = 0;
	*text = from;
	return true;
}

/* "CN=a, O=b+OU=c": what stands first is last in the name itself. */
static X509_NAME *name_of(char *text)
{
	X509_NAME *name = X509_NAME_new();
	char type[MAX_DN_TEXT + 1], value[MAX_DN_TEXT + 1];
	bool is_good = name != NULL, is_same_rdn = false;

	while (is_good) {
		is_good = take_part(&text, "=,+", type) && *text == '=' && text++ && take_part(&text, ",+", value) && *value &&
			  *value != '#' &&
			  X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (const unsigned char *)value, -1, 0,
						     is_same_rdn ? 1 : 0) == 1;
		is_same_rdn = *text == '+';
		if (!*text)
			break;
		text++;
	}
	if (!is_good) {
		X509_NAME_free(name);
		return NULL;
	}
	return name;
}

static bool take_dn(const char *text, struct cfg_id *out)
{
	char copy[MAX_DN_TEXT + 1];
	unsigned char *der = NULL;
	X509_NAME *name;
	int n;

	if (strlen(text) > MAX_DN_TEXT)
		return false;
	memcpy(copy, text, strlen(text) + 1);
	name = name_of(copy);
	if (!name)
		return false;
	n = i2d_X509_NAME(name, &der);
	X509_NAME_free(name);
	if (n > 0 && (size_t)n <= sizeof(out->bytes)) {
		memcpy(out->bytes, der, (size_t)n);
		out->n_bytes = (uint16_t)n;
	}
	OPENSSL_free(der);
	return out->n_bytes != 0;
}

static bool take_text_value(const char *text, struct cfg_id *out)
{
	size_t n = strlen(text);

	if (n == 0 || n > sizeof(out->bytes))
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= 0x20 || *c == 0x7f)
			return false;
	memcpy(out->bytes, text, n);
	out->n_bytes = (uint16_t)n;
	return true;
}

static bool take_key_id(const char *text, struct cfg_id *out)
{
	int n;

	if (strncmp(text, "0x", 2) != 0)
		return take_text_value(text, out);
	n = text_get_hex(text, out->bytes, sizeof(out->bytes));
	out->n_bytes = (uint16_t)(n > 0 ? n : 0);
	return n > 0;
}

static bool take_value(const char *text, struct cfg_id *out)
{
	const char *at = strchr(text, '@');

	switch (out->kind) {
	case CFG_ID_ADDRESS:
		return addr_get(text, &out->address);
	case CFG_ID_FQDN:
		return !at && take_text_value(text, out);
	case CFG_ID_USER_FQDN:
		return at && at != text && at[1] && take_text_value(text, out);
	case CFG_ID_KEY_ID:
		return take_key_id(text, out);
	case CFG_ID_DN:
		return take_dn(text, out);
	default:	/* auto and ignore have no value */
		return false;
	}
}

void take_peer_id(struct diag *diag, config_setting_t *setting, void *field, const void *may_ignore)
{
	const char *text = setting_text(diag, setting), *colon;
	int line = (int)config_setting_source_line(setting);
	struct cfg_id id = { .kind = CFG_ID_AUTO };
	size_t i = 0, n;

	if (!text)
		return;
	colon = strchr(text, ':');
	n = colon ? (size_t)(colon - text) : strlen(text);
	while (i < COUNT(kinds) && (strlen(kinds[i].word) != n || strncmp(kinds[i].word, text, n) != 0))
		i++;
	if (i == COUNT(kinds) || (kinds[i].kind == CFG_ID_IGNORE && !may_ignore)) {
		diag_error(diag, line, "%s: \"%s\" is no identity: write auto, %saddress:IP, fqdn:NAME, user-fqdn:NAME@DOMAIN, key-id:0x..., "
			   "dn or dn:CN=...", setting_label(setting), text, may_ignore ? "ignore, " : "");
		return;
	}
	id.kind = kinds[i].kind;
	if (colon ? !take_value(colon + 1, &id) : id.kind != CFG_ID_AUTO && id.kind != CFG_ID_IGNORE && id.kind != CFG_ID_DN)
		diag_error(diag, line, "%s: \"%s\" has no value that suits %s", setting_label(setting), text, kinds[i].word);
	else
		*(struct cfg_id *)field = id;
}
