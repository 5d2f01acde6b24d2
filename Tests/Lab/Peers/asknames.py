"""Asks 127.0.0.1:10053 for names, all at once, and prints how many got which code, as JSON: {"codes": {"0": 200}, "bytes": 0}.

    asknames.py COUNT [TYPE] [tcp]
    asknames.py COUNT TYPE at ADDRESS PORT SECONDS       another server, and how long to wait for it
"""
import json
import os
import socket
import struct
import sys
import time

count = int(sys.argv[1])
kind = int(sys.argv[2]) if len(sys.argv) > 2 else 1
run = os.urandom(4).hex()
server, patience = ("127.0.0.1", 10053), 20
if "at" in sys.argv:
    server, patience = (sys.argv[4], int(sys.argv[5])), float(sys.argv[6])


def message(number):
    labels = [f"n{number}-{run}", "example"]
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels)
    return struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, 0) + name + b"\0" + struct.pack(">HH", kind, 1)


codes, most = {}, 0


def take(reply):
    global most
    code = str(reply[3] & 15)
    codes[code] = codes.get(code, 0) + 1
    most = max(most, len(reply))


if "tcp" in sys.argv:
    client = socket.create_connection(server, timeout=patience)
    stream = client.makefile("rb")
    for number in range(count):
        question = message(number)
        client.sendall(struct.pack(">H", len(question)) + question)
    for number in range(count):
        take(stream.read(struct.unpack(">H", stream.read(2))[0]))
else:
    client = socket.socket(socket.AF_INET6 if ":" in server[0] else socket.AF_INET, socket.SOCK_DGRAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    client.settimeout(patience)
    for number in range(count):
        client.sendto(message(number), server)
        if number % 20 == 19:
            time.sleep(0.005)
    try:
        while sum(codes.values()) < count:
            take(client.recv(4096))
    except TimeoutError:
        pass
print(json.dumps({"codes": codes, "bytes": most}))
