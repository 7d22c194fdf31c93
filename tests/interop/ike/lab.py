# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Namespaces, TAP devices and the wire between the two ends, without root: everything lives in one user namespace."""
import ctypes
import fcntl
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
MARK = "ADIT_IKE_LAB"


def enter():
    """Start anew as root of a user namespace of our own; where those are not allowed, as the real root."""
    if MARK in os.environ:
        return True
    for user in (["--user", "--map-root-user"], []):
        words = ["unshare", *user, "--net", "--mount", "--kill-child", "--fork"]
        if subprocess.run(words + ["ip", "tuntap", "add", "probe", "mode", "tap"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            os.environ[MARK] = "1"
            os.execvp("unshare", words + [sys.executable, *sys.argv])
    return False


def wait_until(what, seconds, is_so, every=0.05):
    end = time.monotonic() + seconds
    while True:
        got = is_so()
        if got:
            return got
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(every)


def die_with_us():
    """Between fork and exec: whatever ends the run ends what it started."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Namespace:
    """A network namespace, and a mount namespace, held by a process that sleeps."""

    def __init__(self):
        self.started = []
        self.holder = subprocess.Popen(["unshare", "--net", "--mount", "sleep", "infinity"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, preexec_fn=die_with_us)
        mine = os.readlink("/proc/self/ns/net")
        wait_until("a namespace", 10, lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != mine)
        self.run("ip", "link", "set", "lo", "up")

    def words(self, *words):
        return ["nsenter", "-t", str(self.holder.pid), "--net", "--mount", *words]

    def run(self, *words, check=True, timeout=20, **kw):
        return subprocess.run(self.words(*words), check=check, timeout=timeout, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **kw).stdout

    def batch(self, lines):
        self.run("ip", "-batch", "-", input="\n".join(lines) + "\n")

    def overlay(self, path, upper):
        """Within the namespace path shows upper's files too."""
        self.run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={upper}:{path}", path)

    def start(self, words, log, **kw):
        with open(log, "ab") as out:
            process = subprocess.Popen(self.words(*words), stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=die_with_us,
                                       **kw)
        self.started.append(process)
        return process

    def tap(self, name):
        """Descriptor of a new TAP device in the namespace, opened by a child that goes there."""
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                with open(f"/proc/{self.holder.pid}/ns/net", "rb") as ns:
                    if ctypes.CDLL(None, use_errno=True).setns(ns.fileno(), CLONE_NEWNET) != 0:
                        os._exit(1)
                fd = os.open("/dev/net/tun", os.O_RDWR)
                fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
                socket.send_fds(theirs, [b"tap"], [fd])
            finally:
                os._exit(0)
        theirs.close()
        _, fds, _, _ = socket.recv_fds(ours, 16, 1)
        os.waitpid(pid, 0)
        ours.close()
        if not fds:
            raise OSError(f"no TAP device {name}")
        # neighbour discovery between the pings would only cost the card's time
        self.run("sh", "-c", f"echo 1 >/proc/sys/net/ipv6/conf/{name}/disable_ipv6", check=False)
        return Tap(fds[0])

    def stop(self):
        for process in self.started:
            stop(process)
        self.holder.kill()
        self.holder.wait()


def lab_ipv6(namespace, device, address):
    """IPv6 on a device after all."""
    namespace.run("sh", "-c", f"echo 0 >/proc/sys/net/ipv6/conf/{device}/disable_ipv6")
    namespace.run("ip", "addr", "replace", f"{address}/64", "dev", device, "nodad")


def stop(process, seconds=5):
    """End a process of ours, gently first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Tap:
    def __init__(self, fd):
        self.fd = fd

    def fileno(self):
        return self.fd

    def recv(self):
        return os.read(self.fd, 65536)

    def send(self, frame):
        try:
            os.write(self.fd, frame)
        except OSError:
            pass  # the interface is down

    def close(self):
        os.close(self.fd)


class Port:
    """One port of a card: a SEQPACKET socket, one packet one frame. The card may come and go."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        self.listener.listen(1)
        self.listener.settimeout(60)
        self.socket = None

    def accept(self):
        self.socket = self.listener.accept()[0]

    def fileno(self):
        return self.socket.fileno()

    def recv(self):
        return self.socket.recv(65536)

    def send(self, frame):
        self.socket.send(frame)

    def close(self):
        self.listener.close()
        if self.socket:
            self.socket.close()


class Wire(threading.Thread):
    """Carries frames between our end and the peer's, and remembers them.

    lose: a function of (to_peer, frame) that says which to lose; alter: one that gives the frame as it comes out at the other end;
    take: one that may keep a frame to the peer for a data plane of its own.
    """

    def __init__(self, ours, theirs):
        super().__init__(daemon=True)
        self.ours, self.theirs = ours, theirs
        self.lose = self.alter = self.take = None
        self.seen = []  # (time, to_peer, frame)
        self.is_over = False
        self.start()

    def run(self):
        while not self.is_over:
            try:
                ready = select.select([self.ours, self.theirs], [], [], 0.2)[0]
                for end in ready:
                    self.carry(end is self.ours, end.recv())
            except (OSError, ValueError):
                if not self.is_over:
                    time.sleep(0.05)

    def carry(self, to_peer, frame):
        if not frame:
            time.sleep(0.05)
            return
        lose, alter, take = self.lose, self.alter, self.take
        self.seen.append((time.time(), to_peer, frame))
        frame = alter(to_peer, frame) if alter else frame
        if not frame or (lose and lose(to_peer, frame)):
            return
        if to_peer and take and take(frame):
            return
        (self.theirs if to_peer else self.ours).send(frame)

    def inject(self, frame):
        """Something of the peer's that did not come from its interface."""
        self.seen.append((time.time(), False, frame))
        lose, alter = self.lose, self.alter
        frame = alter(False, frame) if alter else frame
        if frame and not (lose and lose(False, frame)):
            self.ours.send(frame)

    def save(self, path, since=0):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for when, _, frame in self.seen[since:]:
                out.write(struct.pack("<IIII", int(when), int(when % 1 * 1e6), len(frame), len(frame)) + frame)

    def close(self):
        self.is_over = True
        self.join()


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder
