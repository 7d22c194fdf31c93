// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What is written here, read by tshark: it must find what was meant. No keys: all messages are in clear. */
#include <unistd.h>

#include "make.h"
#include "tshark.h"

static char path[] = "/tmp/adit-tshark-XXXXXX";

static struct writer open_message(uint8_t room[2000], uint8_t exchange, size_t *next_at)
{
	struct writer to = { room, 2000, 0, false };
	const struct isakmp_header header = { .icookie = "initiat", .rcookie = "respond", .version = 0x10, .exchange = exchange, .message_id = 7 };

	isakmp_open(&to, &header, next_at);
	return to;
}

static void save(struct writer *message)
{
	isakmp_close(message, 0);
	tshark_save(path, message);
}

static void assert_tshark_says(const char *fields, const char *want)
{
	assert_tshark_reads(path, fields, want);
}

static void a_quick_mode_with_ah_and_esp_means_to_tshark_what_it_means_here(void **state)
{
	const struct v1_transform ah = { .number = 1, .id = V1_AH_SHA256, .encap = V1_TUNNEL, .auth = V1_HMAC_SHA256, .group = 14, .has_seconds = true,
					 .seconds = 1800 };
	const struct v1_transform aes = { .number = 1, .id = V1_ESP_AES_CBC, .key_bits = 256, .encap = V1_TUNNEL, .auth = V1_HMAC_SHA1, .group = 14,
					  .has_seconds = true, .seconds = 86400, .has_kilobytes = true, .kilobytes = 100000, .esn = true };
	const struct v1_transform gcm = { .number = 2, .id = V1_ESP_GCM_16, .key_bits = 128, .encap = V1_UDP_TUNNEL, .group = 19 };
	struct v1_sa_writer sa;
	uint8_t room[2000];
	size_t next_at;
	struct writer to = open_message(room, X_QUICK, &next_at);

	(void)state;
	isakmp_put(&to, &next_at, P_HASH, "01234567890123456789", 20);
	v1_open_sa(&sa, &to, &next_at);
	v1_open_proposal(&sa, 1, V1_PROTO_AH, BYTES(0xc0, 0xff, 0xee, 1));
	v1_put_transform(&sa, &ah, false);
	v1_close_proposal(&sa);
	v1_open_proposal(&sa, 1, V1_PROTO_ESP, BYTES(0xc0, 0xff, 0xee, 2));
	v1_put_transform(&sa, &aes, false);
	v1_put_transform(&sa, &gcm, false);
	v1_close_proposal(&sa);
	v1_close_sa(&sa);
	isakmp_put(&to, &next_at, P_NONCE, "0123456789abcdef", 16);
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_IPV4_SUBNET, 6, 80, BYTES(10, 1, 202, 0, 255, 255, 255, 0) });
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_IPV4, 17, 1701, BYTES(10, 1, 101, 1) });
	save(&to);
	assert_tshark_says("-e isakmp.exchangetype -e isakmp.typepayload -e isakmp.payloadlength -e isakmp.prop.number -e isakmp.prop.protoid "
			   "-e isakmp.prop.transforms -e isakmp.spi -e isakmp.trans.number -e isakmp.trans.id",
			   "|32|8,1,2,3,2,3,3,10,5,5|24,136,40,28,84,52,20,20,16,12|1,1|2,3|1,2|c0ffee01,c0ffee02|1,1,2|5,12,20");
	assert_tshark_says("-e isakmp.ipsec.attr.life_type -e isakmp.ipsec.attr.life_duration -e isakmp.ipsec.attr.group_description "
			   "-e isakmp.ipsec.attr.encap_mode -e isakmp.ipsec.attr.auth_algorithm -e isakmp.ipsec.attr.key_length "
			   "-e isakmp.ipsec.attr.ext_seq_nbr",
			   "|1,1,2|1800,86400,100000|14,14,19|1,1,3|5,2|256,128|1");
	assert_tshark_says("-e isakmp.id.type -e isakmp.id.protoid -e isakmp.id.port -e isakmp.id.data.ipv4_addr -e isakmp.id.data.ipv4_subnet",
			   "|4,1|6,17|80,1701|10.1.202.0,10.1.101.1|255.255.255.0");
}

