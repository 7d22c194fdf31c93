# SPDX-License-Identifier: BSD-2-Clause-Patent
"""strongSwan's VICI: what `swanctl --list-sas --raw` shows, as dictionaries."""
import socket
import struct

CMD_REQUEST, CMD_RESPONSE, EVENT_REGISTER, EVENT_CONFIRM, EVENT = 0, 1, 3, 5, 7
SECTION_START, SECTION_END, KEY_VALUE, LIST_START, LIST_ITEM, LIST_END = range(1, 7)


def parse(body):
    """A message: sections are dictionaries, lists are lists, values are texts."""
    at = 0

    def take(width):
        nonlocal at
        length = int.from_bytes(body[at:at + width], "big")
        at += width + length
        return body[at - length:at].decode(errors="replace")
    stack = [{}]
    while at < len(body):
        kind = body[at]
        at += 1
        if kind in (SECTION_START, LIST_START):
            name = take(1)
            stack[-1][name] = {} if kind == SECTION_START else []
            stack.append(stack[-1][name])
        elif kind in (SECTION_END, LIST_END):
            stack.pop()
        elif kind == KEY_VALUE:
            name = take(1)
            stack[-1][name] = take(2)
        elif kind == LIST_ITEM:
            stack[-1].append(take(2))
        else:
            raise ValueError(f"VICI element {kind}")
    return stack[0]


def stream(path, command, event):
    """The events that a command streams."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.settimeout(20)
        s.connect(path)

        def send(kind, name):
            s.sendall(struct.pack("!IBB", 2 + len(name), kind, len(name)) + name.encode())

        def receive():
            length = struct.unpack("!I", s.recv(4, socket.MSG_WAITALL))[0]
            body = s.recv(length, socket.MSG_WAITALL)
            at = 2 + body[1] if body[0] == EVENT else 1
            return body[0], body[at:]
        send(EVENT_REGISTER, event)
        if receive()[0] != EVENT_CONFIRM:
            raise ValueError(f"VICI knows no {event}")
        send(CMD_REQUEST, command)
        out = []
        while True:
            kind, body = receive()
            if kind != EVENT:
                return out
            out.append(parse(body))
