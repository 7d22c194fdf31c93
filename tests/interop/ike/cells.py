# SPDX-License-Identifier: BSD-2-Clause-Patent
"""The matrix: which negotiations there are, and each side's words for them."""
import random
from dataclasses import dataclass, field

US, PEER = "192.0.2.1", "192.0.2.2"
ENDS = {4: (US, PEER), 6: ("2001:db8::1", "2001:db8::2")}  # by the family of the outer packets
NEAR_NET, FAR_NET = "10.1.0.0/24", "10.2.0.0/24"
NEAR, FAR = "10.1.0.10", "10.2.0.1"
SECRET = "lab-psk-0123456789"

ENCS = {  # adit's word of phase 1: strongSwan's
    "des": "des", "3des": "3des", "aes-128": "aes128", "aes-192": "aes192", "aes-256": "aes256", "blowfish": "blowfish128",
    "camellia-128": "camellia128", "camellia-192": "camellia192", "camellia-256": "camellia256",
}
HASHES = ("md5", "sha1", "sha256", "sha384", "sha512")
GROUPS = ("modp768", "modp1024", "modp1536", "modp2048", "modp3072", "modp4096", "modp6144", "modp8192", "ecp256", "ecp384", "ecp521")
SLOW_GROUPS = ("modp6144", "modp8192")
ESP_ENCS = {  # adit's word: strongSwan's
    "null": "null", "des": "des", "3des": "3des", "aes-128-cbc": "aes128", "aes-192-cbc": "aes192", "aes-256-cbc": "aes256",
    "aes-128-ctr": "aes128ctr", "aes-192-ctr": "aes192ctr", "aes-256-ctr": "aes256ctr", "blowfish": "blowfish128",
    "camellia-128": "camellia128", "camellia-192": "camellia192", "camellia-256": "camellia256",
    **{f"aes-{bits}-gcm-{icv}": f"aes{bits}gcm{icv * 8}" for bits in (128, 192, 256) for icv in (8, 12, 16)},
}
# What libreswan 4.10 has
LSW_ENCS = {"3des": "3des", "aes-128": "aes128", "aes-192": "aes192", "aes-256": "aes256", "camellia-128": "camellia128",
            "camellia-192": "camellia192", "camellia-256": "camellia256"}
LSW_HASHES = {"md5": "md5", "sha1": "sha1", "sha256": "sha2_256", "sha384": "sha2_384", "sha512": "sha2_512"}
LSW_GROUPS = {"modp1536": "modp1536", "modp2048": "modp2048", "modp3072": "modp3072", "modp4096": "modp4096",
              "ecp256": "dh19", "ecp384": "dh20", "ecp521": "dh21"}
LSW_ESP_ENCS = {"null": "null", "3des": "3des", "aes-128-cbc": "aes128", "aes-192-cbc": "aes192", "aes-256-cbc": "aes256",
                "aes-128-ctr": "aes_ctr128", "aes-256-ctr": "aes_ctr256", "camellia-128": "camellia128", "camellia-256": "camellia256",
                "aes-128-gcm-16": "aes_gcm_c128", "aes-256-gcm-16": "aes_gcm_c256", "aes-128-gcm-12": "aes_gcm_b128",
                "aes-256-gcm-8": "aes_gcm_a256"}


@dataclass
class Cell:
    peer: str = "strongswan"     # strongswan, libreswan
    plane: str = "shim"          # tun: the peer's own ESP in UDP; shim: its keys, our packets
    exchange: str = "main"       # main, aggressive
    auth: str = "psk"            # psk, rsa
    initiator: str = "us"        # us, peer
    enc: str = "aes-128"
    hash: str = "sha1"
    group: str = "modp2048"
    proto: str = "esp"           # esp, ah
    esp_enc: str = "aes-128-cbc"
    esp_auth: str = "sha1"       # also AH's
    pfs: str = "none"
    mode: str = "tunnel"
    esn: bool = False
    natt: bool = False
    ids: str = "auto"            # auto: the address, or the certificate's subject; fqdn, user-fqdn, key-id
    family: int = 4              # of the outer packets; the nets are IPv4's
    story: str = ""              # what happens afterwards: stories.py
    number: int = 0
    results: dict = field(default_factory=dict)  # column: "ok" or what was wrong
    notes: list = field(default_factory=list)

    @property
    def name(self):
        words = [self.peer, self.plane, self.exchange, self.auth, "by-" + self.initiator, f"{self.enc}/{self.hash}/{self.group}"]
        words += [f"ah-{self.esp_auth}" if self.proto == "ah" else f"{self.esp_enc}/{self.esp_auth}", "pfs-" + self.pfs, self.mode]
        words += ["esn"] * self.esn + ["nat-t"] * self.natt + ["ipv6"] * (self.family == 6)
        words += [self.ids] * (self.ids != "auto") + [self.story] * bool(self.story)
        return " ".join(words)

    @property
    def has_real_nat(self):
        return self.story.startswith("nat-")

    @property
    def is_long(self):
        """Certificates that do not fit a datagram."""
        return self.story == "fragments"


