// SPDX-License-Identifier: BSD-2-Clause-Patent
/* Each test confines a child of its own: it is for ever. A child ends with 0, or with the number of the line that failed it. */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control/words.h"
#include "room_test.h"

#define CLAIM(is_so) do { if (!(is_so)) _exit(1 + __LINE__ % 250); } while (0)
#define FORBIDDEN(call) CLAIM((call) == -1 && errno == EPERM)

static void in_a_child(void (*what)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)alarm(30);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("the child ended with %#x: the claim in line %d (modulo 250)", (unsigned)status, WEXITSTATUS(status) - 1);
}

static void confine(unsigned needs)
{
	char why[128] = "";

	if (confine_process(needs, why, sizeof(why)) != 0) {
		fprintf(stderr, "%s\n", why);
		_exit(1);
	}
}

static void try_all(void)
{
	char *const args[] = { (char *)(uintptr_t)"true", NULL };
	char path[] = "/tmp/adit-confine-new";

	FORBIDDEN(execve("/bin/true", args, args));
	FORBIDDEN(ptrace(PTRACE_ATTACH, getppid(), 0, 0));
	FORBIDDEN(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	FORBIDDEN(open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
	FORBIDDEN(open("/dev/null", O_WRONLY | O_CLOEXEC));
	FORBIDDEN(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
	FORBIDDEN(syscall(SYS_open, path, O_RDWR | O_CREAT, 0600));
	FORBIDDEN(syscall(SYS_creat, path, 0600));
	FORBIDDEN(kill(getppid(), 0));
	FORBIDDEN((int)syscall(SYS_tgkill, getppid(), getppid(), 0));
	FORBIDDEN(fork());
	FORBIDDEN((int)syscall(SYS_vfork));
	FORBIDDEN(setuid(1));
	FORBIDDEN(mount("none", "/mnt", "tmpfs", 0, NULL));
	FORBIDDEN(unshare(CLONE_NEWUSER));
	FORBIDDEN(chmod("/tmp", 01777));
	FORBIDDEN(rename("/tmp/a", "/tmp/b"));
	FORBIDDEN(mkdir("/tmp/adit-confine-folder", 0700));
	FORBIDDEN(socket(AF_NETLINK, SOCK_RAW, 0));
	FORBIDDEN(socket(AF_PACKET, SOCK_RAW, 0));
	FORBIDDEN(ioctl(0, TIOCSTI, "x"));
	FORBIDDEN((int)syscall(SYS_ioctl, 0, (uint64_t)TIOCSTI | 1ull << 40, "x"));
	FORBIDDEN(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	CLAIM(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EPERM);
	CLAIM(access(path, F_OK) == -1 && errno == ENOENT);
}

static void new_programs_files_and_powers(void)
{
	confine(0);
	try_all();
}

static void what_the_daemon_never_does_fails(void **state)
{
	(void)state;
	in_a_child(new_programs_files_and_powers);
}

static void *run(void *arg)
{
	FORBIDDEN(open("/tmp/adit-confine-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));	/* a thread is no way out */
	*(int *)arg = 7;
	return NULL;
}

static json_object *answer(void *arg, const char *word, json_object *request, struct control_client *client)
{
	(void)arg;
	(void)request;
	(void)client;
	return control_ok(json_object_new_string(word));
}

/* An event loop with a control socket, a thread, timers, files to read: what is left must be enough. */
static void daily_work(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "/tmp/adit-confine-ctl" };
	struct control *control;
	char why[256], got[64] = "";
	sd_event *event;
	pthread_t thread;
	int did = 0, fd;

	CLAIM(sd_event_new(&event) >= 0);
	CLAIM(control_open(&control, event, addr.sun_path, answer, NULL, why, sizeof(why)) == 0);
	confine(0);
	try_all();
	CLAIM(pthread_create(&thread, NULL, run, &did) == 0 && pthread_join(thread, NULL) == 0 && did == 7);
	fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	CLAIM(fd >= 0 && read(fd, got, 1) == 1 && close(fd) == 0);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLAIM(fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0);
	CLAIM(write(fd, "{\"word\":\"hello\"}\n", 17) == 17);
	for (unsigned i = 0; i < 3; i++)
		CLAIM(sd_event_run(event, 100000) >= 0);
	CLAIM(read(fd, got, sizeof(got) - 1) > 0 && strstr(got, "\"result\":\"hello\""));
	control_close(control);
	CLAIM(access(addr.sun_path, F_OK) == -1);
	(void)sd_event_unref(event);
	free(malloc(10 << 20));
}

static void what_the_daemon_does_goes_on_working_beside_it(void **state)
{
	(void)state;
	in_a_child(daily_work);
}

static void bind_only(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	bool is_root = geteuid() == 0;

	confine(0);
	CLAIM(prctl(PR_SET_NAME, "x", 0, 0, 0) == 0);
	CLAIM(syscall(SYS_capget, &header, data) == -1 && errno == EPERM);	/* the filter holds already; so look at /proc */
	{
		FILE *status = fopen("/proc/self/status", "re");
		unsigned long effective = 1, permitted = 1, inheritable = 1, bounding = 1;
		unsigned no_new_privs = 0, seccomp = 0, n = 0;
		char line[256];

		while (status && fgets(line, sizeof(line), status)) {
			n += sscanf(line, "CapEff: %lx", &effective) == 1;
			n += sscanf(line, "CapPrm: %lx", &permitted) == 1;
			n += sscanf(line, "CapInh: %lx", &inheritable) == 1;
			n += sscanf(line, "CapBnd: %lx", &bounding) == 1;
			n += sscanf(line, "NoNewPrivs: %u", &no_new_privs) == 1;
			n += sscanf(line, "Seccomp: %u", &seccomp) == 1;
		}
		CLAIM(status && n == 6);
		CLAIM((effective & ~(1ul << CAP_NET_BIND_SERVICE)) == 0 && effective == permitted && inheritable == 0);
		CLAIM(!is_root || (bounding & ~(1ul << CAP_NET_BIND_SERVICE)) == 0);
		CLAIM(no_new_privs == 1 && seccomp == 2);
	}
}

static void of_all_capabilities_only_binding_low_ports_stays(void **state)
{
	(void)state;
	in_a_child(bind_only);
}

static void *wait_long(void *arg)
{
	(void)arg;
	(void)pause();
	return NULL;
}

static void confine_with_a_thread(void)
{
	char why[128] = "";
	pthread_t thread;

	CLAIM(pthread_create(&thread, NULL, wait_long, NULL) == 0);
	CLAIM(confine_process(0, why, sizeof(why)) == -EBUSY);
	CLAIM(strcmp(why, "threads are running already: Device or resource busy") == 0);
}

static void a_thread_that_would_keep_its_capabilities_is_noticed(void **state)
{
	(void)state;
	in_a_child(confine_with_a_thread);
}

static void open_devices(void)
{
	int fd;

	confine(CONFINE_DEVICES);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	CLAIM(fd >= 0);
	FORBIDDEN(open("/tmp/adit-confine-new", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	FORBIDDEN(open("/dev/null", O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static void other_addresses(void)
{
	int fd;

	confine(CONFINE_INTERFACE);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	CLAIM(fd >= 0);
	CLAIM(if_nametoindex("lo") > 0);
	FORBIDDEN(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 12));	/* netfilter's */
	FORBIDDEN(socket(AF_PACKET, SOCK_RAW, 0));
}

static void with_a_tap_device_its_addresses_can_be_set(void **state)
{
	(void)state;
	in_a_child(other_addresses);
}

static void with_a_pci_card_devices_can_be_opened_again(void **state)
{
	(void)state;
	in_a_child(open_devices);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_daemon_never_does_fails),
		cmocka_unit_test(what_the_daemon_does_goes_on_working_beside_it),
		cmocka_unit_test(of_all_capabilities_only_binding_low_ports_stays),
		cmocka_unit_test(a_thread_that_would_keep_its_capabilities_is_noticed),
		cmocka_unit_test(with_a_pci_card_devices_can_be_opened_again),
		cmocka_unit_test(with_a_tap_device_its_addresses_can_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
