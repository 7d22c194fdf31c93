// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "net/local.h"

#include <openssl/sha.h>
#include <string.h>

#include "base/inet.h"
#include "net/local6.h"

#define ARP_BYTES 28
#define ICMP_BYTES 8
#define IPV4_BYTES 20
#define MIN_FRAME_BYTES 60

static uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Over bytes that hold their checksum: 0 if it is right. */
static uint16_t checksum(const uint8_t *bytes, size_t n)
{
	return inet_fold(inet_sum(0, bytes, n));
}

void local_mac(const char *card_name, uint8_t mac[6])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256((const uint8_t *)card_name, strlen(card_name), digest);
	memcpy(mac, digest, 6);
	mac[0] = (uint8_t)((mac[0] & 0xfc) | 0x02);
}

static bool is_local(const struct local *local, const uint8_t *v4)
{
	for (unsigned i = 0; i < local->n_addrs; i++)
		if (!local->addrs[i].is_v6 && memcmp(local->addrs[i].bytes, v4, 4) == 0)
			return true;
	return false;
}

static void turn_round(const struct local *local, const uint8_t *frame, size_t l3, uint8_t *out)
{
	memcpy(out, frame + 6, 6);
	memcpy(out + 6, local->mac, 6);
	memcpy(out + 12, frame + 12, l3 - 12);	/* VLAN tags and ethertype */
}

/* htype 2 | ptype 2 | hlen 1 | plen 1 | op 2 | sha 6 | spa 4 | tha 6 | tpa 4 */
static size_t answer_arp(const struct local *local, const uint8_t *frame, size_t n, size_t l3, uint8_t *out)
{
	static const uint8_t request[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	const uint8_t *arp = frame + l3;
	size_t n_out = l3 + ARP_BYTES;

	if (n < n_out || memcmp(arp, request, sizeof(request)) != 0 || !is_local(local, arp + 24) || (arp[8] & 1))
		return 0;
	turn_round(local, frame, l3, out);
	memcpy(out + l3, arp, 6);
	put_u16(out + l3 + 6, 2);
	memcpy(out + l3 + 8, local->mac, 6);
	memcpy(out + l3 + 14, arp + 24, 4);
	memcpy(out + l3 + 18, arp + 8, 10);
	if (n_out < MIN_FRAME_BYTES) {
		memset(out + n_out, 0, MIN_FRAME_BYTES - n_out);
		n_out = MIN_FRAME_BYTES;
	}
	return n_out;
}

static size_t answer_echo(const struct local *local, const uint8_t *frame, size_t n, size_t l3, uint8_t *out)
{
	const uint8_t *ip = frame + l3, *icmp;
	size_t header, total, n_out;

	if (n < l3 + IPV4_BYTES || ip[0] >> 4 != 4)
		return 0;
	header = (size_t)(ip[0] & 15) * 4;
	total = get_u16(ip + 2);
	if (header != IPV4_BYTES || total < header + ICMP_BYTES || total > n - l3)	/* no options: nobody pings with them */
		return 0;
	if ((get_u16(ip + 6) & 0x3fff) || ip[9] != 1 || checksum(ip, header) != 0 || !is_local(local, ip + 16))
		return 0;
	if (ip[12] == 0 || ip[12] == 127 || ip[12] >= 224 || (frame[6] & 1) || (frame[0] & 1))	/* RFC 1122 §3.2.2.6 */
		return 0;
	icmp = ip + header;
	if (icmp[0] != 8 || icmp[1] != 0 || checksum(icmp, total - header) != 0)
		return 0;
	turn_round(local, frame, l3, out);
	memcpy(out + l3, ip, total);
	out[l3 + 8] = 64;
	memcpy(out + l3 + 12, ip + 16, 4);
	memcpy(out + l3 + 16, ip + 12, 4);
	put_u16(out + l3 + 10, 0);
	put_u16(out + l3 + 10, checksum(out + l3, header));
	out[l3 + header] = 0;
	put_u16(out + l3 + header + 2, 0);
	put_u16(out + l3 + header + 2, checksum(out + l3 + header, total - header));
	n_out = l3 + total;
	if (n_out < MIN_FRAME_BYTES) {
		memset(out + n_out, 0, MIN_FRAME_BYTES - n_out);
		n_out = MIN_FRAME_BYTES;
	}
	return n_out;
}

enum local_kind local_answer(const struct local *local, const uint8_t *frame, size_t n_bytes, uint8_t *out, size_t room,
			     size_t *out_bytes)
{
	size_t l3 = 14;

	if (n_bytes < l3 || room < n_bytes + 8 || room < MIN_FRAME_BYTES)
		return LOCAL_SILENT;
	for (unsigned tags = 0; tags < 2 && n_bytes >= l3 + 4; tags++) {
		uint16_t type = get_u16(frame + l3 - 2);

		if (type != 0x8100 && type != 0x88a8)
			break;
		l3 += 4;
	}
	switch (get_u16(frame + l3 - 2)) {
	case 0x0806:
		*out_bytes = answer_arp(local, frame, n_bytes, l3, out);
		return *out_bytes ? LOCAL_ARP : LOCAL_SILENT;
	case 0x0800:
		*out_bytes = answer_echo(local, frame, n_bytes, l3, out);
		return *out_bytes ? LOCAL_ECHO : LOCAL_SILENT;
	case 0x86dd:
		return local6_answer(local, frame, n_bytes, l3, out, out_bytes);
	default:
		return LOCAL_SILENT;
	}
}
