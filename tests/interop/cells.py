# SPDX-License-Identifier: BSD-2-Clause-Patent
"""The matrix: which cells there are, and what one cell is in the words of each side."""
import ipaddress
import itertools
from dataclasses import dataclass, field

LOCAL = {4: "192.0.2.1", 6: "2001:db8::1"}          # the card's router
GUEST = {4: "198.51.100.2", 6: "2001:db8:1::2"}     # the peer's end of tunnels
NEAR = {4: "10.1.202.10", 6: "fd01::10"}            # behind the card
FAR = {4: "10.200.0.0", 6: "fd02::"}                # behind the peer: one address a cell
HOSTS = {4: "100.64.0.0", 6: "2001:db8:64::"}       # the peer's addresses in transport mode: one a cell
BITS = {4: 32, 6: 128}

CIPHERS = {  # adit's word: key bytes, salt bytes, scapy's name, Linux's name
    "null": (0, 0, "NULL", "ecb(cipher_null)"),
    "des": (8, 0, "DES", "cbc(des)"),
    "3des": (24, 0, "3DES", "cbc(des3_ede)"),
    **{f"aes-{bits}-cbc": (bits // 8, 0, "AES-CBC", "cbc(aes)") for bits in (128, 192, 256)},
    **{f"aes-{bits}-ctr": (bits // 8, 4, "AES-CTR", "rfc3686(ctr(aes))") for bits in (128, 192, 256)},
    **{f"aes-{bits}-gcm": (bits // 8, 4, "AES-GCM", "rfc4106(gcm(aes))") for bits in (128, 192, 256)},
    "blowfish": (16, 0, "Blowfish", "cbc(blowfish)"),
    "twofish": (16, 0, None, "cbc(twofish)"),
    **{f"camellia-{bits}": (bits // 8, 0, None, "cbc(camellia)") for bits in (128, 192, 256)},
}
HASHES = {  # adit's word: key bytes, salt bytes, ICV bytes, scapy's name, Linux's name
    "null": (0, 0, 0, "NULL", None),
    "md5": (16, 0, 12, "HMAC-MD5-96", "hmac(md5)"),
    "sha1": (20, 0, 12, "HMAC-SHA1-96", "hmac(sha1)"),
    "sha256": (32, 0, 16, "SHA2-256-128", "hmac(sha256)"),
    "sha384": (48, 0, 24, "SHA2-384-192", "hmac(sha384)"),
    "sha512": (64, 0, 32, "SHA2-512-256", "hmac(sha512)"),
    **{f"aes-{bits}-gmac": (bits // 8, 4, 16, None, "rfc4543(gcm(aes))") for bits in (128, 192, 256)},
}
HMACS = ("md5", "sha1", "sha256", "sha384", "sha512")
WAYS = ("out", "in")  # as the card sees it
FIRST_ESN = 0x1_FFFF_FFFE  # two packets from here the high half changes


@dataclass
class Layer:
    """One SA pair of a cell."""
    proto: str
    mode: str
    enc: str
    auth: str
    icv: int
    spi: dict
    enc_key: dict
    auth_key: dict
    salt: dict


@dataclass
class Cell:
    number: int
    proto: str                   # esp, ah, esp+ah (ESP inside, AH in transport mode around it)
    mode: str
    outer: int
    inner: int
    enc: str
    auth: str
    icv: int                     # of ESP, or of AH alone
    ah: str = ""                 # integrity of the bundle's AH
    esn: bool = False
    natt: bool = False
    align4: bool = False         # the kernel pads AH to 4 bytes, not to 8 (IPv4)
    layers: list = field(default_factory=list)  # innermost first
    results: dict = field(default_factory=dict)

    @property
    def name(self):
        words = [self.proto, self.mode, f"v{self.inner} in v{self.outer}" if self.mode == "tunnel" else f"v{self.outer}",
                 self.enc, self.auth, f"icv{self.icv}"]
        words += [f"ah-{self.ah}"] if self.ah else []
        words += ["esn"] * self.esn + ["nat-t"] * self.natt + ["align4"] * self.align4
        return " ".join(words)

    @property
    def family(self):
        """Name of the column group: mode and families."""
        return f"{self.mode} {self.inner}in{self.outer}" if self.mode == "tunnel" else f"{self.mode} {self.outer}"

    @property
    def near(self):
        return NEAR[self.inner] if self.mode == "tunnel" else LOCAL[self.outer]

    @property
    def far(self):
        base = FAR[self.inner] if self.mode == "tunnel" else HOSTS[self.outer]
        return str(ipaddress.ip_address(base) + 256 + self.number)

    @property
    def peer(self):
        """The other end of the SAs."""
        return GUEST[self.outer] if self.mode == "tunnel" else self.far

    def ends(self, way):
        return (LOCAL[self.outer], self.peer) if way == "out" else (self.peer, LOCAL[self.outer])

    def make_keys(self, rng):
        def layer(position, proto, mode, enc, auth, icv):
            sizes = CIPHERS[enc], HASHES[auth]
            keys = lambda n: {way: rng.randbytes(n) for way in WAYS}
            return Layer(proto, mode, enc, auth, icv, {"out": 0x100000 + 4 * self.number + position,
                                                       "in": 0x100002 + 4 * self.number + position},
                         keys(sizes[0][0]), keys(sizes[1][0]), keys(sizes[0][1] or sizes[1][1]))
        if self.proto == "ah":
            self.layers = [layer(0, "ah", self.mode, "null", self.auth, self.icv)]
        else:
            self.layers = [layer(0, "esp", self.mode, self.enc, self.auth, self.icv)]
        if self.ah:
            self.layers.append(layer(1, "ah", "transport", "null", self.ah, HASHES[self.ah][2]))

    # ---- the card's words

    def card_sa(self, layer, way, next_slot=None):
        src, dst = self.ends(way)
        words = [f"dir={way}", f"proto={layer.proto}", f"mode={layer.mode}", f"enc={layer.enc}", f"auth={layer.auth}",
                 f"spi={layer.spi[way]}", f"reqid={self.number + 1}", f"src={src}", f"dst={dst}", f"icv={layer.icv}",
                 f"esn={int(self.esn)}"]
        for word, key in (("enc_key", layer.enc_key[way]), ("auth_key", layer.auth_key[way]), ("salt", layer.salt[way])):
            words += [f"{word}=0x{key.hex()}"] if key else []
        words += ["udp=1", "sport=4500", "dport=4500"] if self.natt else []
        words += ["window=64"] if way == "in" else []
        words += [f"first={FIRST_ESN if way == 'out' else FIRST_ESN - 1}"] if self.esn else []
        words += [f"next={next_slot}"] if next_slot is not None else []
        return " ".join(words)

    def card_rule(self):
        bits = BITS[self.inner if self.mode == "tunnel" else self.outer]
        return f"src={self.near}/{bits} dst={self.far}/{bits} reqid={self.number + 1}"

    # ---- Linux's words (ip xfrm)

    def linux_algorithms(self, layer, way):
        enc, auth = CIPHERS[layer.enc], HASHES[layer.auth]
        key = lambda value: "0x" + value.hex() if value else '""'
        if layer.enc.endswith("-gcm"):
            return f"aead '{enc[3]}' {key(layer.enc_key[way] + layer.salt[way])} {layer.icv * 8}"
        if layer.auth.endswith("-gmac"):
            return f"aead '{auth[4]}' {key(layer.auth_key[way] + layer.salt[way])} {layer.icv * 8}"
        words = f"auth-trunc '{auth[4]}' {key(layer.auth_key[way])} {layer.icv * 8}" if auth[4] else ""
        if layer.proto == "esp":
            words += f" enc '{enc[3]}' {key(layer.enc_key[way] + layer.salt[way])}"
        return words

    def linux_batch(self):
        bits = BITS[self.inner if self.mode == "tunnel" else self.outer]
        lines, reqid = [], self.number + 1
        for way in WAYS:
            src, dst = self.ends(way)
            near, far = f"{self.near}/{bits}", f"{self.far}/{bits}"
            selector = f"src {near} dst {far}" if way == "out" else f"src {far} dst {near}"
            for layer in self.layers:
                line = (f"xfrm state add src {src} dst {dst} proto {layer.proto} spi {layer.spi[way]:#x} reqid {reqid}"
                        f" mode {layer.mode} replay-window 64 ")
                if self.esn:
                    seq = FIRST_ESN - 1
                    word = "seq" if way == "out" else "oseq"
                    line += f"replay-{word}-hi {seq >> 32} replay-{word} {seq & 0xffffffff} "
                # without align4 Linux neither sends nor takes AH over IPv4 that is padded to 4 bytes, as RFC 4302 has it
                is_4 = layer.proto == "ah" and self.outer == 4 and (self.align4 or way == "out")
                flags = ["esn"] * self.esn + ["align4"] * is_4
                flags += ["af-unspec"] * (layer.mode == "transport" and self.inner != self.outer)  # around a tunnel of another family
                line += f"flag {' flag '.join(flags)} " if flags else ""
                line += self.linux_algorithms(layer, way)
                line += f" encap espinudp 4500 4500 {'0.0.0.0' if self.outer == 4 else '::'}" if self.natt else ""
                line += f" sel {selector}" if self.inner != self.outer and layer.mode == "tunnel" else ""
                lines.append(line)
            line = f"xfrm policy add {selector} dir {'in' if way == 'out' else 'out'}"
            for layer in self.layers:
                line += f" tmpl src {src} dst {dst} proto {layer.proto} reqid {reqid} mode {layer.mode}"
            lines.append(line)
        return lines


def all_cells(rng):
    """Every (protocol, mode, families, algorithms, ESN, NAT-T) that the card has, in a fixed order."""
    families = [("tunnel", outer, inner) for outer in (4, 6) for inner in (4, 6)] + [("transport", f, f) for f in (4, 6)]
    algorithms = []
    for enc in CIPHERS:
        if enc.endswith("-gcm"):
            algorithms += [(enc, "null", icv) for icv in (8, 12, 16)]
        else:
            algorithms += [(enc, auth, HASHES[auth][2]) for auth in HMACS]
            algorithms += [(enc, "null", 0)] if enc != "null" else []
    algorithms += [("null", auth, 16) for auth in HASHES if auth.endswith("-gmac")]
    made = []
    for (enc, auth, icv), (mode, outer, inner), esn, natt in itertools.product(algorithms, families, (False, True), (False, True)):
        made.append(dict(proto="esp", mode=mode, outer=outer, inner=inner, enc=enc, auth=auth, icv=icv, esn=esn, natt=natt))
    for auth, (mode, outer, inner), esn, align4 in itertools.product(HMACS, families, (False, True), (False, True)):
        if outer == 4 or not align4:
            made.append(dict(proto="ah", mode=mode, outer=outer, inner=inner, enc="null", auth=auth, icv=HASHES[auth][2], esn=esn,
                             align4=align4))
    inside = [("aes-128-cbc", "sha1", 12), ("aes-256-cbc", "sha512", 32), ("3des", "md5", 12), ("des", "null", 0), ("null", "sha256", 16),
              ("aes-192-ctr", "sha384", 24), ("aes-128-gcm", "null", 16), ("aes-256-gcm", "null", 8), ("null", "aes-192-gmac", 16)]
    for (enc, auth, icv), ah, (mode, outer, inner), esn in itertools.product(inside, HMACS, families, (False, True)):
        made.append(dict(proto="esp+ah", mode=mode, outer=outer, inner=inner, enc=enc, auth=auth, icv=icv, ah=ah, esn=esn,
                         align4=outer == 4 and len(made) // 3 % 2 == 1))
    cells = [Cell(number=i, **words) for i, words in enumerate(made)]
    for cell in cells:
        cell.make_keys(rng)
    return cells
