"""An agent made of the websockets package and cbor2.

  agent.py PORT CA CERTIFICATE KEY SCENARIO

Each scenario prints one line of JSON with what the collector did."""
import json
import secrets
import ssl
import sys
import time

import cbor2
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.sync.client import connect

port, authority, certificate, key, scenario = sys.argv[1:6]
context = ssl.create_default_context(cafile=authority)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(certificate, key)
WELCOME, ACKNOWLEDGE = 1, 2


def open_connection(subprotocols=("gatehouse.v1",), path="/agent"):
    return connect(
        f"wss://localhost:{port}{path}", ssl=context, subprotocols=list(subprotocols), compression=None,
        ping_interval=None, max_size=1 << 20, proxy=None,
    )


def send(connection, kind, body):
    connection.send(cbor2.dumps({1: kind, 2: body}, canonical=True))


def hello(connection, epoch, instance):
    send(connection, 1, {
        1: 1, 2: "0.1.0", 3: "amd64", 4: "6.1", 5: "peer", 6: epoch, 7: instance, 8: 0, 9: b"",
        10: int(time.time() * 1000),
    })


def incident(epoch, sequence):
    return {1: epoch, 2: sequence, 3: 1, 4: int(time.time() * 1000), 5: 4, 6: {1: "scan", 2: "", 3: "a scan", 4: 1}}


def receive(connection):
    return cbor2.loads(connection.recv(timeout=20))


def close_code(connection):
    try:
        while True:
            connection.recv(timeout=20)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def greeted(epoch=1, instance=None):
    connection = open_connection()
    hello(connection, epoch, instance or secrets.token_bytes(16))
    return connection, receive(connection)


def say(**facts):
    print(json.dumps(facts))


if scenario == "reports":
    instance = secrets.token_bytes(16)
    connection, welcome = greeted(1, instance)
    send(connection, 2, [incident(1, n) for n in range(1, 11)])
    first = receive(connection)
    connection.close()
    connection, again = greeted(1, instance)
    send(connection, 2, [incident(1, n) for n in range(1, 13)])
    second = receive(connection)
    latency = connection.ping().wait(20)
    connection.close()
    say(
        welcome=[welcome[1], welcome[2][3], welcome[2][4]],
        first=[first[1], first[2][1]], again=again[2][3], second=[second[1], second[2][1]], pong=latency,
        subprotocol=connection.subprotocol,
    )
elif scenario == "unmasked":
    connection, _ = greeted()
    data = Frame(Opcode.BINARY, b"\xa0").serialize(mask=False)
    connection.socket.sendall(data)
    say(code=close_code(connection))
elif scenario == "huge":
    connection, _ = greeted()
    # The header of a message of 64 MB; its bytes need not follow.
    connection.socket.sendall(bytes([0x82, 0xFF]) + (64 << 20).to_bytes(8, "big") + b"\x01\x02\x03\x04")
    say(code=close_code(connection))
elif scenario == "fragments":
    connection, _ = greeted()
    code = None
    try:
        connection.send(b"\x00" * (1 << 18) for _ in range(8))
    except ConnectionClosed:
        pass
    say(code=close_code(connection))
elif scenario == "deep":
    connection, _ = greeted()
    connection.send(b"\xa2\x01\x02\x18\x63" + b"\x81" * 10_000 + b"\x00")
    say(code=close_code(connection))
elif scenario == "garbage":
    connection, _ = greeted()
    connection.send(b"\xff\xff\xff\xff")
    say(code=close_code(connection))
elif scenario == "early":
    connection = open_connection()
    send(connection, 2, [incident(1, 1)])
    say(code=close_code(connection))
elif scenario == "refused":
    connection = open_connection()
    hello(connection, 2, secrets.token_bytes(16))
    say(code=close_code(connection))
elif scenario == "clone":
    first, _ = greeted(1)
    second, welcome = greeted(1)
    held = receive(first)
    # Zero is left out on the wire.
    say(second=welcome[2].get(4, 0), first=[held[1], held[2].get(2, 0)])
elif scenario == "restart":
    first, _ = greeted(1)
    first.close()
    second, welcome = greeted(2)
    say(credits=welcome[2][4])
elif scenario == "replace":
    instance = secrets.token_bytes(16)
    first, _ = greeted(1, instance)
    second, welcome = greeted(1, instance)
    say(first=close_code(first), credits=welcome[2][4])
elif scenario == "wait":
    connection, _ = greeted()
    say(ready=True)
    sys.stdout.flush()
    kinds = []
    try:
        while True:
            kinds.append(receive(connection)[1])
    except ConnectionClosed as closed:
        say(kinds=kinds, code=closed.rcvd.code if closed.rcvd else 0, reason=closed.rcvd.reason if closed.rcvd else "")
