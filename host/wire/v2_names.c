// SPDX-License-Identifier: BSD-2-Clause-Patent
/* What IANA calls the numbers of IKEv2, for logs and for those who read them. */
#include "wire/ikev2.h"

struct name {
	uint16_t number;
	const char *name;
};

/* The last has no name. */
static const char *find(const struct name *names, uint16_t number)
{
	while (names->name && names->number != number)
		names++;
	return names->name;
}

static const struct name payloads[] = {
	{ P2_SA, "SA" }, { P2_KE, "KE" }, { P2_IDI, "IDi" }, { P2_IDR, "IDr" }, { P2_CERT, "CERT" }, { P2_CERTREQ, "CERTREQ" },
	{ P2_AUTH, "AUTH" }, { P2_NONCE, "Nonce" }, { P2_NOTIFY, "N" }, { P2_DELETE, "D" }, { P2_VID, "V" }, { P2_TSI, "TSi" },
	{ P2_TSR, "TSr" }, { P2_SK, "SK" }, { P2_CP, "CP" }, { P2_EAP, "EAP" }, { P2_SKF, "SKF" }, { 0, NULL }
};

static const struct name exchanges[] = {
	{ X_IKE_SA_INIT, "IKE_SA_INIT" }, { X_IKE_AUTH, "IKE_AUTH" }, { X_CREATE_CHILD_SA, "CREATE_CHILD_SA" },
	{ X_INFORMATIONAL_V2, "INFORMATIONAL" }, { X_IKE_INTERMEDIATE, "IKE_INTERMEDIATE" }, { X_IKE_FOLLOWUP_KE, "IKE_FOLLOWUP_KE" },
	{ 0, NULL }
};

static const struct name types[] = {
	{ V2_ENCR, "ENCR" }, { V2_PRF, "PRF" }, { V2_INTEG, "INTEG" }, { V2_KE, "KE" }, { V2_ESN, "ESN" }, { 6, "ADDKE1" }, { 7, "ADDKE2" },
	{ 8, "ADDKE3" }, { 9, "ADDKE4" }, { 10, "ADDKE5" }, { 11, "ADDKE6" }, { 12, "ADDKE7" }, { 0, NULL }
};

static const struct name encrs[] = {
	{ 1, "DES_IV64" }, { V2_ENCR_DES, "DES" }, { V2_ENCR_3DES, "3DES" }, { 4, "RC5" }, { 5, "IDEA" }, { 6, "CAST" },
	{ V2_ENCR_BLOWFISH, "BLOWFISH" }, { 8, "3IDEA" }, { 9, "DES_IV32" }, { V2_ENCR_NULL, "NULL" }, { V2_ENCR_AES_CBC, "AES_CBC" },
	{ V2_ENCR_AES_CTR, "AES_CTR" }, { V2_ENCR_CCM_8, "AES_CCM_8" }, { V2_ENCR_CCM_12, "AES_CCM_12" }, { V2_ENCR_CCM_16, "AES_CCM_16" },
	{ V2_ENCR_GCM_8, "AES_GCM_8" }, { V2_ENCR_GCM_12, "AES_GCM_12" }, { V2_ENCR_GCM_16, "AES_GCM_16" },
	{ V2_ENCR_NULL_GMAC, "NULL_AUTH_AES_GMAC" }, { V2_ENCR_CAMELLIA_CBC, "CAMELLIA_CBC" }, { 24, "CAMELLIA_CTR" },
	{ 25, "CAMELLIA_CCM_8" }, { 26, "CAMELLIA_CCM_12" }, { 27, "CAMELLIA_CCM_16" }, { V2_ENCR_CHACHA20, "CHACHA20_POLY1305" },
	{ 29, "AES_CCM_8_IIV" }, { 30, "AES_GCM_16_IIV" }, { 31, "CHACHA20_POLY1305_IIV" }, { 0, NULL }
};

static const struct name prfs[] = {
	{ V2_PRF_MD5, "HMAC_MD5" }, { V2_PRF_SHA1, "HMAC_SHA1" }, { 3, "HMAC_TIGER" }, { V2_PRF_XCBC, "AES128_XCBC" },
	{ V2_PRF_SHA256, "HMAC_SHA2_256" }, { V2_PRF_SHA384, "HMAC_SHA2_384" }, { V2_PRF_SHA512, "HMAC_SHA2_512" },
	{ V2_PRF_CMAC, "AES128_CMAC" }, { 0, NULL }
};

static const struct name integs[] = {
	{ V2_INTEG_NONE, "NONE" }, { V2_INTEG_MD5_96, "HMAC_MD5_96" }, { V2_INTEG_SHA1_96, "HMAC_SHA1_96" }, { 3, "DES_MAC" },
	{ 4, "KPDK_MD5" }, { V2_INTEG_XCBC_96, "AES_XCBC_96" }, { 6, "HMAC_MD5_128" }, { 7, "HMAC_SHA1_160" },
	{ V2_INTEG_CMAC_96, "AES_CMAC_96" }, { V2_INTEG_GMAC_128, "AES_128_GMAC" }, { V2_INTEG_GMAC_192, "AES_192_GMAC" },
	{ V2_INTEG_GMAC_256, "AES_256_GMAC" }, { V2_INTEG_SHA256_128, "HMAC_SHA2_256_128" }, { V2_INTEG_SHA384_192, "HMAC_SHA2_384_192" },
	{ V2_INTEG_SHA512_256, "HMAC_SHA2_512_256" }, { 0, NULL }
};

static const struct name kes[] = {
	{ 0, "NONE" }, { 1, "MODP_768" }, { 2, "MODP_1024" }, { 5, "MODP_1536" }, { 14, "MODP_2048" }, { 15, "MODP_3072" },
	{ 16, "MODP_4096" }, { 17, "MODP_6144" }, { 18, "MODP_8192" }, { 19, "ECP_256" }, { 20, "ECP_384" }, { 21, "ECP_521" },
	{ 22, "MODP_1024_160" }, { 23, "MODP_2048_224" }, { 24, "MODP_2048_256" }, { 25, "ECP_192" }, { 26, "ECP_224" },
	{ 27, "BRAINPOOL_P224R1" }, { 28, "BRAINPOOL_P256R1" }, { 29, "BRAINPOOL_P384R1" }, { 30, "BRAINPOOL_P512R1" },
	{ 31, "CURVE25519" }, { 32, "CURVE448" }, { 33, "GOST3410_2012_256" }, { 34, "GOST3410_2012_512" }, { 35, "ML_KEM_512" },
	{ 36, "ML_KEM_768" }, { 37, "ML_KEM_1024" }, { 0, NULL }
};

static const struct name esns[] = { { 0, "NO_ESN" }, { 1, "ESN" }, { 0, NULL } };

const char *v2_payload_name(uint8_t type)
{
	return find(payloads, type);
}

const char *v2_exchange_name(uint8_t exchange)
{
	return find(exchanges, exchange);
}

const char *v2_transform_type_name(uint8_t type)
{
	return find(types, type);
}

const char *v2_transform_name(uint8_t type, uint16_t id)
{
	switch (type) {
	case V2_ENCR:	return find(encrs, id);
	case V2_PRF:	return find(prfs, id);
	case V2_INTEG:	return find(integs, id);
	case V2_ESN:	return find(esns, id);
	case V2_KE:	return find(kes, id);
	default:	return type >= V2_ADDKE1 && type <= V2_ADDKE7 ? find(kes, id) : NULL;
	}
}
