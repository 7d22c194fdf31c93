// SPDX-License-Identifier: BSD-2-Clause-Patent
/* IKE's sockets on the loopback interface: both families, both ports. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/udp.h"
#include "room_test.h"

#define MOST 70000

static struct {
	unsigned n;
	struct ike_path path;
	size_t n_bytes;
	uint8_t bytes[MOST];
} got;
static char why[160];

struct world {
	sd_event *event;
	struct udp *udp;
	uint16_t ike_port, natt_port;
};

static void receive(void *arg, const struct ike_path *path, const uint8_t *bytes, size_t n_bytes)
{
	(void)arg;
	got.n++;
	got.path = *path;
	got.n_bytes = n_bytes;
	memcpy(got.bytes, bytes, n_bytes);
}

static struct adit_addr addr_of(const char *text)
{
	struct adit_addr addr;

	assert_true(addr_get(text, &addr));
	return addr;
}

static int setup(void **state)
{
	static uint16_t next_port;
	struct world *world = calloc(1, sizeof(*world));

	if (!next_port)
		next_port = (uint16_t)(20000 + getpid() % 20000);
	memset(&got, 0, sizeof(got));
	world->ike_port = next_port++;
	world->natt_port = next_port++;
	assert_true(sd_event_new(&world->event) >= 0);
	world->udp = udp_open(world->event, receive, NULL);
	*state = world;
	return world->udp ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *world = *state;

	udp_close(world->udp);
	sd_event_unref(world->event);
	free(world);
	return 0;
}

static bool has_v6(void)
{
	int sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 name = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool has = sock >= 0 && bind(sock, (struct sockaddr *)&name, sizeof(name)) == 0;

	if (sock >= 0)
		close(sock);
	return has;
}

static void listen_on(struct world *world, const char *text)
{
	struct adit_addr addr = addr_of(text);

	assert_int_equal(udp_listen(world->udp, &addr, 1, world->ike_port, world->natt_port, why, sizeof(why)), 0);
}

static void run(struct world *world)
{
	for (unsigned i = 0; i < 20; i++)
		if (sd_event_run(world->event, 5000) <= 0)
			return;
}

static struct ike_path path_to(const struct world *world, const char *text, bool is_natt)
{
	uint16_t port = is_natt ? world->natt_port : world->ike_port;
	struct adit_addr addr = addr_of(text);

	return (struct ike_path){ .local = { addr, port }, .remote = { addr, port }, .is_natt = is_natt };
}

/* A peer's socket, on a port of its own. */
static int peer_socket(const char *text, struct ike_end *end)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	socklen_t n = sizeof(name);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(inet_pton(AF_INET, text, &name.sin_addr), 1);
	assert_int_equal(bind(sock, (struct sockaddr *)&name, n), 0);
	assert_int_equal(getsockname(sock, (struct sockaddr *)&name, &n), 0);
	end->addr = addr_of(text);
	end->port = ntohs(name.sin_port);
	return sock;
}

static void push(int sock, const char *text, uint16_t port, const void *bytes, size_t n_bytes)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, text, &name.sin_addr), 1);
	assert_int_equal(sendto(sock, bytes, n_bytes, 0, (struct sockaddr *)&name, sizeof(name)), n_bytes);
}

/* ---- */

static void a_datagram_goes_and_comes(struct world *world, const char *text, bool is_natt)
{
	struct ike_path path = path_to(world, text, is_natt);

	got.n = 0;
	udp_send(world->udp, &path, (const uint8_t *)"0123456789abcdefghijklmnopqr", 28);
	run(world);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.n_bytes, 28);
	assert_memory_equal(got.bytes, "0123456789abcdefghijklmnopqr", 28);
	assert_true(addr_same(&got.path.local.addr, &path.local.addr) && addr_same(&got.path.remote.addr, &path.remote.addr));
	assert_int_equal(got.path.local.port, path.local.port);
	assert_int_equal(got.path.remote.port, path.local.port);
	assert_int_equal(got.path.is_natt, is_natt);
}

static void both_ports_carry_messages_of_ipv4(void **state)
{
	listen_on(*state, "127.0.0.1");
	a_datagram_goes_and_comes(*state, "127.0.0.1", false);
	a_datagram_goes_and_comes(*state, "127.0.0.1", true);
}

