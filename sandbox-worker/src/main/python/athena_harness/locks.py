"""Stands in for fcntl.flock, whose system call is refused: through files that all runs share it would let them meet.

The locks of open file descriptions behave alike, but an exclusive one needs a file that is open for writing, which no
shared file ever is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct

# Of the kernel's struct flock: type, whence, start, length (0 is all), process.
_LOCK = struct.Struct("hhqqi0q")
_SET_NOW = 37
_SET_WHEN_FREE = 38
_KINDS = {fcntl.LOCK_SH: fcntl.F_RDLCK, fcntl.LOCK_EX: fcntl.F_WRLCK, fcntl.LOCK_UN: fcntl.F_UNLCK}


def flock(fd, operation, /):
    """Perform the lock operation on a file descriptor or an object with one: LOCK_SH, LOCK_EX, LOCK_UN, | LOCK_NB."""
    kind = _KINDS.get(operation & ~fcntl.LOCK_NB)
    if kind is None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    command = _SET_NOW if operation & fcntl.LOCK_NB else _SET_WHEN_FREE
    fcntl.fcntl(fd, command, _LOCK.pack(kind, os.SEEK_SET, 0, 0, 0))
