// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Weierstrass curves. ECP (RFC 5903; Brainpool's: RFC 6954): the value is x | y, the secret x; the order is prime. EC2N (RFC 2409 §6.3, §6.4): the value
 * is x alone and either y will do, since -P has the same x and so has -kP; the curves' orders are 12 and 4 times a prime, so
 * that points of small order exist and are refused.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>

#include "crypto/room.h"

enum { LARGEST_POINT_BYTES = 1 + 2 * 66, UNCOMPRESSED = 4 };

/* secret * (peer, or the generator if that is NULL). OpenSSL takes a ladder of constant time for one secret factor. */
static EC_POINT *multiply(const struct dh *dh, const EC_GROUP *group, const EC_POINT *peer, BN_CTX *ctx)
{
	EC_POINT *result = EC_POINT_new(group);
	const BIGNUM *k = dh->secret.exponent;
	int ok = result == NULL	? 0 :
		 peer == NULL	? EC_POINT_mul(group, result, k, NULL, NULL, ctx) :
				  EC_POINT_mul(group, result, NULL, peer, k, ctx);

	if (ok == 1 && !EC_POINT_is_at_infinity(group, result))
		return result;
	EC_POINT_clear_free(result);
	return NULL;
}

static bool put_x(const EC_GROUP *group, const EC_POINT *point, BN_CTX *ctx, uint8_t *out, int n)
{
	BIGNUM *x = BN_secure_new();
	bool ok = x != NULL && EC_POINT_get_affine_coordinates(group, point, x, NULL, ctx) == 1 && !BN_is_zero(x) &&
		  BN_bn2binpad(x, out, n) == n;

	BN_clear_free(x);
	return ok;
}

static bool put_x_and_y(const EC_GROUP *group, const EC_POINT *point, BN_CTX *ctx, uint8_t *out, int n)
{
	BIGNUM *x = BN_new(), *y = BN_new();
	bool ok = x != NULL && y != NULL && EC_POINT_get_affine_coordinates(group, point, x, y, ctx) == 1 &&
		  BN_bn2binpad(x, out, n / 2) == n / 2 && BN_bn2binpad(y, out + n / 2, n / 2) == n / 2;

	BN_free(y);
	BN_free(x);
	return ok;
}

/* From 1 .. order - 1. */
static BIGNUM *draw_secret(const EC_GROUP *group, BN_CTX *ctx)
{
	BIGNUM *k = BN_secure_new();
	bool ok = k != NULL;

	do
		ok = ok && BN_priv_rand_range_ex(k, EC_GROUP_get0_order(group), 0, ctx) == 1;
	while (ok && BN_is_zero(k));
	if (ok)
		return k;
	BN_clear_free(k);
	return NULL;
}

static bool curve_open(struct dh *dh, struct bytes private)
{
	BN_CTX *ctx = BN_CTX_secure_new_ex(crypto_library());
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(crypto_library(), NULL, dh->facts->nid);
	EC_POINT *point = NULL;
	const int n = dh->facts->public_bytes;
	bool ok = false;

	if (ctx != NULL && group != NULL)
		dh->secret.exponent = private.len > 0 ? BN_bin2bn(private.at, (int)private.len, NULL) : draw_secret(group, ctx);
	if (dh->secret.exponent != NULL) {
		BN_set_flags(dh->secret.exponent, BN_FLG_CONSTTIME);
		point = multiply(dh, group, NULL, ctx);
	}
	if (point != NULL)
		ok = dh->facts->kind == &dh_ecp ? put_x_and_y(group, point, ctx, dh->public, n) : put_x(group, point, ctx, dh->public, n);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	BN_CTX_free(ctx);
	return ok;
}

static void curve_close(struct dh *dh)
{
	BN_clear_free(dh->secret.exponent);
}

/* OpenSSL refuses coordinates that are not below p or not on the curve; all points but infinity have the curve's prime order. */
static EC_POINT *point_of_ecp(const EC_GROUP *group, struct bytes peer, BN_CTX *ctx)
{
	uint8_t uncompressed[LARGEST_POINT_BYTES] = { UNCOMPRESSED };
	EC_POINT *point = EC_POINT_new(group);

	for (size_t i = 0; i < peer.len && i + 1 < sizeof(uncompressed); i++)
		uncompressed[i + 1] = peer.at[i];
	if (point != NULL && EC_POINT_oct2point(group, point, uncompressed, peer.len + 1, ctx) == 1)
		return point;
	EC_POINT_free(point);
	return NULL;
}

/* 12 * P: infinity if P's order is one of 1, 2, 3, 4, 6, 12, which takes in all small ones of both curves. */
static bool has_small_order(const EC_GROUP *group, const EC_POINT *point, BN_CTX *ctx)
{
	EC_POINT *four = EC_POINT_new(group), *twelve = EC_POINT_new(group);
	bool is_large = four != NULL && twelve != NULL && EC_POINT_dbl(group, four, point, ctx) == 1 &&
			EC_POINT_dbl(group, four, four, ctx) == 1 && EC_POINT_dbl(group, twelve, four, ctx) == 1 &&
			EC_POINT_add(group, twelve, twelve, four, ctx) == 1 && !EC_POINT_is_at_infinity(group, twelve);

	EC_POINT_free(twelve);
	EC_POINT_free(four);
	return !is_large;
}

/* x = 0 is the point of order 2; an x of more bits than the field would be reduced, so that two values meant one point. */
static EC_POINT *point_of_ec2n(const EC_GROUP *group, struct bytes peer, BN_CTX *ctx)
{
	BIGNUM *x = BN_bin2bn(peer.at, (int)peer.len, NULL);
	EC_POINT *point = EC_POINT_new(group);
	bool ok = x != NULL && point != NULL && !BN_is_zero(x) && BN_num_bits(x) <= EC_GROUP_get_degree(group) &&
		  EC_POINT_set_compressed_coordinates(group, point, x, 0, ctx) == 1 &&
		  EC_POINT_is_on_curve(group, point, ctx) == 1 && !has_small_order(group, point, ctx);

	BN_free(x);
	if (ok)
		return point;
	EC_POINT_free(point);
	return NULL;
}

static bool curve_shared(const struct dh *dh, struct bytes peer, uint8_t *out)
{
	BN_CTX *ctx = BN_CTX_secure_new_ex(crypto_library());
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(crypto_library(), NULL, dh->facts->nid);
	EC_POINT *theirs = NULL, *ours = NULL;
	bool ok;

	if (ctx != NULL && group != NULL)
		theirs = dh->facts->kind == &dh_ecp ? point_of_ecp(group, peer, ctx) : point_of_ec2n(group, peer, ctx);
	if (theirs != NULL)
		ours = multiply(dh, group, theirs, ctx);
	ok = ours != NULL && put_x(group, ours, ctx, out, dh->facts->shared_bytes);
	EC_POINT_clear_free(ours);
	EC_POINT_free(theirs);
	EC_GROUP_free(group);
	BN_CTX_free(ctx);
	return ok;
}

const struct dh_kind dh_ecp = { curve_open, curve_close, curve_shared };
const struct dh_kind dh_ec2n = { curve_open, curve_close, curve_shared };
