"""A device's connection to its cloud: by name, over TLS, kept open with a heartbeat, made anew when it is lost.

Prints one JSON object a line with the time since boot in milliseconds (CLOCK_MONOTONIC, the same in all namespaces):
{"at": 12345, "event": "connected"|"beat"|"lost"|"failed", "address": "192.0.2.80", "why": "..."}
"""
import argparse
import json
import socket
import ssl
import time

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("--port", type=int, default=443)
parser.add_argument("--ca", required=True)
parser.add_argument("--beat-milliseconds", type=int, default=100)
parser.add_argument("--patience-milliseconds", type=int, default=1000)
parser.add_argument("--pause-milliseconds", type=int, default=300, help="before the next attempt")
parser.add_argument("--once", action="store_true", help="one heartbeat, then exit 0")
options = parser.parse_args()


def say(event, **more):
    print(json.dumps({"at": time.monotonic_ns() // 1_000_000, "event": event, **more}), flush=True)


def talk(context):
    with socket.create_connection((options.name, options.port), timeout=options.patience_milliseconds / 1000) as plain:
        with context.wrap_socket(plain, server_hostname=options.name) as secure:
            say("connected", address=secure.getpeername()[0])
            number = 0
            while True:
                number += 1
                secure.sendall(f"beat {number}\n".encode())
                reply = b""
                while not reply.endswith(b"\n"):
                    part = secure.recv(4096)
                    if not part:
                        raise ConnectionError("the cloud closed the connection")
                    reply += part
                say("beat", number=number)
                if options.once:
                    return
                time.sleep(options.beat_milliseconds / 1000)


context = ssl.create_default_context(cafile=options.ca)
while True:
    connected = time.monotonic_ns()
    try:
        talk(context)
        raise SystemExit(0)
    except OSError as error:
        say("lost", why=f"{type(error).__name__}: {error}")
        if options.once:
            raise SystemExit(1)
    time.sleep(options.pause_milliseconds / 1000)
