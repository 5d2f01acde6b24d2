"""More and more devices at one port of the bridge: each announces itself by ARP, until the file STOP is there.

  crowd.py STOP [--every SECONDS]

Prints the key of each device that announced itself. At most 200 devices; after that the first ones again. None of them takes
the address of a device of the lab (97 to 111): that would cut it off."""
import argparse
import os
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("stop")
parser.add_argument("--every", type=float, default=0.2)
options = parser.parse_args()
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0))
number = 0
while not os.path.exists(options.stop):
    device = number % 200
    hardware = bytes([0x02, 0, 0, 0, 0, device])
    address = bytes([192, 168, 50, 235 + device - 95 if 95 <= device < 110 else 2 + device])
    # RFC 5227 §2.3: an announcement is a request whose sender and target address are the same.
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + hardware + address + bytes(6) + address
    raw.send(b"\xff" * 6 + hardware + struct.pack("!H", 0x0806) + arp + bytes(18))
    if number < 200:
        print("mac:" + ":".join(f"{octet:02x}" for octet in hardware), flush=True)
    number += 1
    time.sleep(options.every)
print("stopped", flush=True)
