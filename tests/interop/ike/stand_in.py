# SPDX-License-Identifier: BSD-2-Clause-Patent
"""strongSwan in adit's place, to prove the lab and the peers by themselves: what the matrix asks of adit.py, in the same words."""
import json
import subprocess

import cells
from lab import Namespace, lab_ipv6
from packets import ICMP, echo, packed, sealed_of
from plane import Sa
from strongswan import StrongSwan


class Pings:
    """The lan's host: of a tunnel without a card the kernel's own ping."""

    def __init__(self, namespace):
        self.namespace, self.running = namespace, {}

    def send(self):
        number = len(self.running) + 1
        self.running[number] = subprocess.Popen(self.namespace.words("ping", "-c", "1", "-W", "5", "-I", cells.NEAR, cells.FAR),
                                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return number

    def has_answer(self, number):
        return self.running[number].poll() == 0


class StandIn:
    kind = "stand-in"

    def __init__(self, folder, out):
        self.namespace = Namespace()
        self.port = self.namespace.tap("adit0")
        self.namespace.batch(["link set adit0 up", f"addr add {cells.US}/24 dev adit0", f"addr add {cells.NEAR}/32 dev lo"])
        lab_ipv6(self.namespace, "adit0", cells.ENDS[6][0])
        self.folder, self.lan = folder, Pings(self.namespace)
        nets = (cells.NEAR_NET, cells.FAR_NET)
        self.charons = {plane: StrongSwan(self.namespace, f"{folder}/{plane}", plane, out, ("adit", "peer"), nets)
                        for plane in ("tun", "shim")}
        self.charon = self.cell = None

    def begin(self, cell, dpd=None, secret=cells.SECRET):
        self.cell, self.charon = cell, self.charons[cell.plane]
        self.log_at = self.charon.log_size()
        self.charon.start()
        self.charon.load(cell, dpd=(dpd[0], dpd[0] * dpd[1]) if dpd else (0, 0), secret=secret)

    def end(self):
        if self.charon:
            self.charon.stop()
            self.charon = None

    def die(self):
        self.charon.die()
        self.charon = None

    def close(self):
        self.end()
        self.namespace.stop()

    def initiate(self):
        self.charon.initiate()

    def rekey(self, what):
        self.charon.rekey(what)

    def terminate(self, what):
        self.charon.terminate(what)

    def ask(self, word):
        return [{"name": "lab-policy", "ph2_state": "no-phase2"}] if word == "policy" else []

    def sas(self):
        return [{**sa, "established": sa["state"] == "ESTABLISHED", "side": "initiator" if self.cell.initiator == "us" else "responder",
                 "algorithms": f"{self.cell.hash}/{self.cell.group}"} for sa in self.charon.sas()] if self.charon else []

    def from_kernel(self):
        """SAs that our charon gave its kernel, by SPI."""
        if self.cell.plane == "tun":
            return {}
        with open(self.charon.xfrm_log, encoding="ascii") as f:
            lines = [json.loads(line) for line in f]
        return {int(line["spi"], 16): Sa(line) for line in lines if line["op"] in ("newsa", "updsa")}

    def children(self):
        out, kernel = [], self.from_kernel()
        for child in (c for sa in self.charon.sas() for c in sa["children"] if c["state"] == "INSTALLED"):
            pair = {}
            for way in ("in", "out"):
                spi = child["spi_" + way]
                pair[way] = {"spi": f"0x{spi:08x}", "protocol": self.cell.proto, "mode": child["mode"].lower(), "esn": child["esn"],
                             "nat_traversal": child["encap"], "auth_algorithm": self.cell.esp_auth, "pfs_group": self.cell.pfs,
                             "enc_algorithm": self.cell.esp_enc, "icv_bytes": 0}
                if "gcm" in self.cell.esp_enc:
                    pair[way]["icv_bytes"] = int(self.cell.esp_enc.rpartition("-")[2])
                if spi in kernel:
                    pair[way].update(enc_key=kernel[spi].enc_key.hex(), auth_key=kernel[spi].auth_key.hex())
            out.append(pair)
        return out

    def ping(self, cell, run):
        """Under the shim there is no data plane here either: our packet is sealed and the peer's answer opened by two of plane.py's SAs."""
        if cell.plane == "tun":
            return self.namespace.run("ping", "-c", "1", "-W", "5", "-I", cells.NEAR, cells.FAR, check=False).find(" 0% packet loss") > 0
        pair, kernel = self.children()[-1], self.from_kernel()
        ends = (cells.US, cells.PEER) if cell.mode == "transport" else (cells.NEAR, cells.FAR)
        data = b"through the lab"
        sealed = kernel[int(pair["out"]["spi"], 16)].seal(packed(ends[0]), packed(ends[1]), ICMP, echo(8, 1, 1, data))
        run.plane.take(bytes(12) + b"\x08\x00" + sealed)
        answer = next((sealed_of(frame) for _, to_peer, frame in reversed(run.wire.seen) if not to_peer and sealed_of(frame)), None)
        want = packed(ends[1]), packed(ends[0]), ICMP, echo(0, 1, 1, data)
        return bool(answer) and kernel[int(pair["in"]["spi"], 16)].open(answer[0]) == want

    def log(self):
        return self.charon.log_since(self.log_at) if self.charon else ""

    def complaint(self):
        return self.charon.complaint(self.log_at) if self.charon else ""
