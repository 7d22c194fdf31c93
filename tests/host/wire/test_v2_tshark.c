// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What is written here as version 2, read by tshark: it must find what was meant. All payloads stand in clear, in one message. */
#include <unistd.h>

#include "make.h"
#include "tshark.h"
#include "wire/ikev2.h"

static char path[] = "/tmp/adit-tshark-XXXXXX";

static struct writer open_message(uint8_t room[2000], uint8_t exchange, size_t *next_at)
{
	struct writer to = { room, 2000, 0, false };
	const struct isakmp_header header = { .icookie = "initiat", .rcookie = "respond", .version = 0x20, .exchange = exchange,
					      .flags = V2_INITIATOR, .message_id = 7 };

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

static void an_ike_sa_init_means_to_tshark_what_it_means_here(void **state)
{
	struct v2_sa_writer sa;
	uint8_t room[2000];
	size_t next_at;
	struct writer to = open_message(room, X_IKE_SA_INIT, &next_at);

	(void)state;
	v2_open_sa(&sa, &to, &next_at);
	v2_open_proposal(&sa, 1, V2_PROTO_IKE, NONE);
	v2_put_transform(&sa, V2_ENCR, V2_ENCR_GCM_16, 256);
	v2_put_transform(&sa, V2_PRF, V2_PRF_SHA384, 0);
	v2_put_transform(&sa, V2_KE, 31, 0);
	v2_close_proposal(&sa);
	v2_open_proposal(&sa, 2, V2_PROTO_ESP, BYTES(0xc0, 0xff, 0xee, 1));
	v2_put_transform(&sa, V2_ENCR, V2_ENCR_AES_CBC, 128);
	v2_put_transform(&sa, V2_INTEG, V2_INTEG_SHA256_128, 0);
	v2_put_transform(&sa, V2_ESN, 1, 0);
	v2_close_proposal(&sa);
	v2_close_sa(&sa);
	v2_put_ke(&to, &next_at, &(struct v2_ke){ 31, TEXT("01234567012345670123456701234567") });
	isakmp_put(&to, &next_at, P2_NONCE, "0123456789abcdef", 16);
	v2_put_notify(&to, &next_at, &(struct v2_notify){ 0, N2_SIGNATURE_HASH_ALGORITHMS, NONE, BYTES(0, 2, 0, 3) });
	v2_put_notify(&to, &next_at, &(struct v2_notify){ 0, N2_INVALID_KE_PAYLOAD, NONE, BYTES(0, 19) });
	v2_put_notify(&to, &next_at, &(struct v2_notify){ V2_PROTO_ESP, N2_REKEY_SA, BYTES(0xc0, 0xff, 0xee, 2), NONE });
	v2_put_delete(&to, &next_at, &(struct v2_delete){ V2_PROTO_ESP, 2, BYTES(1, 2, 3, 4, 5, 6, 7, 8) });
	save(&to);
	assert_tshark_says("-e isakmp.exchangetype -e isakmp.typepayload -e isakmp.payloadlength -e isakmp.prop.number -e isakmp.prop.protoid "
			   "-e isakmp.prop.transforms -e isakmp.spisize -e isakmp.spi",
			   "|34|33,2,3,3,3,2,3,3,3,34,40,41,41,41,42|80,36,12,8,8,40,12,8,8,40,20,12,10,12,16|1,2|1,3|3,3|0,4,0,0,4,4"
			   "|c0ffee01,c0ffee02");
	assert_tshark_says("-e isakmp.tf.type -e isakmp.tf.id.encr -e isakmp.tf.id.prf -e isakmp.tf.id.integ -e isakmp.tf.id.dh "
			   "-e isakmp.tf.id.esn -e isakmp.ike2.attr.key_length -e isakmp.key_exchange.dh_group",
			   "|1,2,4,1,3,5|20,12|6|12|31|1|256,128|31");
	assert_tshark_says("-e isakmp.notify.msgtype -e isakmp.notify.data.signature_hash_algorithms -e isakmp.notify.data.accepted_dh_group "
			   "-e isakmp.delete.spi", "|16431,17,16393|2,3|19|01020304,05060708");
}

static void an_ike_auth_means_to_tshark_what_it_means_here(void **state)
{
	static const uint8_t sha256_rsa[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00 };
	const struct adit_addr v4 = { .bytes = { 10, 1, 202, 0 } }, v6 = { .bytes = { 0x20, 1, 0xd, 0xb8 }, .is_v6 = true };
	uint8_t room[2000], ranges[2][V2_RANGE_BYTES];
	struct v2_selector selectors[] = { v2_selector_of(&v4, 24, ranges[0]), v2_selector_of(&v6, 32, ranges[1]) };
	const struct v2_attribute attributes[] = { { V2_CP_IP4_ADDRESS, BYTES(10, 9, 8, 7), true }, { V2_CP_IP4_DNS, BYTES(9, 9, 9, 9), true } };
	size_t next_at;
	struct writer to = open_message(room, X_IKE_AUTH, &next_at);

	(void)state;
	selectors[0].proto = 6;
	selectors[0].port_lo = 80;
	selectors[0].port_hi = 443;
	v2_put_id(&to, &next_at, P2_IDI, &(struct v2_id){ ID_FQDN, TEXT("office1.example") });
	v2_put_id(&to, &next_at, P2_IDR, &(struct v2_id){ ID_IPV4, BYTES(192, 0, 2, 1) });
	v2_put_cert(&to, &next_at, P2_CERTREQ, &(struct v2_cert){ V2_CERT_X509, TEXT("01234567890123456789") });
	v2_put_auth(&to, &next_at, &(struct v2_auth){ V2_AUTH_DIGITAL_SIGNATURE, { sha256_rsa, sizeof(sha256_rsa) }, TEXT("sign") });
	v2_put_cp(&to, &next_at, V2_CP_REPLY, attributes, 2);
	v2_put_ts(&to, &next_at, P2_TSI, selectors, 2);
	isakmp_put(&to, &next_at, P2_EAP, "\1\7\0\6\32x", 6);
	save(&to);
	assert_tshark_says("-e isakmp.typepayload -e isakmp.id.type -e isakmp.id.data.fqdn -e isakmp.id.data.ipv4_addr -e isakmp.certreq.type "
			   "-e isakmp.auth.method -e isakmp.auth.data.sig.asn1.len -e isakmp.auth.data.sig.value",
			   "|35,36,38,39,47,44,48|2,1|office1.example|192.0.2.1|4|14|15|7369676e");
	assert_tshark_says("-e isakmp.cfg.type -e isakmp.cfg.attr.internal_ip4_address -e isakmp.cfg.attr.internal_ip4_dns -e isakmp.ts.number "
			   "-e isakmp.ts.type -e isakmp.ts.protoid -e isakmp.ts.start_port -e isakmp.ts.end_port",
			   "|2|10.9.8.7|9.9.9.9|2|7,8|6,0|80,0|443,65535");
	assert_tshark_says("-e isakmp.ts.start_ipv4 -e isakmp.ts.end_ipv4 -e isakmp.ts.start_ipv6 -e isakmp.ts.end_ipv6 -e eap.code -e eap.id -e eap.type",
			   "|10.1.202.0|10.1.202.255|2001:db8::|2001:db8:ffff:ffff:ffff:ffff:ffff:ffff|1|7|26");
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
		cmocka_unit_test(an_ike_sa_init_means_to_tshark_what_it_means_here),
		cmocka_unit_test(an_ike_auth_means_to_tshark_what_it_means_here)
	};

	if (system("tshark --version >/dev/null 2>&1") != 0) {
		printf("skipped: no tshark\n");
		return 0;
	}
	return cmocka_run_group_tests_name("wire/v2_tshark", tests, make_file, remove_file);
}
