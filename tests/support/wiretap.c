// SPDX-License-Identifier: BSD-2-Clause-Patent
/*
 * The wire between two cards, with an eavesdropper on it: joins two UNIX SEQPACKET sockets (one packet, one frame) and
 * writes every frame that passes to a pcap file.
 *
 *   wiretap SOCKET-A SOCKET-B CAPTURE.pcap       ends on SIGTERM or SIGINT
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <pcap/pcap.h>

enum { FRAME_MAX = 65536 };

static volatile sig_atomic_t is_ending;

static void on_signal(int number)
{
	(void)number;
	is_ending = 1;
}

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(at.sun_path)) {
		fprintf(stderr, "wiretap: %s: %s\n", path, fd < 0 ? strerror(errno) : "path too long for a socket");
		exit(1);
	}
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1) != 0) {
		fprintf(stderr, "wiretap: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

/* One frame from one end to the other and into the capture. False once an end is gone. */
static bool carry(int from, int to, pcap_dumper_t *capture)
{
	static uint8_t frame[FRAME_MAX];
	struct pcap_pkthdr header = { 0 };
	ssize_t n = recv(from, frame, sizeof(frame), 0);

	if (n <= 0)
		return n < 0 && errno == EINTR;
	gettimeofday(&header.ts, NULL);
	header.caplen = header.len = (bpf_u_int32)n;
	pcap_dump((u_char *)capture, &header, frame);
	pcap_dump_flush(capture);
	return send(to, frame, (size_t)n, MSG_NOSIGNAL) == n;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct pollfd ends[2];
	pcap_dumper_t *capture;
	pcap_t *ethernet;

	if (argc != 4) {
		fprintf(stderr, "usage: wiretap SOCKET-A SOCKET-B CAPTURE.pcap\n");
		return 2;
	}
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	ethernet = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	capture = pcap_dump_open(ethernet, argv[3]);
	if (capture == NULL) {
		fprintf(stderr, "wiretap: %s\n", pcap_geterr(ethernet));
		return 1;
	}
	for (int i = 0; i < 2; i++)
		ends[i] = (struct pollfd){ .fd = listen_at(argv[1 + i]), .events = POLLIN };
	puts("wiretap: ready");
	fflush(stdout);
	for (int i = 0; i < 2 && !is_ending; i++)
		ends[i].fd = accept(ends[i].fd, NULL, NULL);
	while (!is_ending && ends[0].fd >= 0 && ends[1].fd >= 0) {
		if (poll(ends, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (ends[i].revents != 0 && !carry(ends[i].fd, ends[1 - i].fd, capture))
				is_ending = 1;
	}
	pcap_dump_close(capture);
	pcap_close(ethernet);
	return 0;
}
