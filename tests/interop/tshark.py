# SPDX-License-Identifier: BSD-2-Clause-Patent
"""tshark as a third pair of eyes: it checks the ICV of the ESP packets that the card sealed, once, at the end."""
import os
import struct
import subprocess

CIPHERS = {"null": "NULL", "des": "DES-CBC [RFC2405]", "3des": "TripleDES-CBC [RFC2451]", "blowfish": "BLOWFISH-CBC [RFC2451]",
           "twofish": "TWOFISH-CBC", **{f"aes-{bits}-cbc": "AES-CBC [RFC3602]" for bits in (128, 192, 256)},
           **{f"aes-{bits}-ctr": "AES-CTR [RFC3686]" for bits in (128, 192, 256)}}
AUTHS = {"md5": "HMAC-MD5-96 [RFC2403]", "sha1": "HMAC-SHA-1-96 [RFC2404]", "sha256": "HMAC-SHA-256-128 [RFC4868]",
         "sha384": "HMAC-SHA-384-192 [RFC4868]", "sha512": "HMAC-SHA-512-256 [RFC4868]"}


def why_not(cell):
    """Why tshark cannot check this cell, or an empty text."""
    if cell.esn:
        return "tshark 4.0 knows no ESN"
    if cell.proto != "esp":
        return "tshark checks no ICV of AH"
    if cell.enc.endswith("-gcm"):
        return "tshark 4.0 does not look at the ICV of AES-GCM"
    if cell.auth not in AUTHS:
        return "tshark has no ESP with AES-GMAC" if cell.auth != "null" else "nothing to check: no integrity"
    if cell.enc not in CIPHERS:
        return "tshark has no Camellia"
    return ""


def table_line(cell):
    """One line of tshark's table esp_sa."""
    layer, (src, dst) = cell.layers[0], cell.ends("out")
    key = layer.enc_key["out"] + layer.salt["out"]
    words = [f"IPv{cell.outer}", src, dst, f"0x{layer.spi['out']:x}", CIPHERS[layer.enc], "0x" + key.hex() if key else "",
             AUTHS[layer.auth], "0x" + layer.auth_key["out"].hex()]
    return ",".join(f'"{word}"' for word in words)


class Tshark:
    def __init__(self):
        self.seen = []

    def see(self, cell, frame):
        reason = why_not(cell)
        if reason:
            cell.results["tshark"] = reason
        else:
            self.seen.append((cell, frame))

    def judge(self, folder):
        """A verdict for every cell whose packets were seen; lines that tell what failed."""
        if not self.seen:
            return []
        with open(os.path.join(folder, "sealed.pcap"), "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for i, (_, frame) in enumerate(self.seen):
                out.write(struct.pack("<IIII", i, 0, len(frame), len(frame)) + frame)
        with open(os.path.join(folder, "esp_sa"), "w", encoding="ascii") as out:
            out.write("\n".join(dict.fromkeys(table_line(cell) for cell, _ in self.seen)) + "\n")
        text = subprocess.run(
            ["tshark", "-n", "-r", f"{folder}/sealed.pcap", "-o", "esp.enable_encryption_decode:TRUE", "-o",
             "esp.enable_authentication_check:TRUE", "-Y", "esp.icv_good == 1", "-T", "fields", "-e", "frame.number"],
            capture_output=True, text=True, check=True, env={**os.environ, "WIRESHARK_CONFIG_DIR": folder}).stdout
        good = {int(line) for line in text.split()}
        for i, (cell, frame) in enumerate(self.seen, 1):
            if i in good:
                cell.results.setdefault("tshark out", "ok")
            else:
                cell.results["tshark out"] = "FAIL its ICV is not good: " + frame[14:].hex()
        return [f"FAIL {cell.name}: packet {i}: tshark: its ICV is not good: {frame[14:].hex()}" for i, (cell, frame) in
                enumerate(self.seen, 1) if i not in good]
