// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "lab.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "transform/ipv4.h"

static const char *program = "test";
static char folder[] = "/tmp/adit-XXXXXX";
static pid_t running;		/* the simulator: must not outlive the program */

void lab_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static void end_sim(void)
{
	if (running > 0)
		kill(running, SIGTERM);
}

void lab_open(const char *name)
{
	program = name;
	atexit(end_sim);
	if (mkdtemp(folder) == NULL)
		lab_die("%s: %s", folder, strerror(errno));
}

void lab_close(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "%s: %s stays behind\n", program, folder);
}

const char *lab_folder(void)
{
	return folder;
}

const char *lab_path(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static pid_t start_sim(const char *const *argv)
{
	const char *card = lab_path("card");
	pid_t pid;

	unlink(card);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(STDERR_FILENO, STDOUT_FILENO);	/* what it says is not the program's result */
		execv(argv[0], (char *const *)argv);
		perror(argv[0]);
		_exit(127);
	}
	if (pid < 0)
		lab_die("fork: %s", strerror(errno));
	for (unsigned i = 0; access(card, F_OK) != 0; i++) {
		if (i > 4000 || waitpid(pid, NULL, WNOHANG) == pid)
			lab_die("%s does not come up", argv[0]);
		usleep(5000);
	}
	running = pid;
	return pid;
}

pid_t lab_start_sim(const char *sim, const char *lan, const char *wan, const char *seed, const char *stall)
{
	const char *argv[] = { sim, "--socket", lab_path("card"), "--lan", lan, "--wan", wan, "--seed", seed, "--stall", stall, "--deterministic", NULL };

	return start_sim(argv);
}

pid_t lab_start_live_sim(const char *sim, const char *lan, const char *wan, const char *seed, const char *stall)
{
	const char *argv[] = { sim, "--socket", lab_path("card"), "--lan", lan, "--wan", wan, "--seed", seed, "--stall", stall, NULL };

	return start_sim(argv);
}

struct adit_card *lab_open_card(const struct adit_open_options *options)
{
	char where[PATH_MAX], why[256];
	struct adit_card *card;

	snprintf(where, sizeof(where), "sim:%s", lab_path("card"));
	for (unsigned i = 0; adit_card_open(where, options, &card, why, sizeof(why)) != 0; i++) {	/* its path is there before it listens */
		if (i > 100)
			lab_die("%s: %s", where, why);
		usleep(10000);
	}
	return card;
}

void lab_stop(struct adit_card *card, pid_t sim)
{
	adit_card_close(card, true);
	kill(sim, SIGTERM);
	waitpid(sim, NULL, 0);
	running = 0;
}

int lab_listen(const char *path)
{
	struct sockaddr_un where = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(where.sun_path, sizeof(where.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) != 0 || listen(fd, 1) != 0)
		lab_die("%s: %s", path, strerror(errno));
	return fd;
}

int lab_accept(int listener, int send_room)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		lab_die("accept: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_room, sizeof(send_room)) != 0)
		lab_die("port: %s", strerror(errno));
	close(listener);
	return fd;
}

pid_t lab_start_with_ports(const char *sim, uint64_t seed, const char *stall, bool is_live, int ports[2])
{
	char words[2][PATH_MAX], seed_text[32];
	int listeners[2];
	pid_t pid;

	for (unsigned k = 0; k < 2; k++) {
		const char *path = lab_path(k == 0 ? "lan" : "wan");

		listeners[k] = lab_listen(path);
		snprintf(words[k], sizeof(words[k]), "unix:%s", path);
	}
	snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)(seed & 0x7fffffff));
	pid = is_live ? lab_start_live_sim(sim, words[0], words[1], seed_text, stall) : lab_start_sim(sim, words[0], words[1], seed_text, stall);
	for (unsigned k = 0; k < 2; k++)
		ports[k] = lab_accept(listeners[k], 4 << 20);
	return pid;
}

struct adit_addr lab_addr4(uint32_t value)
{
	struct adit_addr out = { 0 };

	ipv4_put32(out.bytes, value);
	return out;
}

static uint64_t rng;

uint32_t lab_rnd(uint32_t below)
{
	rng ^= rng >> 12;
	rng ^= rng << 25;
	rng ^= rng >> 27;
	return (uint32_t)((rng * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % below;
}

void lab_seed(uint64_t seed)
{
	rng = seed * 2 + 1;
	for (unsigned i = 0; i < 20; i++)
		lab_rnd(2);
}

bool lab_one_in(uint32_t n)
{
	return lab_rnd(n) == 0;
}

void lab_rnd_bytes(uint8_t *out, size_t n)
{
	while (n-- > 0)
		*out++ = (uint8_t)lab_rnd(256);
}

static unsigned mistakes;

void lab_mistake(const char *format, ...)
{
	va_list args;

	if (++mistakes > 20)
		lab_die("more than 20 mistakes; giving up");
	va_start(args, format);
	fputs("MISTAKE: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

unsigned lab_mistakes(void)
{
	return mistakes;
}
