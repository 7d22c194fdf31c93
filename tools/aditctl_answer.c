// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdio.h>

#include "aditctl_room.h"
#include "base/text.h"

const char *text_of(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && value ? json_object_get_string(value) : "";
}

uint64_t u64_of(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) ? json_object_get_uint64(value) : 0;
}

bool bool_of(json_object *object, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

bool has(json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL);
}

const char *list_of(json_object *object, const char *key, const char *gap, char *out, size_t room)
{
	json_object *array;
	size_t used = 0;

	out[0] = 0;
	if (!json_object_object_get_ex(object, key, &array) || !json_object_is_type(array, json_type_array))
		return out;
	for (size_t i = 0; i < json_object_array_length(array) && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i ? gap : "",
					 json_object_get_string(json_object_array_get_idx(array, i)));
	return out;
}

json_object *item(json_object *array, size_t i)
{
	return json_object_array_get_idx(array, i);
}

size_t count(json_object *array)
{
	return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

const char *time_of(json_object *object, const char *key, char out[40])
{
	text_put_seconds(u64_of(object, key), out, 40);
	return out;
}

const char *end_of(json_object *object, const char *address_key, const char *port_key, char out[80])
{
	(void)snprintf(out, 80, "%s[%s]", text_of(object, address_key), text_of(object, port_key));
	return out;
}

void print_json(json_object *object, bool is_one_line)
{
	puts(json_object_to_json_string_ext(object, is_one_line ? JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE :
					    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
}
