#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""aditd and aditctl as people use them, on a simulated card: checking, asking, reloading, a card that dies, ARP and ping."""
import hmac
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

BIN = os.path.join(os.environ.get("B", "build"), "bin")
LAB = "manual keys are for labs"


def run(program, *args, timeout=60):
    return subprocess.run([os.path.join(BIN, program), *args], capture_output=True, text=True, timeout=timeout)


class Check(unittest.TestCase):
    def check(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(text)
            file.flush()
            result = run("aditd", "--check", file.name)
            return result, [line.replace(file.name, "F") for line in result.stderr.splitlines()]

    def test_the_examples_are_good(self):
        for name in ("manual1", "manual2"):
            result = run("aditd", "--check", f"examples/{name}.conf")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("ok: 1 policies, 1 manual SAs", result.stdout)
            self.assertEqual(result.stderr.count(LAB), 1)

    def test_the_examples_with_ike_are_good_and_warn_of_the_manuals_weak_defaults(self):
        for name in ("office1", "office2"):
            result = run("aditd", "--check", f"examples/{name}.conf")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("ok: 1 policies, 0 manual SAs, 1 peers, 1 proposals", result.stdout)
            for weak in ("enc_algorithm 3des", "hash_algorithm md5", "dh_group modp1024", "3des", "pfs_group modp1024"):
                self.assertIn(f"{weak} is weak", result.stderr)
            self.assertIn("fewer than 8 bytes", result.stderr)
            self.assertEqual(len(result.stderr.splitlines()), 6, result.stderr)
        for name in ("modern1", "modern2"):
            result = run("aditd", "--check", f"examples/{name}.conf")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn("ok: 1 policies, 0 manual SAs, 1 peers, 2 proposals; 0 warnings", result.stdout)

    def test_the_example_of_everything_is_good_and_warns_of_manual_keys_alone(self):
        result = run("aditd", "--check", "examples/full.conf")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("ok: 13 policies, 8 manual SAs", result.stdout)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn(LAB, result.stderr)

    def test_all_errors_come_at_once_in_order_of_lines(self):
        result, lines = self.check('mod = "wire";\npolicies = (\n  { name = "a"; src_address = "10.1.202.5/24";\n'
                                   '    tunel = true; priority = 5000000000; action = "none"; }\n);\n')
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertEqual(lines[1:], [
            'F:1: unknown key "mod"; did you mean "mode"?',
            'F:3: src_address: "10.1.202.5/24" has host bits set; the prefix is "10.1.202.0/24"',
            'F:4: 5000000000 does not fit 31 bits: write it as a string ("5000000000") or with an L at its end',
            'F:4: unknown key "tunel"; did you mean "tunnel"?',
            'F: 4 errors'])

    def test_a_key_is_never_shown(self):
        key = "0x6b1f0c9ae2d54783a05cfe3917b824d0"
        for shown in (f'"{key}"', key, f'"{key}zz"', f'"{key}00"'):
            result, _ = self.check('manual_sas = ( { name = "m"; esp_spi = { in = 256; out = 257; };\n'
                                   f'esp_enc_algorithm = "aes-256"; esp_enc_key = {{ in = {shown}; out = {shown}; }}; }} );')
            self.assertEqual(result.returncode, 1)
            self.assertNotIn(key[2:20], result.stderr + result.stdout)

    def test_usage(self):
        self.assertEqual(run("aditd").returncode, 2)
        self.assertEqual(run("aditd", "--nonsense").returncode, 2)
        self.assertEqual(run("aditd", "--help").returncode, 0)
        self.assertIn("aditd 0.", run("aditd", "--version").stdout)
        self.assertEqual(run("aditd", "--check", "/nonexistent").returncode, 1)

    def test_aditctl_without_a_daemon_and_with_slips(self):
        result = run("aditctl", "--socket", "/nonexistent/ctl", "policy")
        self.assertEqual(result.returncode, 2)
        self.assertIn("is aditd running?", result.stderr)
        result = run("aditctl", "polcy")
        self.assertEqual(result.returncode, 2)
        self.assertIn('did you mean "policy"?', result.stderr)
        self.assertEqual(run("aditctl").returncode, 2)
        self.assertEqual(run("aditctl", "peer", "--keys").returncode, 2)
        for words in (["policy", "x"], ["initiate"], ["terminate", "a", "b"], ["remote-peer"], ["log", "--level"], ["log", "--lines", "x"],
                      ["rekey", "--follow", "x"], ["initiate", "--phase1", "x"], ["top", "--interval", "0"], ["top", "--count", "x"],
                      ["installed-sa", "flsh"], ["policy", "--peer", "x"]):
            self.assertEqual(run("aditctl", *words).returncode, 2, words)
        self.assertIn('did you mean "remote-peers"?', run("aditctl", "remote-peer").stderr)
        self.assertIn('did you mean "installed-sa flush"?', run("aditctl", "installed-sa", "flsh").stderr)
        self.assertEqual(run("aditctl", "--help").returncode, 0)


class ManPage(unittest.TestCase):
    """aditd.conf(5) against the daemon."""

    def setUp(self):
        with open("docs/aditd.conf.5") as file:
            self.page = file.read().replace("\\-", "-")

    def test_it_has_every_key(self):
        keys = set()
        for name in ("keys.c", "keys_ike.c"):
            with open(f"host/config/{name}") as file:
                keys |= set(re.findall(r'^\t\{ "(\w+)", take_', file.read(), re.MULTILINE))
        self.assertGreater(len(keys), 90)
        self.assertEqual([key for key in sorted(keys) if not re.search(rf"\b{key}\b", self.page)], [])

    def test_it_has_every_word_of_an_algorithm(self):
        with open("host/config/words.c") as file:
            source = file.read()
        for table in ("words_enc", "words_esp_auth", "words_dh", "words_exchange", "words_auth_method", "words_check", "words_level"):
            rows = source[source.index(f"const struct word {table}[]"):]
            words = re.findall(r'\{ "([\w-]+)",', rows[:rows.index("};")])
            self.assertGreater(len(words), 1, table)
            for word in words:
                word = re.sub(r"-gcm-(8|12|16)$", "-gcm", word)
                self.assertRegex(self.page, rf"(?<![\w-]){word}(?![\w-])")

    def test_its_examples_of_ike_are_good(self):
        ends = 'src_address = "10.1.0.0/16"; sa_src_address = "192.0.2.1"; sa_dst_address = "198.51.100.1"; tunnel = true;'
        examples = re.findall(r"^\.nf\n(.*?)^\.fi", self.page[self.page.index(".SH EXAMPLES"):], re.MULTILINE | re.DOTALL)
        self.assertEqual(len(examples), 5)
        for text in examples[:4]:
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file, tempfile.NamedTemporaryFile() as pem:
                text = text.replace('"0x..."', '"0x00112233445566778899"').replace('"..."', '"a longer secret"').replace("...", ends)
                file.write(re.sub(r'"/etc/adit/[^"]*"', f'"{pem.name}"', text))
                file.flush()
                result = run("aditd", "--check", file.name)
                self.assertEqual(result.returncode, 0, text + result.stderr)
                self.assertIn("1 peers", result.stdout)


def read_exposition(text):
    """Prometheus's text format 0.0.4, strictly: families in one piece, HELP and TYPE before samples, no series twice."""
    name, label = r"[a-zA-Z_:][a-zA-Z0-9_:]*", r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\n]|\\\\[\\\\"n])*"'
    lines = text.split("\n")
    assert lines.pop() == "", "the last line ends too"
    families, values = {}, {}
    while lines:
        helped = re.fullmatch(f"# HELP ({name}) .+", lines.pop(0))
        typed = re.fullmatch(f"# TYPE ({name}) (counter|gauge)", lines.pop(0))
        assert helped and typed and helped[1] == typed[1] and helped[1] not in families, (helped, typed)
        assert typed[2] == "gauge" or typed[1].endswith("_total"), typed
        families[typed[1]] = typed[2]
        while lines and not lines[0].startswith("#"):
            sample = re.fullmatch(f"({name})({{{label}(?:,{label})*}})? ([0-9]+(?:\\.[0-9]+)?)", lines.pop(0))
            assert sample and sample[1] == typed[1] and sample[1] + (sample[2] or "") not in values, sample
            values[sample[1] + (sample[2] or "")] = float(sample[3])
    return families, values


class Daemon(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="adit-cli-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = self.path("aditd.conf")
        self.start_sim()

    def start_daemon(self, example, before="", after=""):
        with open(f"examples/{example}.conf") as source, open(self.config, "w") as file:
            file.write(source.read().replace(before, after) if before else source.read())
        self.daemon = self.start("aditd", "-c", self.config, "--card", "sim:" + self.path("card"),
                                 "--control", self.path("ctl"))
        self.until(lambda: self.ctl("version").returncode == 0, "aditd answers")

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, program, *args):
        log = open(self.path(program + ".log"), "a")
        self.addCleanup(log.close)
        process = subprocess.Popen([os.path.join(BIN, program), *args], stdout=log, stderr=log)
        self.addCleanup(self.stop, process)
        return process

    def start_sim(self):
        self.sim = self.start("adit-sim", "--socket", self.path("card"), "--lan", "unix:" + self.path("lan"),
                              "--wan", "unix:" + self.path("wan"))
        self.until(lambda: os.path.exists(self.path("card")), "adit-sim listens")

    def stop(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def until(self, claim, what, seconds=60):
        end = time.monotonic() + seconds
        while not claim():
            if time.monotonic() > end:
                for name in os.listdir(self.folder):
                    if name.endswith(".log"):
                        with open(self.path(name)) as log:
                            sys.stderr.write(log.read())
                self.fail("never: " + what)
            time.sleep(0.1)

    def ctl(self, *args):
        return run("aditctl", "--socket", self.path("ctl"), *args)

    def ask(self, *args):
        result = self.ctl("--json", *args)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def plug(self, face):
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        wire.connect(self.path(face))
        wire.settimeout(30)
        self.addCleanup(wire.close)
        return wire

    def log(self):
        with open(self.path("aditd.log")) as file:
            return file.read()

    def test_ike_as_people_and_programs_see_it(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.start_daemon("office1", "peers = (", f'metrics = "127.0.0.1:{port}"; peers = (')

        # RouterOS's menus before anything was negotiated
        self.assertEqual(self.ask("remote-peers"), [])
        self.assertEqual(self.ctl("remote-peers").stdout, "no remote peers\n")
        policy, = self.ask("policy", "--stats")
        self.assertEqual((policy["name"], policy["ph2_state"], policy["dynamic"], policy["proposal"]),
                         ("to-office2", "no-phase2", False, "default"))
        peer, = self.ask("peer")
        self.assertEqual([peer[k] for k in ("address", "exchange_mode", "auth_method", "hash_algorithm", "enc_algorithm", "dh_group", "lifetime_seconds",
                                            "lifetime_bytes", "nat_traversal", "proposal_check", "generate_policy", "send_initial_contact",
                                            "dpd_interval_seconds", "dpd_maximum_failures", "has_secret")],
                         ["198.51.100.1/32", "main", "pre-shared-key", ["md5"], ["3des"], ["modp1024"], 86400, 0, False, "obey", False, True, 0, 5,
                          True])
        self.assertNotIn("secret\"", json.dumps(peer).replace("has_secret", ""))
        proposal = next(p for p in self.ask("proposal") if p["name"] == "default")
        self.assertEqual([proposal[k] for k in ("auth_algorithms", "enc_algorithms", "lifetime_seconds", "pfs_group")],
                         [["sha1"], ["3des"], 1800, "modp1024"])

        # somebody follows while a negotiation begins that nobody answers
        follower = subprocess.Popen([os.path.join(BIN, "aditctl"), "--socket", self.path("ctl"), "--json", "log", "--peer", "office2", "--follow"], stderr=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(follower.stdout.close)
        self.addCleanup(follower.wait)
        self.addCleanup(follower.kill)
        time.sleep(0.5)
        self.assertEqual(self.ask("initiate", "to-office2"), {"name": "to-office2", "initiated": 1})
        line = json.loads(follower.stdout.readline())
        self.assertEqual((line["peer"], line["level"]), ("office2", "info"))
        self.assertIn("198.51.100.1[500]", line["text"])
        self.assertEqual(self.ask("log", "--peer", "office2", "--lines", "1")[0]["peer"], "office2")
        self.assertIn("office2: ", self.ctl("log").stdout)
        remote, = self.ask("remote-peers")
        self.assertEqual([remote[k] for k in ("local_address", "remote_address", "port", "side", "state", "peer", "established")],
                         ["192.0.2.1", "198.51.100.1", 500, "initiator", "message-1-sent", "office2", False])
        self.assertRegex(self.ctl("remote-peers").stdout, r"local-address +remote-address +side +state +peer\n"
                         r"192\.0\.2\.1\[500\] +198\.51\.100\.1\[500\] +initiator +message-1-sent +office2\n")
        statistics = self.ask("statistics")["ike"]
        self.assertEqual((statistics["phase1_initiated"], statistics["phase1_established"]), (1, 0))
        self.assertIn("phase1_initiated", self.ctl("statistics").stdout)

        # names that are none
        for words, text in ((["initiate", "to-ofice2"], 'did you mean "to-office2"?'), (["rekey", "office2"], "it has no SAs"),
                            (["terminate", "nobody-at-all"], 'there is no policy or peer "nobody-at-all"'),
                            (["log", "--peer", "ofice2"], 'did you mean "office2"?'), (["log", "--level", "loud"], "level is error,")):
            result = self.ctl(*words)
            self.assertEqual(result.returncode, 1, words)
            self.assertIn(text, result.stderr)

        # Prometheus
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20)
        self.assertEqual(page.headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        _, values = read_exposition(page.read().decode())
        self.assertEqual(values["adit_ike_phase1_initiated_total"], 1)
        self.assertEqual(values['adit_ike_sas{state="message-1-sent"}'], 1)
        self.assertEqual(values['adit_policy_established{policy="to-office2"}'], 0)
        self.assertEqual(values["adit_card_up"], 1)
        for name in statistics:
            self.assertIn(f"adit_ike_{name}_total", values)
        for reason in self.ask("statistics")["reasons"]:
            self.assertIn(f'adit_reason_packets_total{{reason="{reason["reason"]}"}}', values)

        # what the process may still do, every thread of it
        is_sanitized = "a build with a sanitizer is not confined" in self.log()
        for task in [] if is_sanitized else os.listdir(f"/proc/{self.daemon.pid}/task"):
            with open(f"/proc/{self.daemon.pid}/task/{task}/status") as file:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
            self.assertEqual(int(status["CapEff"], 16) & ~(1 << 10 | 1 << 12), 0, status["CapEff"])	# to bind low ports, and for the TAP
            self.assertEqual(status["CapEff"], status["CapPrm"])

        # and an end
        self.assertEqual(self.ask("terminate", "office2")["terminated"], 1)
        self.until(lambda: self.ask("remote-peers") == [], "it is gone")
        self.assertEqual(self.ask("installed-sa", "flush", "--sa-type", "all"), {"sa_type": "all", "flushed_sas": 0, "flushed_ike_sas": 0})
        rates = self.ctl("--json", "top", "--count", "1", "--interval", "1s")
        self.assertEqual((rates.returncode, json.loads(rates.stdout)), (0, []))
        with open(self.config) as file:
            text = file.read()
        with open(self.config, "w") as file:
            file.write(text.replace(str(port), str(port - 1)))
        self.assertIn("metrics cannot change while aditd runs", self.ctl("reload", "--dry-run").stderr)
        self.stop(self.daemon)
        self.assertEqual(self.daemon.returncode, 0)
        self.assertEqual(follower.wait(20), 1)

    def test_top_tells_what_an_sa_carries(self):
        from scapy.all import IP, Ether, Raw
        self.start_daemon("manual1")
        lan, wan = self.plug("lan"), self.plug("wan")
        top = subprocess.Popen([os.path.join(BIN, "aditctl"), "--socket", self.path("ctl"), "--json", "top", "--count", "2", "--interval", "2s"],
                               stdout=subprocess.PIPE, text=True)
        self.addCleanup(top.stdout.close)
        self.addCleanup(top.wait)
        time.sleep(0.5)
        for _ in range(10):
            lan.send(bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.1.202.5", dst="10.1.101.9") / Raw(b"x" * 80)))
            self.assertEqual(Ether(wan.recv(2000))[IP].proto, 50)
        sas = json.loads(top.stdout.readline())
        self.assertEqual({sa["direction"] for sa in sas}, {"in", "out"})
        self.assertEqual(sas[0]["direction"], "out")	# the busiest first
        self.assertGreater(sas[0]["packets_per_second"], 1)
        self.assertGreater(sas[0]["bytes_per_second"], 100)
        self.assertEqual(sas[1]["packets_per_second"], 0)

    def test_the_host_does_what_the_card_leaves_to_it(self):
        from scapy.all import ICMP, IP, UDP, Ether, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6ND_NA, ICMPv6ND_NS, IPv6, defragment
        self.start_daemon("full", 'replay_window = 64;', 'replay_window = 64; lifetime = 5;')
        wan, lan = self.plug("wan"), self.plug("lan")
        l2 = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")

        def send(net, n_bytes, **fields):
            lan.send(bytes(l2 / IP(src="10.1.0.5", dst=f"10.{net}.0.9", **fields) / UDP(sport=7, dport=9) / (b"x" * n_bytes)))
        send(7, 100)		# sealed by the host
        sealed = Ether(wan.recv(2000))[IP]
        self.assertEqual((sealed.dst, sealed.proto, bytes(sealed.payload)[:8]), ("198.51.100.7", 50, bytes.fromhex("0000200700000001")))
        send(7, 1390)		# and fragmented after
        pieces = [Ether(wan.recv(2000))[IP] for _ in range(2)]
        self.assertEqual([len(p) <= 1400 for p in pieces], [True, True])
        whole, = defragment(pieces)
        self.assertEqual(bytes(whole.payload)[:8], bytes.fromhex("0000200700000002"))
        send(2, 1450)		# fragmented before
        self.assertEqual([Ether(wan.recv(2000))[IP].dst for _ in range(2)], ["198.51.100.2"] * 2)
        send(2, 1450, flags="DF")
        answer = Ether(lan.recv(2000))
        self.assertEqual((answer[ICMP].type, answer[ICMP].code, answer[IP].src), (3, 4, "192.0.2.1"))
        for piece in pieces:	# not for us: a stranger's fragments, with our address
            piece.dst, piece.src = "192.0.2.1", "198.51.100.7"
            del piece.chksum
            wan.send(bytes(l2 / piece))
        self.until(lambda: self.ask("statistics")["slowpath"]["reassembled_packets"] == 1, "fragments are put together")
        slow = self.ask("statistics")["slowpath"]
        self.assertEqual([slow[k] for k in ("sealed_packets", "split_packets", "too_big_answers", "dropped_packets")], [2, 1, 1, 0])
        self.assertEqual(sum(slow["fragments_packets"].values()), 2)
        reasons = {r["reason"]: r["packets"] for r in self.ask("statistics")["reasons"]}
        self.assertEqual(reasons["XfrmInNoStates"], 1)		# whole, it was one for an SA that is the peer's
        for words in (["installed-sa"], ["manual-sa"], ["statistics"], ["policy", "--stats"], ["card"]):
            self.assertEqual(self.ctl(*words).returncode, 0)
        shown = self.ctl("installed-sa").stdout
        for part in ("Flags: A - AH, E - ESP, P - pfs", "ESP:twofish (128 bits)/sha256, manual keys, transform by the host",
                     "TRANSPORT-in-UDP, ESP:aes-128-gcm", "ESP:aes-256-cbc (256 bits)/sha1 in AH:sha384", "/ESN, manual keys",
                     "local  192.0.2.1[4500]\n  remote 203.0.113.4[61234]", "lifetime soft 4s, hard 5s"):
            self.assertIn(part, shown)
        self.assertIn("in-accepted=0 in-dropped=0 in-transformed=0", self.ctl("policy", "--stats").stdout)

        # who is 2001:db8::1?
        wan.send(bytes(Ether(src="02:00:00:00:00:07", dst="33:33:ff:00:00:01") /
                       IPv6(src="2001:db8::77", dst="ff02::1:ff00:1", hlim=255) / ICMPv6ND_NS(tgt="2001:db8::1")))
        advert = Ether(wan.recv(2000))
        self.assertEqual((advert[ICMPv6ND_NA].tgt, advert[IPv6].dst, advert.dst), ("2001:db8::1", "2001:db8::77", "02:00:00:00:00:07"))
        wan.send(bytes(Ether(src="02:00:00:00:00:07", dst=advert.src) / IPv6(src="2001:db8::77", dst="2001:db8::1") /
                       ICMPv6EchoRequest(id=3, data=b"six")))
        self.assertEqual(Ether(wan.recv(2000))[ICMPv6EchoReply].data, b"six")
        self.assertEqual(self.ask("statistics")["host"]["nd_answers"], 1)

        # the card's time goes on: a life ends
        self.until(lambda: {sa["state"] for sa in self.ask("installed-sa") if sa["manual_sa"] == "proof"} == {"expired"}, "the SA expires")
        self.until(lambda: self.log().count("manual_sa proof: the outbound ESP SA has reached the end of its life") == 1, "it is logged")
        self.assertEqual(self.log().count("manual_sa proof: the outbound ESP SA nears the end of its life"), 1)
        self.assertEqual({p["name"]: p.get("ph2_state") for p in self.ask("policy")}["proof"], "expired")
        send(8, 10)
        self.until(lambda: {r["reason"]: r["packets"] for r in self.ask("statistics")["reasons"]}["XfrmOutStateExpired"] == 1, "refused")

    def test_a_ping_that_came_sealed_is_not_answered_in_clear(self):
        from scapy.all import ICMP, IP, Ether
        key_in, key_out = bytes(range(20)), bytes(range(20, 40))
        with open(self.path("ping.conf"), "w") as file:
            file.write('mode = "wire"; local_addresses = ( "192.0.2.1" ); default_action = "none";\n'
                       'policies = ( { name = "p"; src_address = "192.0.2.1/32"; dst_address = "198.51.100.7/32"; '
                       'sa_src_address = "192.0.2.1"; sa_dst_address = "198.51.100.7"; manual_sa = "m"; } );\n'
                       'manual_sas = ( { name = "m"; esp_spi = { in = 0x1001; out = 0x1002; }; esp_enc_algorithm = "null"; '
                       'esp_auth_algorithm = "sha1"; '
                       f'esp_auth_key = {{ in = "0x{key_in.hex()}"; out = "0x{key_out.hex()}"; }}; }} );\n')
        self.daemon = self.start("aditd", "-c", self.path("ping.conf"), "--card", "sim:" + self.path("card"),
                                 "--control", self.path("ctl"))
        self.until(lambda: self.ctl("version").returncode == 0, "aditd answers")
        wan = self.plug("wan")
        esp = struct.pack(">II", 0x1001, 1) + bytes(ICMP(id=5, seq=6) / b"secret") + bytes((0, 1))
        esp += hmac.digest(key_in, esp, "sha1")[:12]
        wan.send(bytes(Ether(src="02:00:00:00:00:77", dst="02:00:00:00:00:01") / IP(src="198.51.100.7", dst="192.0.2.1", proto=50) / esp))
        answer = Ether(wan.recv(2000))[IP]
        self.assertEqual((answer.src, answer.dst, answer.proto), ("192.0.2.1", "198.51.100.7", 50))
        sealed = bytes(answer.payload)
        self.assertEqual(sealed[:8], struct.pack(">II", 0x1002, 1))
        self.assertEqual(sealed[-12:], hmac.digest(key_out, sealed[:-12], "sha1")[:12])
        self.assertEqual(self.ask("statistics")["host"]["echo_answers"], 1)

    def test_a_day_in_the_life(self):
        self.start_daemon("manual1")
        # asking
        self.assertEqual(self.ask("card")["state"], "up")
        self.assertEqual(self.ask("card")["sa_slots_used"], 2)
        policy = self.ask("policy", "--stats")[0]
        self.assertEqual((policy["name"], policy["ph2_state"]), ("to-office2", "established"))
        sas = self.ask("installed-sa")
        self.assertEqual([(sa["direction"], sa["spi"]) for sa in sas], [("in", "0x00001001"), ("out", "0x00001002")])
        self.assertNotIn("enc_key", sas[0])
        self.assertEqual(self.ask("installed-sa", "--keys")[0]["enc_key"], "0x6b1f0c9ae2d54783a05cfe3917b824d0")
        self.assertNotIn("6b1f0c9ae2d5", self.ctl("installed-sa").stdout)
        self.assertEqual(self.ask("peer"), [])
        for words in (["policy", "--stats"], ["manual-sa"], ["installed-sa"], ["statistics", "--all"], ["card"], ["version"]):
            self.assertEqual(self.ctl(*words).returncode, 0)

        # ARP and ping at the wan face are answered by the daemon
        from scapy.all import ARP, ICMP, IP, Ether, Raw
        wan, lan = self.plug("wan"), self.plug("lan")
        wan.send(bytes(Ether(src="02:00:00:00:00:77", dst="ff:ff:ff:ff:ff:ff") /
                       ARP(hwsrc="02:00:00:00:00:77", psrc="192.0.2.77", pdst="192.0.2.1")))
        arp = Ether(wan.recv(2000))
        self.assertEqual((arp[ARP].op, arp[ARP].psrc, arp.dst), (2, "192.0.2.1", "02:00:00:00:00:77"))
        wan.send(bytes(Ether(src="02:00:00:00:00:77", dst=arp[ARP].hwsrc) / IP(src="192.0.2.77", dst="192.0.2.1") /
                       ICMP(id=5, seq=6) / b"hello"))
        echo = Ether(wan.recv(2000))
        self.assertEqual((echo[ICMP].type, echo[ICMP].id, echo[IP].dst), (0, 5, "192.0.2.77"))
        self.assertEqual(self.ask("statistics")["host"]["echo_answers"], 1)

        # a packet is sealed, and the counter survives a reload that adds a policy
        lan.send(bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.1.202.5", dst="10.1.101.9") /
                       Raw(b"x" * 50)))
        self.assertEqual(Ether(wan.recv(2000))[IP].proto, 50)
        with open(self.config) as file:
            text = file.read()
        with open(self.config, "w") as file:
            file.write(text.replace('policies = (', 'policies = ( { name = "web"; protocol = "tcp"; dst_port = 80; '
                                    'action = "discard"; priority = 9; },'))
        dry = self.ask("reload", "--dry-run")
        self.assertEqual((dry["policies_added"], dry["policies_kept"], dry["sas_kept"]), (1, 1, 2))
        self.assertEqual(self.ask("card")["policy_rules_used"], 1)
        self.assertEqual(self.ask("reload")["policies_added"], 1)
        self.assertEqual(self.ask("card")["policy_rules_used"], 2)
        self.assertEqual({p["name"]: p["out_transformed_packets"] for p in self.ask("policy")}, {"web": 0, "to-office2": 1})
        self.assertEqual(self.ask("installed-sa")[1]["sequence_next"], 2)

        # a bad file changes nothing
        with open(self.config, "w") as file:
            file.write(text.replace('tunnel = true', 'tunel = true'))
        result = self.ctl("reload")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f'{self.config}:15: unknown key "tunel"', result.stderr)
        self.assertEqual(self.ask("card")["policy_rules_used"], 2)
        with open(self.config, "w") as file:
            file.write(text.replace('"wire"', '"nic"'))
        self.assertIn("mode cannot change while aditd runs", self.ctl("reload").stderr)

        # flush, and back by SIGHUP
        with open(self.config, "w") as file:
            file.write(text)
        self.assertEqual(self.ask("installed-sa", "flush", "--sa-type", "ah")["flushed_sas"], 0)
        self.assertEqual(self.ask("installed-sa", "flush")["flushed_sas"], 2)
        self.assertEqual(self.ask("installed-sa"), [])
        self.daemon.send_signal(signal.SIGHUP)
        self.until(lambda: len(self.ask("installed-sa")) == 2, "SIGHUP brings SAs back")
        self.assertEqual(self.ask("installed-sa")[1]["sequence_next"], 2 + (1 << 20))

        # the card dies and comes back: tables restored, no sequence number twice
        self.stop(self.sim)
        self.until(lambda: "the card is away" in self.ctl("card").stderr, "aditd notices")
        self.assertEqual(self.ctl("card").returncode, 1)
        self.start_sim()
        self.until(lambda: self.ctl("card").returncode == 0, "aditd fills the new card")
        self.assertGreater(self.ask("installed-sa")[1]["sequence_next"], 2 << 20)
        self.assertEqual(self.ask("statistics")["host"]["card_recoveries"], 1)
        wan, lan = self.plug("wan"), self.plug("lan")
        lan.send(bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.1.202.5", dst="10.1.101.9") /
                       Raw(b"x" * 50)))
        self.assertGreater(int.from_bytes(wan.recv(2000)[38:42], "big"), 2 << 20)

        # a second daemon does not take the socket; the first leaves cleanly
        second = run("aditd", "-c", self.config, "--card", "sim:" + self.path("nowhere"), "--control", self.path("ctl"))
        self.assertEqual(second.returncode, 1)
        self.stop(self.daemon)
        self.assertEqual(self.daemon.returncode, 0)
        self.assertFalse(os.path.exists(self.path("ctl")))


if __name__ == "__main__":
    unittest.main(verbosity=2)
