# SPDX-License-Identifier: BSD-2-Clause-Patent
"""Debian's strongSwan as a peer: a charon of our own in a namespace, unpacked below build/ (fetch-peers), and what it says of itself."""
import os
import re
import signal
import subprocess
from dataclasses import replace

import cells
import vici
from certs import subject
from lab import fresh, stop, wait_until

SETTINGS = """charon-systemd {{
  load_modular = yes
  install_routes = {routes}
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  retransmit_tries = 4
  retransmit_timeout = 3.0
  retransmit_base = 1.5
  threads = 16
  port_nat_t = 4500
  filelog {{ log {{
    path = {folder}/charon.log
    flush_line = yes
    time_format = %T
    default = 1
    ike = 2
    cfg = 2
    knl = 1
  }} }}
  journal {{ default = -1 }}
  plugins {{
    include {home}/etc/strongswan.d/charon/*.conf
    vici {{ socket = unix://{folder}/vici }}
    openssl {{ load_legacy = yes }}
    {off}
    kernel-netlink {{ load = yes }}
    kernel-libipsec {{
      load = {libipsec}
      allow_peer_ts = yes
    }}
  }}
}}
swanctl {{
  socket = unix://{folder}/vici
  load = pem pkcs1 x509 openssl random
}}
"""
WORDS = {  # strongSwan's names for what it has agreed to
    **{f"aes-{n}": f"AES_CBC/{n}" for n in (128, 192, 256)}, **{f"camellia-{n}": f"CAMELLIA_CBC/{n}" for n in (128, 192, 256)},
    **{f"aes-{n}-cbc": f"AES_CBC/{n}" for n in (128, 192, 256)}, **{f"aes-{n}-ctr": f"AES_CTR/{n}" for n in (128, 192, 256)},
    **{f"aes-{n}-gcm-{icv}": f"AES_GCM_{icv}/{n}" for n in (128, 192, 256) for icv in (8, 12, 16)},
    "des": "DES_CBC", "3des": "3DES_CBC", "blowfish": "BLOWFISH_CBC/128", "null": "NULL",
}
HASH_WORDS = {"md5": "MD5", "sha1": "SHA1", "sha256": "SHA2_256", "sha384": "SHA2_384", "sha512": "SHA2_512"}
INTEGRITY_WORDS = {"md5": "HMAC_MD5_96", "sha1": "HMAC_SHA1_96", "sha256": "HMAC_SHA2_256_128", "sha384": "HMAC_SHA2_384_192",
                   "sha512": "HMAC_SHA2_512_256"}
OFF = ("bypass-lan", "resolve", "stroke", "dhcp", "farp", "af-alg", "tpm", "pkcs11", "updown", "curl", "ldap", "ha", "eap-radius",
       "connmark", "forecast")
CONNECTION = """connections {{ {name} {{
  version = 1
  local_addrs = {local}
  remote_addrs = {remote}
  aggressive = {aggressive}
  proposals = {proposal}
  encap = {encap}
  fragmentation = {fragmentation}
  keyingtries = 1
  unique = {unique}
  dpd_delay = {dpd_delay}
  dpd_timeout = {dpd_timeout}
  reauth_time = 8h
  over_time = 600
  rand_time = 0
  send_cert = always
  local {{ {local_auth} }}
  remote {{ {remote_auth} }}
  children {{ net {{
    local_ts = {local_ts}
    remote_ts = {remote_ts}
    mode = {mode}
    {what}_proposals = {child}
    rekey_time = 0s
    life_time = 1h
    rand_time = 0
    dpd_action = clear
    close_action = none
  }} }}
}} }}
secrets {{ ike-lab {{ secret = "{secret}" }} }}
"""


def home(out):
    return f"{out}/strongswan"


def phase1_proposal(cell):
    return f"{cells.ENCS[cell.enc]}-{cell.hash}-{cell.group}"


def child_proposal(cell):
    words = [] if cell.proto == "ah" else [cells.ESP_ENCS[cell.esp_enc]]
    words += [] if cell.esp_auth == "null" else [cell.esp_auth]
    words += [] if cell.pfs == "none" else [cell.pfs]
    words += ["esn"] if cell.esn else []
    return "-".join(words)


