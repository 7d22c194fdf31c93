// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "room_test.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/room.h"
#include "crypto_test.h"

static const enum dh_group all_groups[] = { DH_MODP768, DH_MODP1024, DH_EC2N155, DH_EC2N185, DH_MODP1536, DH_MODP2048, DH_MODP3072,
					    DH_MODP4096, DH_MODP6144, DH_MODP8192, DH_ECP256, DH_ECP384, DH_ECP521, DH_BRAINPOOL224,
					    DH_BRAINPOOL256, DH_BRAINPOOL384, DH_BRAINPOOL512, DH_X25519, DH_X448 };
static const enum dh_group modp_groups[] = { DH_MODP768, DH_MODP1024, DH_MODP1536, DH_MODP2048, DH_MODP3072, DH_MODP4096,
					     DH_MODP6144, DH_MODP8192 };
#define N(table) (sizeof(table) / sizeof((table)[0]))

static void assert_refused(const struct dh *dh, const uint8_t *value, size_t n)
{
	uint8_t *exact = malloc(n + !n), out[DH_MAX_SHARED_BYTES];

	if (n > 0)
		memcpy(exact, value, n);
	memset(out, 0xa5, sizeof(out));
	assert_false(dh_shared(dh, (struct bytes){ exact, n }, out));
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 0xa5);		/* untouched */
	free(exact);
}

static void assert_agreement(const struct dh *a, const struct dh *b)
{
	uint8_t at_a[DH_MAX_SHARED_BYTES], at_b[DH_MAX_SHARED_BYTES];
	unsigned n = dh_shared_bytes(dh_group_of(a));

	assert_true(dh_shared(a, dh_public(b), at_a));
	assert_true(dh_shared(b, dh_public(a), at_b));
	assert_memory_equal(at_a, at_b, n);
}

static void both_ends_of_every_group_agree_and_every_pair_is_fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(all_groups); i++) {
		struct dh *a = dh_open(all_groups[i]), *b = dh_open(all_groups[i]);

		assert_non_null(a);
		assert_non_null(b);
		assert_int_equal(dh_group_of(a), all_groups[i]);
		assert_int_equal(dh_public(a).len, dh_public_bytes(all_groups[i]));
		assert_memory_not_equal(dh_public(a).at, dh_public(b).at, dh_public(a).len);
		assert_agreement(a, b);
		dh_close(a);
		dh_close(b);
	}
}

static void of_all_65536_group_numbers_nineteen_exist(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned group = 0; group < 65536; group++) {
		bool is_known = false;

		for (size_t i = 0; i < N(all_groups); i++)
			is_known |= all_groups[i] == (enum dh_group)group;
		assert_int_equal(dh_public_bytes((enum dh_group)group) != 0, is_known);
		assert_int_equal(dh_shared_bytes((enum dh_group)group) != 0, is_known);
		if (!is_known)
			assert_null(dh_open((enum dh_group)group));
		n += is_known;
	}
	assert_int_equal(n, 19);
}

static void a_value_of_any_other_length_is_refused(void **state)
{
	static uint8_t value[65535];

	(void)state;
	memset(value, 2, sizeof(value));
	for (size_t i = 0; i < N(all_groups); i++) {
		struct dh *dh = dh_open(all_groups[i]);
		size_t n = dh_public_bytes(all_groups[i]);

		assert_refused(dh, value, n - 1);
		assert_refused(dh, value, n + 1);
		assert_refused(dh, value, 0);
		assert_refused(dh, value, 1);
		assert_refused(dh, value, n / 2);
		assert_refused(dh, value, n * 2);
		assert_refused(dh, value, sizeof(value));
		dh_close(dh);
	}
}

/* ---- MODP */

static BIGNUM *(*const primes[])(BIGNUM *) = { BN_get_rfc2409_prime_768, BN_get_rfc2409_prime_1024, BN_get_rfc3526_prime_1536,
					       BN_get_rfc3526_prime_2048, BN_get_rfc3526_prime_3072, BN_get_rfc3526_prime_4096,
					       BN_get_rfc3526_prime_6144, BN_get_rfc3526_prime_8192 };

