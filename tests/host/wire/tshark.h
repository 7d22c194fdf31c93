// SPDX-License-Identifier: BSD-2-Clause-Patent
/* tshark as a witness of what is written here. */
#ifndef TESTS_HOST_WIRE_TSHARK_H
#define TESTS_HOST_WIRE_TSHARK_H

#include <pcap/pcap.h>
#include <stdio.h>

#include "room_test.h"
#include "wire/isakmp.h"

enum { TSHARK_LINE_BYTES = 1000 };

/** A capture file of one Ethernet frame around the message, from port 500 to port 500. */
static inline void tshark_save(const char *path, const struct writer *message)
{
	static uint8_t frame[3000];
	struct writer to = { frame, sizeof(frame), 0, false };
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, sizeof(frame));
	pcap_dumper_t *out = pcap_dump_open(pcap, path);
	struct pcap_pkthdr header = { .len = 0 };

	assert_false(message->has_failed);
	put_zeros(&to, 12);
	put_u16(&to, 0x0800);
	put_u16(&to, 0x4500);
	put_u16(&to, (uint16_t)(20 + 8 + message->len));
	put_u32(&to, 0);
	put_u32(&to, 0x40110000);
	put_u32(&to, 0xc0000201);
	put_u32(&to, 0xc0000202);
	put_u16(&to, 500);
	put_u16(&to, 500);
	put_u16(&to, (uint16_t)(8 + message->len));
	put_u16(&to, 0);
	put_bytes(&to, message->at, message->len);
	assert_false(to.has_failed);
	header.len = header.caplen = (bpf_u_int32)to.len;
	assert_non_null(out);
	pcap_dump((u_char *)out, &header, frame);
	pcap_dump_close(out);
	pcap_close(pcap);
}

/** tshark's columns for these fields, and that it finds nothing malformed. */
static inline void assert_tshark_reads(const char *path, const char *fields, const char *want)
{
	char command[2 * TSHARK_LINE_BYTES], got[TSHARK_LINE_BYTES] = "";
	FILE *tshark;

	(void)snprintf(command, sizeof(command), "tshark -n -r %s -T fields -E 'separator=|' -e _ws.malformed %s 2>/dev/null", path, fields);
	tshark = popen(command, "r");
	assert_non_null(tshark);
	assert_non_null(fgets(got, sizeof(got), tshark));
	pclose(tshark);
	got[strcspn(got, "\n")] = 0;
	assert_string_equal(got, want);
}

#endif
