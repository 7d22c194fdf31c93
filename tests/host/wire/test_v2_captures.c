// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Other people's packets of version 2: each is understood or refused with the right error; where it is understood, tshark agrees. */
#include "capture.h"
#include "room_test.h"
#include "wire/ikev2.h"

/* How far a packet gets; what is behind SEALED, only keys show. */
enum stage { NOT_IKE, HEADER, CHAIN, PAYLOAD, SEALED, GOOD };

struct verdict {
	enum stage stage;
	enum wire_err err;
	uint8_t type;	/* of the payload it is about, at CHAIN and PAYLOAD */
};

static struct v2_message message;
static struct v2_sa sa;

static enum wire_err get_payload(const struct v2_payload *payload)
{
	static struct v2_ts ts;
	struct v2_ke ke;
	struct v2_id id;
	struct v2_cert cert;
	struct v2_notify notify;

	switch (payload->type) {
	case P2_SA:	return v2_get_sa(payload->body, &sa);
	case P2_KE:	return v2_get_ke(payload->body, &ke);
	case P2_IDI: case P2_IDR: return v2_get_id(payload->body, &id);
	case P2_CERTREQ: return v2_get_certreq(payload->body, &cert);
	case P2_NONCE:	return v2_check_nonce(payload->body);
	case P2_NOTIFY:	return v2_get_notify(payload->body, &notify);
	case P2_TSI: case P2_TSR: return v2_get_ts(payload->body, &ts);
	default:	return WIRE_OK;
	}
}

static struct verdict judge(struct bytes datagram)
{
	struct isakmp_header header;
	struct verdict verdict = { HEADER, WIRE_OK, 0 };
	struct bytes rest;

	message.n = sa.n_proposals = sa.n_transforms = 0;
	verdict.err = isakmp_get_header(datagram, &header, &rest);
	if (verdict.err == WIRE_OK)
		verdict.err = v2_check_header(&header);
	if (verdict.err != WIRE_OK)
		return verdict;
	verdict.stage = CHAIN;
	verdict.err = v2_get_payloads(&header, rest, &message, &verdict.type);
	if (verdict.err != WIRE_OK)
		return verdict;
	for (unsigned i = 0; i < message.n; i++) {
		enum wire_err err = get_payload(&message.payloads[i]);

		if (err != WIRE_OK)
			return (struct verdict){ PAYLOAD, err, message.payloads[i].type };
	}
	return (struct verdict){ v2_find(&message, P2_SK, 0) ? SEALED : GOOD, WIRE_OK, 0 };
}

