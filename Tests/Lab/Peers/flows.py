"""Flows that go on until somebody ends them: flows.py KIND:PORT… ADDRESS…, one of each kind and port to each address.

KIND is tcp, udp or quic; quic begins with the Initial in --initial, and the kernel knows no more of it than that it is UDP. Every
20 ms a message goes out on each, and comes back. Prints one JSON object a line, times on the clock that all processes share:
{"flow": "tcp:4433 192.0.2.80", "event": "open"|"beat"|"lost"|"back", "at": milliseconds, "last": when the last one came back}
"""
import argparse
import json
import socket
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("what", nargs="+")
parser.add_argument("--initial", default="")
options = parser.parse_args()
kinds = [text for text in options.what if text.split(":")[0] in ("tcp", "udp", "quic")]
addresses = [text for text in options.what if text not in kinds]
lock = threading.Lock()


def now():
    return time.monotonic_ns() // 1_000_000


def say(flow, event, **more):
    with lock:
        print(json.dumps({"flow": flow, "event": event, "at": now(), **more}), flush=True)


def run(kind, port, address):
    flow = f"{kind}:{port} {address}"
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    client = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    client.settimeout(5)
    client.connect((address, port))
    client.settimeout(0.2)
    if kind == "tcp":
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    first = bytes.fromhex(options.initial) if kind == "quic" else b"hello"
    # A short header (RFC 9000 17.3.1).
    message = b"\x40" + b"x" * 40
    is_lost, last, begun, ended = False, now(), False, False
    while not ended:
        try:
            client.send(message if begun else first)
            if client.recv(65536):
                last = now()
                if not begun:
                    say(flow, "open")
                    begun, beat = True, last
                elif is_lost:
                    say(flow, "back")
                elif last - beat > 200:
                    say(flow, "beat")
                    beat = last
            else:
                ended = True
        except TimeoutError:
            pass
        except OSError:
            ended = kind == "tcp"
            if begun and not is_lost:
                is_lost = True
                say(flow, "lost", last=last)
        if begun and not is_lost and (ended or now() - last > 1500):
            is_lost = True
            say(flow, "lost", last=last)
        time.sleep(0.02)


for text in kinds:
    for place in addresses:
        kind, port = text.split(":")
        threading.Thread(target=run, args=[kind, int(port), place], daemon=True).start()
threading.Event().wait()
