"""A resolver that knows every name: A 198.51.100.7, TXT long enough for TCP. It writes one JSON object a line for what it sees.

    resolver.py ADDRESS [--tls CERTIFICATE KEY] [--port PORT] [--die-after ANSWERS]

With --tls it speaks DNS over TLS (RFC 7858) on PORT, in the order that chance gives, and listens in the clear on port 53 to
tell who asks there. Without, it answers there over UDP, cut short where that is too small, and over TCP.
"""
import argparse
import json
import os
import random
import socket
import ssl
import struct
import threading

options = argparse.ArgumentParser()
options.add_argument("address")
options.add_argument("--tls", nargs=2)
options.add_argument("--port", type=int, default=853)
options.add_argument("--die-after", type=int)
options = options.parse_args()
lock = threading.Lock()
answered = 0


def say(**what):
    with lock:
        print(json.dumps(what), flush=True)


def question(message):
    """Name, type and the end of the question (RFC 1035 4.1.2)."""
    labels, offset = [], 12
    while message[offset]:
        labels.append(message[offset + 1:offset + 1 + message[offset]].decode())
        offset += 1 + message[offset]
    return ".".join(labels), struct.unpack(">H", message[offset + 1:offset + 3])[0], offset + 5


def answer(message, room):
    name, kind, end = question(message)
    if kind == 1:
        records = [bytes([198, 51, 100, 7])]
    elif kind == 16:
        records = [b"\xc8" + bytes([number]) * 200 for number in range(40)]
    else:
        records = []
    body = b"".join(struct.pack(">HHHIH", 0xC00C, kind, 1, 60, len(record)) + record for record in records)
    if 12 + end + len(body) > room:
        return message[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) + message[12:end]
    return message[:2] + struct.pack(">HHHHH", 0x8180, 1, len(records), 0, 0) + message[12:end] + body


def count():
    global answered
    with lock:
        answered += 1
        if options.die_after is not None and answered > options.die_after:
            os._exit(0)


def exactly(connection, length):
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def serve(connection, context):
    sending = threading.Lock()
    try:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        say(connection="tls" if context else "tcp", sni=names.pop() if names else None)

        def send(message):
            count()
            reply = answer(message, 65535)
            with sending:
                connection.sendall(struct.pack(">H", len(reply)) + reply)

        while True:
            message = exactly(connection, struct.unpack(">H", exactly(connection, 2))[0])
            say(over="tls" if context else "tcp", name=question(message)[0], id=message[:2].hex(), length=len(message))
            threading.Timer(random.uniform(0, 0.1), send, [message]).start()
    except EOFError:
        say(end="closed")
    except OSError as error:
        say(end=str(error))


def stream(port, context):
    listener = socket.create_server((options.address, port), backlog=64)
    while True:
        threading.Thread(target=serve, args=[listener.accept()[0], context], daemon=True).start()


def datagrams():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((options.address, 53))
    while True:
        message, client = server.recvfrom(4096)
        say(over="udp", name=question(message)[0], length=len(message), sni=client[0])
        if not options.tls:
            server.sendto(answer(message, 1232), client)


names = []
context = None
if options.tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*options.tls)
    context.sni_callback = lambda connection, name, context: names.append(name)
threading.Thread(target=stream, args=[options.port if options.tls else 53, context], daemon=True).start()
threading.Thread(target=datagrams, daemon=True).start()
threading.Event().wait()
