#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""When the clock runs, what a run leaves behind, and what the command line takes; with the echo card."""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from bench import *  # noqa: F403

SEED = int(os.environ.get("SEED", random.SystemRandom().randrange(1 << 32)))


class Run(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(SEED)
        self.dir = tempfile.mkdtemp(prefix="adit-run-")
        self.addCleanup(shutil.rmtree, self.dir)

    def path(self, name):
        return os.path.join(self.dir, name)

    def usage(self, *words, status=2):
        done = subprocess.run([ECHO, *words], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    # ---- the command line

    def test_help_tells_every_option(self):
        done = self.usage("--help", status=0)
        for word in ("--socket", "--lan", "--wan", "--size", "--seed", "--stall", "--dma-latency", "--deterministic", "--trace",
                     "--cycles-out", "--ready-fd", "--front", "--verbose", "EXIT STATUS", "EXAMPLE"):
            self.assertIn(word, done.stdout)
        self.assertIn("contract 1.2", self.usage("--version", status=0).stdout)

    def test_words_that_make_no_sense_are_named(self):
        self.assertIn("--socket PATH is missing", self.usage().stderr)
        for words, named in ((("--size", "huge"), "--size huge"), (("--stall", "100"), "--stall 100"),
                             (("--stall", "-1"), "--stall -1"), (("--seed", "x"), "--seed x"), (("--seed", ""), "--seed "),
                             (("--seed", "1x"), "--seed 1x"), (("--seed", "18446744073709551616"), "--seed 184"),
                             (("--front", "qemu-proxy"), "--front qemu-proxy: not available"),
                             (("--dma-latency", "10001"), "--dma-latency 10001"), (("--trace", "a.fst,5"), "--trace a.fst,5"),
                             (("--trace", "a.fst,9,3"), "not a window"), (("--trace", "a,b,3"), "--trace b"),
                             (("--nonsense",), "nonsense"), (("loose",), "loose"), (("--socket",), "socket")):
            self.assertIn(named, self.usage("--socket", self.path("s"), *words).stderr, words)
        self.assertIn("--trace /no/such/dir/f.fst",
                      self.usage("--socket", self.path("s"), "--trace", "/no/such/dir/f.fst", status=1).stderr)
        self.assertFalse(os.path.exists(self.path("s")))

    def test_the_other_size_is_the_program_beside(self):
        copy = self.path("adit-sim")
        shutil.copy(ECHO, copy)
        done = subprocess.run([copy, "--socket", "s", "--size", "full"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.path("adit-sim-full"), done.stderr)
        with open(self.path("adit-sim-full"), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho \"$@\"\n")
        os.chmod(self.path("adit-sim-full"), 0o755)
        done = subprocess.run([copy, "--socket", "s", "--size", "full", "--trace", "f,1,2"], capture_output=True, text=True,
                              timeout=20)
        self.assertEqual(done.stdout, "--socket s --size full --trace f,1,2\n")

    def test_readiness_is_told_twice(self):
        near, far = os.pipe()
        os.set_inheritable(far, True)
        process = subprocess.Popen([ECHO, "--socket", self.path("s"), "--ready-fd", str(far)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, pass_fds=[far])
        os.close(far)
        self.assertEqual(os.read(near, 10), b"\n")
        self.assertEqual(os.read(near, 10), b"")
        self.assertEqual(process.stdout.readline(), f"adit-sim: ready on {self.path('s')}\n")
        with Client(self.path("s")) as client:
            self.assertEqual(client.read(MAGIC), 0x54494441)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 0)
        self.assertIn("adit-sim: seed 1\n", err)
        os.close(near)

    # ---- the clock

    def test_an_idle_card_sleeps(self):
        with Sim() as sim, Client(sim.socket) as client:
            client.write(CTRL, 1)
            time.sleep(0.1)
            before = sim.cpu_seconds()
            time.sleep(1)
            self.assertLessEqual(sim.cpu_seconds() - before, 0.01)

    def test_a_card_that_waits_for_the_host_nearly_sleeps(self):
        with Sim() as sim, Client(sim.socket) as client:
            client.write(FLAGS, 1)
            time.sleep(0.5)
            before = sim.cpu_seconds()
            time.sleep(1)
            self.assertLessEqual(sim.cpu_seconds() - before, 0.1)
            self.assertEqual(client.read(MAGIC), 0x54494441)
            client.write(FLAGS, 0)

    def deterministic_run(self, frames, *options):
        """A host that rings, waits for interrupts and answers, with traffic beside it. (cycles, what left wan)"""
        write_pcap(self.path("in"), frames)
        memory = Memory(65536)
        memory.bytes[:] = random.Random(SEED).randbytes(65536)
        with Sim("--lan", f"pcap:{self.path('in')}", "--wan", f"pcap:,{self.path('out')}", *options) as sim:
            with Client(sim.socket) as client:
                interrupt = eventfd()
                client.set_irqs(0x24, 0, 1, [interrupt])
                client.map(memory, 0x10000)
                client.write(CTRL, 1)
                for i in range(10):
                    self.assertEqual(client.burst(READ, 0x10000, 1 + i), OK)
                    client.post(IRQ, 0)
                    self.assertEqual(eventfd_count(interrupt), 1)
                    time.sleep(random.random() * 0.01)           # the host's time must not matter
                os.close(interrupt)
        memory.close()
        with open(self.path("out"), "rb") as file:
            return sim.counts["cycles"], file.read()

    def test_same_seed_and_inputs_are_the_same_cycles(self):
        frames = [self.rng.randbytes(self.rng.randrange(1, 9600)) for _ in range(300)]
        for stall in ("0", "40"):
            runs = [self.deterministic_run(frames, "--deterministic", "--seed", "7", "--stall", stall) for _ in range(3)]
            self.assertEqual(runs[0], runs[1])
            self.assertEqual(runs[0], runs[2])
        others = {self.deterministic_run(frames, "--deterministic", "--seed", seed, "--stall", "40")[0] for seed in ("8", "9", "10", "11")}
        self.assertNotEqual(others, {runs[0][0]})  # one may agree by chance, not all

    def test_interrupts_wait_for_the_card_only_when_deterministic(self):
        with Sim("--deterministic") as sim, Client(sim.socket) as client:
            interrupt = eventfd()
            client.set_irqs(0x24, 0, 1, [interrupt])
            client.write(FLAGS, 1)                               # busy: it waits for the host after 65536 cycles
            client.write(IRQ, 0)
            self.assertEqual(eventfd_count(interrupt), 1)
            client.write(FLAGS, 0)
            os.close(interrupt)

    # ---- what a run leaves

    def test_a_waveform_holds_the_window_asked_for(self):
        for name, words in (("all.fst", ""), ("window.fst", ",100,120")):
            with Sim("--trace", self.path(name) + words) as sim, Client(sim.socket) as client:
                for _ in range(25):
                    client.read(MAGIC)
                client.write(0x040, 1)  # CTRL.enable: without a window the waveform begins here
                for _ in range(25):
                    client.read(MAGIC)
            self.assertGreater(sim.counts["cycles"], 200)
            with open(self.path(name), "rb") as file:
                head = file.read(25)
            self.assertEqual(head[0], 0)                         # FST: header block first, written when it is closed
            start, end = int.from_bytes(head[9:17], "big"), int.from_bytes(head[17:25], "big")
            if words:
                self.assertEqual((start, end), (400, 478))       # 4 ns a cycle, two steps a cycle
            else:
                self.assertGreater(start, 4 * 50)
                self.assertGreater(end, start + 4 * 50)

    def test_counts_come_on_request_and_at_the_end(self):
        with Sim("--seed", "5") as sim:
            sim.process.send_signal(signal.SIGUSR1)
            lines = [sim.process.stderr.readline(), sim.process.stderr.readline()]
            self.assertEqual(lines[0], "adit-sim: seed 5\n")
            self.assertRegex(lines[1], r"^adit-sim: \d+ cycles; lan in 0 out 0 lost 0; wan in 0 .* seed 5$")
        self.assertIn(" cycles; lan in 0 ", sim.err)
        self.assertEqual(sim.counts["seed"], 5)
        self.assertEqual(sim.counts["wan"]["frames_out"], 0)

    def test_dma_that_was_refused_is_counted(self):
        with Sim() as sim, Client(sim.socket) as client:
            client.burst(READ, 0x1000, 3)
        self.assertEqual((sim.counts["dma_refused"], sim.counts["dma_read_words"]), (3, 3))

    def test_a_card_that_breaks_the_bus_protocol_ends_the_run(self):
        sim = Sim()
        with Client(sim.socket) as client:
            client.write(ADDR_LO, 4096 - 64)
            client.write(BEATS, 1)
            client.post(DO, READ)
            self.assertTrue(client.is_dropped())
        sim.process.wait(timeout=20)
        sim.stop()
        self.assertEqual(sim.status, 1)
        self.assertIn("across a 4096-byte boundary", sim.err)


if __name__ == "__main__":
    print(f"seed {SEED} (SEED={SEED} repeats it)")
    unittest.main()
