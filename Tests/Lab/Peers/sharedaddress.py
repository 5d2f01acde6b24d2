"""A device that connects to the address of one name, and asks the server there for another.

Over TLS it sends heartbeats until the connection ends, or so many seconds are over; over UDP it sends a datagram, which
may be a QUIC Initial, between two plain ones. Prints one JSON object a line:
{"event": "connected"|"beat"|"lost"|"kept", "milliseconds": since the ClientHello or Initial went, ...}
"""
import argparse
import json
import socket
import ssl
import time

parser = argparse.ArgumentParser()
parser.add_argument("address", help="a name, which is looked up, or an address")
parser.add_argument("--server-name", default="", help="what to ask the server for; nothing where empty")
parser.add_argument("--pieces", type=int, nargs="*", default=[], help="bytes of the ClientHello in each segment; the rest in one")
parser.add_argument("--protocols", type=int, default=0, help="so many long names in ALPN, which make the ClientHello long")
parser.add_argument("--seconds", type=float, default=1.5, help="how long it has to live; 0 for ever")
parser.add_argument("--datagram", default="", help="hexadecimal digits: over UDP")
options = parser.parse_args()
began = time.monotonic()


def say(event, **more):
    print(json.dumps({"event": event, "milliseconds": round((time.monotonic() - began) * 1000), **more}), flush=True)


def is_over():
    return options.seconds and time.monotonic() - began > options.seconds


def over_udp():
    global began
    address = socket.getaddrinfo(options.address, 443, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(1)
        plain.connect(address)
        plain.send(b"\x01before")
        plain.recv(2048)
        say("connected", address=address[0])
        began = time.monotonic()
        plain.send(bytes.fromhex(options.datagram))
        plain.settimeout(0.05)
        while not is_over():
            try:
                plain.send(b"\x01after")
                plain.recv(2048)
            except TimeoutError:
                # What is dropped on its way is lost now and then; what is refused says so.
                continue
            time.sleep(0.005)


def over_tls():
    global began
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if options.protocols:
        context.set_alpn_protocols([f"{number:03}-" + "p" * 20 for number in range(options.protocols)])
    read, write = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(read, write, server_hostname=options.server_name or None)
    with socket.create_connection((options.address, 443), timeout=3) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def move(step, pieces=()):
            while True:
                try:
                    value = step()
                except ssl.SSLWantReadError:
                    value = None
                data = write.read()
                for length in pieces:
                    plain.sendall(data[:length])
                    data = data[length:]
                    time.sleep(0.002)
                pieces = ()
                plain.sendall(data)
                if value is not None:
                    return value
                part = plain.recv(65536)
                if not part:
                    raise ConnectionError("the server closed the connection")
                read.write(part)

        began = time.monotonic()
        move(lambda: session.do_handshake() or True, options.pieces)
        say("connected", address=plain.getpeername()[0])
        number = 0
        while not is_over():
            number += 1
            move(lambda: session.write(f"beat {number} {'x' * 1000}\n".encode()))
            move(lambda: session.read(2048))
            if number % 20 == 0:
                say("beat", number=number)
            time.sleep(0.005)


try:
    over_udp() if options.datagram else over_tls()
    say("kept")
except OSError as error:
    say("lost", why=f"{type(error).__name__}: {error}")
