"""Makes the first processes of slots' process namespaces.

Such an init does nothing but exist: the kernel makes orphans its children and, because it ignores their ends, reaps them
itself; when it is killed, the kernel ends everything in its namespace. It shares the nursery's memory and runs a single
system call there, so it costs neither memory nor the copying of a process. The nursery is a process of its own because
the zygote must not ignore the ends of *its* children: those are the programs.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct

from athena_harness import kernel

_NUMBER = struct.Struct("!i")
_STACK_BYTES = 1024


class Nursery:
    """The zygote's end: asks for inits, which become children of the zygote."""

    def __init__(self, most):
        self._connection, theirs = socket.socketpair()
        if os.fork() == 0:
            self._connection.close()
            _serve(theirs, most)
        theirs.close()

    def new_init(self, number):
        """The process id of a new init, alone in a process namespace of its own.

        The number, from 0 to less than `most`, must not be that of an init that still lives.
        """
        self._connection.sendall(_NUMBER.pack(number))
        answer = self._connection.recv(_NUMBER.size)
        if len(answer) != _NUMBER.size:
            raise OSError("the nursery has ended")
        (pid,) = _NUMBER.unpack(answer)
        if pid < 0:
            raise OSError(-pid, f"make a process namespace: {os.strerror(-pid)}")
        return pid


def _serve(connection, most):
    # What an init inherits: with it the kernel reaps orphans by itself.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    stacks = (ctypes.c_char * _STACK_BYTES * most)()
    try:
        for request in iter(lambda: connection.recv(_NUMBER.size), b""):
            (number,) = _NUMBER.unpack(request)
            connection.sendall(_NUMBER.pack(_new_init(own_namespace, stacks[number])))
    finally:
        os._exit(0)


def _new_init(own_namespace, stack):
    try:
        kernel.unshare(kernel.CLONE_NEWPID)
        try:
            return kernel.clone_waiting_process(stack)
        finally:
            kernel.setns(own_namespace, kernel.CLONE_NEWPID)
    except OSError as error:
        return -error.errno