class StrongSwan:
    """plane: tun (kernel-libipsec: its own ESP in UDP) or shim (the kernel is xfrmshim.so)."""
    kind = "strongswan"

    def __init__(self, namespace, folder, plane, out, names=("peer", "adit"),
                 nets=(cells.FAR_NET, cells.NEAR_NET)):
        self.namespace, self.folder, self.plane, self.home = namespace, fresh(folder), plane, home(out)
        self.shim, certificates = f"{out}/xfrmshim.so", f"{out}/certs"
        self.me, self.other = names
        self.nets = nets
        self.config_path = f"{folder}/swanctl/swanctl.conf"
        self.xfrm_log = f"{folder}/xfrm.jsonl"
        self.process = None
        for sub in ("x509", "x509ca", "private", "rsa", "conf.d"):
            os.makedirs(f"{folder}/swanctl/{sub}")
        for suffix in ("", "-long"):
            os.symlink(f"{certificates}/{self.me}{suffix}.pem", f"{folder}/swanctl/x509/{self.me}{suffix}.pem")
            os.symlink(f"{certificates}/{self.me}{suffix}.key", f"{folder}/swanctl/private/{self.me}{suffix}.key")
        os.symlink(f"{certificates}/ca.pem", f"{folder}/swanctl/x509ca/ca.pem")
        with open(f"{folder}/strongswan.conf", "w", encoding="ascii") as f:
            is_tun = "yes" if plane == "tun" else "no"
            f.write(SETTINGS.format(folder=folder, home=self.home, routes=is_tun, libipsec=is_tun, off="\n    ".join(f"{name} {{ load = no }}" for name in OFF)))
        library = f"{self.home}/usr/lib"
        namespace.overlay("/usr/lib", library)  # where it looks for plugins is built in
        self.environment = {**os.environ, "LD_LIBRARY_PATH": f"{library}/ipsec:{library}/x86_64-linux-gnu",
                            "STRONGSWAN_CONF": f"{folder}/strongswan.conf", "SWANCTL_DIR": f"{folder}/swanctl"}

    # ---- life

    def start(self):
        environment = dict(self.environment)
        if self.plane == "shim":
            environment.update(LD_PRELOAD=self.shim, XFRMSHIM_LOG=self.xfrm_log)
        self.process = self.namespace.start([f"{self.home}/usr/sbin/charon-systemd"], f"{self.folder}/out", env=environment)
        wait_until("charon", 20, lambda: os.path.exists(f"{self.folder}/vici"))

    def stop(self):
        if self.process:
            stop(self.process)
            self.process = None
        if os.path.exists(f"{self.folder}/vici"):
            os.unlink(f"{self.folder}/vici")

    def die(self):
        """Without a word to anybody."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.stop()

    def ask(self, *words, timeout=60, check=True):
        done = subprocess.run(self.namespace.words(f"{self.home}/usr/sbin/swanctl", *words), env=self.environment, text=True,
                              timeout=timeout, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and done.returncode:
            raise RuntimeError(f"swanctl {' '.join(words)}: {done.stdout.strip()[-400:]}")
        return done.stdout

    # ---- one cell

    def side(self, cell, name, ours):
        stem = name + ("-long" if cell.is_long else "")
        identity = cells.ENDS[cell.family][name == "peer"] if cell.auth == "psk" else subject(stem)
        if cell.ids != "auto":
            identity = cells.IDS[cell.ids][1][name == "peer"]
        if cell.auth == "psk":
            return f'auth = psk\n    id = "{identity}"'
        words = f'auth = pubkey\n    id = "{identity}"'
        return words + (f"\n    certs = {stem}.pem" if ours else "\n    cacerts = ca.pem")

    def load(self, cell, dpd=(0, 0), secret=cells.SECRET, offer=None, proposals=None, unique="never"):
        transport = cell.mode == "transport"
        local, remote = (cells.ENDS[cell.family][name == "peer"] for name in (self.me, self.other))
        with open(self.config_path, "w", encoding="ascii") as f:
            f.write(CONNECTION.format(
                name="lab", local=local, remote=remote, aggressive="yes" if cell.exchange == "aggressive" else "no",
                proposal=proposals or phase1_proposal(replace(cell, **(offer or {}))), unique=unique, secret=secret,
                encap="yes" if cell.natt and not cell.has_real_nat else "no",
                fragmentation="force" if cell.is_long else "yes", dpd_delay=f"{dpd[0]}s", dpd_timeout=f"{dpd[1]}s",
                local_auth=self.side(cell, self.me, True), remote_auth=self.side(cell, self.other, False),
                local_ts="dynamic" if transport else self.nets[0], remote_ts="dynamic" if transport else self.nets[1],
                mode=cell.mode, what=cell.proto, child=child_proposal(cell)))
        self.ask("--load-all", "--noprompt")

    def forget(self):
        """No SAs, no connections."""
        self.ask("--terminate", "--ike", "lab", "--force", "--timeout", "1", check=False)
        with open(self.config_path, "w", encoding="ascii"):
            pass
        self.ask("--load-all", "--noprompt", check=False)

    def initiate(self, timeout=40):
        return self.ask("--initiate", "--child", "net", "--timeout", str(timeout), timeout=timeout + 10, check=False)

    def terminate(self, what):
        """what: ike or child."""
        self.ask("--terminate", "--" + what, "lab" if what == "ike" else "net", "--timeout", "5", check=False)

    def rekey(self, what):
        return self.ask("--rekey", "--" + what, "lab" if what == "ike" else "net", *(["--reauth"] if what == "ike" else []), check=False)

    # ---- what it says

    @staticmethod
    def words_of_phase1(cell):
        group = cell.group.replace("modp", "MODP_").replace("ecp", "ECP_")
        return f"{WORDS[cell.enc]}/PRF_HMAC_{HASH_WORDS[cell.hash]}/{group}"

    @staticmethod
    def words_of_child(cell):
        words = [] if cell.proto == "ah" else [WORDS[cell.esp_enc]]
        return "/".join(words + ([] if cell.esp_auth == "null" else [INTEGRITY_WORDS[cell.esp_auth]]))

    def sas(self):
        """[{state, children: [{spi_in, spi_out, state, …}]}] of our connection."""
        out = []
        for event in vici.stream(f"{self.folder}/vici", "list-sas", "list-sa"):
            for sa in event.values():
                children = [{"state": c["state"], "spi_in": int(c["spi-in"], 16), "spi_out": int(c["spi-out"], 16), "mode": c["mode"],
                             "algorithms": "/".join(c.get(k, "") for k in ("encr-alg", "encr-keysize", "integ-alg", "dh-group") if c.get(k)),
                             "esn": c.get("esn") == "1", "encap": c.get("encap") == "yes", "packets_in": int(c.get("packets-in", 0)),
                             "packets_out": int(c.get("packets-out", 0))}
                            for c in sa.get("child-sas", {}).values() if "spi-in" in c]
                out.append({"state": sa["state"], "icookie": sa.get("initiator-spi"), "rcookie": sa.get("responder-spi"), "children": children,
                            "algorithms": "/".join(sa.get(k, "") for k in ("encr-alg", "encr-keysize", "prf-alg", "dh-group") if sa.get(k))})
        return out

    def log_size(self):
        path = f"{self.folder}/charon.log"
        return os.path.getsize(path) if os.path.exists(path) else 0

    def log_since(self, at):
        with open(f"{self.folder}/charon.log", encoding="utf-8", errors="replace") as f:
            f.seek(at)
            return f.read()

    def complaint(self, at):
        """The last line of its log that sounds like a refusal."""
        lines = [line for line in self.log_since(at).splitlines()
                 if re.search(r"fail|invalid|no matching|not found|giving up|unacceptable|mismatch|error|refus", line, re.I)]
        return lines[-1].strip() if lines else ""

    def wait_for_log(self, text, at, seconds):
        return wait_until(f"charon never said '{text}'", seconds, lambda: text in self.log_since(at), 0.2)
