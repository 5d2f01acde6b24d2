"""Carries TCP connections between the world and outside, by way of a Unix socket: file-system sockets cross namespaces.

    relay.py unix PATH HOST PORT     inside: accepts on the Unix socket, connects to HOST:PORT
    relay.py tcp PORT PATH           outside: accepts on 127.0.0.1:PORT (0: any), connects to the Unix socket
The one outside ends when its standard input does. Prints the port that it serves.
"""
import os
import socket
import sys
import threading


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


def carry(accepted, connect):
    with accepted:
        try:
            other = connect()
        except OSError:
            return
        with other:
            back = threading.Thread(target=pump, args=(other, accepted), daemon=True)
            back.start()
            pump(accepted, other)
            back.join()


def connect_tcp(host, port):
    other = socket.create_connection((host, port), timeout=5)
    other.settimeout(None)
    return other


def connect_unix(path):
    other = socket.socket(socket.AF_UNIX)
    other.connect(path)
    return other


def end_with_input():
    while os.read(0, 4096):
        pass
    os._exit(0)


if sys.argv[1] == "unix":
    server = socket.socket(socket.AF_UNIX)
    server.bind(sys.argv[2])
    connect = lambda: connect_tcp(sys.argv[3], int(sys.argv[4]))
else:
    server = socket.create_server(("127.0.0.1", int(sys.argv[2])))
    connect = lambda: connect_unix(sys.argv[3])
    print(server.getsockname()[1], flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
server.listen(128)
while True:
    accepted, _ = server.accept()
    threading.Thread(target=carry, args=(accepted, connect), daemon=True).start()
