// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Configurations for tests: made from text that must be right. */
#ifndef TESTS_HOST_SUPPORT_CONFIG_H
#define TESTS_HOST_SUPPORT_CONFIG_H

#include <stdio.h>
#include <string.h>

#include "policy/plan.h"
#include "room_test.h"

#define KEY16 "0x6b1f0c9ae2d54783a05cfe3917b824d0"
#define KEY16B "0xd94e72315fa8c6b00de7413b9c25f86a"
#define KEY20 "0x31c5a97e0b4d82f6e81953ac60d72fb44c9e0715"
#define KEY20B "0x8ef02b6d419ac7355ad108e397f64b2c70bd15a3"
#define MANUAL(name, in, out) MANUAL_WITH(name, in, out, "")
#define MANUAL_WITH(name, in, out, extra) \
	"{ name = \"" name "\"; " extra " esp_spi = { in = " in "; out = " out "; }; esp_enc_algorithm = \"aes-128-cbc\";" \
	" esp_enc_key = { in = \"" KEY16 "\"; out = \"" KEY16B "\"; }; esp_auth_algorithm = \"sha1\";" \
	" esp_auth_key = { in = \"" KEY20 "\"; out = \"" KEY20B "\"; }; }"
#define AH(in, out) \
	"ah_spi = { in = " in "; out = " out "; }; ah_algorithm = \"sha1\"; ah_key = { in = \"" KEY20B "\"; out = \"" KEY20 "\"; };"
#define POLICY(name, src, extra) \
	"{ name = \"" name "\"; src_address = \"" src "\"; dst_address = \"10.9.0.0/16\"; sa_src_address = \"192.0.2.1\";" \
	" sa_dst_address = \"198.51.100.1\"; tunnel = true; " extra " }"

static inline struct config *config_of(const char *text)
{
	struct config *config;
	struct diag diag;

	diag_open(&diag, "test.conf");
	config = config_parse(text, strlen(text), &diag);
	if (!config)
		diag_print(&diag, stderr);
	diag_close(&diag);
	assert_non_null(config);
	return config;
}

static inline struct plan *plan_of(const char *text)
{
	struct config *config = config_of(text);
	struct plan *plan = plan_make(config, 64);

	config_free(config);
	assert_non_null(plan);
	return plan;
}

#endif
