// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "sa/room.h"

bool blob_set(struct blob *blob, struct bytes bytes)
{
	uint8_t *at = malloc(bytes.len + !bytes.len);

	if (at == NULL)
		return false;
	if (bytes.len > 0)
		memcpy(at, bytes.at, bytes.len);	/* before the old one goes: it may be part of it */
	blob_free(blob);
	*blob = (struct blob){ at, bytes.len };
	return true;
}

void blob_free(struct blob *blob)
{
	if (blob->at != NULL)
		OPENSSL_cleanse(blob->at, blob->len);
	free(blob->at);
	*blob = (struct blob){ NULL, 0 };
}
