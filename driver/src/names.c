// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * Codes to words, as the contract's X-lists have them. Ciphers and hashes: algorithm.c.
 */
#include "card.h"

#define CASE_WORD(code, word) case code: return #word;
#define CASE_WORD_OF_THREE(code, word, text) case code: return #word;
#define CASE_TEXT(code, word, text) case code: return text;

const char *adit_reason_name(unsigned reason)
{
	switch (reason) {
	ADIT_REASON_LIST(CASE_WORD_OF_THREE)
	default: return NULL;
	}
}

const char *adit_reason_doc(unsigned reason)
{
	switch (reason) {
	ADIT_REASON_LIST(CASE_TEXT)
	default: return NULL;
	}
}

const char *adit_feature_name(unsigned feature)
{
	switch (feature) {
	ADIT_FEATURE_LIST(CASE_WORD)
	default: return NULL;
	}
}

const char *adit_face_name(unsigned face)
{
	switch (face) {
	case ADIT_FACE_LAN: return "lan";
	case ADIT_FACE_WAN: return "wan";
	case ADIT_FACE_HOST: return "host";
	case ADIT_FACE_NONE: return "none";
	default: return NULL;
	}
}

const char *name_status(unsigned status)
{
	switch (status) {
	ADIT_STATUS_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *name_field(unsigned field)
{
	switch (field) {
	ADIT_FIELD_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *name_fault(unsigned fault)
{
	switch (fault) {
	ADIT_FAULT_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *name_ring(unsigned ring)
{
	switch (ring) {
	ADIT_RING_LIST(CASE_WORD)
	default: return "unknown";
	}
}

const char *cmd_op_name(unsigned op)
{
	switch (op) {
	ADIT_OP_LIST(CASE_WORD)
	default: return "unknown";
	}
}
