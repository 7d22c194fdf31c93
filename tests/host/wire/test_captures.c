// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Other people's packets: every capture is understood or refused with the right error; where it is understood, tshark agrees. */
#include "capture.h"
#include "room_test.h"

/* How far a packet gets; beyond ENCRYPTED only keys help. */
enum stage { NOT_IKE, HEADER, CHAIN, PAYLOAD, ENCRYPTED, VERSION_2, GOOD };

struct verdict {
	enum stage stage;
	enum wire_err err;	/* at HEADER, CHAIN and PAYLOAD */
	uint8_t type;		/* of the payload it is about, at CHAIN and PAYLOAD */
};

static enum wire_err get_payload(const struct isakmp_payload *payload)
{
	static struct v1_sa sa;
	struct v1_id id;
	struct v1_notify notify;
	struct v1_delete del;
	struct v1_fragment fragment;

	switch (payload->type) {
	case P_SA:	return v1_get_sa(payload->body, &sa);
	case P_ID: case P_NATOA: return v1_get_id(payload->body, &id);
	case P_NOTIFY:	return v1_get_notify(payload->body, &notify);
	case P_DELETE:	return v1_get_delete(payload->body, &del);
	case P_FRAGMENT: return v1_get_fragment(payload->body, &fragment);
	default:	return WIRE_OK;
	}
}

static struct verdict judge(struct bytes datagram)
{
	static struct isakmp_message message;
	struct isakmp_header header;
	struct verdict verdict = { HEADER, WIRE_OK, 0 };
	struct bytes rest;

	verdict.err = isakmp_get_header(datagram, &header, &rest);
	if (verdict.err != WIRE_OK)
		return verdict;
	if (header.version >> 4 == 2)
		return (struct verdict){ VERSION_2, WIRE_OK, 0 };
	if (header.flags & ISAKMP_ENCRYPTED)
		return (struct verdict){ ENCRYPTED, WIRE_OK, 0 };
	verdict.stage = CHAIN;
	verdict.err = isakmp_get_payloads(&header, rest, false, &message, &verdict.type);
	if (verdict.err != WIRE_OK)
		return verdict;
	for (unsigned i = 0; i < message.n; i++) {
		enum wire_err err = get_payload(&message.payloads[i]);

		if (err != WIRE_OK)
			return (struct verdict){ PAYLOAD, err, message.payloads[i].type };
	}
	return (struct verdict){ GOOD, WIRE_OK, 0 };
}

/* The datagram in memory of exactly its size, so that a read past it is caught. */
static struct verdict judge_frame(struct bytes frame, int link_type)
{
	struct bytes datagram;
	struct verdict verdict;
	char *copy;

	if (!capture_isakmp(capture_ip(frame, link_type), &datagram))
		return (struct verdict){ NOT_IKE, WIRE_OK, 0 };
	copy = exact_copy((const char *)datagram.at, datagram.len);
	verdict = judge((struct bytes){ (const uint8_t *)copy, datagram.len });
	free(copy);
	return verdict;
}


