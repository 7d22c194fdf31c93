// SPDX-License-Identifier: BSD-2-Clause-Patent
/* top: what each SA carries, from two looks at installed-sa. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aditctl_room.h"
#include "base/text.h"

#define CLEAR "\033[H\033[J"

struct rate {
	json_object *sa;
	double bytes, packets;	/* a second */
};

static double now_seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static json_object *same_sa(json_object *before, json_object *sa)
{
	for (size_t i = 0; i < count(before); i++) {
		json_object *other = item(before, i);

		if (strcmp(text_of(other, "spi"), text_of(sa, "spi")) == 0 && strcmp(text_of(other, "direction"), text_of(sa, "direction")) == 0 &&
		    strcmp(text_of(other, "dst_address"), text_of(sa, "dst_address")) == 0 && u64_of(other, "bytes") <= u64_of(sa, "bytes"))
			return other;
	}
	return NULL;
}

static int busiest_first(const void *a, const void *b)
{
	double left = ((const struct rate *)a)->bytes, right = ((const struct rate *)b)->bytes;

	return left > right ? -1 : left < right;
}

static const char *bits_of(double bytes, char out[24])
{
	static const char units[] = " kMGT";
	double bits = 8 * bytes;
	unsigned unit = 0;

	for (; bits >= 1000 && unit < 4; unit++)
		bits /= 1000;
	(void)snprintf(out, 24, unit ? "%.2f %cb/s" : "%.0f%cb/s", bits, units[unit]);
	return out;
}

static void print_rates(const struct rate *rates, size_t n)
{
	char rate[24];

	printf("%-4s %-10s %-32s %-20s %-8s %14s %12s\n", "", "spi", "peer address", "policy", "state", "rate", "packets/s");
	for (size_t i = 0; i < n; i++) {
		json_object *sa = rates[i].sa, *policies = NULL;
		bool is_in = strcmp(text_of(sa, "direction"), "in") == 0;

		(void)json_object_object_get_ex(sa, "policies", &policies);
		printf("%-4s %-10s %-32s %-20.20s %-8s %14s %12.0f\n", text_of(sa, "direction"), text_of(sa, "spi"),
		       text_of(sa, is_in ? "src_address" : "dst_address"),
		       count(policies) ? json_object_get_string(item(policies, 0)) : "", text_of(sa, "state"), bits_of(rates[i].bytes, rate),
		       rates[i].packets);
	}
}

static void print_rates_json(const struct rate *rates, size_t n)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		static const char *const kept[] = { "direction", "spi", "src_address", "dst_address", "state", "policies", "bytes", "packets" };
		json_object *object = json_object_new_object(), *value;

		for (size_t k = 0; k < COUNT(kept); k++)
			if (json_object_object_get_ex(rates[i].sa, kept[k], &value))
				json_object_object_add(object, kept[k], json_object_get(value));
		json_object_object_add(object, "bytes_per_second", json_object_new_double(rates[i].bytes));
		json_object_object_add(object, "packets_per_second", json_object_new_double(rates[i].packets));
		json_object_array_add(array, object);
	}
	print_json(array, true);
	json_object_put(array);
}

static void show_rates(json_object *before, json_object *after, double seconds, const struct options *options)
{
	struct rate *rates = calloc(count(after) + 1, sizeof(*rates));

	if (!rates)
		return;
	for (size_t i = 0; i < count(after); i++) {
		json_object *sa = item(after, i), *was = same_sa(before, sa);

		rates[i].sa = sa;
		if (!was)
			continue;
		rates[i].bytes = (double)(u64_of(sa, "bytes") - u64_of(was, "bytes")) / seconds;
		rates[i].packets = (double)(u64_of(sa, "packets") - u64_of(was, "packets")) / seconds;
	}
	qsort(rates, count(after), sizeof(*rates), busiest_first);
	if (!options->as_json && isatty(STDOUT_FILENO))
		fputs(CLEAR, stdout);
	if (options->as_json)
		print_rates_json(rates, count(after));
	else
		print_rates(rates, count(after));
	(void)fflush(stdout);
	free(rates);
}

int top_run(const struct word_row *row, const struct options *options)
{
	static const struct word_row asked = { .word = "installed-sa" };
	uint64_t interval_seconds = 1, n_left = UINT64_MAX;
	json_object *before = NULL, *request;
	double before_seconds = 0;
	int fd, status = EXIT_GOOD;

	if ((options->interval && (!text_get_seconds(options->interval, &interval_seconds) || !interval_seconds || interval_seconds > 3600)) ||
	    (options->count && !text_get_u64(options->count, &n_left))) {
		fprintf(stderr, "aditctl: \"%s\" takes --interval 1s to 1h and --count NUMBER\n", row->word);
		return EXIT_USAGE;
	}
	fd = talk_dial(options->socket_path);
	if (fd < 0)
		return EXIT_USAGE;
	request = talk_request(&asked, &(struct options){ 0 });
	while (status == EXIT_GOOD) {
		json_object *answer = talk_ask(fd, request), *result = answer ? talk_result(answer) : NULL;
		double seconds = now_seconds();

		if (!result)
			status = answer ? EXIT_REFUSED : EXIT_USAGE;
		else if (before)
			show_rates(talk_result(before), result, fmax(seconds - before_seconds, 0.001), options);
		json_object_put(before);
		if (before && result)
			n_left--;
		before = answer;
		before_seconds = seconds;
		if (!n_left)
			break;
		if (status == EXIT_GOOD)
			(void)sleep((unsigned)interval_seconds);
	}
	json_object_put(before);
	json_object_put(request);
	(void)close(fd);
	return status;
}
