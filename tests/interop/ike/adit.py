# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Our end: a simulated card between a lan of one host and the wire, and aditd, which has the router's address on its TAP."""
import collections
import json
import os
import select
import signal
import subprocess
import threading
import time

import cells
from lab import Namespace, Port, fresh, stop, wait_until
from packets import ICMP, echo, ip_of, ip_packet, packed, payload_of

LAN_MAC = bytes.fromhex("020000000010")
PEER_MAC = bytes.fromhex("0200000000fe")
CONFIG = """card = "sim:{folder}/card";
mode = "wire";
tap = "adit0";
local_addresses = ( "{us}" );
control_socket = "{folder}/control";
default_action = "none";
peers = ( {{ name = "lab-peer"; address = "{peer}"; exchange_mode = "{exchange}"; {auth}
    enc_algorithm = {enc}; hash_algorithm = {hash}; dh_group = {group}; nat_traversal = {natt}; fragmentation = true;
    proposal_check = "{check}"; {more} }} );
proposals = ( {{ name = "lab"; {algorithms} lifetime = "{life2}"; lifebytes = {lifebytes}; pfs_group = "{pfs}"; esn = {esn}; }} );
policies = ( {{ name = "lab-policy"; {traffic} tunnel = {tunnel}; action = "encrypt"; level = "require";
    ipsec_protocols = [ "{proto}" ]; proposal = "lab"; }} );
"""


def yes(claim):
    return "true" if claim else "false"


