# SPDX-License-Identifier: BSD-2-Clause-Patent
"""The Linux kernel as a peer: Debian's user-mode Linux, an initrd from installed packages, one Ethernet port on a socket."""
import gzip
import os
import re
import select
import signal
import socket
import subprocess
import time

from cells import FAR, GUEST, HOSTS, LOCAL, NEAR

UML = "/usr/bin/linux.uml"
MODULE_ROOT = "/usr/lib/uml/modules"
# drbg first: seqiv and echainiv want a random number generator, and the guest loads no module by itself
MODULES = """drbg jitterentropy_rng crypto_null hmac md5 sha1_generic sha256_generic sha512_generic aes_generic des_generic
    blowfish_generic twofish_generic camellia_generic ecb cbc ctr gcm ghash-generic cryptd seqiv echainiv authenc authencesn
    xfrm_user esp4 esp6 ah4 ah6""".split()
GUEST_MAC, CARD_MAC = "52:54:00:00:00:01", "52:54:00:00:00:99"
INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
rm -f /bin/ip
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
stty -echo
for m in $(cat /modules); do insmod /lib/modules/$m || echo "guest: $m: not loaded"; done
echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
echo 0 >/proc/sys/net/ipv6/icmp/ratelimit
echo 0 >/proc/sys/net/ipv6/conf/all/accept_dad
/sbin/ip -force -batch /setup
natt_hold &
/sbin/ip -force -batch /cells && echo "guest: every cell taken"
echo "guest: ready"
while read -r line; do eval "$line"; echo "guest: done"; done
poweroff -f
"""
SETUP = [
    "link set lo up", f"link set vec0 address {GUEST_MAC}", "link set vec0 mtu 1500", "link set vec0 up",
    f"addr add {GUEST[4]}/32 dev vec0", f"addr add {GUEST[6]}/128 dev vec0 nodad",
    f"route add local {FAR[4]}/16 dev lo", f"route add local {HOSTS[4]}/10 dev lo",
    f"route add local {FAR[6]}/64 dev lo", f"route add local {HOSTS[6]}/64 dev lo",
    f"route add {LOCAL[4]}/32 dev vec0", f"route add {LOCAL[6]}/128 dev vec0",
    f"route add {NEAR[4]}/32 via {LOCAL[4]} dev vec0 onlink", f"route add {NEAR[6]}/128 via {LOCAL[6]} dev vec0 onlink",
    f"neigh replace {LOCAL[4]} lladdr {CARD_MAC} dev vec0 nud permanent",
    f"neigh replace {LOCAL[6]} lladdr {CARD_MAC} dev vec0 nud permanent",
]


def modules_in_order():
    """Paths of MODULES with what they need, each after its needs; what is built in or missing is left out."""
    root = os.path.join(MODULE_ROOT, sorted(os.listdir(MODULE_ROOT))[-1])
    needs, paths = {}, {}
    with open(os.path.join(root, "modules.dep"), encoding="ascii") as f:
        for line in f:
            path, _, rest = line.partition(":")
            needs[path] = rest.split()
            paths[os.path.basename(path).split(".ko")[0].replace("-", "_")] = path
    order = []

    def take(path):
        for need in needs[path]:
            take(need)
        if path not in order:
            order.append(path)
    missing = []
    for name in MODULES:
        path = paths.get(name.replace("-", "_"))
        if path:
            take(path)
        else:
            missing.append(name)
    return [os.path.join(root, path) for path in order], missing


def cpio(entries):
    """A newc archive of (path, mode, bytes); directories have no bytes."""
    out = bytearray()
    for inode, (path, mode, body) in enumerate(list(entries) + [("TRAILER!!!", 0, b"")], 1):
        name = path.encode() + b"\0"
        fields = (inode, mode, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(name), 0)
        out += b"070701" + b"".join(b"%08x" % f for f in fields) + name
        out += bytes(-len(out) % 4) + body
        out += bytes(-len(out) % 4)
    return bytes(out)


def libraries_of(program):
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+)\s\(0x", text)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def make_initrd(path, natt_hold):
    """The part that does not change from run to run: made once."""
    inputs = [UML, "/sbin/ip", "/bin/busybox", natt_hold, __file__]
    if os.path.exists(path) and all(os.path.getmtime(path) > os.path.getmtime(p) for p in inputs):
        return
    modules, _ = modules_in_order()
    entries = [(d, 0o040755, b"") for d in ("bin", "sbin", "dev", "proc", "sys", "lib", "lib/modules", "lib64")]
    files = [("bin/busybox", "/bin/busybox"), ("sbin/ip", "/sbin/ip"), ("bin/natt_hold", natt_hold)]
    files += [("lib64/" if "ld-linux" in p else "lib/", p) for p in libraries_of("/sbin/ip")]
    files += [("lib/modules/", p) for p in modules]
    for name, source in files:
        entries.append((name + os.path.basename(source) if name.endswith("/") else name, 0o100755, read(os.path.realpath(source))))
    entries += [("init", 0o100755, INIT.encode()), ("setup", 0o100644, "\n".join(SETUP + [""]).encode()),
                ("modules", 0o100644, "\n".join(os.path.basename(p) for p in modules + [""]).encode())]
    with open(path + ".new", "wb") as f:
        f.write(gzip.compress(cpio(entries), 1))
    os.rename(path + ".new", path)


class Guest:
    """A running guest that has taken the given batch of ip's words."""

    def __init__(self, folder, initrd, batch):
        self.log = ""
        self.folder = folder
        port = os.path.join(folder, "vec0")
        with open(os.path.join(folder, "initrd"), "wb") as f:
            f.write(read(initrd) + bytes(-os.path.getsize(initrd) % 4) + cpio([("cells", 0o100644, "\n".join(batch + [""]).encode())]))
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(port)
        listener.listen(1)
        listener.settimeout(30)
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [UML, "mem=256M", f"initrd={folder}/initrd", "con=null", "con0=fd:0,fd:1", "ssl=null", "quiet", "panic=-1",
             f"vec0:transport=bess,dst={port}", f"uml_dir={folder}/uml", "umid=peer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        os.set_blocking(self.process.stdout.fileno(), False)
        try:
            self.port = self.wait_for_port(listener)
            listener.close()
            self.wait_for("guest: ready", 120)
        except Exception:
            self.stop()
            raise
        self.boot_seconds = time.monotonic() - self.started

    def hear(self, timeout):
        if select.select([self.process.stdout], [], [], timeout)[0]:
            text = os.read(self.process.stdout.fileno(), 65536)
            if not text:
                raise AssertionError(f"the guest ended: {self.log[-2000:]}")
            self.log += text.decode(errors="replace").replace("\r", "")

    def wait_for_port(self, listener):
        """The guest connects when its interface comes up."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            self.hear(0)
            if select.select([listener], [], [], 0.05)[0]:
                return listener.accept()[0]
        raise AssertionError(f"the guest opens no port: {self.log[-2000:]}")

    def wait_for(self, text, seconds, start=0):
        end = time.monotonic() + seconds
        while text not in self.log[start:]:
            if time.monotonic() > end:
                raise AssertionError(f"the guest never said '{text}': {self.log[-2000:]}")
            self.hear(0.1)

    def ask(self, line, seconds=20):
        """What a shell command in the guest prints."""
        start = len(self.log)
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        self.wait_for("guest: done", seconds, start)
        return self.log[start:].partition("guest: done")[0]

    def stop(self):
        """The whole process group: user-mode Linux has helpers."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
