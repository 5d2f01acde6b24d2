"""Asks one name server, as a device does; prints what came, as JSON.

    askdns.py NAME [--type N] [--server ADDRESS] [--port 53] [--tcp] [--edns BYTES]
        {"code": 0, "truncated": false, "name": as it came back, "answers": [[name, type, ttl, address or hexadecimal]]}
    askdns.py --rush SERVER COUNT NAME PORT
        Asks for fN.NAME, N from 0, and connects to the address in the very moment in which it is told it.
        {"connected": COUNT, "refused": 0}
"""
import argparse
import json
import socket
import struct

parser = argparse.ArgumentParser()
parser.add_argument("name", nargs="?")
parser.add_argument("--type", type=int, default=1)
parser.add_argument("--server", default="192.168.50.1")
parser.add_argument("--port", type=int, default=53)
parser.add_argument("--tcp", action="store_true")
parser.add_argument("--edns", type=int, default=0)
parser.add_argument("--rush", nargs=4)
options = parser.parse_args()


def message(name, number=0x1234):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    extra = b"\0" + struct.pack(">HHIH", 41, options.edns, 0, 0) if options.edns else b""
    counts = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 1 if extra else 0)
    return counts + labels + struct.pack(">HH", options.type, 1) + extra


def name_at(data, offset):
    labels, end = [], None
    while data[offset]:
        if data[offset] >= 0xC0:
            end = end or offset + 2
            offset = struct.unpack(">H", data[offset:offset + 2])[0] & 0x3FFF
            continue
        labels.append(data[offset + 1:offset + 1 + data[offset]].decode())
        offset += 1 + data[offset]
    return ".".join(labels), end or offset + 1


def parse(data):
    flags, _, answers = struct.unpack(">HHH", data[2:8])
    name, offset = name_at(data, 12)
    offset += 4
    found = []
    for _ in range(answers):
        owner, offset = name_at(data, offset)
        kind, _, ttl, length = struct.unpack(">HHIH", data[offset:offset + 10])
        value = data[offset + 10:offset + 10 + length]
        shown = socket.inet_ntoa(value) if kind == 1 else name_at(data, offset + 10)[0] if kind == 5 else value.hex()
        found.append([owner, kind, ttl, shown])
        offset += 10 + length
    return {"code": flags & 15, "truncated": bool(flags & 0x200), "name": name, "answers": found}


def ask(name):
    if options.tcp:
        with socket.create_connection((options.server, options.port), timeout=8) as client:
            client.sendall(struct.pack(">H", len(message(name))) + message(name))
            stream = client.makefile("rb")
            return parse(stream.read(struct.unpack(">H", stream.read(2))[0]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(8)
        client.connect((options.server, options.port))
        client.send(message(name))
        return parse(client.recv(4096))


def rush(server, count, name, port):
    connected = refused = 0
    questions = [message(f"f{number}.{name}", number) for number in range(int(count))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(8)
        client.connect((server, 53))
        for question in questions:
            plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            plain.settimeout(5)
            client.send(question)
            # The address is the last four bytes.
            address = socket.inet_ntoa(client.recv(4096)[-4:])
            try:
                plain.connect((address, int(port)))
                connected += 1
            except OSError:
                refused += 1
            plain.close()
    return {"connected": connected, "refused": refused}


print(json.dumps(rush(*options.rush) if options.rush else ask(options.name)))
