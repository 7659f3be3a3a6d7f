"""System calls that Python's os module lacks before 3.12, through the C library that is loaded anyway."""

from __future__ import annotations

import ctypes
import os

_CLONE_VM = 0x00000100
_CLONE_PARENT = 0x00008000
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MNT_DETACH = 2

CAP_KILL = 5
CAP_SYS_RESOURCE = 24

_PR_SET_DUMPABLE = 4
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
# Calls through this one keep the interpreter's lock, so that the child of a fork finds it held by itself.
_libc_with_lock = ctypes.PyDLL(None, use_errno=True)
_ulong = ctypes.c_ulong
_libc.clone.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
_pause = ctypes.cast(_libc.pause, ctypes.c_void_p)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def clone_waiting_process(stack):
    """Starts a process that only waits, in this process's memory, as a child of this process's parent.

    The stack, a writable ctypes buffer of some hundred bytes, must not be used again while that process lives.
    """
    # Stacks grow downwards, from an address that is a multiple of 16.
    top = (ctypes.addressof(stack) + ctypes.sizeof(stack)) & ~15
    pid = _libc.clone(_pause, top, _CLONE_VM | _CLONE_PARENT, None)
    _checked(min(pid, 0), "clone")
    return pid


def fork_without_ceremony():
    """Forks without what Python does around it: seeding random anew and making locks new, which dirties 200 pages.

    Only for a process with one thread that holds no lock. The child must seed `random` itself.
    """
    pid = _libc_with_lock.fork()
    _checked(min(pid, 0), "fork")
    return pid


def unshare(flags):
    """Gives this process new namespaces."""
    _checked(_libc.unshare(flags), "unshare")


def setns(descriptor, kind):
    """Joins the namespace behind a descriptor."""
    _checked(_libc.setns(descriptor, kind), "setns")


def mount(source, target, kind, flags, options):
    """Mounts, or with MS_REMOUNT changes a mount."""
    encoded = [part.encode() for part in (source, target, kind)]
    result = _libc.mount(*encoded, _ulong(flags), options.encode())
    _checked(result, f"mount {kind} on {target}")


def detach(target):
    """Takes a mount, and all below it, out of this mount namespace."""
    _checked(_libc.umount2(target.encode(), MNT_DETACH), f"unmount {target}")


def eventfd():
    """A descriptor for the kernel to signal events on."""
    descriptor = _libc.eventfd(0, os.O_CLOEXEC | os.O_NONBLOCK)
    _checked(min(descriptor, 0), "eventfd")
    return descriptor


def drop_bounding_set(capabilities):
    """Takes capabilities away for good, from this process and all it starts."""
    for capability in capabilities:
        _checked(_prctl(_PR_CAPBSET_DROP, capability), "drop a capability")
    _checked(_prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL), "clear ambient capabilities")


def keep_capabilities(kept):
    """Keeps only the given effective and permitted capabilities, and nothing inheritable."""
    mask = sum(1 << capability for capability in kept)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _checked(_libc.capset(header, data), "set capabilities")


def held_capabilities():
    """The numbers of the capabilities this process may have."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("CapBnd:"):
                mask = int(line.split()[1], 16)
                return [number for number in range(64) if mask >> number & 1]
    raise OSError("/proc/self/status tells no capabilities")


def forbid_new_privileges():
    """No program started from here gains privileges, whatever its file says."""
    _checked(_prctl(_PR_SET_NO_NEW_PRIVS, 1), "set no_new_privs")


class SystemCallFilter:
    """A program for the kernel that judges each system call; made ready once, installed by each slot."""

    class _Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]

    def __init__(self, instructions):
        self._program = self._Program(len(instructions) // 8, instructions)
        self._address = ctypes.addressof(self._program)

    def install(self):
        """Judges this process and all it starts from here on. Takes no_new_privs; cannot be undone."""
        _checked(
            _libc.prctl(_PR_SET_SECCOMP, _ulong(_SECCOMP_MODE_FILTER), _ulong(self._address), _ulong(0), _ulong(0)),
            "install the filter of system calls",
        )


def allow_reading_own_proc():
    """After a change of uid a process may not read its own /proc/self; this gives it back."""
    _checked(_prctl(_PR_SET_DUMPABLE, 1), "set dumpable")


def _prctl(option, argument):
    return _libc.prctl(option, _ulong(argument), _ulong(0), _ulong(0), _ulong(0))
