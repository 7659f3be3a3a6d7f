"""What a program finds when it tries what the worker promises to prevent; the worker judges."""

import ctypes
import errno
import os
import socket


def main():
    return {
        "status": status(),
        "user_map": open("/proc/self/uid_map").read().split(),
        "namespaces": {name: os.readlink("/proc/self/ns/" + name) for name in os.listdir("/proc/self/ns")},
        "writable": sorted(place for place in places() if is_writable(place)),
        "socket": error(lambda: socket.socket(socket.AF_INET)),
        "mount": failure_of(libc.mount, b"tmpfs", b"/tmp", b"tmpfs", 0, None),
        "unshare": failure_of(libc.unshare, 0x10000000),
        "flock": failure_of(libc.flock, 0, 2),
        "disk": {place: fill(place) for place in ("/tmp", "/workspace")},
        "processes": start_processes(),
    }


libc = ctypes.CDLL(None, use_errno=True)


def status():
    wanted = ("Uid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters")
    lines = (line.partition(":") for line in open("/proc/self/status"))
    return {name: value.split()[0] for name, _, value in lines if name in wanted}


def places():
    own = {"tmp", "workspace"}
    return ["/"] + ["/" + name for name in os.listdir("/") if name not in own and os.path.isdir("/" + name)]


def is_writable(place):
    """Unless its file system says that it is read-only, and refuses to be written."""
    told = os.statvfs(place).f_flag & os.ST_RDONLY
    refused = error(lambda: os.open(place + "/athena-self-test", os.O_CREAT | os.O_WRONLY))
    return not told or refused not in ("EROFS", "EACCES", "ENOENT")


def fill(place):
    """How many bytes can be written there; at most 64 MiB are tried."""
    written = 0
    path = place + "/filled"
    with open(path, "wb", buffering=0) as file:
        try:
            while written < 64 << 20:
                written += file.write(bytes(1 << 16))
        except OSError as failure:
            if failure.errno != errno.ENOSPC:
                raise
    os.remove(path)
    return written


def start_processes():
    """How many processes, this one included, can be there at a time; at most 100 are tried."""
    reader, writer = os.pipe()
    started = []
    try:
        while len(started) < 100:
            child = os.fork()
            if child == 0:
                os.close(writer)
                os.read(reader, 1)
                os._exit(0)
            started.append(child)
    except BlockingIOError:
        pass
    os.close(writer)
    for child in started:
        os.waitpid(child, 0)
    return len(started) + 1


def error(action):
    try:
        action()
    except OSError as failure:
        return errno.errorcode[failure.errno]
    return "allowed"


def failure_of(function, *arguments):
    return errno.errorcode[ctypes.get_errno()] if function(*arguments) == -1 else "allowed"
