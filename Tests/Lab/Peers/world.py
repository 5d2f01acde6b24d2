"""The first process of a lab: makes the hosts, runs programs in them, and takes everything along when it ends.

Started by Lab.swift as process 1 of new PID, mount and network namespaces, with a pipe as standard input. Each line
there is a request in JSON, each line on standard output the answer to it. When the pipe closes - the test ended, crashed
or was interrupted - this process exits, and the kernel kills all others in the PID namespace and drops the interfaces.

Requests:
    {"do": "host", "name": N, "resolver": PATH}          a host: network, mount and UTS namespaces of its own
    {"do": "spawn", "host": N, "argv": [...], "environment": {...}, "directory": D,
     "output": PATH, "input": PATH or null}               -> {"pid": P}
    {"do": "poll", "pid": P}                              -> {"status": S} once, null while it runs; -N for signal N
    {"do": "signal", "pid": P, "signal": N}               to the program and what it started
"""
import ctypes
import json
import os
import signal
import socket
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNET = 0x00020000, 0x04000000, 0x40000000  # linux/sched.h
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 1 << 18, 0x1000  # linux/mount.h
libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind, flags):
    encode = lambda text: text.encode() if text is not None else None
    check(libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), None), f"mount {target}")


class World:
    def __init__(self):
        self.hosts = {}
        self.holders = set()
        self.running = set()
        self.ended = {}

    def host(self, request):
        name = request["name"]
        ready_read, ready_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            self.hold(name, request["resolver"], ready_write)
        os.close(ready_write)
        trouble = os.read(ready_read, 4096).decode()
        os.close(ready_read)
        if trouble != "ready":
            raise RuntimeError(f"host {name}: {trouble or 'its first process died'}")
        self.holders.add(pid)
        self.hosts[name] = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC) for kind in ("mnt", "net", "uts")]
        return {"pid": pid}

    def hold(self, name, resolver, ready):
        """Keeps the namespaces of a host alive; never returns."""
        try:
            check(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET), "unshare")
            mount(None, "/", None, MS_REC | MS_PRIVATE)
            socket.sethostname(name)
            mount("tmpfs", "/run", "tmpfs", 0)
            # A name server of its own, on whatever /etc/resolv.conf leads to.
            target = os.path.realpath("/etc/resolv.conf")
            if target.startswith("/run/"):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                open(target, "w").close()
            mount(resolver, target, None, MS_BIND)
            try:
                mount("sysfs", "/sys", "sysfs", 0)
            except OSError:
                pass  # /sys/class/net then shows the interfaces of another host; only some programs look there.
            os.write(ready, b"ready")
        except Exception as error:
            os.write(ready, str(error).encode())
            os._exit(1)
        os.close(ready)
        os.close(0)
        os.close(1)
        while True:
            signal.pause()

    def spawn(self, request):
        namespaces = self.hosts[request["host"]] if request["host"] is not None else []
        failure_read, failure_write = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(failure_read)
                os.setsid()
                for descriptor in namespaces:
                    check(libc.setns(descriptor, 0), "setns")
                os.chdir(request["directory"])
                source = os.open(request.get("input") or "/dev/null", os.O_RDONLY)
                output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
                os.dup2(source, 0)
                os.dup2(output, 1)
                os.dup2(output, 2)
                # What is ignored here, or by Python, would be ignored by the program too.
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_DFL)
                os.execvpe(request["argv"][0], request["argv"], request["environment"])
            except Exception as error:
                os.write(failure_write, str(error).encode())
            os._exit(127)
        os.close(failure_write)
        trouble = os.read(failure_read, 4096).decode()
        os.close(failure_read)
        if trouble:
            os.waitpid(pid, 0)
            raise RuntimeError(f"{request['argv'][0]}: {trouble}")
        self.running.add(pid)
        return {"pid": pid}

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid in self.running:
                self.running.discard(pid)
                self.ended[pid] = os.waitstatus_to_exitcode(status)

    def poll(self, request):
        self.reap()
        return {"status": self.ended.get(request["pid"])}

    def signal(self, request):
        self.reap()
        if request["pid"] in self.running:
            os.killpg(request["pid"], request["signal"])
        return {}


def main():
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is for the lab's owner, who closes the pipe.
    world = World()
    actions = {"host": world.host, "spawn": world.spawn, "poll": world.poll, "signal": world.signal}
    for line in sys.stdin:
        try:
            request = json.loads(line)
            answer = actions[request["do"]](request)
        except Exception as error:
            answer = {"error": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    os._exit(0)


main()
