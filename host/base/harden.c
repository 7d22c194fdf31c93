// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/harden.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/log.h"

#if !defined(__SANITIZE_ADDRESS__)

/*
 * Keys pass through libraries that free them unwiped: libconfig's strings, json-c's. So whoever links this room wipes all
 * that it frees, libraries' memory too. (mallopt's M_PERTURB does not do that: glibc's per-thread cache comes before it.)
 */
void __libc_free(void *memory);

void free(void *memory)	/* NOLINT(readability-inconsistent-declaration-parameter-name): glibc's are reserved */
{
	int saved_errno = errno;

	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	__libc_free(memory);
	errno = saved_errno;
}

/* glibc's would move the bytes and leave the old ones. */
void *realloc(void *memory, size_t n_bytes)	/* NOLINT(readability-inconsistent-declaration-parameter-name) */
{
	size_t room = memory ? malloc_usable_size(memory) : 0;
	void *grown;

	if (memory && n_bytes == 0) {
		free(memory);
		return NULL;
	}
	if (memory && n_bytes <= room && n_bytes >= room / 2)
		return memory;
	grown = malloc(n_bytes);
	if (grown && memory) {
		memcpy(grown, memory, room < n_bytes ? room : n_bytes);
		free(memory);
	}
	return grown;
}

#endif

void harden_process(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_warning("core dumps could not be switched off: a crash may write keys to disk");
}
