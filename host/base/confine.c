// SPDX-License-Identifier: BSD-2-Clause-Patent
#include "base/confine.h"

#include <stdio.h>

#if defined(__SANITIZE_ADDRESS__)

int confine_process(unsigned needs, char *why, size_t why_bytes)
{
	(void)needs;
	(void)snprintf(why, why_bytes, "a build with a sanitizer is not confined");
	return 0;
}

#else

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VFIO_TYPE ((uint64_t)';')	/* linux/vfio.h */
#define ARG_IS(n, value) ((struct scmp_arg_cmp){ (n), SCMP_CMP_EQ, (value), 0 })
#define ARG_HAS(n, mask, value) ((struct scmp_arg_cmp){ (n), SCMP_CMP_MASKED_EQ, (mask), (value) })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int fail(int error, const char *what, char *why, size_t why_bytes)
{
	(void)snprintf(why, why_bytes, "%s: %s", what, strerror(error));
	return -error;
}

/* ---- capabilities */

static bool is_alone(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *task;
	unsigned n = 0;

	if (!tasks)
		return true;	/* no /proc to ask */
	while ((task = readdir(tasks)))
		n += task->d_name[0] != '.';
	(void)closedir(tasks);
	return n <= 1;
}

static int drop_capabilities(unsigned needs, char *why, size_t why_bytes)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	const uint32_t kept = CAP_TO_MASK(CAP_NET_BIND_SERVICE) | ((needs & CONFINE_INTERFACE) ? CAP_TO_MASK(CAP_NET_ADMIN) : 0);

	if (syscall(SYS_capget, &header, data) != 0)
		return fail(errno, "capabilities cannot be read", why, why_bytes);
	/* The bounding set first, which takes CAP_SETPCAP; without it nothing could be gained anyway. */
	for (int cap = 0; (data[0].effective & CAP_TO_MASK(CAP_SETPCAP)) && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(cap < 32 && (kept & CAP_TO_MASK(cap))) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
			return fail(errno, "the bounding set cannot be cut", why, why_bytes);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);	/* older kernels have none */
	data[0] = (struct __user_cap_data_struct){ .effective = data[0].permitted & kept, .permitted = data[0].permitted & kept };
	data[1] = (struct __user_cap_data_struct){ 0 };
	if (syscall(SYS_capset, &header, data) != 0)
		return fail(errno, "capabilities cannot be dropped", why, why_bytes);
	return 0;
}

/* ---- system calls. What each group is for; what a test run under strace showed, and what the C library may choose instead. */

static const int allowed[] = {
	/* memory */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(mlock), SCMP_SYS(munlock),
	SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(msync),
	/* threads and locks */
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(gettid), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(membarrier),
	SCMP_SYS(set_tid_address),
	/* files that are open, and reading others */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
	SCMP_SYS(close), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat),
	SCMP_SYS(statx), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
	SCMP_SYS(pipe2), SCMP_SYS(getcwd),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat),	/* the control socket goes with the daemon */
	/* waiting */
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(eventfd2), SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall),
	/* time, chance, who am I */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
	SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
	/* signals to itself */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait),
	SCMP_SYS(sigaltstack), SCMP_SYS(signalfd4),
	/* sockets, whose families are below */
	SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept4), SCMP_SYS(accept), SCMP_SYS(connect), SCMP_SYS(shutdown),
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt),
};

/* One system call, allowed if one argument is so. */
struct conditional {
	int call;
	struct scmp_arg_cmp so;
};

static int add_conditional(scmp_filter_ctx filter, unsigned needs)
{
	/* O_TMPFILE has a bit of its own beside O_DIRECTORY's, which a reader of folders sets too. */
	const uint64_t writing = O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY) | ((needs & CONFINE_DEVICES) ? 0 : O_WRONLY | O_RDWR);
	const struct conditional rows[] = {
		{ SCMP_SYS(openat), ARG_HAS(2, writing, 0) },
		{ SCMP_SYS(mmap), ARG_HAS(2, PROT_EXEC, 0) },
		{ SCMP_SYS(mprotect), ARG_HAS(2, PROT_EXEC, 0) },
		{ SCMP_SYS(clone), ARG_HAS(0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM) },
		{ SCMP_SYS(socket), ARG_IS(0, AF_UNIX) },
		{ SCMP_SYS(socket), ARG_IS(0, AF_INET) },
		{ SCMP_SYS(socket), ARG_IS(0, AF_INET6) },
		{ SCMP_SYS(socketpair), ARG_IS(0, AF_UNIX) },
		/* The kernel looks at 32 bits of a request, so does this. VFIO's are all of one type. */
		{ SCMP_SYS(ioctl), ARG_HAS(1, 0xff00, VFIO_TYPE << 8) },
		{ SCMP_SYS(ioctl), ARG_HAS(1, UINT32_MAX, TCGETS) },	/* stdio: is it a terminal? */
		{ SCMP_SYS(ioctl), ARG_HAS(1, UINT32_MAX, FIONREAD) },
		{ SCMP_SYS(ioctl), ARG_HAS(1, UINT32_MAX, FIONBIO) },
		{ SCMP_SYS(prlimit64), ARG_IS(2, 0) },	/* asking */
		{ SCMP_SYS(prctl), ARG_IS(0, PR_SET_NAME) },
		{ SCMP_SYS(prctl), ARG_IS(0, PR_SET_VMA) },	/* the C library names its heaps */
		{ SCMP_SYS(tgkill), ARG_IS(0, (uint64_t)getpid()) },	/* abort() */
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < COUNT(rows); i++)
		rc = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rows[i].call, 1, &rows[i].so);
	if (rc == 0 && (needs & CONFINE_INTERFACE))
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, ARG_HAS(1, UINT32_MAX, SIOCGIFINDEX));
	if (rc == 0 && (needs & CONFINE_INTERFACE))
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, ARG_IS(0, AF_NETLINK),
				      ARG_IS(2, NETLINK_ROUTE));
	/* Their arguments are in memory, where a filter cannot look: the C library then uses what it can. */
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
	return rc;
}

static int filter_calls(unsigned needs, char *why, size_t why_bytes)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc = filter ? 0 : -ENOMEM;

	for (size_t i = 0; rc == 0 && i < COUNT(allowed); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc = add_conditional(filter, needs);
	if (rc == 0)
		rc = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);	/* what was refused, in the kernel's log; older kernels cannot */
	if (rc == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);	/* a tree: an order of magnitude fewer steps a call */
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	if (rc == -EINVAL || rc == -EFAULT)
		rc = -ENOSYS;	/* how a kernel says it that has none */
	return rc < 0 ? fail(-rc, "the system call filter cannot be loaded", why, why_bytes) : 0;
}

int confine_process(unsigned needs, char *why, size_t why_bytes)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int rc;

	if (!is_alone())
		return fail(EBUSY, "threads are running already", why, why_bytes);
	if (needs & CONFINE_DEVICES)
		(void)setrlimit(RLIMIT_MEMLOCK, &all);	/* not root: then what the unit file gave it must do */
	rc = drop_capabilities(needs, why, why_bytes);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(errno, "no_new_privs cannot be set", why, why_bytes);
	return filter_calls(needs, why, why_bytes);
}

#endif
