// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/words_room.h"
#include "offload/batch.h"

#define TEXT_BYTES 1024

void add_text(json_object *to, const char *key, const char *text)
{
	char clean[TEXT_BYTES];

	journal_clean(text ? text : "?", clean, sizeof(clean));
	json_object_object_add(to, key, json_object_new_string(clean));
}

void add_u64(json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

void add_bool(json_object *to, const char *key, bool value)
{
	json_object_object_add(to, key, json_object_new_boolean(value));
}

void add_addr(json_object *to, const char *key, const struct adit_addr *addr)
{
	char text[ADDR_TEXT_BYTES];

	add_text(to, key, addr_put(addr, text));
}

void add_prefix(json_object *to, const char *key, const struct prefix *prefix)
{
	char text[ADDR_TEXT_BYTES];

	add_text(to, key, prefix_put(prefix, text));
}

void add_spi(json_object *to, const char *key, uint32_t spi)
{
	char text[12];

	(void)snprintf(text, sizeof(text), "0x%08x", spi);
	add_text(to, key, text);
}

void add_hex(json_object *to, const char *key, const uint8_t *bytes, size_t n, const uint8_t *more, size_t n_more)
{
	char text[2 + 2 * (72 + 4) + 1] = "0x";
	size_t used = 2;

	for (size_t i = 0; i < n; i++, used += 2)
		(void)snprintf(text + used, 3, "%02x", bytes[i]);
	for (size_t i = 0; i < n_more; i++, used += 2)
		(void)snprintf(text + used, 3, "%02x", more[i]);
	json_object_object_add(to, key, json_object_new_string(text));
	explicit_bzero(text, sizeof(text));
}

void add_ports(json_object *to, const char *key, const struct cfg_ports *ports)
{
	char text[16];

	if (ports->any)
		(void)snprintf(text, sizeof(text), ports->opaque ? "opaque" : "any");
	else if (ports->lo == ports->hi)
		(void)snprintf(text, sizeof(text), "%u", ports->lo);
	else
		(void)snprintf(text, sizeof(text), "%u-%u", ports->lo, ports->hi);
	add_text(to, key, text);
}

void add_port(json_object *to, const char *key, uint16_t port)
{
	add_ports(to, key, &(struct cfg_ports){ .any = port == 0, .lo = port, .hi = port });
}

void add_protocol(json_object *to, const char *key, int proto)
{
	const char *word = word_put(words_proto, proto);
	char number[12];

	(void)snprintf(number, sizeof(number), "%d", proto);
	add_text(to, key, word ? word : number);
}

void add_words(json_object *to, const char *key, const struct word *words, const uint8_t *codes, unsigned n)
{
	json_object *array = json_object_new_array();

	for (unsigned i = 0; i < n; i++) {
		const char *word = word_put(words, codes[i]);

		json_object_array_add(array, json_object_new_string(word ? word : "?"));
	}
	json_object_object_add(to, key, array);
}

uint64_t seconds_between(int64_t from_ms, int64_t to_ms)
{
	return to_ms > from_ms ? (uint64_t)(to_ms - from_ms) / 1000 : 0;
}

bool asked_flag(const struct asked *asked, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(asked->request, key, &value) && json_object_get_boolean(value);
}

const char *asked_text(const struct asked *asked, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(asked->request, key, &value) ? json_object_get_string(value) : NULL;
}

int64_t asked_number(const struct asked *asked, const char *key, int64_t fallback)
{
	json_object *value;

	return json_object_object_get_ex(asked->request, key, &value) ? json_object_get_int64(value) : fallback;
}

json_object *card_error(struct words_view *view, int rc, const char *why)
{
	if (rc == -EIO || rc == -ENODEV || rc == -ETIMEDOUT)
		view->card_failed(view->arg);
	return control_error("card: %s", *why ? why : strerror(-rc));
}

int look_at_children(struct words_view *view, char why[OFFLOAD_WHY_BYTES])
{
	struct batch_item *item;
	struct batch batch;
	int rc;

	if (!view->look_children)
		return 0;
	rc = batch_open(&batch, view->card, 1);
	if (rc < 0)
		return rc;
	batch_hurry(&batch);
	batch_hurry(&batch);
	view->look_children(view->arg);
	item = batch_item(&batch, "a look at the SAs of IKE");
	do
		rc = adit_nop(view->card, batch_done, item);
	while (batch_retry(&batch, item, rc));
	rc = batch_finish(&batch, why, OFFLOAD_WHY_BYTES);
	return rc == -ETIMEDOUT ? 0 : rc;	/* then they are told as they were last seen */
}