static void phase_1_and_its_identities_mean_to_tshark_what_they_mean_here(void **state)
{
	const struct v1_transform transform = { .number = 1, .id = 1, .enc = V1_ENC_CAMELLIA, .key_bits = 192, .hash = V1_HASH_SHA512,
						.auth_method = V1_AUTH_RSA, .group = 4, .has_seconds = true, .seconds = 28800, .has_kilobytes = true,
						.kilobytes = 0x10000 };
	struct v1_sa_writer sa;
	uint8_t room[2000];
	size_t next_at;
	struct writer to = open_message(room, X_AGGRESSIVE, &next_at);

	(void)state;
	v1_open_sa(&sa, &to, &next_at);
	v1_open_proposal(&sa, 1, V1_PROTO_ISAKMP, NONE);
	v1_put_transform(&sa, &transform, true);
	v1_close_proposal(&sa);
	v1_close_sa(&sa);
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_FQDN, 0, 0, TEXT("office1.example") });
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_USER_FQDN, 17, 500, TEXT("piper@foo.bar.com") });
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_IPV6, 0, 0, BYTES(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7) });
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_IPV4_RANGE, 0, 0, BYTES(10, 0, 0, 1, 10, 0, 0, 9) });
	v1_put_id(&to, &next_at, &(struct v1_id){ ID_KEY_ID, 0, 0, BYTES(0, 0xff) });
	save(&to);
	assert_tshark_says("-e isakmp.exchangetype -e isakmp.ike.attr.encryption_algorithm -e isakmp.ike.attr.key_length -e isakmp.ike.attr.hash_algorithm "
			   "-e isakmp.ike.attr.authentication_method -e isakmp.ike.attr.group_description -e isakmp.ike.attr.life_type "
			   "-e isakmp.ike.attr.life_duration", "|4|8|192|6|3|4|1,2|28800,65536");
	assert_tshark_says("-e isakmp.id.type -e isakmp.id.port -e isakmp.id.data.fqdn -e isakmp.id.data.user_fqdn -e isakmp.id.data.ipv6_addr "
			   "-e isakmp.id.data.ipv4_range_start -e isakmp.id.data.ipv4_range_end -e isakmp.id.data.key_id",
			   "|2,3,5,7,11|0,500,0,0,0|office1.example|piper@foo.bar.com|2001:db8::7|10.0.0.1|10.0.0.9|00ff");
}

static void notify_and_delete_mean_to_tshark_what_they_mean_here(void **state)
{
	const struct v1_transform lifetimes = { .has_seconds = true, .seconds = 86400 };
	struct writer to, data;
	uint8_t room[2000], list[32];
	size_t next_at;

	(void)state;
	data = (struct writer){ list, sizeof(list), 0, false };
	v1_put_lifetimes(&data, &lifetimes);
	to = open_message(room, X_INFORMATIONAL, &next_at);
	v1_put_notify(&to, &next_at, &(struct v1_notify){ DOI_IPSEC, V1_PROTO_ESP, N_RESPONDER_LIFETIME, TEXT("spi!"), { list, data.len } });
	v1_put_notify(&to, &next_at, &(struct v1_notify){ DOI_IPSEC, V1_PROTO_ISAKMP, N_R_U_THERE, TEXT("initiat\0respond\0"), BYTES(0, 0, 1, 2) });
	v1_put_delete(&to, &next_at, &(struct v1_delete){ DOI_IPSEC, V1_PROTO_ESP, 4, 2, BYTES(1, 2, 3, 4, 5, 6, 7, 8) });
	save(&to);
	assert_tshark_says("-e isakmp.typepayload -e isakmp.notify.msgtype -e isakmp.notify.protoid -e isakmp.spisize -e isakmp.spi "
			   "-e isakmp.notify.data.dpd.are_you_there -e isakmp.notify.data.resp_lifetime.ipsec.attr.life_duration -e isakmp.spinum",
			   "|11,11,12|24576,36136|3,1|4,16,4|73706921,696e697469617400726573706f6e6400|258|86400|2");
}

static int make_file(void **state)
{
	const int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quick_mode_with_ah_and_esp_means_to_tshark_what_it_means_here),
		cmocka_unit_test(phase_1_and_its_identities_mean_to_tshark_what_they_mean_here),
		cmocka_unit_test(notify_and_delete_mean_to_tshark_what_they_mean_here)
	};

	if (system("tshark --version >/dev/null 2>&1") != 0) {
		printf("skipped: no tshark\n");
		return 0;
	}
	return cmocka_run_group_tests_name("wire/tshark", tests, make_file, remove_file);
}
