// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Attributes (RFC 2408 §3.3): with the top bit of the type set (AF), type u16 | value u16; without, type u16 | length u16 | value.
 * Phase 1 knows those of RFC 2409 App. A, phase 2 those of RFC 2407 §4.5 and RFC 4304 §3.
 */
#include <string.h>

#include "wire/room.h"

enum { AF = 0x8000 };
enum kind { NO_KIND, A_NUMBER, A_ESN, A_LIFE_TYPE, A_LIFE };

struct row {
	uint16_t type;
	enum kind kind;
	size_t field;	/* of A_NUMBER: which uint16_t of the transform */
};

#define NUMBER(type, name) { type, A_NUMBER, offsetof(struct v1_transform, name) }
/* In the order in which they are written. A group's own numbers (types 6-10, 15, 16) are not spoken: unknown. */
static const struct row phase1_rows[] = {
	NUMBER(1, enc), NUMBER(14, key_bits), NUMBER(2, hash), NUMBER(3, auth_method), NUMBER(4, group), NUMBER(5, group_type),
	NUMBER(13, prf), { 11, A_LIFE_TYPE, 0 }, { 12, A_LIFE, 0 }
};
static const struct row phase2_rows[] = {
	{ 1, A_LIFE_TYPE, 0 }, { 2, A_LIFE, 0 }, NUMBER(3, group), NUMBER(4, encap), NUMBER(5, auth), NUMBER(6, key_bits),
	NUMBER(7, key_rounds), { 11, A_ESN, 0 }
};
/* RESPONDER-LIFETIME speaks of either phase's SA, in either phase's numbers. */
static const struct row lifetime_rows[] = { { 1, A_LIFE_TYPE, 0 }, { 2, A_LIFE, 0 }, { 11, A_LIFE_TYPE, 0 }, { 12, A_LIFE, 0 } };

struct table {
	const struct row *rows;
	size_t n;
};
#define TABLE(rows) ((struct table){ rows, sizeof(rows) / sizeof((rows)[0]) })

static struct table table_of(bool is_phase1)
{
	return is_phase1 ? TABLE(phase1_rows) : TABLE(phase2_rows);
}

struct attribute {
	uint16_t type;
	bool is_basic;
	struct bytes value;	/* the two bytes of a basic one */
};

/* What the list has said of lifetimes so far. */
struct life {
	bool has_type;		/* a duration is due */
	uint16_t type;
};

static enum wire_err get_attribute(struct bytes *from, struct attribute *out)
{
	uint16_t type, length = 2;

	TRY(get_u16(from, &type));
	out->is_basic = type & AF;
	out->type = type & (uint16_t)~AF;
	if (!out->is_basic)
		TRY(get_u16(from, &length));
	return get_bytes(from, length, &out->value);
}

static enum kind find_kind(struct table table, uint16_t type, size_t *field)
{
	for (size_t i = 0; i < table.n; i++)
		if (table.rows[i].type == type) {
			*field = table.rows[i].field;
			return table.rows[i].kind;
		}
	return NO_KIND;
}

static void set_unknown(struct v1_transform *out, uint16_t type)
{
	if (!out->has_unknown)
		out->unknown_type = type;
	out->has_unknown = true;
}

/* Big endian, of any length; what does not fit is the greatest number there is. */
static uint64_t saturated(struct bytes value)
{
	uint64_t number = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (number >> 56)
			return UINT64_MAX;
		number = number << 8 | value.at[i];
	}
	return number;
}

static enum wire_err set_number(struct v1_transform *out, size_t field, uint16_t value)
{
	uint16_t *at = (uint16_t *)((char *)out + field);

	if (*at != 0 && *at != value)	/* RFC 2407 §4.5.2: conflicting, the negotiation ends */
		return WIRE_TWICE;
	*at = value;
	return WIRE_OK;
}

static enum wire_err set_life(struct v1_transform *out, uint16_t life_type, uint16_t attribute_type, struct bytes value)
{
	const uint64_t number = saturated(value);
	const bool is_seconds = life_type == V1_LIFE_SECONDS;
	bool *has = is_seconds ? &out->has_seconds : &out->has_kilobytes;
	uint64_t *at = is_seconds ? &out->seconds : &out->kilobytes;

	if (value.len == 0)
		return WIRE_LENGTH;
	if (!is_seconds && life_type != V1_LIFE_KILOBYTES) {
		set_unknown(out, attribute_type);
		return WIRE_OK;
	}
	if (*has && *at != number)
		return WIRE_TWICE;
	*has = true;
	*at = number;
	return WIRE_OK;
}

