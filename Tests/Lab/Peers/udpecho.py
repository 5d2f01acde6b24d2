"""Sends every datagram to port 443 back."""
import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("0.0.0.0", 443))
    print("echoing", flush=True)
    while True:
        data, peer = server.recvfrom(65536)
        server.sendto(data, peer)
