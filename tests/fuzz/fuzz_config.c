// SPDX-License-Identifier: BSD-2-Clause-Patent
/* libFuzzer's target for configuration files: what is right can be planned for a card and freed, what is wrong is told, with its line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_random.h"
#include "policy/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);
const char *__lsan_default_suppressions(void);

/* libconfig keeps strings of a file that is cut off or wrong. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig\n";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	char *exact = malloc(n_bytes + !n_bytes);
	struct config *config;
	struct plan *plan;
	struct diag diag;

	if (n_bytes > 0)
		memcpy(exact, data, n_bytes);
	diag_open(&diag, "fuzz.conf");
	config = config_parse(exact, n_bytes, &diag);
	free(exact);
	if (!config == (diag.n_errors == 0)) {
		fprintf(stderr, "fuzz_config: a configuration and %u errors\n", (unsigned)diag.n_errors);
		abort();
	}
	plan = config ? plan_make(config, 16) : NULL;
	if (plan)
		plan_free(plan);
	config_free(config);
	diag_close(&diag);
	return 0;
}
