"""Sends artifacts to the worker: a name, pieces, and an empty piece as the end.

The program reads its files itself, with its own rights, and the worker never opens one: so no link, pipe or name can lead
anybody to what the program could not read anyway.
"""

from __future__ import annotations

import os
import stat
import threading
from json import dumps

from athena_harness import frames

_LARGEST_PIECE = 64 * 1024
# The same as in Artifacts.java.
_MOST = 1000
_LONGEST_NAME = 255


class Artifacts:
    """Those of one run. Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._names = set()
        self._limit = self._left = 0
        self._broken = False

    def allow(self, size):
        """Sets how many bytes they may have together."""
        self._limit = self._left = size

    def send(self, channel, name, data):
        """Sends one; data is bytes, text, a path, or None for the file of that name in the working directory."""
        name = _checked_name(name)
        source = None
        try:
            if data is None or isinstance(data, os.PathLike):
                source, size = _open(name if data is None else data)
                pieces = _pieces_of_file(source, size)
            else:
                view = _bytes(data)
                size = len(view)
                pieces = (view[start : start + _LARGEST_PIECE] for start in range(0, size, _LARGEST_PIECE))
            with self._lock:
                self._check(name, size)
                self._send(channel, name, pieces)
        finally:
            if source is not None:
                os.close(source)

    def _check(self, name, size):
        if self._broken:
            raise RuntimeError("sandbox.artifact: an earlier one was interrupted, so no other can follow")
        if name in self._names:
            raise ValueError(f"sandbox.artifact: there is an artifact {name!r} already; give this one another name")
        if len(self._names) >= _MOST:
            raise ValueError(f"sandbox.artifact: a run leaves at most {_MOST} artifacts; put them into an archive")
        if size > self._left:
            raise ValueError(
                f"sandbox.artifact: {name!r} has {size} bytes, but {self._left} of the {self._limit} that the run may"
                " leave are left; leave less, or run it with a higher limit artifact_bytes"
            )

    def _send(self, channel, name, pieces):
        self._broken = True
        channel.send(frames.ARTIFACT, dumps({"name": name}).encode())
        self._names.add(name)
        for piece in pieces:
            channel.send(frames.ARTIFACT_DATA, bytes(piece))
            self._left -= len(piece)
        channel.send(frames.ARTIFACT_DATA)
        self._broken = False


def _checked_name(name):
    if isinstance(name, os.PathLike):
        name = os.fspath(name)
    if not isinstance(name, str):
        raise TypeError(f"sandbox.artifact: the name must be text, not {type(name).__name__}")
    parts = name.split("/")
    try:
        fits = len(name.encode("utf-8")) <= _LONGEST_NAME
    except UnicodeEncodeError:
        fits = False
    odd = any(character < " " or character in "\x7f\\" for character in name)
    if not fits or odd or any(part in ("", ".", "..") for part in parts):
        raise ValueError(
            f"sandbox.artifact: {name!r:.300} is no relative path of 1 to {_LONGEST_NAME} bytes without '.', '..', empty"
            " parts, backslash and control characters"
        )
    return name


def _bytes(data):
    if isinstance(data, str):
        return data.encode("utf-8")
    try:
        return memoryview(data).cast("B")
    except (TypeError, ValueError):
        kind = type(data).__name__
        raise TypeError(f"sandbox.artifact: the data must be bytes, text or a path, not {kind}") from None


def _open(path):
    # Not blocking: opening a pipe that nobody writes to would wait for ever.
    source = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(source)
    if not stat.S_ISREG(status.st_mode):
        os.close(source)
        raise ValueError(f"sandbox.artifact: {os.fspath(path)!r} is no regular file")
    return source, status.st_size


def _pieces_of_file(source, size):
    """What the file has now, at most what was allowed, even if it grows meanwhile."""
    while size > 0:
        piece = os.read(source, min(size, _LARGEST_PIECE))
        if not piece:
            return
        size -= len(piece)
        yield piece