class LanHost(threading.Thread):
    """The one host of the lan: pings, and answers pings."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.is_over = port, False
        self.sent_at, self.round_trips = {}, {}
        self.n_asked = 0
        self.number = 0
        self.start()

    def run(self):
        while not self.is_over:
            try:
                if select.select([self.port], [], [], 0.2)[0]:
                    self.take(self.port.recv())
            except (OSError, ValueError):
                time.sleep(0.05)

    def take(self, frame):
        packet = ip_of(frame) if frame else None
        if not frame:
            time.sleep(0.05)
        if not packet or packet[9] != ICMP or packet[16:20] != packed(cells.NEAR):
            return
        message = payload_of(packet)
        number = int.from_bytes(message[6:8], "big")
        if message[0] == 8:
            self.n_asked += 1
            reply = echo(0, int.from_bytes(message[4:6], "big"), number, message[8:])
            self.port.send(frame[6:12] + LAN_MAC + b"\x08\x00" + ip_packet(packet[16:20], packet[12:16], ICMP, reply))
        elif message[0] == 0 and number in self.sent_at:
            self.round_trips.setdefault(number, time.monotonic() - self.sent_at[number])

    def send(self, size=40):
        """One echo request; its number."""
        self.number += 1
        self.sent_at[self.number] = time.monotonic()
        self.port.send(PEER_MAC + LAN_MAC + b"\x08\x00" + ip_packet(
            packed(cells.NEAR), packed(cells.FAR), ICMP, echo(8, 77, self.number, bytes(i & 255 for i in range(size))), self.number))
        return self.number

    def has_answer(self, number):
        return number in self.round_trips

    def close(self):
        self.is_over = True
        self.join()


class Adit:
    """The card lives for the whole run; aditd starts anew with each cell."""
    kind = "adit"

    def __init__(self, folder, programs, certificates):
        self.folder, self.programs, self.certificates = fresh(folder), programs, certificates
        self.namespace = Namespace()
        self.port, self.lan_port = Port(f"{folder}/wan"), Port(f"{folder}/lan")
        self.sim = self.namespace.start([f"{programs}/adit-sim", "--socket", f"{folder}/card", "--lan", f"unix:{folder}/lan",
                                         "--wan", f"unix:{folder}/wan"], f"{folder}/sim.log")
        self.lan_port.accept()
        self.port.accept()
        wait_until("adit-sim", 60, lambda: os.path.exists(f"{folder}/card"))
        self.lan = LanHost(self.lan_port)
        self.daemon = None
        self.log_at = 0

    # ---- life

    def auth_of(self, cell, secret):
        if cell.auth == "psk":
            return f'auth_method = "pre-shared-key"; secret = "{secret}";'
        stem = f"{self.certificates}/adit" + ("-long" if cell.is_long else "")
        return f'auth_method = "rsa-signature"; certificate = "{stem}.pem"; key = "{stem}.key"; ca = "{self.certificates}/ca.pem";'

    @staticmethod
    def phase1_of(cell, lists):
        """The cell's one of each, or lists in our order."""
        return {axis: "[ " + ", ".join(f'"{word}"' for word in lists.get(axis, [getattr(cell, axis)])) + " ]"
                for axis in ("enc", "hash", "group")}

    @staticmethod
    def traffic_of(cell, generate):
        """What the policy protects, between which ends."""
        us, peer = cells.ENDS[cell.family]
        if generate:  # a template that is wider than what will be asked for
            return 'src_address = "10.1.0.0/16"; dst_address = "10.2.0.0/16"; template = true;'
        nets = (f"{us}/32", f"{peer}/32") if cell.mode == "transport" else (cells.NEAR_NET, cells.FAR_NET)
        return f'src_address = "{nets[0]}"; dst_address = "{nets[1]}"; sa_src_address = "{us}"; sa_dst_address = "{peer}";'

    @staticmethod
    def more_of(cell, dpd, generate):
        words = f'dpd_interval = "{dpd[0]}s"; dpd_maximum_failures = {dpd[1]}; ' if dpd else ""
        words += 'my_id = "{}"; remote_id = "{}"; '.format(*cells.IDS[cell.ids][0]) if cell.ids != "auto" else ""
        return words + ('generate_policy = true; policy_template = "lab-policy";' if generate else "")

    def write_config(self, cell, life2="1h", lifebytes=0, dpd=None, secret=cells.SECRET, check="obey", generate=False, exchange=None,
                     lists=None):
        us, peer = cells.ENDS[cell.family]
        text = CONFIG.format(
            folder=self.folder, us=us, peer=peer, exchange=exchange or cell.exchange, auth=self.auth_of(cell, secret),
            natt=yes(cell.natt), check=check, more=self.more_of(cell, dpd, generate), life2=life2, lifebytes=lifebytes, pfs=cell.pfs, esn=yes(cell.esn),
            algorithms=f'enc_algorithms = [ "{cell.esp_enc}" ]; auth_algorithms = [ "{cell.esp_auth}" ];',
            traffic=self.traffic_of(cell, generate), tunnel=yes(cell.mode == "tunnel"), proto=cell.proto, **self.phase1_of(cell, lists or {}))
        with open(f"{self.folder}/aditd.conf", "w", encoding="ascii") as f:
            f.write(text)

    def begin(self, cell, **settings):
        self.write_config(cell, **settings)
        self.log_at = os.path.getsize(f"{self.folder}/aditd.log") if os.path.exists(f"{self.folder}/aditd.log") else 0
        words = [f"{self.programs}/aditd", "-c", f"{self.folder}/aditd.conf", "-v"]
        self.daemon = self.namespace.start(words, f"{self.folder}/aditd.log")
        wait_until("aditd", 40, self.is_up)
        if cell.family == 4:
            self.namespace.run("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/adit0/disable_ipv6", check=False)
        self.namespace.run("ip", f"-{cell.family}", "route", "replace", cells.ENDS[cell.family][1], "dev", "adit0")

    def is_up(self):
        if self.daemon.poll() is not None:
            raise RuntimeError(f"aditd ended: {self.log()[-600:]}")
        return os.path.exists(f"{self.folder}/control") and self.tell("card") is not None

    def end(self):
        if self.daemon:
            stop(self.daemon, 20)
            if self.daemon.returncode:
                raise RuntimeError(f"aditd ended with {self.daemon.returncode}: {self.log()[-600:]}")
            self.daemon = None

    def die(self):
        """Without a word to anybody."""
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()
        self.daemon = None

    def close(self):
        if self.daemon:
            stop(self.daemon)
        self.lan.close()
        stop(self.sim)
        self.namespace.stop()
        self.port.close()
        self.lan_port.close()

    # ---- words

    def ask(self, *words):
        done = subprocess.run([f"{self.programs}/aditctl", "--json", "--socket", f"{self.folder}/control", *words],
                              text=True, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise RuntimeError(f"aditctl {' '.join(words)}: {(done.stderr or done.stdout).strip()[-300:]}")
        return json.loads(done.stdout)

    def tell(self, *words):
        try:
            return self.ask(*words)
        except (RuntimeError, ValueError, subprocess.TimeoutExpired):
            return None

    def initiate(self):
        return self.ask("initiate", "lab-policy")

    def rekey(self, what):
        self.ask("rekey", "lab-policy" if what == "child" else "lab-peer", *(["--phase1"] if what == "ike" else []))

    def terminate(self, what):
        self.ask("terminate", "lab-policy" if what == "child" else "lab-peer")

    def sas(self):
        """Like StrongSwan.sas(): phase 1's of the peer with their children."""
        children = collections.defaultdict(dict)
        for sa in self.ask("installed-sa", "--keys"):
            children[sa.get("child_id")][sa["direction"]] = sa
        out = []
        for sa in self.ask("remote-peers"):
            mine = [c for c in children.values() if any(side.get("ike_id") == sa["id"] for side in c.values())]
            out.append({**sa, "icookie": sa["initiator_cookie"].removeprefix("0x"), "rcookie": sa["responder_cookie"].removeprefix("0x"),
                        "children": [{"state": side["state"], "sides": c} for c in mine for side in [next(iter(c.values()))]]})
        return out

    def children(self):
        """Pairs of SAs in the card: [{in: …, out: …}], oldest first."""
        pairs = collections.OrderedDict()
        for sa in self.ask("installed-sa", "--keys"):
            pairs.setdefault(sa.get("child_id"), {})[sa["direction"]] = sa
        return [pair for _, pair in sorted(pairs.items(), key=lambda item: item[0] or 0)]

    # ---- traffic

    def ping(self, cell, _run):
        """One echo request to the far side."""
        if cell.mode == "transport":
            return self.namespace.run("ping", "-c", "1", "-W", "8", cells.PEER, check=False, timeout=20).find(" 0% packet loss") > 0
        number = self.lan.send()
        try:
            wait_until("an answer", 8, lambda: self.lan.has_answer(number), 0.01)
            return True
        except TimeoutError:
            return False

    def log(self):
        with open(f"{self.folder}/aditd.log", encoding="utf-8", errors="replace") as f:
            f.seek(self.log_at)
            return f.read()

    def complaint(self):
        words = ("refus", "fail", "no proposal", "mismatch", "wrong", "gave up", "give up", "error", "bad ", "unknown", "not ")
        lines = [line for line in self.log().splitlines() if any(word in line.lower() for word in words)]
        return lines[-1].strip() if lines else ""
