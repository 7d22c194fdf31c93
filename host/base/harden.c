// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/harden.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"

void harden_process(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_warning("core dumps could not be switched off: a crash may write keys to disk");
	(void)mallopt(M_PERTURB, 0xa5);
}
