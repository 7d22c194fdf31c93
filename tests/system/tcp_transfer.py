#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause-Patent
"""A TCP transfer that knows whether every byte arrived.

  tcp_transfer.py serve ADDRESS PORT            answers each connection with the SHA-256 of what it was sent
  tcp_transfer.py send ADDRESS PORT BYTES SEED  sends BYTES pseudo-random bytes, prints bytes, seconds and the verdict
"""
import hashlib
import random
import socket
import sys
import time


def serve(address, port):
    listener = socket.create_server((address, port))
    print("serving", flush=True)
    while True:
        peer, _ = listener.accept()
        digest = hashlib.sha256()
        with peer:
            while chunk := peer.recv(65536):
                digest.update(chunk)
            peer.sendall(digest.digest())


def send(address, port, n_bytes, seed):
    data = random.Random(seed).randbytes(n_bytes)
    began = time.monotonic()
    with socket.create_connection((address, port), timeout=60) as peer:
        peer.sendall(data)
        peer.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := peer.recv(64):
            answer += chunk
    seconds = time.monotonic() - began
    if answer != hashlib.sha256(data).digest():
        sys.exit(f"tcp_transfer: {n_bytes} bytes sent (seed {seed}), and the other end saw something else")
    print(f"{n_bytes} bytes arrived unchanged in {seconds:.2f} s ({n_bytes * 8 / seconds / 1e6:.1f} Mbit/s of wall clock)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"] and len(sys.argv) == 4:
        serve(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["send"] and len(sys.argv) == 6:
        send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        sys.exit(__doc__)
