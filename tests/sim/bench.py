# SPDX-License-Identifier: BSD-2-Clause-Patent
"""What the tests of sim/ share: a simulated card as a child process, and a vfio-user client of few words."""
import array
import ctypes
import json
import mmap
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ECHO = os.environ.get("ADIT_SIM_ECHO", os.path.join(ROOT, "build/sim/adit-sim-echo"))

VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO = 1, 2, 3, 4, 5
GET_IRQ_INFO, SET_IRQS, REGION_READ, REGION_WRITE, RESET = 7, 8, 9, 10, 13
NO_REPLY = 0x10
BAR0, BAR2, CONFIG = 0, 2, 7
MSIX = 2

MAGIC, CTRL, STATUS = 0x000, 0x040, 0x044
# Registers of the echo card.
ADDR_LO, ADDR_HI, BEATS, DO, RESULT, IRQ, FLAGS, MUTE = 0x800, 0x804, 0x808, 0x80C, 0x810, 0x814, 0x818, 0x81C
STRB_LO, STRB_HI = 0x820, 0x824
READ, WRITE = 1, 2
OK, REFUSED, UNMAPPED = 0, 2, 3


class Refused(Exception):
    """The server answered with an errno."""

    def __init__(self, errno):
        super().__init__(os.strerror(errno))
        self.errno = errno


class Sim:
    """A running adit-sim. with Sim(...) as sim: the socket listens; after the block it has ended."""

    def __init__(self, *options, program=ECHO, socket_path=None):
        self.dir = tempfile.mkdtemp(prefix="adit-sim-")
        self.socket = socket_path or os.path.join(self.dir, "card.sock")
        self.counts_path = os.path.join(self.dir, "counts.json")
        self.process = subprocess.Popen(
            [program, "--socket", self.socket, "--cycles-out", self.counts_path, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.ready = self.process.stdout.readline()
        self.status = self.err = self.counts = None

    def stop(self, number=signal.SIGTERM):
        """End it, keep status, stderr and counts."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, self.err = self.process.communicate(timeout=60)
        self.status = self.process.returncode
        if os.path.exists(self.counts_path):
            with open(self.counts_path, encoding="ascii") as file:
                self.counts = json.load(file)
        shutil.rmtree(self.dir)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        if not self.ready:
            _, err = self.process.communicate()
            raise RuntimeError(f"adit-sim did not start: {err}")
        return self

    def __exit__(self, *exc):
        if self.status is None:
            self.stop()
        if exc[0] is None and self.status != 0:
            raise AssertionError(f"adit-sim ended with status {self.status}: {self.err}")


class Client:
    """One vfio-user connection."""

    def __init__(self, path, handshake=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.next_id = 0
        if handshake:
            self.capabilities = self.ask(VERSION, struct.pack("<HH", 0, 1) + b'{"capabilities":{}}\0')

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def send(self, command, payload=b"", fds=(), flags=0, size=None):
        self.next_id = (self.next_id + 1) & 0xFFFF
        size = 16 + len(payload) if size is None else size
        header = struct.pack("<HHIII", self.next_id, command, size, flags, 0)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.socket.sendmsg([header + payload], ancillary)

    def receive(self, n_bytes):
        data = b""
        while len(data) < n_bytes:
            more = self.socket.recv(n_bytes - len(data))
            if not more:
                raise EOFError("the server closed the connection")
            data += more
        return data

    def answer(self):
        """(id, command, payload) of the next answer."""
        ident, command, size, flags, errno = struct.unpack("<HHIII", self.receive(16))
        payload = self.receive(size - 16)
        if flags & 0x20:
            raise Refused(errno)
        assert flags & 0xF == 1, f"flags {flags:#x} are not an answer's"
        return ident, command, payload

    def ask(self, command, payload=b"", fds=()):
        self.send(command, payload, fds)
        ident, got, payload = self.answer()
        assert (ident, got) == (self.next_id, command), "an answer to another question"
        return payload

    def is_dropped(self):
        """True once the server has hung up; what it said before does not matter."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except socket.timeout:
            return False
        return True

    def read(self, offset, n_bytes=4, region=BAR0):
        payload = self.ask(REGION_READ, struct.pack("<QII", offset, region, n_bytes))
        assert struct.unpack("<QII", payload[:16]) == (offset, region, n_bytes)
        assert len(payload) == 16 + n_bytes
        return int.from_bytes(payload[16:], "little")

    def write(self, offset, value, n_bytes=4, region=BAR0):
        self.ask(REGION_WRITE, struct.pack("<QII", offset, region, n_bytes) + value.to_bytes(n_bytes, "little"))

    def post(self, offset, value):
        """A write without an answer."""
        self.send(REGION_WRITE, struct.pack("<QIII", offset, BAR0, 4, value), flags=NO_REPLY)

    def map(self, memory, iova, flags=3, offset=0, n_bytes=None):
        self.ask(DMA_MAP, struct.pack("<IIQQQ", 32, flags, offset, iova, memory.n_bytes if n_bytes is None else n_bytes),
                 [memory.fd])

    def unmap(self, iova, n_bytes, flags=0):
        payload = self.ask(DMA_UNMAP, struct.pack("<IIQQ", 24, flags, iova, n_bytes))
        return struct.unpack("<IIQQ", payload)[3]

    def set_irqs(self, flags, start, count, fds=(), index=MSIX, data=b""):
        self.ask(SET_IRQS, struct.pack("<IIIII", 20 + len(data), flags, index, start, count) + data, fds)

    def burst(self, kind, iova, beats=1, strobes=(1 << 64) - 1):
        """Have the echo card make one DMA burst; the worst answer it got."""
        for register, value in ((ADDR_LO, iova & 0xFFFFFFFF), (ADDR_HI, iova >> 32), (BEATS, beats - 1),
                                (STRB_LO, strobes & 0xFFFFFFFF), (STRB_HI, strobes >> 32), (DO, kind)):
            self.write(register, value)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            result = self.read(RESULT)
            if result & 0x100:
                return result & 3
        raise AssertionError("the burst does not end")


class Memory:
    """A memfd that both sides see."""

    def __init__(self, n_bytes):
        self.n_bytes = n_bytes
        self.fd = os.memfd_create("dma")
        os.ftruncate(self.fd, n_bytes)
        self.bytes = mmap.mmap(self.fd, n_bytes)

    def close(self):
        self.bytes.close()
        os.close(self.fd)


_libc = ctypes.CDLL(None)


def eventfd():
    return _libc.eventfd(0, os.O_NONBLOCK | os.O_CLOEXEC)


def eventfd_count(fd, timeout_s=5):
    """How often it was signalled, 0 if it was not within the time."""
    if not select.select([fd], [], [], timeout_s)[0]:
        return 0
    return int.from_bytes(os.read(fd, 8), "little")


def write_pcap(path, frames, link=1):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
        for i, frame in enumerate(frames):
            file.write(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)


def read_pcap(path):
    with open(path, "rb") as file:
        data = file.read()
    assert struct.unpack("<I", data[:4])[0] == 0xA1B2C3D4, "not a classic capture"
    frames, at = [], 24
    while at < len(data):
        n_bytes = struct.unpack("<I", data[at + 8:at + 12])[0]
        frames.append(data[at + 16:at + 16 + n_bytes])
        at += 16 + n_bytes
    return frames


def wait_for(claim, timeout_s=10):
    """Until claim() is true; whether it became so."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.01)
    return False