IDS = {  # of adit and of the peer, in adit's words and in strongSwan's
    "fqdn": (("fqdn:adit.lab", "fqdn:peer.lab"), ("adit.lab", "peer.lab")),
    "user-fqdn": (("user-fqdn:adit@lab", "user-fqdn:peer@lab"), ("adit@lab", "peer@lab")),
    "key-id": (("key-id:0x61646974", "key-id:0x70656572"), ("@#61646974", "@#70656572")),
}


def why_impossible(cell):
    """What no peer of the lab, or no standard, has; an empty text if the cell can be."""
    if cell.plane == "tun" and (cell.proto == "ah" or cell.mode == "transport" or cell.esn or not cell.natt):
        return "kernel-libipsec has ESP in UDP and tunnel mode alone"
    if cell.family == 6 and cell.plane == "shim":
        return "plane.py has IPv4 alone"
    if cell.proto == "ah" and cell.natt:
        return "AH does not pass a NAT"
    if cell.proto == "ah" and cell.esp_auth == "null":
        return "AH without integrity"
    if cell.proto == "esp" and ("gcm" in cell.esp_enc) != (cell.esp_auth == "null"):
        return "AES-GCM brings its own integrity, all others need one"
    if cell.peer == "libreswan":
        return why_not_libreswan(cell)
    return ""


def why_not_libreswan(cell):
    lacks = [(cell.enc, LSW_ENCS), (cell.hash, LSW_HASHES), (cell.group, LSW_GROUPS), (cell.esp_enc, LSW_ESP_ENCS)]
    lacks += [] if cell.pfs == "none" else [(cell.pfs, LSW_GROUPS)]
    if cell.pfs.startswith("ecp"):
        return "libreswan 4.10 has no PFS with curves in IKEv1"
    for word, table in lacks:
        if word not in table:
            return f"libreswan 4.10 has no {word}"
    if cell.plane != "shim":
        return "libreswan needs a kernel"
    return ""


AXES = {
    "exchange": ("main", "aggressive"), "auth": ("psk", "rsa"), "initiator": ("us", "peer"), "enc": tuple(ENCS), "hash": HASHES,
    "group": GROUPS, "proto": ("esp", "esp", "esp", "ah"), "esp_enc": tuple(ESP_ENCS),
    "esp_auth": ("md5", "sha1", "sha256", "sha384", "sha512", "null"),
    "pfs": ("none",) + GROUPS, "mode": ("tunnel", "transport"), "esn": (False, True), "natt": (False, True), "plane": ("shim", "tun"),
}


def legal(values):
    """The nearest possible cell to a draw of values: what cannot be together gives way."""
    cell = Cell(**values)
    if cell.proto == "ah":
        cell.plane, cell.natt, cell.esp_enc = "shim", False, "null"
        cell.esp_auth = "sha1" if cell.esp_auth == "null" else cell.esp_auth
    elif "gcm" in cell.esp_enc:
        cell.esp_auth = "null"
    elif cell.esp_auth == "null":
        cell.esp_enc = "aes-256-gcm-16"
    if cell.plane == "tun":
        cell.mode, cell.esn, cell.natt = "tunnel", False, True
    return cell


def pairs_of(cell):
    """What a covering array counts: pairs of phase 1, pairs of phase 2, and every value with each side initiating and each exchange."""
    one = ("exchange", "auth", "enc", "hash", "group", "initiator")
    two = ("proto", "esp_enc", "esp_auth", "mode", "esn", "natt", "initiator", "plane")
    out = set()
    for axes in (one, two):
        for i, a in enumerate(axes):
            for b in axes[i + 1:]:
                out.add((a, getattr(cell, a), b, getattr(cell, b)))
    out.add(("pfs", cell.pfs, "initiator", cell.initiator))
    if cell.proto == "ah":
        out = {p for p in out if "esp_enc" not in p}
    return out


def covering(rng, tries=60):
    """Cells that meet every pair that can be met: greedily, of random draws the one with the most new pairs."""
    cells, met, idle = [], set(), 0
    while idle < 12:
        draws = [legal({axis: rng.choice(values) for axis, values in AXES.items()}) for _ in range(tries)]
        best = max(draws, key=lambda c: len(pairs_of(c) - met))
        fresh = pairs_of(best) - met
        if not fresh:
            idle += 1
            continue
        idle = 0
        met |= fresh
        cells.append(best)
    return cells


