// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * libconfig 1.5 reads 5000000000 as 705032704 and 0x80000000 as a negative number, and says nothing. So the text is
 * walked once before: numbers outside strings and comments must fit 31 bits, end with L, or be written as strings.
 */
#include <ctype.h>
#include <string.h>

#include "config/room.h"

struct cursor {
	const char *at, *end;
	int line;
};

static char peek(const struct cursor *c, size_t ahead)
{
	return ahead < (size_t)(c->end - c->at) ? c->at[ahead] : 0;
}

static void step(struct cursor *c)
{
	if (c->at < c->end && *c->at++ == '\n')
		c->line++;
}

static void skip_string(struct cursor *c)
{
	step(c);
	while (c->at < c->end && *c->at != '"') {
		if (*c->at == '\\')
			step(c);
		step(c);
	}
	step(c);
}

static bool skip_comment(struct cursor *c)
{
	if (peek(c, 0) == '#' || (peek(c, 0) == '/' && peek(c, 1) == '/')) {
		while (c->at < c->end && *c->at != '\n')
			step(c);
		return true;
	}
	if (peek(c, 0) != '/' || peek(c, 1) != '*')
		return false;
	step(c);
	step(c);
	while (c->at < c->end && !(peek(c, 0) == '*' && peek(c, 1) == '/'))
		step(c);
	step(c);
	step(c);
	return true;
}

static bool is_word(char ch)
{
	return isalnum((unsigned char)ch) || ch == '_' || ch == '-' || ch == '*' || ch == '.';
}

/* A token that begins with a digit: a number, whatever follows it is libconfig's to judge. */
static void check_number(struct diag *diag, struct cursor *c, bool is_negative)
{
	char text[40];
	size_t n = 0;
	uint64_t value;
	int line = c->line;
	bool is_hex;

	for (; c->at < c->end && is_word(*c->at); step(c), n++)
		if (n < sizeof(text) - 1)
			text[n] = *c->at;
	text[n < sizeof(text) - 1 ? n : sizeof(text) - 1] = 0;
	if (strpbrk(text, ".") || text[strlen(text) - 1] == 'L')
		return;
	is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	if (is_hex && n > 10) {		/* perhaps a key without its quotes: it is not shown */
		diag_error(diag, line, "a number of %zu hex digits does not fit 31 bits: write it as a string, in quotes", n - 2);
		return;
	}
	if (!text_get_u64(text, &value)) {
		if (strspn(text, "0123456789") == n)
			diag_error(diag, line, "a number of %zu digits does not fit 64 bits", n);
		return;
	}
	if (value > (uint64_t)INT32_MAX + is_negative)
		diag_error(diag, line, "%s%s does not fit 31 bits: write it as a string (\"%s%s\") or with an L at its end",
			   is_negative ? "-" : "", text, is_negative ? "-" : "", text);
}

void config_scan(struct diag *diag, const char *text, size_t text_bytes)
{
	struct cursor c = { text, text + text_bytes, 1 };

	while (c.at < c.end) {
		bool is_negative = *c.at == '-';

		if (*c.at == 0) {
			diag_error(diag, c.line, "a NUL byte: this is not a text file");
			return;
		}
		if (*c.at == '"') {
			skip_string(&c);
		} else if (*c.at == '@') {
			diag_error(diag, c.line, "files cannot include others");
			return;
		} else if (isdigit((unsigned char)peek(&c, is_negative))) {
			if (is_negative)
				step(&c);
			check_number(diag, &c, is_negative);
		} else if (is_word(*c.at)) {
			while (c.at < c.end && is_word(*c.at))
				step(&c);
		} else if (!skip_comment(&c)) {
			step(&c);
		}
	}
}