/* RFC 6989 §2.1; offset from 0 or from p */
static void zero_one_and_all_from_p_minus_1_are_refused_but_2_and_p_minus_2_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(modp_groups); i++) {
		struct dh *dh = dh_open(modp_groups[i]);
		int n = (int)dh_public_bytes(modp_groups[i]);
		BIGNUM *y = primes[i](NULL);
		uint8_t value[DH_MAX_PUBLIC_BYTES] = { 0 }, out[DH_MAX_SHARED_BYTES];

		assert_int_equal(BN_num_bytes(y), n);
		assert_refused(dh, value, (size_t)n);			/* 0 */
		value[n - 1] = 1;
		assert_refused(dh, value, (size_t)n);
		value[n - 1] = 2;
		assert_true(dh_shared(dh, (struct bytes){ value, (size_t)n }, out));
		assert_memory_equal(out, dh_public(dh).at, (size_t)n);	/* 2^x is what we sent */
		BN_sub_word(y, 2);					/* p - 2 */
		assert_int_equal(BN_bn2binpad(y, value, n), n);
		assert_true(dh_shared(dh, (struct bytes){ value, (size_t)n }, out));
		for (int above = -1; above <= 1; above++) {		/* p - 1, p, p + 1 */
			BN_add_word(y, 1);
			assert_int_equal(BN_bn2binpad(y, value, n), n);
			assert_refused(dh, value, (size_t)n);
		}
		memset(value, 0xff, sizeof(value));
		assert_refused(dh, value, (size_t)n);
		BN_free(y);
		dh_close(dh);
	}
}

/* By OpenSSL's plain exponentiation, which shares no code with the constant-time one. */
static void a_modp_secret_is_the_power_it_should_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(modp_groups); i++) {
		uint8_t private[32], expected[DH_MAX_PUBLIC_BYTES], out[DH_MAX_SHARED_BYTES];
		int n = (int)dh_public_bytes(modp_groups[i]);
		BIGNUM *p = primes[i](NULL), *x = NULL, *y = BN_new(), *two = BN_new();
		BN_CTX *ctx = BN_CTX_new();
		struct dh *a, *b = dh_open(modp_groups[i]);

		assert_true(random_bytes(private, sizeof(private)));
		a = dh_open_with(modp_groups[i], (struct bytes){ private, sizeof(private) });
		x = BN_bin2bn(private, sizeof(private), NULL);
		BN_set_word(two, 2);
		assert_int_equal(BN_mod_exp_simple(y, two, x, p, ctx), 1);
		BN_bn2binpad(y, expected, n);
		assert_memory_equal(dh_public(a).at, expected, (size_t)n);
		BN_bin2bn(dh_public(b).at, n, two);
		assert_int_equal(BN_mod_exp_simple(y, two, x, p, ctx), 1);
		BN_bn2binpad(y, expected, n);
		assert_true(dh_shared(a, dh_public(b), out));
		assert_memory_equal(out, expected, (size_t)n);
		BN_free(p);
		BN_free(x);
		BN_free(y);
		BN_free(two);
		BN_CTX_free(ctx);
		dh_close(a);
		dh_close(b);
	}
}

/* Ours times theirs is short once in 256: the padding must be there, or 1 in 256 negotiations fails. */
static void a_secret_with_leading_zeros_keeps_its_length(void **state)
{
	unsigned n_short = 0;

	(void)state;
	for (unsigned i = 0; i < 4000 && n_short < 3; i++) {
		struct dh *a = dh_open(DH_MODP768), *b = dh_open(DH_MODP768);
		uint8_t out[DH_MAX_SHARED_BYTES];

		assert_true(dh_shared(a, dh_public(b), out));
		if (out[0] == 0) {
			assert_agreement(a, b);
			n_short++;
		}
		dh_close(a);
		dh_close(b);
	}
	assert_in_range(n_short, 1, 3);
}

/* ---- ECP: RFC 5903 §8 */

