// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool text_get_u64(const char *text, uint64_t *out)
{
	uint64_t base = 10, value = 0;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	if (!*text)
		return false;
	for (; *text; text++) {
		int d = digit(*text);

		if (d < 0 || (uint64_t)d >= base || value > (UINT64_MAX - (uint64_t)d) / base)
			return false;
		value = value * base + (uint64_t)d;
	}
	*out = value;
	return true;
}

bool text_get_i64(const char *text, int64_t *out)
{
	bool is_negative = *text == '-';
	uint64_t value;

	if (!text_get_u64(text + is_negative, &value) || value > INT64_MAX)
		return false;
	*out = is_negative ? -(int64_t)value : (int64_t)value;
	return true;
}

/* "HH:MM:SS", exactly. */
static bool get_clock(const char *text, uint64_t *seconds)
{
	static const char form[] = "00:00:00";
	unsigned part[3] = { 0, 0, 0 }, n = 0;

	if (strlen(text) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == ':') {
			if (text[i] != ':')
				return false;
			n++;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return false;
		part[n] = part[n] * 10 + (unsigned)(text[i] - '0');
	}
	if (part[1] > 59 || part[2] > 59)
		return false;
	*seconds = part[0] * 3600u + part[1] * 60u + part[2];
	return true;
}

bool text_get_seconds(const char *text, uint64_t *out_seconds)
{
	static const struct { char unit; uint32_t seconds; } units[] = {
		{ 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 }
	};
	const size_t n_units = sizeof(units) / sizeof(units[0]);
	uint64_t total = 0, value;
	size_t next = 0;

	if (text_get_u64(text, &value) && text[1] != 'x' && text[1] != 'X') {
		*out_seconds = value;
		return value <= UINT32_MAX;
	}
	if (!*text)
		return false;
	while (*text) {
		size_t i;

		if (get_clock(text, &value)) {
			total += value;
			break;
		}
		value = 0;
		if (*text < '0' || *text > '9')
			return false;
		for (; *text >= '0' && *text <= '9'; text++) {
			value = value * 10 + (uint64_t)(*text - '0');
			if (value > UINT32_MAX)
				return false;
		}
		for (i = next; i < n_units && units[i].unit != *text; i++)
			;
		if (i == n_units)
			return false;
		next = i + 1;
		total += value * units[i].seconds;
		text++;
		if (*text == ' ' && text[1])
			text++;
	}
	*out_seconds = total;
	return total <= UINT32_MAX;
}

void text_put_seconds(uint64_t seconds, char *out, size_t out_bytes)
{
	uint64_t days = seconds / 86400, rest = seconds % 86400;
	char head[32] = "";

	if (days)
		(void)snprintf(head, sizeof(head), "%llud%s", (unsigned long long)days, rest ? " " : "");
	if (days && !rest)
		(void)snprintf(out, out_bytes, "%s", head);
	else if (!days && rest < 60)
		(void)snprintf(out, out_bytes, "%us", (unsigned)rest);
	else if (!days && rest % 3600 == 0)
		(void)snprintf(out, out_bytes, "%uh", (unsigned)(rest / 3600));
	else if (!days && rest < 3600 && rest % 60 == 0)
		(void)snprintf(out, out_bytes, "%um", (unsigned)(rest / 60));
	else
		(void)snprintf(out, out_bytes, "%s%02u:%02u:%02u", head, (unsigned)(rest / 3600), (unsigned)(rest / 60 % 60),
			       (unsigned)(rest % 60));
}

int text_get_hex(const char *text, uint8_t *out, size_t room)
{
	size_t n;

	if (text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return -1;
	text += 2;
	for (n = 0; text[2 * n]; n++) {
		int hi = digit(text[2 * n]), lo = hi < 0 ? -1 : digit(text[2 * n + 1]);

		if (hi < 0 || lo < 0 || n == room)
			return -1;
		out[n] = (uint8_t)(hi << 4 | lo);
	}
	return (int)n;
}

#define MAX_WORD 63

unsigned text_distance(const char *a, const char *b)
{
	size_t n_a = strlen(a), n_b = strlen(b);
	unsigned rows[3][MAX_WORD + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (n_a > MAX_WORD || n_b > MAX_WORD)
		return MAX_WORD;
	memset(rows, 0, sizeof(rows));
	for (size_t j = 0; j <= n_b; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= n_a; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= n_b; j++) {
			unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[n_b];
}

const char *text_nearest(const char *text, const char *const *words, size_t n_words)
{
	unsigned best = (unsigned)strlen(text) / 3 + 1;
	const char *nearest = NULL;

	if (strlen(text) > MAX_WORD)
		return NULL;
	for (size_t i = 0; i < n_words; i++) {
		unsigned distance = text_distance(text, words[i]);

		if (distance < best || (distance == best && !nearest)) {
			best = distance;
			nearest = words[i];
		}
	}
	return nearest;
}
