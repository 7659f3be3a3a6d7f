"""Messages between the worker and a slot: four bytes of length, one byte of kind, then the payload.

By descriptor rather than socket object: it is what a fork has to touch least memory for.
"""

from __future__ import annotations

import os
import struct

# Between the worker and the zygote, on a slot's supervisor connection.
KILL = b"K"
ENDED = b"E"
# Between the worker and a slot, on its control connection, before the program.
LIMIT = b"S"
READY = b"R"
RUNNING = b"G"
REFUSED = b"X"
# From the worker to the program, on the same connection.
CALL = b"C"
FILE = b"F"
TOOL_RESULT = b"Y"
# From the program to the worker.
PROGRESS = b"P"
LOG = b"L"
TOOL_CALL = b"O"
ARTIFACT = b"B"
ARTIFACT_DATA = b"D"
RETURNED = b"V"
RAISED = b"T"
UNUSABLE = b"I"
FACTS = b"A"

# Payload of a LIMIT frame: bytes of memory, processes, bytes of disk.
LIMITS = struct.Struct("!qqq")

_HEADER = struct.Struct("!Ic")
LARGEST_FRAME = 32 * 1024 * 1024


class FrameError(Exception):
    """The other side sent something that is no frame."""


def send(descriptor, kind, payload=b""):
    """Sends one frame; small ones in a single system call."""
    left = _HEADER.pack(len(payload), kind) + payload
    written = os.write(descriptor, left)
    while written < len(left):
        left = memoryview(left)[written:]
        written = os.write(descriptor, left)


def receive(descriptor):
    """Returns (kind, payload), or None when the other side has closed the connection."""
    header = _read(descriptor, _HEADER.size)
    if header is None:
        return None
    length, kind = _HEADER.unpack(header)
    if length > LARGEST_FRAME:
        raise FrameError(f"a frame of {length} bytes is larger than {LARGEST_FRAME}")
    if length == 0:
        return kind, b""
    payload = _read(descriptor, length)
    if payload is None:
        raise FrameError("the connection ended inside a frame")
    return kind, payload


def _read(descriptor, length):
    data = os.read(descriptor, length)
    if len(data) == length:
        return data
    if not data:
        return None
    buffer = bytearray(data)
    while len(buffer) < length:
        data = os.read(descriptor, min(length - len(buffer), 1 << 20))
        if not data:
            raise FrameError("the connection ended inside a frame")
        buffer += data
    return bytes(buffer)
