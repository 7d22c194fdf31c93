#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Peers brought up at once: by our engine (the program ike_load), and beside it by Debian's strongSwan with itself on the same machine.

ike_load.py PROGRAM OUT [PEERS [REPEATS]]     OUT is where tests/interop/ike has its peers unpacked

strongSwan: two charon-systemd in two namespaces joined by a veth pair, their kernel played by xfrmshim.so, so that only IKE is measured.
CPU time is the daemons' own (user and system); sockets and threads are in it, and in our engine's figure they are not: it is
what the engine itself takes.
"""
import os
import re
import socket
import statistics
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop", "ike"))
import lab          # noqa: E402
import strongswan   # noqa: E402
import vici         # noqa: E402

SUITES = {"modp1024 3des sha1": "3des-sha1-modp1024", "modp2048 aes-256-cbc sha256": "aes256-sha256-modp2048",
          "ecp256 aes-128-cbc sha256": "aes128-sha256-ecp256"}
HUB, SECRET, AT_ONCE = "192.0.2.1", "secret of the load", 20
CONNECTION = """t{nth} {{
  version = 1
  local_addrs = {local}
  remote_addrs = {remote}
  proposals = {proposal}
  unique = never
  local {{ auth = psk }}
  remote {{ auth = psk }}
  children {{ n{nth} {{
    local_ts = {local_net}
    remote_ts = {remote_net}
    esp_proposals = aes128-sha1
  }} }}
}}
"""


def ask(path, command, words):
    """One VICI command with texts; its answer."""
    body = b"".join(struct.pack("!BB", vici.KEY_VALUE, len(k)) + k.encode() + struct.pack("!H", len(v)) + v.encode() for k, v in words.items())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(30)
        s.connect(path)
        s.sendall(struct.pack("!IBB", 2 + len(command) + len(body), vici.CMD_REQUEST, len(command)) + command.encode() + body)
        length = struct.unpack("!I", s.recv(4, socket.MSG_WAITALL))[0]
        return vici.parse(s.recv(length, socket.MSG_WAITALL)[1:])


class Charon(strongswan.StrongSwan):
    """One that keeps quiet, and has a table for many SAs."""

    def __init__(self, namespace, folder, out):
        super().__init__(namespace, folder, "shim", out)
        path = f"{folder}/strongswan.conf"
        with open(path, encoding="ascii") as f:
            text = re.sub(r"\b(default|ike|cfg|knl) = \d", r"\1 = 0", f.read()).replace("flush_line = yes", "flush_line = no")
        with open(path, "w", encoding="ascii") as f:
            f.write(text.replace("threads = 16", "threads = 16\n  ikesa_table_size = 1024\n  ikesa_table_segments = 16"))

    def configure(self, proposal, n_peers, is_hub):
        with open(self.config_path, "w", encoding="ascii") as f:
            f.write("connections {\n")
            for nth in range(n_peers):
                near, far = (address(nth), f"10.{100 + (nth >> 8)}.{nth & 255}.0/24"), (HUB, "10.0.0.0/16")
                (local, local_net), (remote, remote_net) = (far, near) if is_hub else (near, far)
                f.write(CONNECTION.format(nth=nth, local=local, remote=remote, proposal=proposal, local_net=local_net, remote_net=remote_net))
            f.write(f'}}\nsecrets {{ ike-load {{ secret = "{SECRET}" }} }}\n')
        self.ask("--load-all", "--noprompt", timeout=120)

    def used(self):
        """CPU seconds, resident bytes."""
        pid = self.process.pid
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            resident = int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), resident

    def standing(self):
        sas = ask(f"{self.folder}/vici", "stats", {})["ikesas"]
        return int(sas["total"]) - int(sas["half-open"])


def address(nth):
    return f"10.200.{nth >> 8}.{nth & 255}"


def run(out, folder, proposal, n_peers):
    """CPU seconds and resident bytes a peer of initiator and hub."""
    ends = [lab.Namespace(), lab.Namespace()]
    try:
        ends[0].run("ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", str(ends[1].holder.pid))
        ends[0].batch([f"addr add {address(nth)}/32 dev wire" for nth in range(n_peers)] + ["link set wire up", f"route add {HUB} dev wire"])
        ends[1].batch([f"addr add {HUB}/32 dev wire", "link set wire up", "route add 10.200.0.0/16 dev wire"])
        peers = [Charon(end, f"{folder}/{name}", out) for end, name in zip(ends, ("initiator", "hub"))]
        for peer in peers:
            peer.start()
            peer.configure(proposal, n_peers, peer is peers[1])
        before = [peer.used() for peer in peers]
        for begun in range(0, n_peers, AT_ONCE):
            for nth in range(begun, min(begun + AT_ONCE, n_peers)):
                ask(f"{peers[0].folder}/vici", "initiate", {"child": f"n{nth}", "ike": f"t{nth}", "timeout": "-1"})
            lab.wait_until("strongSwan's SAs", 60, lambda at=begun: peers[1].standing() >= min(at + AT_ONCE, n_peers), 0.02)
        time.sleep(0.5)
        after = [peer.used() for peer in peers]
        n_children = sum(len(sa["children"]) for sa in peers[1].sas())
        if n_children != n_peers:
            raise RuntimeError(f"of {n_peers} children {n_children} stand")
        return [(b[0] - a[0], (b[1] - a[1]) / n_peers) for a, b in zip(before, after)]
    finally:
        for end in ends:
            end.stop()


def why_not(out):
    if not os.path.exists(f"{strongswan.home(out)}/complete"):
        return "not installed (make interop-ikev1 fetches it)"
    if not os.path.exists(f"{out}/xfrmshim.so"):
        return "xfrmshim.so is not built"
    return None if lab.enter() else "no namespaces here"


def main():
    program, out = sys.argv[1], os.path.abspath(sys.argv[2])
    n_peers, repeats = int((sys.argv + ["1000"])[3]) if len(sys.argv) > 3 else 1000, int(sys.argv[4]) if len(sys.argv) > 4 else 3
    if lab.MARK not in os.environ:
        print("adit: two engines in one process", flush=True)
        subprocess.run([program, str(n_peers), str(repeats)], check=True)
    reason = why_not(out)
    if reason:
        print(f"strongSwan: not measured: {reason}")
        return
    print(f"strongSwan: two daemons over a veth pair, the same peers and algorithms; medians of {repeats}; bytes are of resident memory")
    for name, proposal in SUITES.items():
        results = [run(out, os.path.join(os.path.dirname(out), "..", "bench", "strongswan"), proposal, n_peers) for _ in range(repeats)]
        rates = [statistics.median(n_peers / max(result[side][0], 0.01) for result in results) for side in (0, 1)]
        sizes = [statistics.median(result[side][1] for result in results) for side in (0, 1)]
        group, cipher, digest = name.split()
        print(f"{group:<10} {cipher:<12} {digest:<8} {rates[0]:20.0f} {rates[1]:20.0f} {sizes[0]:16.0f} {sizes[1]:16.0f}", flush=True)


if __name__ == "__main__":
    main()