def stories():
    """Cells whose matter is what happens after the negotiation."""
    out = []
    for initiator in ("us", "peer"):
        for exchange in ("main", "aggressive"):
            out.append(Cell(exchange=exchange, initiator=initiator, plane="tun", natt=True, story="rekey2-by-us"))
            out.append(Cell(exchange=exchange, initiator=initiator, plane="tun", natt=True, story="rekey2-by-peer"))
            out.append(Cell(exchange=exchange, initiator=initiator, plane="tun", natt=True, story="rekey1-by-us"))
            out.append(Cell(exchange=exchange, initiator=initiator, plane="tun", natt=True, story="rekey1-by-peer"))
        for story in ("rekey2-by-us", "rekey2-by-peer"):
            out.append(Cell(initiator=initiator, story=story, pfs="modp2048"))
        for story in ("delete2-by-us", "delete2-by-peer", "delete1-by-us", "delete1-by-peer", "dpd-peer-dies", "dpd-we-die", "loss"):
            out.append(Cell(initiator=initiator, story=story))
        for exchange in ("main", "aggressive"):
            out.append(Cell(initiator=initiator, exchange=exchange, auth="rsa", story="fragments"))
        for exchange, auth, ids in (("main", "psk", "fqdn"), ("main", "rsa", "fqdn"), ("aggressive", "psk", "user-fqdn"),
                                    ("aggressive", "psk", "key-id"), ("aggressive", "rsa", "fqdn")):
            out.append(Cell(initiator=initiator, exchange=exchange, auth=auth, ids=ids))
        out.append(Cell(initiator=initiator, story="rekey2-both"))
        out.append(Cell(initiator=initiator, story="rekey2-both", plane="tun", natt=True, exchange="aggressive"))
        out.append(Cell(initiator=initiator, story="lists", enc="3des", hash="sha256", group="modp2048"))
        for story in ("lifetime", "lifebytes"):
            out.append(Cell(initiator=initiator, story=story, pfs="ecp256"))
            out.append(Cell(initiator=initiator, plane="tun", natt=True, story=story))
        out.append(Cell(initiator=initiator, story="wrong-secret"))
        out.append(Cell(initiator=initiator, story="no-proposal"))
        for story in ("peer-restarts", "we-restart"):
            out.append(Cell(initiator=initiator, story=story))
        for exchange, auth in (("main", "psk"), ("aggressive", "psk"), ("main", "rsa")):
            out.append(Cell(initiator=initiator, exchange=exchange, auth=auth, plane="tun", natt=True, family=6))
    out.append(Cell(initiator="peer", exchange="aggressive", story="aggressive-unasked"))
    for exchange in ("main", "aggressive"):
        out.append(Cell(exchange=exchange, natt=True, story="nat-us"))
        out.append(Cell(exchange=exchange, initiator="peer", natt=True, story="nat-peer"))
        out.append(Cell(exchange=exchange, initiator="peer", natt=True, story="nat-moves"))
        out.append(Cell(exchange=exchange, initiator="peer", story="generated"))
    for cell in list(out):
        if cell.plane == "shim" and cell.story.startswith(("rekey2-by", "delete", "dpd")):
            out.append(Cell(**{**plain(cell), "peer": "libreswan"}))
    return out


def libreswan(rng, n=24):
    """A share of what libreswan has, both ways."""
    out, met = [], set()
    axes = {"exchange": ("main", "aggressive"), "auth": ("psk", "rsa"), "initiator": ("us", "peer"), "enc": tuple(LSW_ENCS), "hash": HASHES,
            "group": tuple(LSW_GROUPS), "esp_enc": tuple(LSW_ESP_ENCS), "esp_auth": HASHES, "proto": ("esp", "esp", "esp", "ah"),
            "pfs": ("none",) + tuple(LSW_GROUPS), "mode": ("tunnel", "transport"), "natt": (False, False, True)}
    while len(out) < n:
        draws = [legal({**{axis: rng.choice(values) for axis, values in axes.items()}, "peer": "libreswan"}) for _ in range(60)]
        draws = [cell for cell in draws if not why_impossible(cell)]
        best = max(draws, key=lambda c: len(pairs_of(c) - met))
        met |= pairs_of(best)
        out.append(best)
    return out


def short_cells():
    """What make test runs: the seed's defaults, and of each kind of daemon, plane, exchange and proof something."""
    cells = [
        Cell(plane="tun", natt=True, enc="3des", hash="md5", group="modp1024", esp_enc="3des", esp_auth="sha1", pfs="modp1024",
             story="rekey2-by-us"),
        Cell(plane="tun", natt=True, initiator="peer", exchange="aggressive", enc="camellia-256", hash="sha384", group="ecp384",
             esp_enc="aes-256-gcm-12", esp_auth="null", pfs="ecp256"),
        Cell(auth="rsa", enc="aes-256", hash="sha256", group="modp2048", esp_enc="aes-128-gcm-16", esp_auth="null", esn=True,
             pfs="modp2048"),
        Cell(auth="rsa", initiator="peer", exchange="aggressive", hash="sha512", group="ecp256", proto="ah", esp_enc="null", esp_auth="sha256",
             mode="transport", story="fragments"),
        Cell(initiator="peer", enc="blowfish", esp_enc="aes-192-cbc", esp_auth="sha512", story="delete1-by-peer"),
    ]
    for number, cell in enumerate(cells):
        cell.number = number
    return cells


def plain(cell):
    return {name: getattr(cell, name) for name in Cell.__dataclass_fields__ if name not in ("number", "results", "notes")}


def all_cells(seed):
    rng = random.Random(seed)
    cells = covering(rng) + stories() + libreswan(rng)
    assert not [c.name for c in cells if why_impossible(c)]
    for number, cell in enumerate(cells):
        cell.number = number
    return cells
