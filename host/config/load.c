// SPDX-License-Identifier: BSD-2-Clause-Patent
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/room.h"

const struct cfg_manual_sa *config_manual_sa(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_manual_sas; i++)
		if (*name && strcmp(config->manual_sas[i].name, name) == 0)
			return &config->manual_sas[i];
	return NULL;
}

const struct cfg_peer *config_peer(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_peers; i++)
		if (strcmp(config->peers[i].name, name) == 0)
			return &config->peers[i];
	return NULL;
}

const struct cfg_policy *config_policy(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_policies; i++)
		if (strcmp(config->policies[i].name, name) == 0)
			return &config->policies[i];
	return NULL;
}

const struct cfg_proposal *config_proposal(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_proposals; i++)
		if (strcmp(config->proposals[i].name, name) == 0)
			return &config->proposals[i];
	return NULL;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	if (config->peers)
		OPENSSL_cleanse(config->peers, config->n_peers * sizeof(*config->peers));
	if (config->manual_sas)
		OPENSSL_cleanse(config->manual_sas, config->n_manual_sas * sizeof(*config->manual_sas));
	free(config->peers);
	free(config->proposals);
	free(config->policies);
	free(config->manual_sas);
	free(config);
}

struct config *config_parse(const char *text, size_t text_bytes, struct diag *diag)
{
	struct config *config = calloc(1, sizeof(*config));
	char *copy = malloc(text_bytes + 1);
	config_t tree;

	config_init(&tree);
	if (!config || !copy) {
		diag_error(diag, 0, "out of memory");
		goto out;
	}
	memcpy(copy, text, text_bytes);
	copy[text_bytes] = 0;
	config_defaults(config);
	config_scan(diag, text, text_bytes);
	if (strlen(copy) != text_bytes)
		goto out;
	if (!config_read_string(&tree, copy)) {
		diag_error(diag, config_error_line(&tree), "%s", config_error_text(&tree));
		goto out;
	}
	config_take_root(diag, config_root_setting(&tree), config);
	if (config->nic && !config->has_tap)
		(void)snprintf(config->tap, sizeof(config->tap), "adit0");
	if (!config_add_default_proposal(config))
		diag_error(diag, 0, "out of memory");
	config_check(diag, config);
out:
	config_destroy(&tree);
	if (copy)
		OPENSSL_cleanse(copy, text_bytes);
	free(copy);
	if (diag->n_errors) {
		config_free(config);
		config = NULL;
	}
	return config;
}

struct config *config_load(const char *path, struct diag *diag)
{
	struct config *config = NULL;
	size_t n = 0, room = 64 * 1024;
	char *text = malloc(room);
	FILE *file = fopen(path, "re");

	if (!file || !text) {
		diag_error(diag, 0, "%s", strerror(file ? ENOMEM : errno));
		goto out;
	}
	(void)setvbuf(file, NULL, _IONBF, 0);	/* no second copy of keys */
	for (;;) {
		size_t got = fread(text + n, 1, room - n, file);
		char *grown;

		n += got;
		if (n < room)
			break;
		if (room >= CONFIG_MAX_FILE_BYTES) {
			diag_error(diag, 0, "longer than %u bytes", CONFIG_MAX_FILE_BYTES);
			goto out;
		}
		grown = malloc(2 * room);
		if (!grown) {
			diag_error(diag, 0, "out of memory");
			goto out;
		}
		memcpy(grown, text, n);
		OPENSSL_cleanse(text, n);
		free(text);
		text = grown;
		room *= 2;
	}
	if (ferror(file)) {
		diag_error(diag, 0, "cannot be read: %s", strerror(errno));
		goto out;
	}
	config = config_parse(text, n, diag);
out:
	if (file)
		(void)fclose(file);
	if (text)
		OPENSSL_cleanse(text, n);
	free(text);
	return config;
}
