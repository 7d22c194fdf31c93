// SPDX-License-Identifier: BSD-2-Clause-Patent
/* libFuzzer's target for the engine as initiator: it has been asked for a policy's SAs, and the input answers. See fuzz_ike.h. */
#include "fuzz_ike.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void begin(struct fuzz *fuzz)
{
	char why[MATCH_WHY_BYTES] = "";

	(void)ike_initiate(fuzz->ike, "tunnel", fuzz->now_ms, why);
	while (pool_reap(fuzz->pool) > 0)
		;
	fuzz_check(fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	fuzz_run(data, n_bytes, begin);
	return 0;
}
