// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "net/local6.h"

#include <string.h>

#include "base/inet.h"

enum {
	IP_BYTES = 40, ND_BYTES = 24, OPTION_BYTES = 8,
	ECHO_REQUEST = 128, ECHO_REPLY = 129, SOLICITATION = 135, ADVERTISEMENT = 136,
	ROUTER = 0x80, SOLICITED = 0x40, OVERRIDE = 0x20,
};

static const uint8_t unspecified[16];
static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
static const uint8_t all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };

/* RFC 8200 §8.1, over a message that holds its checksum: 0 if it is right. */
static uint16_t checksum(const uint8_t *ip, const uint8_t *message, size_t n)
{
	return inet_fold(inet_sum(inet_sum((uint32_t)n + 58, ip + 8, IP_BYTES - 8), message, n));
}

static bool is_local(const struct local *local, const uint8_t *addr)
{
	for (unsigned i = 0; i < local->n_addrs; i++)
		if (local->addrs[i].is_v6 && memcmp(local->addrs[i].bytes, addr, 16) == 0)
			return true;
	return false;
}

static void write_header(const struct local *local, const uint8_t *frame, size_t l3, size_t n_message, const uint8_t *src, uint8_t hops,
			 uint8_t *out)
{
	memcpy(out, frame + 6, 6);
	memcpy(out + 6, local->mac, 6);
	memcpy(out + 12, frame + 12, l3 - 12);	/* VLAN tags and ethertype */
	memset(out + l3, 0, IP_BYTES);
	out[l3] = 0x60;
	out[l3 + 4] = (uint8_t)(n_message >> 8);
	out[l3 + 5] = (uint8_t)n_message;
	out[l3 + 6] = 58;
	out[l3 + 7] = hops;
	memcpy(out + l3 + 8, src, 16);
	memcpy(out + l3 + 24, frame + l3 + 8, 16);
}

static size_t finish(size_t l3, size_t n_message, uint8_t *out)
{
	uint8_t *message = out + l3 + IP_BYTES;
	uint16_t sum;

	message[2] = message[3] = 0;
	sum = checksum(out + l3, message, n_message);
	message[2] = (uint8_t)(sum >> 8);
	message[3] = (uint8_t)sum;
	return l3 + IP_BYTES + n_message;
}

/* Options must be whole; whoever has no address yet (RFC 4862 §5.4.3) sends no link address and is answered to all. */
static bool is_sound_solicitation(const uint8_t *ip, const uint8_t *message, size_t n_message)
{
	bool is_probe = memcmp(ip + 8, unspecified, 16) == 0;

	if (ip[7] != 255 || message[1] != 0 || n_message < ND_BYTES)
		return false;
	for (size_t at = ND_BYTES; at < n_message; at += (size_t)message[at + 1] * 8)
		if (n_message - at < 8 || message[at + 1] == 0 || (size_t)message[at + 1] * 8 > n_message - at ||
		    (is_probe && message[at] == 1))
			return false;
	return true;
}

static size_t answer_solicitation(const struct local *local, const uint8_t *frame, size_t l3, size_t n_message, uint8_t *out)
{
	const uint8_t *ip = frame + l3, *message = ip + IP_BYTES;
	uint8_t *reply = out + l3 + IP_BYTES;
	bool is_probe;

	if (!is_sound_solicitation(ip, message, n_message) || !is_local(local, message + 8))
		return 0;
	is_probe = memcmp(ip + 8, unspecified, 16) == 0;
	write_header(local, frame, l3, ND_BYTES + OPTION_BYTES, message + 8, 255, out);
	if (is_probe) {
		memcpy(out, all_nodes_mac, 6);
		memcpy(out + l3 + 24, all_nodes, 16);
	}
	memset(reply, 0, ND_BYTES + OPTION_BYTES);
	reply[0] = ADVERTISEMENT;
	reply[4] = (uint8_t)(ROUTER | OVERRIDE | (is_probe ? 0 : SOLICITED));
	memcpy(reply + 8, message + 8, 16);
	reply[ND_BYTES] = 2;	/* target link-layer address */
	reply[ND_BYTES + 1] = 1;
	memcpy(reply + ND_BYTES + 2, local->mac, 6);
	return finish(l3, ND_BYTES + OPTION_BYTES, out);
}

static size_t answer_echo(const struct local *local, const uint8_t *frame, size_t l3, size_t n_message, uint8_t *out)
{
	const uint8_t *ip = frame + l3;

	if (ip[IP_BYTES + 1] != 0 || !is_local(local, ip + 24) || memcmp(ip + 8, unspecified, 16) == 0 || (frame[0] & 1))
		return 0;
	write_header(local, frame, l3, n_message, ip + 24, 64, out);
	memcpy(out + l3 + IP_BYTES, ip + IP_BYTES, n_message);
	out[l3 + IP_BYTES] = ECHO_REPLY;
	return finish(l3, n_message, out);
}

enum local_kind local6_answer(const struct local *local, const uint8_t *frame, size_t n_bytes, size_t l3, uint8_t *out, size_t *out_bytes)
{
	const uint8_t *ip = frame + l3;
	size_t n_message, n = 0;

	if (n_bytes < l3 + IP_BYTES + 8 || ip[0] >> 4 != 6 || ip[6] != 58 || (frame[6] & 1) || ip[8] == 0xff)
		return LOCAL_SILENT;
	n_message = (size_t)(ip[4] << 8 | ip[5]);
	if (n_message < 8 || n_message > n_bytes - l3 - IP_BYTES || checksum(ip, ip + IP_BYTES, n_message) != 0)
		return LOCAL_SILENT;
	if (ip[IP_BYTES] == SOLICITATION)
		n = answer_solicitation(local, frame, l3, n_message, out);
	else if (ip[IP_BYTES] == ECHO_REQUEST)
		n = answer_echo(local, frame, l3, n_message, out);
	if (!n)
		return LOCAL_SILENT;
	*out_bytes = n;
	return ip[IP_BYTES] == SOLICITATION ? LOCAL_ND : LOCAL_ECHO;
}