static const struct {
	enum dh_group group;
	const char *i, *gi, *r, *gr, *girx;
} rfc5903[] = {
	{ DH_ECP256, "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
	  "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
	  "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
	  "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
	  "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	  "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
	  "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE" },
	{ DH_ECP384, "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF896783AB194",
	  "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732AEE95F41AA"
	  "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C634573A81C",
	  "41CB0779B4BDB85D47846725FBEC3C9430FAB46CC8DC5060855CC9BDA0AA2942E0308312916B8ED2960E4BD55A7448FC",
	  "E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41D0774A3571"
	  "DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD96DB9E6386C",
	  "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4A270F59746" },
	{ DH_ECP521,
	  "0037ADE9319A89F4DABDB3EF411AACCCA5123C61ACAB57B5393DCE47608172A095AA85A30FE1C2952C6771D937BA9777F5957B2639BAB072462F68C27A57382D4A52",
	  "0015417E84DBF28C0AD3C278713349DC7DF153C897A1891BD98BAB4357C9ECBEE1E3BF42E00B8E380AEAE57C2D107564941885942AF5A7F4601723C4195D176CED3E"
	  "017CAE20B6641D2EEB695786D8C946146239D099E18E1D5A514C739D7CB4A10AD8A788015AC405D7799DC75E7B7D5B6CF2261A6A7F1507438BF01BEB6CA3926F9582",
	  "0145BA99A847AF43793FDD0E872E7CDFA16BE30FDC780F97BCCC3F078380201E9C677D600B343757A3BDBF2A3163E4C2F869CCA7458AA4A4EFFC311F5CB151685EB9",
	  "00D0B3975AC4B799F5BEA16D5E13E9AF971D5E9B984C9F39728B5E5739735A219B97C356436ADC6E95BB0352F6BE64A6C2912D4EF2D0433CED2B6171640012D9460F"
	  "015C68226383956E3BD066E797B623C27CE0EAC2F551A10C2C724D9852077B87220B6536C5C408A1D2AEBB8E86D678AE49CB57091F4732296579AB44FCD17F0FC56A",
	  "01144C7D79AE6956BC8EDB8E7C787C4521CB086FA64407F97894E5E6B2D79B04D1427E73CA4BAA240A34786859810C06B3C715A3A8CC3151F2BEE417996D19F3DDEA" },
};

static void the_vectors_of_rfc_5903_section_8_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(rfc5903); i++) {
		uint8_t private_i[66], private_r[66], gi[132], gr[132], secret[66], out[DH_MAX_SHARED_BYTES];
		size_t n = from_hex(rfc5903[i].i, private_i);
		struct dh *a = dh_open_with(rfc5903[i].group, (struct bytes){ private_i, n });
		struct dh *b = dh_open_with(rfc5903[i].group, (struct bytes){ private_r, from_hex(rfc5903[i].r, private_r) });

		assert_int_equal(from_hex(rfc5903[i].gi, gi), dh_public(a).len);
		assert_int_equal(from_hex(rfc5903[i].gr, gr), dh_public(b).len);
		assert_int_equal(from_hex(rfc5903[i].girx, secret), dh_shared_bytes(rfc5903[i].group));
		assert_memory_equal(dh_public(a).at, gi, dh_public(a).len);
		assert_memory_equal(dh_public(b).at, gr, dh_public(b).len);
		assert_true(dh_shared(a, dh_public(b), out));
		assert_memory_equal(out, secret, dh_shared_bytes(rfc5903[i].group));
		assert_true(dh_shared(b, dh_public(a), out));
		assert_memory_equal(out, secret, dh_shared_bytes(rfc5903[i].group));
		dh_close(a);
		dh_close(b);
	}
}

