"""Sends every datagram to port 443 of an address back."""
import socket
import sys

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], 443))
    print("echoing", flush=True)
    while True:
        data, peer = server.recvfrom(65536)
        server.sendto(data, peer)