/* All packets of all captures: from the one after the row before to .last. */
static const struct row {
	const char *file;
	unsigned last;
	struct verdict verdict;
} rows[] = {
	{ "libreswan/01-isakmp-broadcast.pcap", 1, { GOOD, WIRE_OK, 0 } },
	{ "libreswan/01-isakmp-vid-first-resp.pcap", 1, { GOOD, WIRE_OK, 0 } },
	{ "libreswan/01-isakmp-vid-first.pcap", 1, { GOOD, WIRE_OK, 0 } },
	{ "libreswan/01-isakmp-vid-second-resp.pcap", 1, { GOOD, WIRE_OK, 0 } },
	{ "libreswan/02-isakmp-vid-first.pcap", 2, { GOOD, WIRE_OK, 0 } },
	/* exchange 243, first payload 133 */
	{ "libreswan/weirdike-eastwest.pcap-ike.pcap", 1, { CHAIN, WIRE_NEXT, 133 } },
	{ "scapy/ikev2_nat_t.pcapng", 4, { VERSION_2, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 12, { NOT_IKE, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 22, { VERSION_2, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 30, { NOT_IKE, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 40, { VERSION_2, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 48, { NOT_IKE, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 54, { VERSION_2, WIRE_OK, 0 } },
	{ "scapy/ikev2_notify_redirect.pcap", 4, { VERSION_2, WIRE_OK, 0 } },
	{ "tcpdump/02-sunrise-sunset-esp.pcap", 8, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/08-sunrise-sunset-esp2.pcap", 8, { NOT_IKE, WIRE_OK, 0 } },
	/* two peers that agreed on a draft of NAT traversal (-05 .. -08) that is not spoken here: its NAT-D is payload 15 */
	{ "tcpdump/ISAKMP_sa_setup.pcap", 2, { GOOD, WIRE_OK, 0 } },
	{ "tcpdump/ISAKMP_sa_setup.pcap", 4, { CHAIN, WIRE_NEXT, 15 } },
	{ "tcpdump/ISAKMP_sa_setup.pcap", 9, { ENCRYPTED, WIRE_OK, 0 } },
	{ "tcpdump/espudp1.pcap", 8, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/ikev1_id_ipv6_addr_subnet-oobr.pcap", 1, { HEADER, WIRE_FLAGS, 0 } },
	{ "tcpdump/ikev2-id-normal.pcap", 1, { VERSION_2, WIRE_OK, 0 } },
	{ "tcpdump/ikev2-id-short.pcap", 1, { VERSION_2, WIRE_OK, 0 } },
	{ "tcpdump/ikev2four.pcap", 21, { VERSION_2, WIRE_OK, 0 } },
	{ "tcpdump/ikev2pI2-segfault.pcapng", 1, { VERSION_2, WIRE_OK, 0 } },
	{ "tcpdump/ikev2pI2.pcap", 2, { VERSION_2, WIRE_OK, 0 } },
	{ "tcpdump/isakmp-3948-oobr-2.pcap", 1, { NOT_IKE, WIRE_OK, 0 } },
	/* version 11.14 */
	{ "tcpdump/isakmp-delete-segfault.pcap", 1, { HEADER, WIRE_VERSION, 0 } },
	/* an FQDN of 248 NULs */
	{ "tcpdump/isakmp-identification-segfault.pcap", 1, { PAYLOAD, WIRE_VALUE, P_ID } },
	/* a length of 4 GB; something that is no UDP; 24 bytes */
	{ "tcpdump/isakmp-ikev1_n_print-oobr.pcap", 1, { HEADER, WIRE_SHORT, 0 } },
	{ "tcpdump/isakmp-ikev1_n_print-oobr.pcap", 2, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp-ikev1_n_print-oobr.pcap", 3, { HEADER, WIRE_SHORT, 0 } },
	/* a length of 84 in a datagram of 2186 */
	{ "tcpdump/isakmp-no-none-np.pcapng", 1, { HEADER, WIRE_LENGTH, 0 } },
	/* a length of 0 */
	{ "tcpdump/isakmp-pointer-loop.pcap", 1, { HEADER, WIRE_LENGTH, 0 } },
	{ "tcpdump/isakmp-rfc3948-oobr.pcap", 23, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp-various-oobr.pcap", 1, { HEADER, WIRE_FLAGS, 0 } },
	{ "tcpdump/isakmp-various-oobr.pcap", 2, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 2, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 6, { GOOD, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 11, { ENCRYPTED, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 14, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 16, { ENCRYPTED, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 19, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 21, { ENCRYPTED, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 29, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 30, { ENCRYPTED, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 34, { NOT_IKE, WIRE_OK, 0 } },
	{ "tcpdump/isakmp4500.pcap", 35, { ENCRYPTED, WIRE_OK, 0 } },
	/* a length of 4 GB */
	{ "tcpdump/isakmpv1-attr-oobr.pcap", 1, { HEADER, WIRE_SHORT, 0 } }
};
enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

struct capture {
	pcap_t *file;
	unsigned n;	/* packets read */
};

static struct capture open_capture(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	struct capture capture = { pcap_open_offline(path, why), 0 };

	if (!capture.file)
		fail_msg("%s: %s", path, why);
	return capture;
}

static bool next_frame(struct capture *capture, struct bytes *frame)
{
	struct pcap_pkthdr *header;
	const uint8_t *at;

	if (pcap_next_ex(capture->file, &header, &at) != 1)
		return false;
	*frame = (struct bytes){ at, header->caplen };
	capture->n++;
	return true;
}

/* All packets of the file that rows[first] names. @return the row after the file's last */
static size_t check_file(const char *path, size_t first)
{
	struct capture capture = open_capture(path);
	struct bytes frame;
	size_t row = first;

	while (next_frame(&capture, &frame)) {
		struct verdict got = judge_frame(frame, pcap_datalink(capture.file));
		const struct verdict *want;

		if (capture.n > rows[row].last)
			row++;
		if (row == N_ROWS || strcmp(rows[row].file, rows[first].file) != 0)
			fail_msg("%s: no row speaks of packet %u", rows[first].file, capture.n);
		want = &rows[row].verdict;
		if (got.stage != want->stage || got.err != want->err || got.type != want->type)
			fail_msg("%s packet %u: stage %d, payload %u %s", rows[first].file, capture.n, got.stage, got.type, wire_err_text(got.err));
	}
	pcap_close(capture.file);
	assert_int_equal(capture.n, rows[row].last);
	return row + 1;
}

static void every_packet_of_every_capture_is_understood_or_refused_for_what_is_wrong_with_it(void **state)
{
	char path[CAPTURE_PATH_BYTES];
	unsigned n_files = 0;

	(void)state;
	for (size_t row = 0; row < N_ROWS; n_files++) {
		if (!capture_path(rows[row].file, path)) {
			printf("skipped: %s is not there\n", path);
			skip();
		}
		row = check_file(path, row);
	}
	printf("%u captures\n", n_files);
}

/* Every parser gets these bytes; that none reads past their end is what sanitizers see. */
static void feed_all_parsers(struct bytes bytes)
{
	static struct isakmp_message message;
	struct isakmp_header header = { .version = 0x10 };
	struct v1_transform lifetimes;
	uint8_t bad_type;

	(void)!judge(bytes).err;
	for (unsigned type = 0; type < 256; type++) {
		struct isakmp_payload payload = { .type = (uint8_t)type, .body = bytes };

		(void)!get_payload(&payload);
		header.next = (uint8_t)type;
		if (isakmp_get_payloads(&header, bytes, true, &message, &bad_type) == WIRE_OK)
			for (unsigned i = 0; i < message.n; i++)
				(void)!get_payload(&message.payloads[i]);
	}
	(void)!v1_get_lifetimes(bytes, &lifetimes);
}

/* Behind the header too, whatever the header says: that is where these captures broke others. */
static void no_capture_cut_anywhere_makes_a_parser_read_past_its_end(void **state)
{
	char path[CAPTURE_PATH_BYTES];
	struct bytes frame, datagram;

	(void)state;
	for (size_t row = 0; row < N_ROWS; row++) {
		struct capture capture;

		if (!capture_path(rows[row].file, path)) {
			printf("skipped: %s is not there\n", path);
			skip();
		}
		if (rows[row].verdict.stage == NOT_IKE || (row && strcmp(rows[row].file, rows[row - 1].file) == 0))
			continue;
		capture = open_capture(path);
		while (next_frame(&capture, &frame) && capture.n <= 8) {
			if (!capture_isakmp(capture_ip(frame, pcap_datalink(capture.file)), &datagram))
				continue;
			for (size_t n = 0; n <= datagram.len; n += 1 + n / 64) {
				char *all = exact_copy((const char *)datagram.at, n);
				const size_t n_skip = n < ISAKMP_HEADER_BYTES ? n : ISAKMP_HEADER_BYTES;

				feed_all_parsers((struct bytes){ (uint8_t *)all, n });
				feed_all_parsers((struct bytes){ (uint8_t *)all + n_skip, n - n_skip });
				free(all);
			}
		}
		pcap_close(capture.file);
	}
}

/* ---- What tshark prints of a packet, from what the parsers say. */
enum { LINE_BYTES = 2000 };
static const char fields[] =
	"-e frame.number -e isakmp.ispi -e isakmp.rspi -e isakmp.version -e isakmp.exchangetype -e isakmp.flags -e isakmp.messageid "
	"-e isakmp.length -e isakmp.typepayload -e isakmp.payloadlength -e isakmp.sa.doi -e isakmp.prop.number -e isakmp.prop.protoid "
	"-e isakmp.spisize -e isakmp.prop.transforms -e isakmp.trans.number -e isakmp.trans.id -e isakmp.ike.attr.encryption_algorithm "
	"-e isakmp.ike.attr.key_length -e isakmp.ike.attr.hash_algorithm -e isakmp.ike.attr.authentication_method "
	"-e isakmp.ike.attr.group_description -e isakmp.ike.attr.life_duration";

static void add(char line[LINE_BYTES], const char *separator, const char *format, unsigned long long value)
{
	const size_t len = strlen(line);
	const int n = snprintf(line + len, LINE_BYTES - len, "%s", separator);

	assert_true(n >= 0);
	(void)snprintf(line + len + n, LINE_BYTES - len - (size_t)n, format, value);
}

/* An empty column begins. */
static void separate(char line[LINE_BYTES])
{
	const size_t len = strlen(line);

	(void)snprintf(line + len, LINE_BYTES - len, "|");
}

/* "a,b,c", the first after what separates columns. */
static const char *comma(unsigned i)
{
	return i ? "," : "";
}

static void add_cookie(char line[LINE_BYTES], const uint8_t cookie[ISAKMP_COOKIE_BYTES])
{
	unsigned long long value = 0;

	for (size_t i = 0; i < ISAKMP_COOKIE_BYTES; i++)
		value = value << 8 | cookie[i];
	add(line, "|", "%016llx", value);
}

/* Types or lengths of all payloads; proposals and transforms stand behind their SA. */
static void add_payloads(char line[LINE_BYTES], const struct isakmp_message *message, const struct v1_sa *sa, bool lengths)
{
	unsigned n = 0;

	separate(line);
	for (unsigned i = 0; i < message->n; i++) {
		const struct isakmp_payload *payload = &message->payloads[i];

		add(line, comma(n++), "%llu", lengths ? payload->whole.len : payload->type);
		for (unsigned p = 0; payload->type == P_SA && p < sa->n_proposals; p++) {
			const struct v1_proposal *proposal = &sa->proposals[p];

			add(line, comma(n++), "%llu", lengths ? proposal->whole.len : P_PROPOSAL);
			for (unsigned t = 0; t < proposal->n; t++)
				add(line, comma(n++), "%llu", lengths ? sa->transforms[proposal->first + t].whole.len : P_TRANSFORM);
		}
	}
}

/* One column of all transforms; absent attributes leave none. */
#define ADD_COLUMN(line, sa, field, has) do { \
		unsigned n_column = 0; \
		separate(line); \
		for (unsigned t = 0; t < (sa)->n_transforms; t++) \
			if (has) \
				add(line, comma(n_column++), "%llu", (sa)->transforms[t].field); \
	} while (0)

static void add_sa(char line[LINE_BYTES], const struct v1_sa *sa)
{
	const struct v1_proposal *proposal = &sa->proposals[0];	/* these captures have one each */

	if (sa->n_proposals == 0) {
		for (unsigned column = 0; column < 13; column++)
			separate(line);
		return;
	}
	assert_int_equal(sa->n_proposals, 1);
	add(line, "|", "%llu", sa->doi);
	add(line, "|", "%llu", proposal->number);
	add(line, "|", "%llu", proposal->protocol);
	add(line, "|", "%llu", proposal->spi.len);
	add(line, "|", "%llu", proposal->n);
	ADD_COLUMN(line, sa, number, true);
	ADD_COLUMN(line, sa, id, true);
	ADD_COLUMN(line, sa, enc, sa->transforms[t].enc);
	ADD_COLUMN(line, sa, key_bits, sa->transforms[t].key_bits);
	ADD_COLUMN(line, sa, hash, sa->transforms[t].hash);
	ADD_COLUMN(line, sa, auth_method, sa->transforms[t].auth_method);
	ADD_COLUMN(line, sa, group, sa->transforms[t].group);
	ADD_COLUMN(line, sa, seconds, sa->transforms[t].has_seconds);
}

static void write_line(char line[LINE_BYTES], unsigned frame_number, struct bytes datagram)
{
	static struct isakmp_message message;
	static struct v1_sa sa;
	struct isakmp_header header;
	const struct isakmp_payload *payload;
	struct bytes rest;
	uint8_t bad_type;

	line[0] = 0;
	message.n = sa.n_proposals = sa.n_transforms = 0;
	assert_int_equal(isakmp_get_header(datagram, &header, &rest), WIRE_OK);
	if (!(header.flags & ISAKMP_ENCRYPTED)) {
		assert_int_equal(isakmp_get_payloads(&header, rest, false, &message, &bad_type), WIRE_OK);
		payload = isakmp_find(&message, P_SA, 0);
		if (payload)
			assert_int_equal(v1_get_sa(payload->body, &sa), WIRE_OK);
	}
	add(line, "", "%llu", frame_number);
	add_cookie(line, header.icookie);
	add_cookie(line, header.rcookie);
	add(line, "|", "0x%02llx", header.version);
	add(line, "|", "%llu", header.exchange);
	add(line, "|", "0x%02llx", header.flags);
	add(line, "|", "0x%08llx", header.message_id);
	add(line, "|", "%llu", header.length);
	add_payloads(line, &message, &sa, false);
	add_payloads(line, &message, &sa, true);
	add_sa(line, &sa);
}

/* Reads on to tshark's line of this packet. */
static bool find_line(FILE *tshark, unsigned frame_number, char line[LINE_BYTES])
{
	while (fgets(line, LINE_BYTES, tshark)) {
		line[strcspn(line, "\n")] = 0;
		if (strtoul(line, NULL, 10) == frame_number)
			return true;
	}
	return false;
}

static unsigned compare_file(const char *path)
{
	char command[2 * CAPTURE_PATH_BYTES + sizeof(fields)], ours[LINE_BYTES], theirs[LINE_BYTES];
	struct capture capture = open_capture(path);
	struct bytes frame, datagram = { NULL, 0 };
	unsigned n = 0;
	FILE *tshark;

	(void)snprintf(command, sizeof(command), "tshark -n -r '%s' -Y isakmp -T fields -E 'separator=|' %s 2>/dev/null", path, fields);
	tshark = popen(command, "r");
	assert_non_null(tshark);
	while (next_frame(&capture, &frame)) {
		const enum stage stage = judge_frame(frame, pcap_datalink(capture.file)).stage;

		if (stage != GOOD && stage != ENCRYPTED)
			continue;
		assert_true(capture_isakmp(capture_ip(frame, pcap_datalink(capture.file)), &datagram));
		write_line(ours, capture.n, datagram);
		assert_true(find_line(tshark, capture.n, theirs));
		assert_string_equal(ours, theirs);
		n++;
	}
	pclose(tshark);
	pcap_close(capture.file);
	return n;
}

static void of_what_is_understood_tshark_says_the_same(void **state)
{
	static const char *const files[] = {
		"libreswan/01-isakmp-broadcast.pcap", "libreswan/01-isakmp-vid-first-resp.pcap", "libreswan/01-isakmp-vid-first.pcap",
		"libreswan/01-isakmp-vid-second-resp.pcap", "libreswan/02-isakmp-vid-first.pcap", "tcpdump/ISAKMP_sa_setup.pcap",
		"tcpdump/isakmp4500.pcap"
	};
	char path[CAPTURE_PATH_BYTES];
	unsigned n = 0;

	(void)state;
	if (system("tshark --version >/dev/null 2>&1") != 0) {
		printf("skipped: no tshark\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (!capture_path(files[i], path)) {
			printf("skipped: %s is not there\n", path);
			skip();
		}
		n += compare_file(path);
	}
	printf("tshark agrees about %u messages\n", n);
	assert_int_equal(n, 28);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_of_every_capture_is_understood_or_refused_for_what_is_wrong_with_it),
		cmocka_unit_test(no_capture_cut_anywhere_makes_a_parser_read_past_its_end),
		cmocka_unit_test(of_what_is_understood_tshark_says_the_same)
	};

	return cmocka_run_group_tests_name("wire/captures", tests, NULL, NULL);
}
