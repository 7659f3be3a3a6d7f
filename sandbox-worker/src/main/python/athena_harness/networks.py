"""Network namespaces of slots: nothing is in them but the Unix sockets that a program makes.

To make one and to take it down costs the kernel more than a tenth of a slot's life, so one whose slot has ended is used
again. All that a program can leave behind there are the names of abstract sockets, for the moment until the kernel
collects sockets that were under way in each other's queues. So a namespace with a socket in it is given up.
"""

from __future__ import annotations

import os

from athena_harness import kernel


class Networks:
    """Those that are free, used by the zygote only; it goes into one to fork a slot there."""

    def __init__(self):
        self._own = _current()
        self._free = []

    def enter(self):
        """Moves this process into one where there is no socket; its descriptor."""
        while self._free:
            network = self._free.pop()
            kernel.setns(network, kernel.CLONE_NEWNET)
            if _is_empty():
                return network
            os.close(network)
        kernel.unshare(kernel.CLONE_NEWNET)
        return _current()

    def leave(self):
        """Moves this process back into its own."""
        kernel.setns(self._own, kernel.CLONE_NEWNET)

    def give_back(self, network):
        """Takes one whose slot has ended, with all its processes."""
        self._free.append(network)


def _current():
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _is_empty():
    sockets = os.open("/proc/self/net/unix", os.O_RDONLY | os.O_CLOEXEC)
    try:
        # The first line is a heading.
        return os.read(sockets, 4096).count(b"\n") == 1
    finally:
        os.close(sockets)
