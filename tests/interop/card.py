# SPDX-License-Identifier: BSD-2-Clause-Patent
"""One simulated card: adit-sim with its ports on sockets of ours, and card_peer, which drives it."""
import collections
import os
import select
import socket
import subprocess
import time


class Fault(Exception):
    """The card, or what drives it, said no."""


Verdict = collections.namedtuple("Verdict", "face_in reason face_out bytes slot")


class Card:
    def __init__(self, folder, sim, card_peer, locals_):
        self.frames = {"lan": collections.deque(), "wan": collections.deque(), "host": collections.deque()}
        self.verdicts, self.events, self.answers = [], [], collections.deque()
        self.text, self.processes, self.ports = b"", [], {}
        listeners = {face: self.listen(os.path.join(folder, face)) for face in ("lan", "wan")}
        self.log = open(os.path.join(folder, "sim.log"), "wb")
        path = os.path.join(folder, "card")
        self.start([sim, "--socket", path] + [x for face in listeners for x in ("--" + face, f"unix:{folder}/{face}")],
                   stdout=self.log, stderr=self.log)
        for face, listener in listeners.items():
            self.ports[face] = listener.accept()[0]
            listener.close()
        end = time.monotonic() + 30
        while not os.path.exists(path):
            if time.monotonic() > end:
                raise Fault("adit-sim does not come up")
            time.sleep(0.01)
        self.peer = self.start([card_peer, f"sim:{path}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answer(60)
        self.say("local " + " ".join(locals_))

    @staticmethod
    def listen(path):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(path)
        listener.listen(1)
        listener.settimeout(30)
        return listener

    def start(self, words, **kw):
        self.processes.append(subprocess.Popen(words, **kw))
        return self.processes[-1]

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()

    # ---- what comes

    def take_line(self, line):
        words = line.split()
        if words[0] == "verdict":
            self.verdicts.append(Verdict(words[1], words[2], words[3], int(words[4]), int(words[5])))
        elif words[0] == "host":
            self.frames["host"].append(bytes.fromhex(words[3]))
        elif words[0] == "event":
            self.events.append(" ".join(words[1:]))
        else:
            self.answers.append(line)

    def hear(self, timeout):
        """Take all that is there, after waiting for the first of it."""
        ready = select.select([self.peer.stdout, *self.ports.values()], [], [], timeout)[0]
        for face, port in self.ports.items():
            if port in ready:
                frame = port.recv(65536)
                if not frame:
                    raise Fault("adit-sim ended")
                self.frames[face].append(frame)
        if self.peer.stdout in ready:
            text = os.read(self.peer.stdout.fileno(), 1 << 20)
            if not text:
                raise Fault("card_peer ended")
            *lines, self.text = (self.text + text).split(b"\n")
            for line in lines:
                self.take_line(line.decode())
        return bool(ready)

    def answer(self, seconds=20):
        end = time.monotonic() + seconds
        while not self.answers:
            if time.monotonic() > end:
                raise Fault("card_peer does not answer")
            self.hear(0.5)
        line = self.answers.popleft()
        if not line.startswith("ok"):
            raise Fault(line)
        return dict(word.split("=") for word in line.split()[1:])

    def say(self, *lines):
        """Commands, sent at once and answered one by one."""
        os.write(self.peer.stdin.fileno(), "".join(line + "\n" for line in lines).encode())
        return [self.answer() for _ in lines]

    # ---- frames

    def send(self, face, frame):
        self.verdicts.clear()
        for queue in self.frames.values():
            queue.clear()
        self.ports[face].send(frame)

    def expect(self, face, seconds=10):
        """The next frame that leaves by face; a Fault tells why there is none."""
        end = time.monotonic() + seconds
        while not self.frames[face]:
            lost = [v for v in self.verdicts if v.face_out == "none"]
            if lost or time.monotonic() > end:
                self.hear(0.01)
                if not self.frames[face]:
                    raise Fault(f"dropped: {lost[-1].reason}" if lost else f"nothing left by {face}: {self.verdicts[-3:]}")
                break
            self.hear(0.2)
        return self.frames[face].popleft()

    def expect_drop(self, reason, seconds=10):
        end = time.monotonic() + seconds
        while not any(v.face_out == "none" for v in self.verdicts):
            if time.monotonic() > end or any(self.frames.values()):
                raise Fault(f"not dropped with {reason}: {self.verdicts[-3:]}")
            self.hear(0.2)
        got = [v.reason for v in self.verdicts if v.face_out == "none"][-1]
        if got != reason:
            raise Fault(f"dropped with {got}, not {reason}")
