// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "replay_pcap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool keep(struct replay_frames *out, const uint8_t *bytes, uint32_t n_bytes)
{
	if (out->n_frames == out->room) {
		size_t room = out->room ? 2 * out->room : 256;
		uint8_t **frames = reallocarray(out->frames, room, sizeof(*frames));
		uint32_t *frame_bytes = frames ? reallocarray(out->frame_bytes, room, sizeof(*frame_bytes)) : NULL;

		if (frames)
			out->frames = frames;
		if (!frame_bytes)
			return false;
		out->frame_bytes = frame_bytes;
		out->room = room;
	}
	out->frames[out->n_frames] = malloc(n_bytes);
	if (!out->frames[out->n_frames])
		return false;
	memcpy(out->frames[out->n_frames], bytes, n_bytes);
	out->frame_bytes[out->n_frames++] = n_bytes;
	return true;
}

bool replay_read(const char *path, struct replay_frames *out)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const uint8_t *bytes;
	pcap_t *in = pcap_open_offline(path, why);
	const char *link;
	size_t n_cut = 0;
	int got = 0;

	*out = (struct replay_frames){ 0 };
	if (!in) {
		fprintf(stderr, "adit-replay: %s: %s\n", path, why);
		return false;
	}
	if (pcap_datalink(in) != DLT_EN10MB) {
		link = pcap_datalink_val_to_name(pcap_datalink(in));
		fprintf(stderr, "adit-replay: %s: link type %s (%d), but the card takes Ethernet frames\n", path,
			link ? link : "without a name", pcap_datalink(in));
		pcap_close(in);
		return false;
	}
	while ((got = pcap_next_ex(in, &header, &bytes)) == 1) {
		n_cut += header->caplen < header->len;
		if (header->caplen == 0 || header->caplen > REPLAY_FRAME_BYTES) {
			fprintf(stderr, "adit-replay: %s: a frame of %u bytes is left out\n", path, header->caplen);
			continue;
		}
		if (!keep(out, bytes, header->caplen)) {
			fprintf(stderr, "adit-replay: %s: out of memory\n", path);
			got = PCAP_ERROR;
			break;
		}
	}
	if (got == PCAP_ERROR)
		fprintf(stderr, "adit-replay: %s: after frame %zu: %s\n", path, out->n_frames, pcap_geterr(in));
	if (n_cut)
		fprintf(stderr, "adit-replay: %s: %zu frames were captured without their ends; they are sent as they are\n", path,
			n_cut);
	pcap_close(in);
	return got == PCAP_ERROR_BREAK;
}

void replay_free(struct replay_frames *frames)
{
	for (size_t i = 0; i < frames->n_frames; i++)
		free(frames->frames[i]);
	free(frames->frames);
	free(frames->frame_bytes);
	*frames = (struct replay_frames){ 0 };
}

bool replay_out_open(const char *path, struct replay_out *out)
{
	*out = (struct replay_out){ .format = pcap_open_dead(DLT_EN10MB, 65535) };
	out->dumper = out->format ? pcap_dump_open(out->format, path) : NULL;
	if (out->dumper)
		return true;
	fprintf(stderr, "adit-replay: %s\n", out->format ? pcap_geterr(out->format) : path);
	if (out->format)
		pcap_close(out->format);
	*out = (struct replay_out){ 0 };
	return false;
}

void replay_out_put(struct replay_out *out, const uint8_t *bytes, size_t n_bytes)
{
	struct pcap_pkthdr header = { .caplen = (bpf_u_int32)n_bytes, .len = (bpf_u_int32)n_bytes };

	header.ts.tv_sec = (time_t)(out->n_frames / 1000000);
	header.ts.tv_usec = (suseconds_t)(out->n_frames % 1000000);
	pcap_dump((u_char *)out->dumper, &header, bytes);
	out->n_frames++;
}

bool replay_out_close(struct replay_out *out)
{
	bool is_good = out->dumper && pcap_dump_flush(out->dumper) == 0;

	if (out->dumper)
		pcap_dump_close(out->dumper);
	if (out->format)
		pcap_close(out->format);
	out->dumper = NULL;
	out->format = NULL;
	return is_good;
}
