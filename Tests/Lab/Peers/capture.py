"""Writes the frames of an interface to a pcap file, each at once. (tcpdump changes its user, which a user namespace refuses.)

    capture.py INTERFACE FILE
"""
import socket
import struct
import sys
import time

raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))  # ETH_P_ALL, linux/if_ether.h
raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
raw.bind((sys.argv[1], 0))
with open(sys.argv[2], "wb", buffering=0) as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    print("listening", flush=True)
    while True:
        frame = raw.recv(65535)
        now = time.time_ns() // 1000
        file.write(struct.pack("<IIII", now // 1_000_000, now % 1_000_000, len(frame), len(frame)) + frame)