/* All packets of all captures: from the one after the row before to .last. */
static const struct row {
	const char *file;
	unsigned last;
	struct verdict verdict;
} rows[] = {
	{ "tcpdump/ikev2four.pcap", 4, { GOOD, WIRE_OK, 0 } },
	{ "tcpdump/ikev2four.pcap", 21, { SEALED, WIRE_OK, 0 } },
	{ "tcpdump/ikev2pI2.pcap", 1, { GOOD, WIRE_OK, 0 } },
	{ "tcpdump/ikev2pI2.pcap", 2, { SEALED, WIRE_OK, 0 } },
	/* a KE of more bytes than there are */
	{ "tcpdump/ikev2pI2-segfault.pcapng", 1, { CHAIN, WIRE_SHORT, P2_KE } },
	/* an IKE_AUTH without SPIs */
	{ "tcpdump/ikev2-id-normal.pcap", 1, { HEADER, WIRE_VALUE, 0 } },
	{ "tcpdump/ikev2-id-short.pcap", 1, { HEADER, WIRE_VALUE, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 2, { GOOD, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 4, { SEALED, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 12, { NOT_IKE, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 18, { SEALED, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 20, { GOOD, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 22, { SEALED, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 30, { NOT_IKE, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 36, { SEALED, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 38, { GOOD, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 40, { SEALED, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 48, { NOT_IKE, WIRE_OK, 0 } },
	{ "scapy/ikev2_nat_t.pcapng", 54, { SEALED, WIRE_OK, 0 } },
	{ "scapy/ikev2_notify_redirect.pcap", 4, { GOOD, WIRE_OK, 0 } }
};
enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

/* ---- what tshark prints of a packet, from what the parsers say */
enum { LINE_BYTES = 4000 };
static const char fields[] =
	"-e frame.number -e isakmp.exchangetype -e isakmp.flags -e isakmp.messageid -e isakmp.length -e isakmp.typepayload -e isakmp.payloadlength "
	"-e isakmp.prop.number -e isakmp.prop.protoid -e isakmp.prop.transforms -e isakmp.tf.type -e isakmp.tf.id.encr -e isakmp.tf.id.prf "
	"-e isakmp.tf.id.integ -e isakmp.tf.id.dh -e isakmp.ike2.attr.key_length -e isakmp.key_exchange.dh_group -e isakmp.notify.msgtype";

static void add(char line[LINE_BYTES], const char *separator, const char *format, unsigned value)
{
	const size_t len = strlen(line);
	const int n = snprintf(line + len, LINE_BYTES - len, "%s", separator);

	assert_true(n >= 0);
	(void)snprintf(line + len + n, LINE_BYTES - len - (size_t)n, format, value);
}

static void separate(char line[LINE_BYTES])
{
	const size_t len = strlen(line);

	(void)snprintf(line + len, LINE_BYTES - len, "|");
}

/* "a,b,c": the first has no comma before it. */
static void add_next(char line[LINE_BYTES], size_t value)
{
	add(line, line[strlen(line) - 1] == '|' ? "" : ",", "%u", (unsigned)value);
}

/* Types or lengths of all payloads; proposals and transforms, which tshark calls 2 and 3, stand behind their SA. */
static void add_payloads(char line[LINE_BYTES], bool lengths)
{
	separate(line);
	for (unsigned i = 0; i < message.n; i++) {
		const struct v2_payload *payload = &message.payloads[i];

		add_next(line, lengths ? payload->whole.len : payload->type);
		for (unsigned p = 0; payload->type == P2_SA && p < sa.n_proposals; p++) {
			const struct v2_proposal *proposal = &sa.proposals[p];

			add_next(line, lengths ? proposal->whole.len : 2);
			for (unsigned t = 0; t < proposal->n; t++)
				add_next(line, lengths ? sa.transforms[proposal->first + t].whole.len : 3);
		}
	}
}

static void add_ids(char line[LINE_BYTES], uint8_t type)
{
	separate(line);
	for (unsigned t = 0; t < sa.n_transforms; t++)
		if (sa.transforms[t].type == type)
			add_next(line, sa.transforms[t].id);
}

static void add_sa(char line[LINE_BYTES])
{
	separate(line);
	for (unsigned p = 0; p < sa.n_proposals; p++)
		add_next(line, sa.proposals[p].number);
	separate(line);
	for (unsigned p = 0; p < sa.n_proposals; p++)
		add_next(line, sa.proposals[p].protocol);
	separate(line);
	for (unsigned p = 0; p < sa.n_proposals; p++)
		add_next(line, sa.proposals[p].n);
	separate(line);
	for (unsigned t = 0; t < sa.n_transforms; t++)
		add_next(line, sa.transforms[t].type);
	for (uint8_t type = V2_ENCR; type <= V2_KE; type++)
		add_ids(line, type);
	separate(line);
	for (unsigned t = 0; t < sa.n_transforms; t++)
		if (sa.transforms[t].key_bits)
			add_next(line, sa.transforms[t].key_bits);
}

static void write_line(char line[LINE_BYTES], unsigned frame_number)
{
	const struct v2_payload *payload;
	struct v2_notify notify;
	struct v2_ke ke;

	line[0] = 0;
	add(line, "", "%u", frame_number);
	add(line, "|", "%u", message.header.exchange);
	add(line, "|", "0x%02x", message.header.flags);
	add(line, "|", "0x%08x", message.header.message_id);
	add(line, "|", "%u", message.header.length);
	add_payloads(line, false);
	add_payloads(line, true);
	add_sa(line);
	separate(line);
	payload = v2_find(&message, P2_KE, 0);
	if (payload && v2_get_ke(payload->body, &ke) == WIRE_OK)
		add_next(line, ke.group);
	separate(line);
	for (unsigned n = 0; (payload = v2_find(&message, P2_NOTIFY, n)) != NULL; n++)
		if (v2_get_notify(payload->body, &notify) == WIRE_OK)
			add_next(line, notify.type);
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

static FILE *open_tshark(const char *path)
{
	char command[2 * CAPTURE_PATH_BYTES + sizeof(fields)];

	if (system("tshark --version >/dev/null 2>&1") != 0)
		return NULL;
	(void)snprintf(command, sizeof(command), "tshark -n -r '%s' -Y isakmp -T fields -E 'separator=|' %s 2>/dev/null", path, fields);
	return popen(command, "r");
}

/* @return whether tshark was asked */
static bool check_packet(const struct row *row, unsigned number, struct bytes frame, int link_type, FILE *tshark)
{
	char ours[LINE_BYTES], theirs[LINE_BYTES];
	struct verdict got = { NOT_IKE, WIRE_OK, 0 };
	struct bytes datagram;
	char *copy = NULL;

	if (capture_isakmp(capture_ip(frame, link_type), &datagram)) {
		copy = exact_copy((const char *)datagram.at, datagram.len);	/* a read past it is caught */
		got = judge((struct bytes){ (const uint8_t *)copy, datagram.len });
	}
	if (got.stage != row->verdict.stage || got.err != row->verdict.err || got.type != row->verdict.type)
		fail_msg("%s packet %u: stage %d, payload %u %s", row->file, number, got.stage, got.type, wire_err_text(got.err));
	if (tshark && (got.stage == GOOD || got.stage == SEALED)) {
		write_line(ours, number);
		assert_true(find_line(tshark, number, theirs));
		assert_string_equal(ours, theirs);
	}
	free(copy);
	return tshark && (got.stage == GOOD || got.stage == SEALED);
}

/* All packets of the file that rows[first] names. @return the row after the file's last */
static size_t check_file(const char *path, size_t first, unsigned *n_agreed)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, why);
	FILE *tshark = open_tshark(path);
	struct pcap_pkthdr *header;
	const uint8_t *at;
	unsigned number = 0;
	size_t row = first;

	assert_non_null(file);
	while (pcap_next_ex(file, &header, &at) == 1) {
		if (++number > rows[row].last)
			row++;
		if (row == N_ROWS || strcmp(rows[row].file, rows[first].file) != 0)
			fail_msg("%s: no row speaks of packet %u", rows[first].file, number);
		*n_agreed += check_packet(&rows[row], number, (struct bytes){ at, header->caplen }, pcap_datalink(file), tshark);
	}
	if (tshark)
		pclose(tshark);
	pcap_close(file);
	assert_int_equal(number, rows[row].last);
	return row + 1;
}

static void every_packet_is_understood_or_refused_and_tshark_says_the_same(void **state)
{
	char path[CAPTURE_PATH_BYTES];
	unsigned n_agreed = 0;

	(void)state;
	for (size_t row = 0; row < N_ROWS;) {
		if (!capture_path(rows[row].file, path)) {
			printf("skipped: %s is not there\n", path);
			skip();
		}
		row = check_file(path, row, &n_agreed);
	}
	printf("tshark agrees about %u messages\n", n_agreed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_packet_is_understood_or_refused_and_tshark_says_the_same)
	};

	return cmocka_run_group_tests_name("wire/v2_captures", tests, NULL, NULL);
}
