// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * golden on a pipe, for tests in other languages. A line is words; an answer is a reason and, if it went through, the frame.
 *
 *   sa NAME=VALUE ...      another SA from here on, opened twice: to seal and to open
 *   seal SEQ L3_OFF HEX    open SEQ L3_OFF HEX    frames
 *   quit
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transform/golden.h"

static struct golden_sa *sealer, *opener;

static void fail(const char *what, const char *word)
{
	fprintf(stderr, "golden_cli: %s: %s\n", what, word);
	exit(2);
}

static size_t unhex(const char *text, uint8_t *out, size_t room)
{
	size_t n = strlen(text) / 2;
	unsigned byte;

	if (strlen(text) % 2 != 0 || n > room)
		fail("hex does not fit", text);
	for (size_t i = 0; i < n; i++) {
		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			fail("no hex", text);
		out[i] = (uint8_t)byte;
	}
	return n;
}

static void set_addr(struct adit_addr *addr, const char *hex)
{
	addr->is_v6 = unhex(hex, addr->bytes, sizeof(addr->bytes)) == 16;
}

static void set_field(struct adit_sa *sa, const char *name, const char *value)
{
	unsigned long n = strtoul(value, NULL, 0);

	if (strcmp(name, "spi") == 0) sa->spi = (uint32_t)n;
	else if (strcmp(name, "proto") == 0) sa->proto = (enum adit_proto)n;
	else if (strcmp(name, "mode") == 0) sa->mode = (enum adit_mode)n;
	else if (strcmp(name, "enc") == 0) sa->enc = (enum adit_enc)n;
	else if (strcmp(name, "auth") == 0) sa->auth = (enum adit_auth)n;
	else if (strcmp(name, "enc_key") == 0) unhex(value, sa->enc_key, sizeof(sa->enc_key));
	else if (strcmp(name, "auth_key") == 0) sa->auth_key_bytes = (uint8_t)unhex(value, sa->auth_key, sizeof(sa->auth_key));
	else if (strcmp(name, "salt") == 0) unhex(value, sa->salt, sizeof(sa->salt));
	else if (strcmp(name, "icv_bytes") == 0) sa->icv_bytes = (uint8_t)n;
	else if (strcmp(name, "src") == 0) set_addr(&sa->src, value);
	else if (strcmp(name, "dst") == 0) set_addr(&sa->dst, value);
	else if (strcmp(name, "esn") == 0) sa->esn = n != 0;
	else if (strcmp(name, "udp_encap") == 0) sa->udp_encap = n != 0;
	else if (strcmp(name, "sport") == 0) sa->natt_sport = (uint16_t)n;
	else if (strcmp(name, "dport") == 0) sa->natt_dport = (uint16_t)n;
	else if (strcmp(name, "ttl") == 0) sa->ttl = (uint8_t)n;
	else if (strcmp(name, "set_dscp") == 0) sa->set_dscp = n != 0;
	else if (strcmp(name, "dscp") == 0) sa->dscp = (uint8_t)n;
	else if (strcmp(name, "clear_df") == 0) sa->clear_df = n != 0;
	else if (strcmp(name, "set_df") == 0) sa->set_df = n != 0;
	else if (strcmp(name, "no_ecn") == 0) sa->no_ecn = n != 0;
	else if (strcmp(name, "flow_label") == 0) sa->flow_label = (uint32_t)n;
	else if (strcmp(name, "tfc_bytes") == 0) sa->tfc_bytes = (uint16_t)n;
	else fail("no such field", name);
}

static void take_sa(void)
{
	struct adit_sa sa = { 0 };
	int err;

	for (char *word = strtok(NULL, " \n"); word != NULL; word = strtok(NULL, " \n")) {
		char *value = strchr(word, '=');

		if (value == NULL)
			fail("no value", word);
		*value++ = '\0';
		set_field(&sa, word, value);
	}
	golden_sa_close(sealer);
	golden_sa_close(opener);
	sealer = opener = NULL;
	sa.dir = ADIT_DIR_OUT;
	err = golden_sa_open(&sa, &sealer);
	sa.dir = ADIT_DIR_IN;
	if (err == 0)
		err = golden_sa_open(&sa, &opener);
	printf("%d\n", err);
}

static void take_frame(bool is_seal)
{
	static uint8_t frame[GOLDEN_MAX_FRAME_BYTES], out[GOLDEN_MAX_FRAME_BYTES];
	const char *seq = strtok(NULL, " \n"), *l3_off = strtok(NULL, " \n"), *hex = strtok(NULL, " \n");
	size_t n_bytes, out_bytes = 0;
	enum adit_reason reason;

	if (seq == NULL || l3_off == NULL || hex == NULL || sealer == NULL)
		fail("too few words", is_seal ? "seal" : "open");
	n_bytes = unhex(hex, frame, sizeof(frame));
	reason = (is_seal ? golden_seal : golden_open)(is_seal ? sealer : opener, frame, n_bytes, strtoul(l3_off, NULL, 0),
						       strtoull(seq, NULL, 0), out, sizeof(out), &out_bytes);
	printf("%d ", (int)reason);
	for (size_t i = 0; i < out_bytes; i++)
		printf("%02x", out[i]);
	printf("\n");
}

int main(void)
{
	static char line[4 * GOLDEN_MAX_FRAME_BYTES];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		const char *verb = strtok(line, " \n");

		if (verb == NULL)
			continue;
		if (strcmp(verb, "sa") == 0)
			take_sa();
		else if (strcmp(verb, "seal") == 0)
			take_frame(true);
		else if (strcmp(verb, "open") == 0)
			take_frame(false);
		else if (strcmp(verb, "quit") == 0)
			break;
		else
			fail("no such word", verb);
		fflush(stdout);
	}
	golden_sa_close(sealer);
	golden_sa_close(opener);
	return 0;
}