static void a_point_off_its_ecp_curve_is_refused_at_every_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(rfc5903); i++) {
		struct dh *a = dh_open(rfc5903[i].group);
		uint8_t point[132];
		size_t n = from_hex(rfc5903[i].gr, point);

		for (size_t bit = 0; bit < 8 * n; bit++) {
			point[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_refused(a, point, n);
			point[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		memset(point, 0, n);		/* how some write infinity */
		assert_refused(a, point, n);
		memset(point, 0xff, n);
		assert_refused(a, point, n);
		dh_close(a);
	}
}

/* p for 0 and y + p for y, where that fits: the same point under another name. */
static void coordinates_of_p_and_above_are_refused(void **state)
{
	static const int nids[] = { NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1 };

	(void)state;
	for (size_t i = 0; i < N(rfc5903); i++) {
		struct dh *a = dh_open(rfc5903[i].group);
		EC_GROUP *group = EC_GROUP_new_by_curve_name(nids[i]);
		BIGNUM *p = BN_new(), *y = NULL;
		uint8_t point[132];
		int n = (int)from_hex(rfc5903[i].gr, point);

		assert_int_equal(EC_GROUP_get_curve(group, p, NULL, NULL, NULL), 1);
		y = BN_bin2bn(point + n / 2, n / 2, NULL);
		BN_bn2binpad(p, point, n / 2);
		assert_refused(a, point, (size_t)n);
		from_hex(rfc5903[i].gr, point);
		BN_add(y, y, p);
		if (BN_num_bytes(y) <= n / 2) {
			BN_bn2binpad(y, point + n / 2, n / 2);
			assert_refused(a, point, (size_t)n);
		}
		BN_free(p);
		BN_free(y);
		EC_GROUP_free(group);
		dh_close(a);
	}
}

/* ---- EC2N: RFC 2409 §6.3, §6.4 */

static const struct {
	enum dh_group group;
	int degree, middle, nid;	/* u^degree + u^middle + 1 */
	unsigned b, x;
	const char *order;		/* of the curve; as RFC 2409 prints it */
} ec2n[] = {
	{ DH_EC2N155, 155, 62, NID_ipsec3, 0x07338f, 0x7b, "0800000000000000000057DB5698537193AEF944" },
	{ DH_EC2N185, 185, 69, NID_ipsec4, 0x1ee9, 0x18, "01FFFFFFFFFFFFFFFFFFFFFFDBF2F889B73E484175F94EBC" },
};

/* The curve as the RFC's text has it, not by OpenSSL's name for it. */
static EC_GROUP *ec2n_curve(size_t i)
{
	BIGNUM *poly = BN_new(), *a = BN_new(), *b = BN_new();
	EC_GROUP *group;

	BN_set_bit(poly, ec2n[i].degree);
	BN_set_bit(poly, ec2n[i].middle);
	BN_set_bit(poly, 0);
	BN_set_word(b, ec2n[i].b);
	group = EC_GROUP_new_curve_GF2m(poly, a, b, NULL);
	BN_free(poly);
	BN_free(a);
	BN_free(b);
	return group;
}

/* k * P by doubling and adding, for either y of x. */
static bool ec2n_times(size_t i, const uint8_t *x, int y_bit, const BIGNUM *k, uint8_t *out)
{
	EC_GROUP *group = ec2n_curve(i);
	EC_POINT *p = EC_POINT_new(group), *sum = EC_POINT_new(group);
	BIGNUM *bn = BN_bin2bn(x, (int)dh_public_bytes(ec2n[i].group), NULL);
	bool ok = EC_POINT_set_compressed_coordinates(group, p, bn, y_bit, NULL) == 1;

	for (int bit = BN_num_bits(k); ok && bit-- > 0;) {
		EC_POINT_dbl(group, sum, sum, NULL);
		if (BN_is_bit_set(k, bit))
			EC_POINT_add(group, sum, sum, p, NULL);
	}
	ok = ok && !EC_POINT_is_at_infinity(group, sum) && EC_POINT_get_affine_coordinates(group, sum, bn, NULL, NULL) == 1;
	if (ok)
		BN_bn2binpad(bn, out, (int)dh_shared_bytes(ec2n[i].group));
	BN_free(bn);
	EC_POINT_free(p);
	EC_POINT_free(sum);
	EC_GROUP_free(group);
	return ok;
}

static void two_hundred_ec2n_pairs_agree_and_either_y_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(ec2n); i++) {
		for (unsigned run = 0; run < 200; run++) {
			uint8_t private[18], at_a[DH_MAX_SHARED_BYTES], at_b[DH_MAX_SHARED_BYTES], by_y[2][24];
			size_t n = dh_shared_bytes(ec2n[i].group);
			struct dh *a, *b = dh_open(ec2n[i].group);
			BIGNUM *k;

			assert_true(random_bytes(private, sizeof(private)));
			private[0] |= 1;
			a = dh_open_with(ec2n[i].group, (struct bytes){ private, sizeof(private) });
			k = BN_bin2bn(private, sizeof(private), NULL);
			assert_true(dh_shared(a, dh_public(b), at_a));
			assert_true(dh_shared(b, dh_public(a), at_b));
			assert_memory_equal(at_a, at_b, n);
			if (run % 10 == 0) {
				assert_true(ec2n_times(i, dh_public(b).at, 0, k, by_y[0]));
				assert_true(ec2n_times(i, dh_public(b).at, 1, k, by_y[1]));
				assert_memory_equal(by_y[0], by_y[1], n);
				assert_memory_equal(by_y[0], at_a, n);
			}
			BN_free(k);
			dh_close(a);
			dh_close(b);
		}
	}
}

