// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "replay_sim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 60000
#define STOP_MS 30000

/* adit-sim stands where this program stands. */
static bool find_program(char out[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 16);
	char *slash;

	if (n < 0)
		return false;
	out[n] = 0;
	slash = strrchr(out, '/');
	memcpy(slash ? slash + 1 : out, "adit-sim", sizeof("adit-sim"));
	if (access(out, X_OK) == 0)
		return true;
	fprintf(stderr, "adit-replay: %s: %s\n", out, strerror(errno));
	return false;
}

static void run_child(const char *program, const struct replay_sim_options *options, const struct replay_sim *sim,
		      int ready_fd, char lan[], char wan[])
{
	char socket_path[96], ready[16];
	char *argv[24];
	int log_fd = open(sim->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t n = 0;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)snprintf(socket_path, sizeof(socket_path), "%s", sim->where + 4);
	(void)snprintf(ready, sizeof(ready), "%d", ready_fd);
	if (log_fd >= 0) {
		(void)dup2(log_fd, STDOUT_FILENO);
		(void)dup2(log_fd, STDERR_FILENO);
	}
#define ARG(text) (argv[n++] = (char *)(uintptr_t)(text))
	ARG("adit-sim");
	ARG("--deterministic");
	ARG("--socket"), ARG(socket_path);
	ARG("--lan"), ARG(lan);
	ARG("--wan"), ARG(wan);
	ARG("--ready-fd"), ARG(ready);
	if (options->size)
		ARG("--size"), ARG(options->size);
	if (options->seed)
		ARG("--seed"), ARG(options->seed);
	if (options->trace)
		ARG("--trace"), ARG(options->trace);
#undef ARG
	argv[n] = NULL;
	execv(program, argv);
	_exit(127);
}

static void show_log(const struct replay_sim *sim)
{
	char line[512];
	FILE *log = fopen(sim->log_path, "re");

	while (log && fgets(line, sizeof(line), log))
		fputs(line, stderr);
	if (log)
		(void)fclose(log);
}

static bool await_ready(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char byte;

	return poll(&poll_fd, 1, START_MS) == 1 && read(fd, &byte, 1) == 1;
}

bool replay_sim_start(const struct replay_sim_options *options, struct replay_sim *sim)
{
	char program[PATH_MAX], lan[2 * PATH_MAX], wan[2 * PATH_MAX];
	int fds[2];
	bool is_ready;

	*sim = (struct replay_sim){ .pid = -1 };
	if (!find_program(program))
		return false;
	(void)snprintf(sim->folder, sizeof(sim->folder), "/tmp/adit-replay-XXXXXX");
	if (!mkdtemp(sim->folder) || pipe(fds) != 0) {
		fprintf(stderr, "adit-replay: %s: %s\n", sim->folder, strerror(errno));
		return false;
	}
	(void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	(void)snprintf(sim->where, sizeof(sim->where), "sim:%s/card", sim->folder);
	(void)snprintf(sim->log_path, sizeof(sim->log_path), "%s/sim.log", options->out_folder);
	(void)snprintf(lan, sizeof(lan), "pcap:%s,%s/lan.pcap", options->lan ? options->lan : "", options->out_folder);
	(void)snprintf(wan, sizeof(wan), "pcap:%s,%s/wan.pcap", options->wan ? options->wan : "", options->out_folder);
	(void)fflush(NULL);
	sim->pid = fork();
	if (sim->pid == 0)
		run_child(program, options, sim, fds[1], lan, wan);
	(void)close(fds[1]);
	is_ready = sim->pid > 0 && await_ready(fds[0]);
	(void)close(fds[0]);
	if (is_ready)
		return true;
	fprintf(stderr, "adit-replay: %s did not start:\n", program);
	show_log(sim);
	if (!replay_sim_stop(sim))
		fprintf(stderr, "adit-replay: its log was %s\n", sim->log_path);
	return false;
}

bool replay_sim_stop(struct replay_sim *sim)
{
	char socket_path[96];
	int status = -1;
	bool is_gone = false;

	if (sim->pid > 0) {
		(void)kill(sim->pid, SIGTERM);
		for (unsigned ms = 0; !is_gone && ms < STOP_MS; ms += 5) {
			is_gone = waitpid(sim->pid, &status, WNOHANG) == sim->pid;
			if (!is_gone)
				(void)usleep(5000);
		}
		if (!is_gone) {
			(void)kill(sim->pid, SIGKILL);
			(void)waitpid(sim->pid, &status, 0);
		}
	}
	(void)snprintf(socket_path, sizeof(socket_path), "%s/card", sim->folder);
	(void)unlink(socket_path);
	(void)rmdir(sim->folder);
	sim->pid = -1;
	return is_gone && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