/* 0 if it is not basic. */
static uint16_t basic_value(const struct attribute *attribute)
{
	if (!attribute->is_basic)
		return 0;
	return (uint16_t)(attribute->value.at[0] << 8 | attribute->value.at[1]);
}

static enum wire_err set_attribute(struct v1_transform *out, struct life *life, struct table table, const struct attribute *attribute)
{
	size_t field = 0;
	enum kind kind = find_kind(table, attribute->type, &field);
	const uint16_t number = basic_value(attribute);

	if (kind == A_LIFE) {	/* RFC 2407 §4.5: a duration always follows its type */
		if (!life->has_type)
			return WIRE_MISSING;
		life->has_type = false;
		return set_life(out, life->type, attribute->type, attribute->value);
	}
	/* RFC 2409 App. A: basic ones MUST NOT be variable; 0 is reserved in each of them. Such a transform is not chosen. */
	if (number == 0 || (kind == A_ESN && number != 1))
		kind = NO_KIND;
	switch (kind) {
	case A_NUMBER:
		return set_number(out, field, number);
	case A_ESN:
		out->esn = true;
		return WIRE_OK;
	case A_LIFE_TYPE:
		if (life->has_type)
			return WIRE_MISSING;
		*life = (struct life){ true, number };
		return WIRE_OK;
	default:
		set_unknown(out, attribute->type);
		return WIRE_OK;
	}
}

static enum wire_err get_list(struct bytes list, struct table table, struct v1_transform *out)
{
	struct life life = { false, 0 };

	for (unsigned n = 0; list.len; n++) {
		struct attribute attribute;

		if (n == V1_MAX_ATTRIBUTES)
			return WIRE_MANY;
		TRY(get_attribute(&list, &attribute));
		TRY(set_attribute(out, &life, table, &attribute));
	}
	return life.has_type ? WIRE_MISSING : WIRE_OK;
}

enum wire_err v1_get_attributes(struct bytes list, bool is_phase1, struct v1_transform *out)
{
	return get_list(list, table_of(is_phase1), out);
}

enum wire_err v1_get_lifetimes(struct bytes data, struct v1_transform *out)
{
	*out = (struct v1_transform){ 0 };
	TRY(get_list(data, TABLE(lifetime_rows), out));
	return out->has_seconds || out->has_kilobytes ? WIRE_OK : WIRE_MISSING;
}

static void put_basic(struct writer *to, uint16_t type, uint16_t value)
{
	put_u16(to, AF | type);
	put_u16(to, value);
}

/* A type and its duration, which is basic where it fits (RFC 2407 §4.5), else of 4 bytes, else of 8. */
static void put_life(struct writer *to, uint16_t type_type, uint16_t life_type, uint64_t value)
{
	const uint16_t duration_type = (uint16_t)(type_type + 1);

	put_basic(to, type_type, life_type);
	if (value <= UINT16_MAX) {
		put_basic(to, duration_type, (uint16_t)value);
		return;
	}
	put_u16(to, duration_type);
	put_u16(to, value <= UINT32_MAX ? 4 : 8);
	if (value > UINT32_MAX)
		put_u32(to, (uint32_t)(value >> 32));
	put_u32(to, (uint32_t)value);
}

static void put_lives(struct writer *to, uint16_t type_type, const struct v1_transform *transform)
{
	if (transform->has_seconds)
		put_life(to, type_type, V1_LIFE_SECONDS, transform->seconds);
	if (transform->has_kilobytes)
		put_life(to, type_type, V1_LIFE_KILOBYTES, transform->kilobytes);
}

void v1_put_attributes(struct writer *to, const struct v1_transform *transform, bool is_phase1)
{
	const struct table table = table_of(is_phase1);

	for (size_t i = 0; i < table.n; i++) {
		const struct row *row = &table.rows[i];
		uint16_t number;

		memcpy(&number, (const char *)transform + row->field, sizeof(number));
		if (row->kind == A_NUMBER && number)
			put_basic(to, row->type, number);
		else if (row->kind == A_ESN && transform->esn)
			put_basic(to, row->type, 1);
		else if (row->kind == A_LIFE_TYPE)
			put_lives(to, row->type, transform);
	}
}

void v1_put_lifetimes(struct writer *to, const struct v1_transform *lifetimes)
{
	put_lives(to, 1, lifetimes);
}
