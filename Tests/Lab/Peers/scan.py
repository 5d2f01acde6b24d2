"""Scans as Mirai does: SYNs to random addresses, port 23 and for every tenth 2323, sequence number = destination address."""
import argparse
import json
import random
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("source")
parser.add_argument("--packets", type=int, default=0, help="stop after as many; 0 never")
parser.add_argument("--per-second", type=int, default=200)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
chance = random.Random(options.seed)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
source = socket.inet_aton(options.source)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def target():
    """A public address, never one of the lab's own or a reserved network."""
    while True:
        first = chance.randrange(1, 224)
        if first not in (10, 100, 127, 169, 172, 192, 198, 203):
            return struct.pack("!I", first << 24 | chance.getrandbits(24))


sent = refused = 0
while options.packets == 0 or sent < options.packets:
    address = target()
    port = 2323 if sent % 10 == 9 else 23
    sequence = struct.unpack("!I", address)[0]
    ports = struct.pack("!HH", chance.randrange(1024, 65535), port)
    rest = struct.pack("!BBHHH", 5 << 4, 0x02, chance.randrange(1, 65535), 0, 0)
    tcp = ports + struct.pack("!II", sequence, 0) + rest
    pseudo = source + address + struct.pack("!BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, chance.getrandbits(16), 0, 64, 6, 0, source, address)
    if sent == 0:
        print(json.dumps({"at": time.monotonic_ns() // 1_000_000, "event": "first scan packet"}), flush=True)
    try:
        raw.sendto(ip + tcp, (socket.inet_ntoa(address), 0))
    except OSError:
        refused += 1
    sent += 1
    time.sleep(1 / options.per_second)
print(json.dumps({"at": time.monotonic_ns() // 1_000_000, "event": "done", "sent": sent, "refused": refused}), flush=True)
