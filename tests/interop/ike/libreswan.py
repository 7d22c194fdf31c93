# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Debian's libreswan as a peer: pluto unpacked below build/ (fetch-peers), its kernel xfrmshim.so."""
import os
import re
import signal
import subprocess
from dataclasses import replace

import cells
from certs import subject
from lab import fresh, stop, wait_until

CONNECTION = """config setup
  ikev1-policy=accept
conn lab
  ikev2=no
  left={local}
  right={remote}
  type={mode}
  {sides}
  aggressive={aggressive}
  ike={ike}
  phase2={what}
  phase2alg={child}
  pfs={pfs}
  encapsulation={encapsulation}
  fragmentation={fragmentation}
  keyingtries=1
  ikelifetime=8h
  salifetime={life}
  rekey={rekey}
  rekeymargin={margin}
  rekeyfuzz=0%
  esn=no
  leftupdown=%disabled
  {dpd}
  auto=ignore
"""
ENC_WORDS = {"aes-128": "AES_CBC_128", "aes-192": "AES_CBC_192", "aes-256": "AES_CBC_256", "3des": "3DES_CBC_192",
             **{f"camellia-{n}": f"CAMELLIA_CBC_{n}" for n in (128, 192, 256)}}

ESP_WORDS = {"null": "NULL_000", "3des": "3DES_CBC_192", "aes-128-cbc": "AES_CBC_128", "aes-192-cbc": "AES_CBC_192", "aes-256-cbc": "AES_CBC_256",
             "aes-128-ctr": "AES_CTR_128", "aes-256-ctr": "AES_CTR_256", "camellia-128": "CAMELLIA_CBC_128",
             "camellia-256": "CAMELLIA_CBC_256", "aes-128-gcm-16": "AES_GCM_16_128", "aes-256-gcm-16": "AES_GCM_16_256",
             "aes-128-gcm-12": "AES_GCM_12_128", "aes-256-gcm-8": "AES_GCM_8_256"}


def home(out):
    return f"{out}/libreswan"


def phase1_proposal(cell):
    return f"{cells.LSW_ENCS[cell.enc]}-{cells.LSW_HASHES[cell.hash]};{cells.LSW_GROUPS[cell.group]}"


def child_proposal(cell):
    auth = "null" if cell.esp_auth == "null" else cells.LSW_HASHES[cell.esp_auth]
    words = auth if cell.proto == "ah" else f"{cells.LSW_ESP_ENCS[cell.esp_enc]}-{auth}"
    return words + ("" if cell.pfs == "none" else ";" + cells.LSW_GROUPS[cell.pfs])