static void both_ports_carry_messages_of_ipv6(void **state)
{
	if (!has_v6()) {
		print_message("skipped: no IPv6 here\n");
		skip();
	}
	listen_on(*state, "::1");
	a_datagram_goes_and_comes(*state, "::1", false);
	a_datagram_goes_and_comes(*state, "::1", true);
}

/* RFC 3948 §2.2 */
static void on_the_shared_port_messages_carry_the_marker(void **state)
{
	struct world *world = *state;
	struct ike_path path = path_to(world, "127.0.0.1", true);
	uint8_t bytes[64];
	int sock;

	listen_on(world, "127.0.0.1");
	sock = peer_socket("127.0.0.1", &path.remote);
	udp_send(world->udp, &path, (const uint8_t *)"hello", 5);
	assert_int_equal(recv(sock, bytes, sizeof(bytes), 0), 9);
	assert_memory_equal(bytes, "\0\0\0\0hello", 9);
	path.is_natt = false;
	udp_send(world->udp, &path, (const uint8_t *)"hello", 5);
	assert_int_equal(recv(sock, bytes, sizeof(bytes), 0), 5);
	push(sock, "127.0.0.1", world->natt_port, "\0\0\0\0there", 9);
	run(world);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.n_bytes, 5);
	assert_memory_equal(got.bytes, "there", 5);
	assert_int_equal(got.path.remote.port, path.remote.port);
	close(sock);
}

/* RFC 3948 §2.3, §4 */
static void keepalives_and_stray_esp_go_no_further(void **state)
{
	struct world *world = *state;
	struct ike_path path = path_to(world, "127.0.0.1", true);
	uint8_t bytes[8];
	int sock;

	listen_on(world, "127.0.0.1");
	sock = peer_socket("127.0.0.1", &path.remote);
	push(sock, "127.0.0.1", world->natt_port, "\xff", 1);
	push(sock, "127.0.0.1", world->natt_port, "\0\0\x10\1some esp", 12);
	push(sock, "127.0.0.1", world->natt_port, "\0\0\0", 3);
	push(sock, "127.0.0.1", world->natt_port, "", 0);
	run(world);
	assert_int_equal(got.n, 0);
	assert_int_equal(udp_counters(world->udp)->keepalives, 1);
	assert_int_equal(udp_counters(world->udp)->stray_esp, 1);
	assert_int_equal(udp_counters(world->udp)->malformed, 2);
	udp_send(world->udp, &path, (const uint8_t *)"\xff", 1);	/* ours has no marker */
	assert_int_equal(recv(sock, bytes, sizeof(bytes), 0), 1);
	assert_int_equal(bytes[0], 0xff);
	close(sock);
}

static void long_messages_go_in_fragments_and_too_long_ones_are_counted(void **state)
{
	struct world *world = *state;
	struct ike_path path = path_to(world, "127.0.0.1", true);
	static uint8_t bytes[MOST];

	listen_on(world, "127.0.0.1");
	memset(bytes, 0x5a, sizeof(bytes));
	udp_send(world->udp, &path, bytes, 65000);
	run(world);
	assert_int_equal(got.n, 1);
	assert_int_equal(got.n_bytes, 65000);
	assert_memory_equal(got.bytes, bytes, 65000);
	udp_send(world->udp, &path, bytes, 65536);
	run(world);
	assert_int_equal(got.n, 1);
	assert_int_equal(udp_counters(world->udp)->send_errors, 1);
}

static void what_cannot_be_sent_is_counted_and_nothing_else(void **state)
{
	struct world *world = *state;
	struct ike_path path = path_to(world, "127.0.0.1", false);

	udp_send(world->udp, &path, (const uint8_t *)"x", 1);	/* no socket yet */
	listen_on(world, "127.0.0.1");
	path.local.addr = addr_of("127.0.0.9");			/* nor for this address */
	udp_send(world->udp, &path, (const uint8_t *)"x", 1);
	assert_int_equal(udp_counters(world->udp)->send_errors, 2);
	path = path_to(world, "127.0.0.1", false);
	path.remote.port = 1;					/* nobody there: ICMP says so, later */
	for (unsigned i = 0; i < 5; i++) {
		udp_send(world->udp, &path, (const uint8_t *)"x", 1);
		run(world);
	}
	a_datagram_goes_and_comes(world, "127.0.0.1", false);
}

