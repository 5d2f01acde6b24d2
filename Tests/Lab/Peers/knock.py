"""Tries to connect to addresses again and again, until the file STOP is there.

    knock.py STOP PORT ADDRESS ...

Prints "knocking" first, "through ADDRESS" for each connection that came about, and every tenth round how many there were.
Addresses are those that no policy allows: one attempt each 20 ms, more would be a flood.
"""
import os
import selectors
import socket
import sys
import time

stop, port, addresses = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
print("knocking", flush=True)
rounds = 0
while not os.path.exists(stop):
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as attempt, selectors.DefaultSelector() as wait:
            attempt.setblocking(False)
            code = attempt.connect_ex((address, port))
            wait.register(attempt, selectors.EVENT_WRITE)
            # An interface that is down answers nothing; the next attempt must not wait for this one.
            if wait.select(0.1) and attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 and code in (0, 115):
                print(f"through {address}", flush=True)
        time.sleep(0.02)
    rounds += 1
    if rounds % 10 == 0:
        print(f"rounds {rounds}", flush=True)
print("stopped", flush=True)
