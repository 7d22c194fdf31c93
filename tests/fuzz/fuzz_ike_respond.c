// SPDX-License-Identifier: BSD-2-Clause-Patent
/* libFuzzer's target for the engine as responder: nothing has happened, and the input is all that does. See fuzz_ike.h. */
#include "fuzz_ike.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
	fuzz_run(data, n_bytes, NULL);
	return 0;
}
