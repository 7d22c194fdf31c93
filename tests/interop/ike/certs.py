# SPDX-License-Identifier: BSD-2-Clause-Patent
"""A CA and certificates of both ends, by openssl: small ones, and ones too long for a datagram."""
import os
import subprocess


def openssl(*words, folder):
    subprocess.run(["openssl", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def subject(name):
    return f"C=XX, O=adit lab, CN={name}"


# libreswan writes the peer's DN anew from its own configuration before it hashes it, in PrintableString: so that is what all have
REQUEST = "[req]\nstring_mask = pkix\ndistinguished_name = dn\n[dn]\n"


def make(folder, ends):
    """ends: {name: address}. Of each: NAME.pem, NAME.key, and NAME-long.pem, NAME-long.key."""
    if os.path.exists(os.path.join(folder, "done")):
        return
    os.makedirs(folder, exist_ok=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/C=XX/O=adit lab/CN=CA", "-keyout", "ca.key",
            "-out", "ca.pem", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            folder=folder)
    for name, address in ends.items():
        for suffix, bits, names in (("", "2048", []), ("-long", "4096", [f"DNS:host{i}.{'very-' * 8}long.{name}.lab" for i in range(40)])):
            stem = name + suffix
            with open(os.path.join(folder, "request.cnf"), "w", encoding="ascii") as f:
                f.write(REQUEST)
            with open(os.path.join(folder, stem + ".ext"), "w", encoding="ascii") as f:
                f.write("subjectAltName=" + ",".join([f"IP:{address}", f"DNS:{name}.lab"] + names) + "\n")
                f.write("basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n")
            openssl("req", "-new", "-newkey", f"rsa:{bits}", "-nodes", "-config", "request.cnf", "-subj", f"/C=XX/O=adit lab/CN={stem}",
                    "-keyout", stem + ".key", "-out", stem + ".csr", folder=folder)
            openssl("x509", "-req", "-in", stem + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "3000",
                    "-extfile", stem + ".ext", "-out", stem + ".pem", folder=folder)
    with open(os.path.join(folder, "done"), "w", encoding="ascii"):
        pass