class Libreswan:
    kind = "libreswan"
    me, other = "peer", "adit"

    def __init__(self, namespace, folder, _plane, out):
        self.namespace, self.folder, self.home = namespace, fresh(folder), home(out)
        self.shim, certificates = f"{out}/xfrmshim.so", f"{out}/certs"
        self.config_path, self.xfrm_log = f"{folder}/ipsec.conf", f"{folder}/xfrm.jsonl"
        self.process = None
        library = f"{self.home}/usr/lib/x86_64-linux-gnu"
        self.environment = {**os.environ, "LD_LIBRARY_PATH": f"{library}:{library}/nss"}
        for sub in ("run", "nss", "ipsec.d/policies", "ipsec.d/cacerts"):
            os.makedirs(f"{folder}/{sub}")
        self.tool("usr/bin/certutil", "-N", "-d", f"sql:{folder}/nss", "--empty-password")
        self.tool("usr/bin/certutil", "-A", "-d", f"sql:{folder}/nss", "-n", "ca", "-t", "CT,,", "-i", f"{certificates}/ca.pem")
        for stem in (self.me, self.me + "-long"):
            subprocess.run(["openssl", "pkcs12", "-export", "-in", f"{certificates}/{stem}.pem", "-inkey", f"{certificates}/{stem}.key",
                            "-name", stem, "-passout", "pass:", "-out", f"{folder}/{stem}.p12"], check=True)
            self.tool("usr/bin/pk12util", "-i", f"{folder}/{stem}.p12", "-d", f"sql:{folder}/nss", "-W", "", "-K", "")
        namespace.overlay("/usr/libexec", f"{self.home}/usr/libexec")  # addconn's path is built in

    def tool(self, path, *words, check=True, timeout=30):
        done = subprocess.run([f"{self.home}/{path}", *words], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=timeout, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{path} {' '.join(words)}: {done.stdout.strip()[-400:]}")
        return done.stdout

    # ---- life

    def start(self):
        for name in ("ipsec.conf", "ipsec.secrets"):
            if not os.path.exists(f"{self.folder}/{name}"):
                with open(f"{self.folder}/{name}", "w", encoding="ascii") as f:
                    f.write("config setup\n  ikev1-policy=accept\n" if name.endswith("conf") else "")
        environment = {**self.environment, "LD_PRELOAD": self.shim, "XFRMSHIM_LOG": self.xfrm_log}
        self.process = self.namespace.start(
            [f"{self.home}/usr/libexec/ipsec/pluto", "--config", self.config_path, "--nofork", "--stderrlog",
             "--rundir", f"{self.folder}/run", "--nssdir", f"{self.folder}/nss", "--ipsecdir", f"{self.folder}/ipsec.d", "--secretsfile", f"{self.folder}/ipsec.secrets",
             "--no-dnssec", "--nhelpers", "1", "--log-no-audit"], f"{self.folder}/pluto.log", env=environment)
        wait_until("pluto", 20, lambda: os.path.exists(f"{self.folder}/run/pluto.ctl"))
        self.whack("--listen")

    def stop(self):
        if self.process:
            stop(self.process)
            self.process = None
        if os.path.exists(f"{self.folder}/run/pluto.ctl"):
            os.unlink(f"{self.folder}/run/pluto.ctl")

    def die(self):
        """Without a word to anybody."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.stop()

    def whack(self, *words, check=False, timeout=30):
        return self.tool("usr/libexec/ipsec/whack", "--ctlsocket", f"{self.folder}/run/pluto.ctl", *words, check=check, timeout=timeout)

    # ---- one cell

    def sides(self, cell):
        lines = ["authby=secret", f"leftid={cells.PEER}", f"rightid={cells.US}"]
        if cell.auth == "rsa":
            suffix = "-long" if cell.is_long else ""
            lines = ["authby=rsasig", f"leftcert={self.me}{suffix}", f'leftid="{subject(self.me + suffix)}"',
                     f'rightid="{subject(self.other + suffix)}"', "leftsendcert=always", "leftca=%same", "rightca=%same"]
        if cell.mode == "tunnel":
            lines += [f"leftsubnet={cells.FAR_NET}", f"rightsubnet={cells.NEAR_NET}"]
        return "\n  ".join(lines)

    def load(self, cell, dpd=(0, 0), secret=cells.SECRET, offer=None):
        with open(self.config_path, "w", encoding="ascii") as f:
            f.write(CONNECTION.format(
                local=cells.PEER, remote=cells.US, mode=cell.mode, sides=self.sides(cell),
                aggressive="yes" if cell.exchange == "aggressive" else "no", ike=phase1_proposal(replace(cell, **(offer or {}))),
                what=cell.proto, child=child_proposal(cell), pfs="no" if cell.pfs == "none" else "yes",
                encapsulation="yes" if cell.natt else "no", rekey="yes" if "rekey" in cell.story else "no",
                life="30s" if cell.story == "rekey2-by-peer" else "1h", margin="20s" if cell.story == "rekey2-by-peer" else "1m",
                fragmentation="force" if cell.is_long else "yes",
                dpd=f"dpddelay={dpd[0]}\n  dpdtimeout={dpd[1]}\n  dpdaction=clear" if dpd[0] else ""))
        with open(f"{self.folder}/ipsec.secrets", "w", encoding="ascii") as f:
            f.write(f'{cells.PEER} {cells.US} : PSK "{secret}"\n')
        self.whack("--rereadsecrets")
        said = self.namespace.run("env", f"LD_LIBRARY_PATH={self.environment['LD_LIBRARY_PATH']}",
                                  f"{self.home}/usr/libexec/ipsec/addconn", "--config", self.config_path, "--ctlsocket", f"{self.folder}/run/pluto.ctl", "lab", check=False)
        if "lab" not in self.whack("--status"):
            raise RuntimeError(f"addconn: {said.strip()[-300:]}; {self.log_since(0)[-300:]}")

    def forget(self):
        self.whack("--delete", "--name", "lab")

    def initiate(self, timeout=40):
        try:
            return self.whack("--initiate", "--name", "lab", timeout=timeout)
        except subprocess.TimeoutExpired:
            return "error: whack --initiate did not end"

    def terminate(self, what):
        """Of IKEv1 an ISAKMP SA that goes alone leaves its children; so both go."""
        if what == "ike":
            self.whack("--terminate", "--name", "lab")
            return
        for number in re.findall(r'#(\d+): "lab"\S* STATE_\S+ \(IPsec SA established', self.whack("--showstates")):
            self.whack("--deletestate", number)

    def rekey(self, what):
        """It refuses to rekey IKEv1 when told; such a cell's SAs live for 30 s and are rekeyed after 10."""

    # ---- what it says

    @staticmethod
    def words_of_phase1(cell):
        group = cells.LSW_GROUPS[cell.group].upper()
        return f"{ENC_WORDS[cell.enc]}-HMAC_{cells.LSW_HASHES[cell.hash].upper()}-{group}"

    @staticmethod
    def words_of_child(cell):
        integrity = {"null": "NONE", "md5": "HMAC_MD5_96", "sha1": "HMAC_SHA1_96", "sha256": "HMAC_SHA2_256_128",
                     "sha384": "HMAC_SHA2_384_192", "sha512": "HMAC_SHA2_512_256"}[cell.esp_auth]
        return integrity if cell.proto == "ah" else f"{ESP_WORDS[cell.esp_enc]}-{integrity}"

    def newest(self, status, what):
        found = re.search(rf'"lab": +{what} algorithm newest: ([^;\s]*)', status)
        return found.group(1) if found else ""

    def sas(self):
        """Like StrongSwan.sas(); whack tells no cookies, so all children are shown with the newest IKE SA."""
        status = self.whack("--status")
        children, modes = [], {"tun": "TUNNEL"}
        for number in re.findall(r'#(\d+): "lab"\S* STATE_QUICK\S* \(IPsec SA established', status):
            spis = re.search(rf'#{number}: "lab"\S* ((?:\S+\.[0-9a-f]+@\S+ )+)', status)
            found = re.findall(r"(?:esp|ah)\.([0-9a-f]+)@(\S+)", spis.group(1)) if spis else []
            ends = {end: int(spi, 16) for spi, end in found}
            if set(ends) == {cells.US, cells.PEER}:
                children.append({"state": "INSTALLED", "spi_in": ends[cells.PEER], "spi_out": ends[cells.US], "esn": False,
                                 "mode": modes.get("tun" if "tun." in spis.group(1) else "", "TRANSPORT"),
                                 "algorithms": self.newest(status, "(?:ESP|AH)")})
        established = re.findall(r'#(\d+): "lab"\S* STATE_\S* \(IKE SA established', status)
        return [{"state": "ESTABLISHED", "icookie": None, "rcookie": None, "algorithms": self.newest(status, "IKEv1"),
                 "children": children if number == established[-1] else []} for number in established]

    def log_size(self):
        path = f"{self.folder}/pluto.log"
        return os.path.getsize(path) if os.path.exists(path) else 0

    def log_since(self, at):
        with open(f"{self.folder}/pluto.log", encoding="utf-8", errors="replace") as f:
            f.seek(at)
            return f.read()

    def complaint(self, at):
        lines = [line for line in self.log_since(at).splitlines()
                 if re.search(r"fail|invalid|no acceptable|ignor|mismatch|error|refus|abandon|NO_PROPOSAL", line)]
        return lines[-1].strip() if lines else ""