static void an_ec2n_public_value_is_a_multiple_of_the_rfc_s_generator(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(ec2n); i++) {
		uint8_t private[18], base[24] = { 0 }, expected[24];
		size_t n = dh_public_bytes(ec2n[i].group);
		struct dh *a;
		BIGNUM *k;

		assert_true(random_bytes(private, sizeof(private)));
		a = dh_open_with(ec2n[i].group, (struct bytes){ private, sizeof(private) });
		k = BN_bin2bn(private, sizeof(private), NULL);
		base[n - 1] = (uint8_t)ec2n[i].x;
		assert_true(ec2n_times(i, base, 0, k, expected));
		assert_memory_equal(dh_public(a).at, expected, n);
		BN_free(k);
		dh_close(a);
	}
}

static void about_half_of_random_x_have_no_point_and_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(ec2n); i++) {
		struct dh *a = dh_open(ec2n[i].group);
		size_t n = dh_public_bytes(ec2n[i].group);
		unsigned n_refused = 0;

		for (unsigned run = 0; run < 200; run++) {
			uint8_t x[24], out[DH_MAX_SHARED_BYTES], scratch[24];
			BIGNUM *one = BN_new();
			bool has_y, is_taken;

			BN_one(one);
			assert_true(random_bytes(x, sizeof(x)));
			x[0] = (uint8_t)(x[0] & (i == 0 ? 0x07 : 0x01));	/* 155 of 160, 185 of 192 bits */
			has_y = ec2n_times(i, x, 0, one, scratch);
			is_taken = dh_shared(a, (struct bytes){ x, n }, out);
			assert_int_equal(has_y, is_taken);
			n_refused += !is_taken;
			BN_free(one);
		}
		assert_in_range(n_refused, 60, 140);
		dh_close(a);
	}
}

/* (order / n) * P has an order that divides n: all n up to 12 are tried with many P. */
static unsigned refuse_small_orders(size_t i, const struct dh *dh, unsigned small)
{
	BIGNUM *order = NULL;
	unsigned n_met = 0;

	BN_hex2bn(&order, ec2n[i].order);
	assert_int_equal(BN_div_word(order, small), 0);
	for (unsigned run = 0; run < 60; run++) {
		uint8_t x[24], low[24];

		assert_true(random_bytes(x, sizeof(x)));
		x[0] = (uint8_t)(x[0] & (i == 0 ? 0x07 : 0x01));
		if (!ec2n_times(i, x, 0, order, low))
			continue;
		assert_refused(dh, low, dh_public_bytes(ec2n[i].group));
		n_met++;
	}
	BN_free(order);
	return n_met;
}

