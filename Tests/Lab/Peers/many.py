"""Many devices at one port of the bridge, and one with many IPv6 addresses, as by temporary ones (RFC 8981).

    many.py DEVICES ADDRESSES

Each device announces itself by ARP (RFC 5227 section 2.3) as 192.168.50.2 and so on with 02:00:00:00:00:NN, none as a
device of the lab (97 to 111: from 235 on instead); the last one
also tells all nodes of so many addresses 2001:db8:50::1:N (unsolicited advertisements, RFC 4861 section 7.2.6). Twice,
some milliseconds apart: nobody waits for what a full ring dropped."""
import socket
import struct
import sys
import time

devices, addresses = int(sys.argv[1]), int(sys.argv[2])
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0))


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def hardware(number):
    return bytes([0x02, 0, 0, 0, 0, number])


def announcement(number):
    address = bytes([192, 168, 50, 140 + number if 95 <= number < 110 else 2 + number])
    arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + hardware(number) + address + bytes(6) + address
    return b"\xff" * 6 + hardware(number) + struct.pack("!H", 0x0806) + arp + bytes(18)


def advertisement(number, index):
    source = socket.inet_pton(socket.AF_INET6, f"2001:db8:50::1:{index:x}")
    target = socket.inet_pton(socket.AF_INET6, "ff02::1")
    # Override flag; option 2: the target's link-layer address.
    body = bytes([136, 0, 0, 0, 0x20, 0, 0, 0]) + source + bytes([2, 1]) + hardware(number)
    pseudo = source + target + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", checksum(pseudo + body)) + body[4:]
    packet = struct.pack("!IHBB", 0x60000000, len(body), 58, 255) + source + target + body
    return b"\x33\x33\0\0\0\1" + hardware(number) + struct.pack("!H", 0x86DD) + packet


for _ in range(2):
    for number in range(devices):
        raw.send(announcement(number))
        time.sleep(0.002)
    for index in range(1, addresses + 1):
        raw.send(advertisement(devices - 1, index))
        time.sleep(0.002)
print("done", flush=True)
