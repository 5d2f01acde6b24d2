"""Many devices at one port of the bridge, each made of the frames that a device of a capture sent.

    herd.py DEVICES SECONDS GATEWAY-MAC CAPTURE[=MAC,...] ...

Every device gets the last two octets of its hardware address, which says the maker by its first three, and an IPv4 address
of its own, wherever they stand in a frame. Only Ethernet captures in pcap are read, of a device at most 400 frames;
fragments and IPv6, whose addresses are made of the hardware's, are left out. The frames of all devices are spread over so
many seconds, mixed. Prints how many.
"""
import socket
import struct
import sys
import time

FRAMES = 400


def captured(path):
    """The frames of a pcap file with Ethernet headers; nothing of any other file."""
    with open(path, "rb") as file:
        head = file.read(24)
        order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<"}.get(head[:4])
        if order is None or struct.unpack(order + "I", head[20:24])[0] != 1:
            return
        while len(record := file.read(16)) == 16:
            length, whole = struct.unpack(order + "II", record[8:])
            frame = file.read(length)
            if length == whole <= 1514 and length >= 14:
                yield frame


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def is_usable(frame):
    kind = frame[12:14]
    if kind == b"\x08\x06":
        return len(frame) >= 42
    return (kind == b"\x08\x00" and len(frame) >= 34 and frame[14] >> 4 == 4
            and not struct.unpack("!H", frame[20:22])[0] & 0x3FFF)


def moved(frame, old, new, address, gateway):
    """The frame as a device at `new` would have sent it from `address`."""
    group = frame[0] & 1
    frame = bytearray((frame[:6] if group else gateway) + frame[6:].replace(old, new))
    if frame[12:14] == b"\x08\x06":
        if frame[28:32] != bytes(4):
            frame[28:32] = address
        return bytes(frame)
    if frame[26:30] != bytes(4):
        frame[26:30] = address
    size = (frame[14] & 15) * 4
    end = 14 + struct.unpack("!H", frame[16:18])[0]
    frame[24:26] = bytes(2)
    frame[24:26] = struct.pack("!H", checksum(bytes(frame[14:14 + size])))
    body = 14 + size
    if frame[23] == 17 and body + 8 <= end <= len(frame):
        frame[body + 6:body + 8] = bytes(2)  # RFC 768: none was made
    elif frame[23] == 6 and body + 20 <= end <= len(frame):
        frame[body + 16:body + 18] = bytes(2)
        pseudo = bytes(frame[26:34]) + struct.pack("!BBH", 0, 6, end - body)
        frame[body + 16:body + 18] = struct.pack("!H", checksum(pseudo + bytes(frame[body:end])))
    return bytes(frame)


def main():
    count, seconds = int(sys.argv[1]), float(sys.argv[2])
    gateway = bytes.fromhex(sys.argv[3].replace(":", ""))
    models = []
    for argument in sys.argv[4:]:
        path, _, named = argument.partition("=")
        wanted = [bytes.fromhex(mac.replace(":", "")) for mac in named.split(",") if mac]
        frames = {}
        for frame in captured(path):
            sender = frame[6:12]
            if (sender in wanted if wanted else not sender[0] & 1) and is_usable(frame):
                kept = frames.setdefault(sender, [])
                if len(kept) < FRAMES:
                    kept.append(frame)
        models += [(sender, kept) for sender, kept in frames.items() if len(kept) >= 3]
    if not models:
        sys.exit("none of the captures holds a device's frames")
    herd = []
    for number in range(count):
        sender, frames = models[number % len(models)]
        address = bytes([192, 168, 50, 2 + number])
        hardware = sender[:4] + struct.pack("!H", 0x4000 + number)
        herd += [((place + 0.5) / len(frames), moved(frame, sender, hardware, address, gateway))
                 for place, frame in enumerate(frames)]
    herd.sort(key=lambda item: item[0])
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind(("eth0", 0))
    begin = time.monotonic()
    for place, (moment, frame) in enumerate(herd):
        wait = begin + moment * seconds - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        raw.send(frame)
    print(f"{len(herd)} frames of {count} devices, made of {len(models)}", flush=True)


main()