static void an_address_need_not_be_there_yet(void **state)
{
	struct world *world = *state;
	struct ike_path path = path_to(world, "192.0.2.77", false);

	listen_on(world, "192.0.2.77");
	path.remote.addr = addr_of("127.0.0.1");
	udp_send(world->udp, &path, (const uint8_t *)"x", 1);
	run(world);
	assert_int_equal(got.n, 0);
}

static void replies_leave_from_the_address_that_was_meant(void **state)
{
	struct world *world = *state;
	struct adit_addr both[2] = { addr_of("127.0.0.2"), addr_of("127.0.0.3") };
	struct ike_end peer;
	struct ike_path path;
	struct sockaddr_in from = { 0 };
	socklen_t n = sizeof(from);
	uint8_t bytes[8];
	int sock = peer_socket("127.0.0.1", &peer);

	assert_int_equal(udp_listen(world->udp, both, 2, world->ike_port, world->natt_port, why, sizeof(why)), 0);
	push(sock, "127.0.0.3", world->ike_port, "ask", 3);
	run(world);
	assert_true(addr_same(&got.path.local.addr, &both[1]));
	path = got.path;
	udp_send(world->udp, &path, (const uint8_t *)"say", 3);
	assert_int_equal(recvfrom(sock, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &n), 3);
	assert_memory_equal(&from.sin_addr, both[1].bytes, 4);
	assert_int_equal(ntohs(from.sin_port), world->ike_port);
	close(sock);
}

static void a_change_of_addresses_keeps_those_that_stay(void **state)
{
	struct world *world = *state;
	struct adit_addr addrs[3] = { addr_of("127.0.0.1"), addr_of("127.0.0.2"), addr_of("127.0.0.1") };	/* one twice */
	struct ike_path gone = path_to(world, "127.0.0.1", false);

	assert_int_equal(udp_listen(world->udp, addrs, 3, world->ike_port, world->natt_port, why, sizeof(why)), 0);
	a_datagram_goes_and_comes(world, "127.0.0.2", true);
	assert_int_equal(udp_listen(world->udp, addrs + 1, 1, world->ike_port, world->natt_port, why, sizeof(why)), 0);
	a_datagram_goes_and_comes(world, "127.0.0.2", true);
	udp_send(world->udp, &gone, (const uint8_t *)"x", 1);
	assert_int_equal(udp_counters(world->udp)->send_errors, 1);
	assert_int_equal(udp_listen(world->udp, addrs, 0, world->ike_port, world->natt_port, why, sizeof(why)), 0);
}

static void a_port_that_is_taken_is_named_and_nothing_changes(void **state)
{
	struct world *world = *state;
	struct adit_addr both[2] = { addr_of("127.0.0.1"), addr_of("127.0.0.5") };
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_port = htons(world->natt_port) };
	char expected[80];
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, "127.0.0.5", &name.sin_addr), 1);
	assert_int_equal(bind(sock, (struct sockaddr *)&name, sizeof(name)), 0);
	listen_on(world, "127.0.0.1");
	assert_int_equal(udp_listen(world->udp, both, 2, world->ike_port, world->natt_port, why, sizeof(why)), -EADDRINUSE);
	(void)snprintf(expected, sizeof(expected), "UDP socket 127.0.0.5[%u]: Address already in use", world->natt_port);
	assert_string_equal(why, expected);
	a_datagram_goes_and_comes(world, "127.0.0.1", false);
	close(sock);
	assert_int_equal(udp_listen(world->udp, both, 2, world->ike_port, world->natt_port, why, sizeof(why)), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(both_ports_carry_messages_of_ipv4),
		TEST(both_ports_carry_messages_of_ipv6),
		TEST(on_the_shared_port_messages_carry_the_marker),
		TEST(keepalives_and_stray_esp_go_no_further),
		TEST(long_messages_go_in_fragments_and_too_long_ones_are_counted),
		TEST(what_cannot_be_sent_is_counted_and_nothing_else),
		TEST(an_address_need_not_be_there_yet),
		TEST(replies_leave_from_the_address_that_was_meant),
		TEST(a_change_of_addresses_keeps_those_that_stay),
		TEST(a_port_that_is_taken_is_named_and_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
