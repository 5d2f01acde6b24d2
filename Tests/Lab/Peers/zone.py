"""A name server whose answers are honest, forged, too long or leading inside, as the name asked says:

    fN.fast.example          192.0.2.(128+N), for a day
    chain.camera.example     a chain of CNAMEs to 192.0.2.200, and stray records beside it
    inside.camera.example    addresses that no public name may have, and 192.0.2.201
    lan.camera.example       10.20.0.5
    svc.camera.example       HTTPS with ech, and the hints 192.0.2.202 and 10.0.0.1
    big.camera.example       60 addresses, too many for UDP without EDNS
    gone.camera.example      no such name
    forged.camera.example    first another identifier and another question, both with 192.0.2.66, then 192.0.2.203
    late.camera.example      nothing, unless --second: then 192.0.2.204
    any other                192.0.2.205

    zone.py ADDRESS [--second]

Port 4430 of all addresses takes TCP connections. Prints one JSON object a line for what is asked:
{"name": as it was written, "type": 1, "over": "udp"|"tcp", "payload": what EDNS offers, or 0, "id": hexadecimal}
"""
import argparse
import json
import socket
import struct
import threading

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("--second", action="store_true")
options = parser.parse_args()
A, CNAME, SOA, AAAA, OPT, HTTPS = 1, 5, 6, 28, 41, 65


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def question(message):
    labels, offset = [], 12
    while message[offset]:
        labels.append(message[offset + 1:offset + 1 + message[offset]].decode())
        offset += 1 + message[offset]
    kind = struct.unpack(">H", message[offset + 1:offset + 3])[0]
    rest = message[offset + 5:]
    payload = struct.unpack(">H", rest[3:5])[0] if rest[:1] == b"\0" and rest[1:3] == b"\0\x29" else 0
    return ".".join(labels), kind, offset + 5, payload


def record(name, kind, data, ttl=86400):
    return wire(name) + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def a(name, address):
    return record(name, A, socket.inet_aton(address))


def records(name, kind):
    """The answers, or None for no such name, or nothing at all."""
    if kind == HTTPS and name == "svc.camera.example":
        hints = socket.inet_aton("192.0.2.202") + socket.inet_aton("10.0.0.1")
        parameters = b"".join(struct.pack(">HH", key, len(value)) + value for key, value in
                              [(1, b"\x02h3"), (4, hints), (5, b"\0\x04fake")])
        return [record(name, HTTPS, b"\0\1\0" + parameters)]
    if name == "gone.camera.example":
        return None
    if kind != A:
        return []
    if name.endswith(".fast.example"):
        return [a(name, f"192.0.2.{128 + int(name[1:].split('.')[0])}")]
    if name == "chain.camera.example":
        return [record(name, CNAME, wire("one.cdn.example")), record("one.cdn.example", CNAME, wire("two.cdn.example")),
                a("two.cdn.example", "192.0.2.200"), a("tracker.example", "192.0.2.66"), a("one.cdn.example", "192.0.2.67")]
    if name == "inside.camera.example":
        return [a(name, text) for text in ["10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.50.104", "224.0.0.251", "192.0.2.201"]]
    if name == "big.camera.example":
        return [a(name, f"192.0.2.{130 + number}") for number in range(60)]
    return [a(name, {"lan.camera.example": "10.20.0.5", "forged.camera.example": "192.0.2.203",
                     "late.camera.example": "192.0.2.204"}.get(name, "192.0.2.205"))]


def reply(message, room):
    name, kind, end, payload = question(message)
    found = records(name.lower(), kind)
    flags = 0x8180 if found is not None else 0x8183
    authority = [record("example", SOA, wire("ns.example") + wire("me.example") + struct.pack(">5I", 1, 2, 3, 4, 86400))]
    below = [] if found else authority
    body = b"".join((found or []) + below)
    extra = b"\0" + struct.pack(">HHIH", OPT, 1232, 0, 0) if payload else b""
    if end + len(body) + len(extra) > room:
        return message[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) + message[12:end]
    counts = struct.pack(">HHHHH", flags, 1, len(found or []), len(below), 1 if extra else 0)
    return message[:2] + counts + message[12:end] + body + extra


def say(message, over):
    name, kind, _, payload = question(message)
    print(json.dumps({"name": name, "type": kind, "over": over, "payload": payload, "id": message[:2].hex()}), flush=True)
    return name.lower(), payload


def forge(message):
    """The same question with the next identifier; another question with the right one; both answered wrongly."""
    _, _, end, _ = question(message)
    number = struct.unpack(">H", message[:2])[0]
    tail = struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
    yield struct.pack(">H", number ^ 1) + tail + message[12:end] + a("forged.camera.example", "192.0.2.66")
    yield message[:2] + tail + wire("bank.example") + struct.pack(">HH", 1, 1) + a("bank.example", "192.0.2.66")


def datagrams():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((options.address, 53))
    print("serving", flush=True)
    while True:
        message, client = server.recvfrom(4096)
        name, payload = say(message, "udp")
        if name == "late.camera.example" and not options.second:
            continue
        if name == "forged.camera.example":
            for packet in forge(message):
                server.sendto(packet, client)
        server.sendto(reply(message, max(512, payload)), client)


def converse(connection):
    stream = connection.makefile("rb")
    while len(head := stream.read(2)) == 2:
        message = stream.read(struct.unpack(">H", head)[0])
        say(message, "tcp")
        answer = reply(message, 65535)
        connection.sendall(struct.pack(">H", len(answer)) + answer)


def streams():
    server = socket.create_server((options.address, 53))
    while True:
        threading.Thread(target=converse, args=[server.accept()[0]], daemon=True).start()


def connections():
    server = socket.create_server(("0.0.0.0", 4430), backlog=512)
    while True:
        server.accept()[0].close()


if not options.second:
    threading.Thread(target=connections, daemon=True).start()
threading.Thread(target=streams, daemon=True).start()
datagrams()
