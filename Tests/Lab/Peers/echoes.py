"""Sends back what comes, over TCP and UDP: echoes.py PORT,PORT… ADDRESS…"""
import socket
import sys
import threading


def datagrams(server):
    while True:
        data, peer = server.recvfrom(65536)
        server.sendto(data, peer)


def converse(connection):
    with connection:
        try:
            while data := connection.recv(65536):
                connection.sendall(data)
        except OSError:
            pass


def streams(server):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=converse, args=[connection], daemon=True).start()


for address in sys.argv[2:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for port in map(int, sys.argv[1].split(",")):
        datagram = socket.socket(family, socket.SOCK_DGRAM)
        datagram.bind((address, port))
        threading.Thread(target=datagrams, args=[datagram], daemon=True).start()
        # Where something else listens at all addresses already, it is that which is asked over TCP.
        try:
            threading.Thread(
                target=streams, args=[socket.create_server((address, port), family=family, backlog=128)], daemon=True
            ).start()
        except OSError:
            pass
print("echoing", flush=True)
threading.Event().wait()
