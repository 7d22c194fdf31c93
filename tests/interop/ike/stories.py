# SPDX-License-Identifier: BSD-2-Clause-Patent
"""What happens after (or instead of) an ordinary negotiation. Each story is given the run, ends quietly, or raises Wrong."""
import threading
import time

import cells
from lab import wait_until
from packets import ip_of, is_ike, payload_of


class Wrong(Exception):
    """Something is not as it must be; the text says what."""


def expect(claim, what):
    if not claim:
        raise Wrong(what)


class Pinger(threading.Thread):
    """Pings through the tunnel all the while, and counts what is lost."""

    def __init__(self, run, every=0.3):
        super().__init__(daemon=True)
        self.run_of, self.every, self.is_over = run, every, False
        self.numbers = []
        self.start()

    def run(self):
        while not self.is_over:
            self.numbers.append(self.run_of.us.lan.send())
            time.sleep(self.every)

    def stop(self, patience=8):
        """(sent, lost)."""
        self.is_over = True
        self.join()
        lan = self.run_of.us.lan
        try:
            wait_until("all answers", patience, lambda: all(lan.has_answer(n) for n in self.numbers))
        except TimeoutError:
            pass
        lost = [n for n in self.numbers if not lan.has_answer(n)]
        return len(self.numbers), len(lost)


def newest_spis(run):
    """SPIs of the newest pair that both sides have: (ours in, ours out), or None."""
    ours = run.us.children()
    if not ours or set(ours[-1]) != {"in", "out"}:
        return None
    pair = tuple(int(ours[-1][way]["spi"], 16) for way in ("in", "out"))
    theirs = [(c["spi_out"], c["spi_in"]) for sa in run.peer.sas() for c in sa["children"]]
    return pair if pair in theirs else None


def cookies(run):
    return {(sa["icookie"], sa["rcookie"]) for sa in run.us.sas() if sa["established"]}


def under_ping(run, change, is_done, seconds=30, may_lose=0):
    """change() while pings run; none may be lost, and some must have come after it."""
    pinger = Pinger(run)
    time.sleep(1.5)
    try:
        change()
        wait_until("the change", seconds, is_done, 0.3)
        time.sleep(2.5)
    finally:
        sent, lost = pinger.stop()
    run.cell.notes.append(f"{sent} pings, {lost} lost")
    expect(lost <= may_lose, f"{lost} of {sent} pings lost")
    expect(sent > 8, f"only {sent} pings")


# ---- rekeys

def rekey2(run, by_us):
    old = newest_spis(run)

    def is_done():
        new = newest_spis(run)
        return new and not set(new) & set(old)
    # libreswan as responder seals with the new SA before it has heard that we have it (before quick mode's third message)
    may_lose = 1 if by_us and run.cell.peer == "libreswan" else 0
    under_ping(run, lambda: (run.us if by_us else run.peer).rekey("child"), is_done, may_lose=may_lose)
    states = [side["state"] for pair in run.us.children() for side in pair.values() if int(side["spi"], 16) in old]
    expect(all(state in ("dying", "dead") for state in states), f"the old pair is {states}")
    if run.cell.plane == "shim" and run.cell.peer == "strongswan":  # once each way: what was replaced goes, with a Delete
        wait_until("the end of the old pair", 60, lambda: len(run.us.children()) == 1, 0.5)
        run.compare_children()


def rekey2_both(run):
    """Rekeys that cross: whatever is left at the end, nothing is lost on the way."""
    old = newest_spis(run)

    def both():
        theirs = threading.Thread(target=run.peer.rekey, args=("child",))
        theirs.start()
        run.us.rekey("child")
        theirs.join()

    def is_done():
        pairs = [{side["spi"] for side in pair.values()} for pair in run.us.children() if set(pair) == {"in", "out"}]
        return len(pairs) >= 2 and any(not {int(spi, 16) for spi in pair} & set(old) for pair in pairs) and newest_spis(run)
    under_ping(run, both, is_done)
    run.cell.notes.append(f"{len(run.us.children())} pairs at the end")


def rekey1(run, by_us):
    old = cookies(run)

    def is_done():
        new = cookies(run) - old
        return new and any((sa["icookie"], sa["rcookie"]) in new and sa["state"] == "ESTABLISHED" for sa in run.peer.sas())
    under_ping(run, lambda: (run.us if by_us else run.peer).rekey("ike"), is_done)
    wait_until("a child that both have", 20, lambda: newest_spis(run), 0.3)