static void ec2n_points_of_small_order_are_refused_and_zero_and_excess_bits_too(void **state)
{
	static const unsigned small[2][5] = { { 2, 3, 4, 6, 12 }, { 2, 4, 0, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < N(ec2n); i++) {
		struct dh *a = dh_open(ec2n[i].group);
		size_t n = dh_public_bytes(ec2n[i].group);
		uint8_t x[24] = { 0 };

		assert_refused(a, x, n);
		for (unsigned j = 0; j < 5 && small[i][j] != 0; j++)
			assert_true(refuse_small_orders(i, a, small[i][j]) > 0);
		memcpy(x, dh_public(a).at, n);
		for (unsigned bit = (unsigned)ec2n[i].degree; bit < 8 * n; bit++) {
			x[n - 1 - bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_refused(a, x, n);
			x[n - 1 - bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		memset(x, 0xff, sizeof(x));
		assert_refused(a, x, n);
		dh_close(a);
	}
}

/* ---- X25519: RFC 7748 */

static void the_x25519_vectors_of_rfc_7748_section_6_1_come_out(void **state)
{
	uint8_t private_a[32], private_b[32], public_a[32], public_b[32], secret[32], out[DH_MAX_SHARED_BYTES];
	struct dh *a, *b;

	(void)state;
	from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a", private_a);
	from_hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", public_a);
	from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb", private_b);
	from_hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", public_b);
	from_hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", secret);
	a = dh_open_with(DH_X25519, (struct bytes){ private_a, 32 });
	b = dh_open_with(DH_X25519, (struct bytes){ private_b, 32 });
	assert_memory_equal(dh_public(a).at, public_a, 32);
	assert_memory_equal(dh_public(b).at, public_b, 32);
	assert_true(dh_shared(a, dh_public(b), out));
	assert_memory_equal(out, secret, 32);
	assert_true(dh_shared(b, dh_public(a), out));
	assert_memory_equal(out, secret, 32);
	dh_close(a);
	dh_close(b);
}

/* §5.2: k and u start as 9; each round k becomes X25519(k, u) and u what k was. */
static void the_iterated_x25519_vector_of_rfc_7748_section_5_2_comes_out(void **state)
{
	uint8_t k[32] = { 9 }, u[32] = { 9 }, once[32], thousand[32];

	(void)state;
	from_hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", once);
	from_hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51", thousand);
	for (unsigned i = 1; i <= 1000; i++) {
		struct dh *dh = dh_open_with(DH_X25519, (struct bytes){ k, 32 });
		uint8_t out[DH_MAX_SHARED_BYTES];

		assert_non_null(dh);
		assert_true(dh_shared(dh, (struct bytes){ u, 32 }, out));
		memcpy(u, k, 32);
		memcpy(k, out, 32);
		dh_close(dh);
		if (i == 1)
			assert_memory_equal(k, once, 32);
	}
	assert_memory_equal(k, thousand, 32);
}

/* All values whose order divides 8, on the curve and on its twist, and their names above p; the top bit does not count. */
static void x25519_values_of_small_order_are_refused(void **state)
{
	static const char *const low[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",	/* p - 1 */
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",	/* p */
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",	/* p + 1 */
	};
	struct dh *a = dh_open(DH_X25519);
	uint8_t value[32];

	(void)state;
	for (size_t i = 0; i < N(low); i++) {
		from_hex(low[i], value);
		assert_refused(a, value, 32);
		value[31] |= 0x80;
		assert_refused(a, value, 32);
	}
	dh_close(a);
}

/* ---- Brainpool: RFC 6954, whose curves' vectors RFC 7027 App. A has too */

static const struct {
	enum dh_group group;
	const char *a, *ga, *b, *gb, *x;
} rfc7027[] = {
	{ DH_BRAINPOOL256, "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
	  "44106E913F92BC02A1705D9953A8414DB95E1AAA49E81D9E85F929A8E3100BE5"
	  "8AB4846F11CACCB73CE49CBDD120F5A900A69FD32C272223F789EF10EB089BDC",
	  "55E40BC41E37E3E2AD25C3C6654511FFA8474A91A0032087593852D3E7D76BD3",
	  "8D2D688C6CF93E1160AD04CC4429117DC2C41825E1E9FCA0ADDD34E6F1B39F7B"
	  "990C57520812BE512641E47034832106BC7D3E8DD0E4C7F1136D7006547CEC6A",
	  "89AFC39D41D3B327814B80940B042590F96556EC91E6AE7939BCE31F3A18BF2B" },
	{ DH_BRAINPOOL384, "1E20F5E048A5886F1F157C74E91BDE2B98C8B52D58E5003D57053FC4B0BD65D6F15EB5D1EE1610DF870795143627D042",
	  "68B665DD91C195800650CDD363C625F4E742E8134667B767B1B476793588F885AB698C852D4A6E77A252D6380FCAF068"
	  "55BC91A39C9EC01DEE36017B7D673A931236D2F1F5C83942D049E3FA20607493E0D038FF2FD30C2AB67D15C85F7FAA59",
	  "032640BC6003C59260F7250C3DB58CE647F98E1260ACCE4ACDA3DD869F74E01F8BA5E0324309DB6A9831497ABAC96670",
	  "4D44326F269A597A5B58BBA565DA5556ED7FD9A8A9EB76C25F46DB69D19DC8CE6AD18E404B15738B2086DF37E71D1EB4"
	  "62D692136DE56CBE93BF5FA3188EF58BC8A3A0EC6C1E151A21038A42E9185329B5B275903D192F8D4E1F32FE9CC78C48",
	  "0BD9D3A7EA0B3D519D09D8E48D0785FB744A6B355E6304BC51C229FBBCE239BBADF6403715C35D4FB2A5444F575D4F42" },
	{ DH_BRAINPOOL512,
	  "16302FF0DBBB5A8D733DAB7141C1B45ACBC8715939677F6A56850A38BD87BD59B09E80279609FF333EB9D4C061231FB26F92EEB04982A5F1D1764CAD57665422",
	  "0A420517E406AAC0ACDCE90FCD71487718D3B953EFD7FBEC5F7F27E28C6149999397E91E029E06457DB2D3E640668B392C2A7E737A7F0BF04436D11640FD09FD"
	  "72E6882E8DB28AAD36237CD25D580DB23783961C8DC52DFA2EC138AD472A0FCEF3887CF62B623B2A87DE5C588301EA3E5FC269B373B60724F5E82A6AD147FDE7",
	  "230E18E1BCC88A362FA54E4EA3902009292F7F8033624FD471B5D8ACE49D12CFABBC19963DAB8E2F1EBA00BFFB29E4D72D13F2224562F405CB80503666B25429",
	  "9D45F66DE5D67E2E6DB6E93A59CE0BB48106097FF78A081DE781CDB31FCE8CCBAAEA8DD4320C4119F1E9CD437A2EAB3731FA9668AB268D871DEDA55A5473199F"
	  "2FDC313095BCDD5FB3A91636F07A959C8E86B5636A1E930E8396049CB481961D365CC11453A06C719835475B12CB52FC3C383BCE35E27EF194512B71876285FA",
	  "A7927098655F1F9976FA50A9D566865DC530331846381C87256BAF3226244B76D36403C024D7BBF0AA0803EAFF405D3D24F11A9B5C0BEF679FE1454B21C4CD1F" },
};

static void the_vectors_of_rfc_7027_appendix_a_come_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(rfc7027); i++) {
		uint8_t private_a[64], private_b[64], value[128], secret[64], out[DH_MAX_SHARED_BYTES];
		struct dh *a = dh_open_with(rfc7027[i].group, (struct bytes){ private_a, from_hex(rfc7027[i].a, private_a) });
		struct dh *b = dh_open_with(rfc7027[i].group, (struct bytes){ private_b, from_hex(rfc7027[i].b, private_b) });

		assert_int_equal(from_hex(rfc7027[i].ga, value), dh_public(a).len);
		assert_memory_equal(dh_public(a).at, value, dh_public(a).len);
		assert_int_equal(from_hex(rfc7027[i].gb, value), dh_public(b).len);
		assert_memory_equal(dh_public(b).at, value, dh_public(b).len);
		assert_int_equal(from_hex(rfc7027[i].x, secret), dh_shared_bytes(rfc7027[i].group));
		assert_true(dh_shared(a, dh_public(b), out));
		assert_memory_equal(out, secret, dh_shared_bytes(rfc7027[i].group));
		assert_agreement(a, b);
		for (size_t bit = 0; bit < 8 * dh_public(b).len; bit += 13) {	/* a point off the curve */
			memcpy(value, dh_public(b).at, dh_public(b).len);
			value[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_refused(a, value, dh_public(b).len);
		}
		dh_close(a);
		dh_close(b);
	}
}

static void one_times_the_generator_of_brainpool_p224r1_is_what_rfc_5639_section_3_3_says(void **state)
{
	static const uint8_t one[] = { 1 };
	uint8_t value[56];
	struct dh *dh = dh_open_with(DH_BRAINPOOL224, (struct bytes){ one, 1 });

	(void)state;
	assert_int_equal(from_hex("0D9029AD2C7E5CF4340823B2A87DC68C9E4CE3174C1E6EFDEE12C07D"
				  "58AA56F772C0726F24C6B89E4ECDAC24354B9E99CAA3F6D3761402CD", value), dh_public(dh).len);
	assert_memory_equal(dh_public(dh).at, value, sizeof(value));
	dh_close(dh);
}

/* ---- X448: RFC 7748 */

static void the_x448_vectors_of_rfc_7748_section_6_2_come_out(void **state)
{
	uint8_t private_a[56], private_b[56], public_a[56], public_b[56], secret[56], out[DH_MAX_SHARED_BYTES];
	struct dh *a, *b;

	(void)state;
	from_hex("9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b", private_a);
	from_hex("9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0", public_a);
	from_hex("1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d", private_b);
	from_hex("3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609", public_b);
	from_hex("07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d", secret);
	a = dh_open_with(DH_X448, (struct bytes){ private_a, 56 });
	b = dh_open_with(DH_X448, (struct bytes){ private_b, 56 });
	assert_memory_equal(dh_public(a).at, public_a, 56);
	assert_memory_equal(dh_public(b).at, public_b, 56);
	assert_true(dh_shared(a, dh_public(b), out));
	assert_memory_equal(out, secret, 56);
	assert_agreement(a, b);
	dh_close(a);
	dh_close(b);
}

/* 0, 1, p - 1, p, p + 1: of an order that divides 4, on the curve or its twist. */
static void x448_values_of_small_order_are_refused(void **state)
{
	static const struct { uint8_t first, rest, high; } low[] = { { 0, 0, 0 }, { 1, 0, 0 }, { 0xfe, 0xff, 0xfe }, { 0xff, 0xff, 0xfe }, { 0, 0, 0xff } };
	struct dh *a = dh_open(DH_X448);

	(void)state;
	for (size_t i = 0; i < N(low); i++) {
		uint8_t value[56];

		memset(value, low[i].rest, sizeof(value));
		value[0] = low[i].first;
		if (low[i].high != 0)	/* p = 2^448 - 2^224 - 1: byte 28 lacks its lowest bit */
			value[28] = low[i].high;
		if (i == 4)
			memset(value + 28, 0xff, 28);
		assert_refused(a, value, sizeof(value));
	}
	dh_close(a);
}

static void one_end_can_close_before_the_other(void **state)
{
	(void)state;
	dh_close(NULL);
	for (size_t i = 0; i < N(all_groups); i++) {
		struct dh *a = dh_open(all_groups[i]), *b = dh_open(all_groups[i]);

		dh_close(b);
		assert_refused(a, NULL, 0);
		dh_close(a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_of_every_group_agree_and_every_pair_is_fresh),
		cmocka_unit_test(of_all_65536_group_numbers_nineteen_exist),
		cmocka_unit_test(a_value_of_any_other_length_is_refused),
		cmocka_unit_test(zero_one_and_all_from_p_minus_1_are_refused_but_2_and_p_minus_2_are_not),
		cmocka_unit_test(a_modp_secret_is_the_power_it_should_be),
		cmocka_unit_test(a_secret_with_leading_zeros_keeps_its_length),
		cmocka_unit_test(the_vectors_of_rfc_5903_section_8_come_out),
		cmocka_unit_test(a_point_off_its_ecp_curve_is_refused_at_every_bit),
		cmocka_unit_test(coordinates_of_p_and_above_are_refused),
		cmocka_unit_test(two_hundred_ec2n_pairs_agree_and_either_y_gives_the_same),
		cmocka_unit_test(an_ec2n_public_value_is_a_multiple_of_the_rfc_s_generator),
		cmocka_unit_test(about_half_of_random_x_have_no_point_and_are_refused),
		cmocka_unit_test(ec2n_points_of_small_order_are_refused_and_zero_and_excess_bits_too),
		cmocka_unit_test(the_x25519_vectors_of_rfc_7748_section_6_1_come_out),
		cmocka_unit_test(the_iterated_x25519_vector_of_rfc_7748_section_5_2_comes_out),
		cmocka_unit_test(x25519_values_of_small_order_are_refused),
		cmocka_unit_test(the_vectors_of_rfc_7027_appendix_a_come_out),
		cmocka_unit_test(one_times_the_generator_of_brainpool_p224r1_is_what_rfc_5639_section_3_3_says),
		cmocka_unit_test(the_x448_vectors_of_rfc_7748_section_6_2_come_out),
		cmocka_unit_test(x448_values_of_small_order_are_refused),
		cmocka_unit_test(one_end_can_close_before_the_other),
	};

	return cmocka_run_group_tests(tests, crypto_setup, crypto_teardown);
}
