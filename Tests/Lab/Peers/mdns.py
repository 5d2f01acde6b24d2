"""Announces a service as a sensor does (RFC 6762 section 8.3, RFC 6763): PTR, SRV, TXT and A, every --every seconds."""
import argparse
import fcntl
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("--interface", default="eth0")
parser.add_argument("--service", default="_shelly._tcp")
parser.add_argument("--instance", default="shellyht-a4cf12")
parser.add_argument("--port", type=int, default=80)
parser.add_argument("--text", action="append", default=[])
parser.add_argument("--every", type=float, default=10)
options = parser.parse_args()


def name(*labels):
    data = b""
    for label in labels:
        data += bytes([len(label)]) + label.encode()
    return data + b"\0"


def record(owner, kind, data, ttl, flush=True):
    return owner + struct.pack("!HHIH", kind, 0x8001 if flush else 1, ttl, len(data)) + data


client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
request = struct.pack("256s", options.interface.encode()[:15])
address = fcntl.ioctl(client.fileno(), 0x8915, request)[20:24]  # SIOCGIFADDR
client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
client.bind(("", 5353))
client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address)
client.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
service = [*options.service.split("."), "local"]
instance = name(options.instance, *service)
host = name(options.instance, "local")
texts = b"".join(bytes([len(text)]) + text.encode() for text in options.text) or b"\0"
answers = [
    record(name(*service), 12, instance, 4500, flush=False),
    record(instance, 33, struct.pack("!HHH", 0, 0, options.port) + host, 120),
    record(instance, 16, texts, 4500),
    record(host, 1, address, 120),
]
packet = struct.pack("!HHHHHH", 0, 0x8400, 0, len(answers), 0, 0) + b"".join(answers)
print("announcing", flush=True)
while True:
    client.sendto(packet, ("224.0.0.251", 5353))
    time.sleep(options.every)