def expires(run):
    """Nobody asks for it: our SA comes to its soft limit, and a successor is made."""
    old = newest_spis(run)

    def is_done():
        new = newest_spis(run)
        return new and not set(new) & set(old)
    began = time.monotonic()
    under_ping(run, lambda: None, is_done, 45)
    run.cell.notes.append(f"{time.monotonic() - began:.0f} s in all")


# ---- a NAT on the wire

def port_of_peer(run):
    """The peer's port as our SAs have it."""
    return {side["dst_port"] if way == "out" else side["src_port"] for pair in run.us.children() for way, side in pair.items()}


def nat(run):
    sa = next(sa for sa in run.us.sas() if sa["established"])
    of_peer = run.wire.alter.of_peer
    expect(sa["nat_remote"] == of_peer and sa["nat_local"] == (not of_peer), f"NAT: local {sa['nat_local']}, remote {sa['nat_remote']}")
    expect(port_of_peer(run) == {4500 + run.wire.alter.shift if of_peer else 4500}, f"the peer's port in our SAs is {port_of_peer(run)}")


def nat_moves(run):
    """The peer's NAT forgets: the peer now comes from other ports, and only them. Its next message tells us."""
    nat(run)
    run.wire.alter.shift = 20000
    began = time.monotonic()
    wait_until("our SAs' following the peer to its new port", 40, lambda: port_of_peer(run) == {24500}, 0.5)
    run.cell.notes.append(f"followed after {time.monotonic() - began:.0f} s")
    if run.plane:
        del run.plane.complaints[:]
    run.check_data()


# ---- policies that the peer asks for

def generated(run):
    policies = run.us.ask("policy")
    made = [p for p in policies if p.get("dynamic")]
    expect(len(made) == 1, f"{len(made)} generated policies")
    said = (made[0]["src_address"], made[0]["dst_address"])
    expect(said == (cells.NEAR_NET, cells.FAR_NET), f"the generated policy is {said}")
    run.peer.terminate("child")
    wait_until("the end of the generated policy", 10, lambda: not [p for p in run.us.ask("policy") if p.get("dynamic")], 0.2)


# ---- deletes

def has_gone(run, spis):
    theirs = {spi for sa in run.peer.sas() for c in sa["children"] for spi in (c["spi_in"], c["spi_out"])}
    ours = {int(side["spi"], 16) for pair in run.us.children() for side in pair.values()}
    return not (theirs | ours) & set(spis)


def delete2(run, by_us):
    """The pair goes at both ends. (libreswan at once asks for another if it was the initiator.)"""
    old = newest_spis(run)
    (run.us if by_us else run.peer).terminate("child")
    wait_until("the end of the child at both ends", 10, lambda: has_gone(run, old), 0.2)
    if not run.us.children():
        policy = next(p for p in run.us.ask("policy") if p["name"] == "lab-policy")
        expect(policy.get("ph2_state") in ("no-phase2", "expired"), f"ph2-state is {policy.get('ph2_state')}")


def delete1(run, by_us):
    """Phase 1 and what it made go at both ends."""
    old, old_cookies = newest_spis(run), cookies(run)
    (run.us if by_us else run.peer).terminate("ike")
    wait_until("the end of the child at both ends", 10, lambda: has_gone(run, old), 0.2)
    wait_until("the end of our ISAKMP SA", 10, lambda: not cookies(run) & old_cookies, 0.2)
    if run.peer.kind == "strongswan":
        expect(not run.peer.sas(), "the peer still has an ISAKMP SA")


# ---- a silent end

def dpd_peer_dies(run):
    wait_until("DPD", 10, lambda: run.us.ask("statistics") is not None)
    run.peer.die()
    began = time.monotonic()
    wait_until("our finding that the peer is dead", 40, lambda: not [sa for sa in run.us.sas() if sa["established"]], 0.3)
    run.cell.notes.append(f"found dead after {time.monotonic() - began:.0f} s")
    wait_until("the end of its children", 10, lambda: not run.us.children(), 0.3)
    run.peer.start()


def dpd_we_die(run):
    run.us.die()
    began = time.monotonic()
    wait_until("the peer's finding that we are dead", 60, lambda: not run.peer.sas(), 0.3)
    run.cell.notes.append(f"found dead after {time.monotonic() - began:.0f} s")


def restart(run):
    """One end forgot everything and begins anew; INITIAL-CONTACT (RFC 2407 §4.6.3.3) tells the other one to forget too."""
    if run.cell.story == "peer-restarts":
        run.peer.die()
        run.peer.start()
        run.peer.load(run.cell, unique="replace")
        run.peer.initiate()
    else:
        run.us.die()
        run.us.begin(run.cell)
        run.us.initiate()

    def is_one():
        return newest_spis(run) and len(run.peer.sas()) == len(cookies(run)) == len(run.us.children()) == 1
    wait_until("one ISAKMP SA and one child on both sides", 30, is_one, 0.3)
    run.check_data()


# ---- the wire

def ike_bytes(frame):
    datagram = payload_of(ip_of(frame))[8:]
    return datagram[4:] if datagram[:4] == bytes(4) else datagram


def lose_first_copies(run):
    """Every ISAKMP datagram of both sides is lost the first time it is sent."""
    seen = set()

    def lose(to_peer, frame):
        if not is_ike(frame):
            return False
        key = (to_peer, ike_bytes(frame))
        if key in seen:
            return False
        seen.add(key)
        return True
    run.wire.lose = lose
    return seen


def fragments(run):
    """Both sides' certificates came in the vendors' fragments, and no IP fragment was there."""
    counts = {True: 0, False: 0}
    for _, to_peer, frame in run.wire.seen[run.wire_at:]:
        packet = ip_of(frame)
        if packet and int.from_bytes(packet[6:8], "big") & 0x3fff:
            raise Wrong("an IP fragment on the wire")
        if packet and is_ike(frame) and len(ike_bytes(frame)) > 28 and ike_bytes(frame)[16] == 132:
            counts[to_peer] += 1
    run.cell.notes.append(f"{counts[True]} fragments of ours, {counts[False]} of the peer's")
    expect(counts[True] > 1 and counts[False] > 1, f"{counts[True]} fragments of ours, {counts[False]} of the peer's")


STORIES = {
    "rekey2-by-us": lambda run: rekey2(run, True), "rekey2-by-peer": lambda run: rekey2(run, False),
    "rekey2-both": rekey2_both, "lists": lambda run: None,
    "rekey1-by-us": lambda run: rekey1(run, True), "rekey1-by-peer": lambda run: rekey1(run, False),
    "delete2-by-us": lambda run: delete2(run, True), "delete2-by-peer": lambda run: delete2(run, False),
    "delete1-by-us": lambda run: delete1(run, True), "delete1-by-peer": lambda run: delete1(run, False),
    "dpd-peer-dies": dpd_peer_dies, "dpd-we-die": dpd_we_die, "fragments": fragments,
    "lifetime": expires, "lifebytes": expires, "nat-peer": nat, "nat-us": nat, "nat-moves": nat_moves, "generated": generated,
    "peer-restarts": restart, "we-restart": restart,
    "loss": lambda run: None, "wrong-secret": lambda run: None, "no-proposal": lambda run: None,
}
SETTINGS = {  # story: what our configuration has of its own, and the peer's
    "dpd-peer-dies": ({"dpd": (1, 3)}, {}),
    "dpd-we-die": ({}, {"dpd": (2, 6)}),
    "lifetime": ({"life2": "20s", "check": "claim"}, {}),  # ours is shorter: it counts, and as responder we say so
    "lifebytes": ({"lifebytes": 8192, "check": "claim"}, {}),
    "peer-restarts": ({}, {"unique": "replace"}),
    "we-restart": ({}, {"unique": "replace"}),
    "nat-moves": ({}, {"dpd": (2, 30)}),
    "generated": ({"generate": True}, {}),
    # strongSwan as responder goes by its own order, we go by the initiator's
    "lists": ({"lists": {"enc": ["aes-256", "3des"], "hash": ["sha1", "sha256"], "group": ["modp2048", "ecp256"]}},
              {"proposals": "camellia128-sha1-modp1536, 3des-sha256-modp2048, aes256-sha1-ecp256"}),
    "wrong-secret": ({}, {"secret": "another-secret"}),
    "no-proposal": ({}, {"offer": {"enc": "camellia-192", "hash": "sha512"}}),
    "aggressive-unasked": ({"exchange": "main"}, {}),
}
FAILS = {  # nothing may come of it, and the responder's log says why
    "wrong-secret": ("secret",),
    "no-proposal": ("camellia-192", "aes-128"),
    "aggressive-unasked": ("aggressive",),
}
