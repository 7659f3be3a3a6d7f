"""Functions for code that runs in the sandbox: ``import sandbox``."""

from __future__ import annotations

import math as _math
import pathlib as _pathlib
from json import dumps as _dumps

from athena_harness import frames as _frames
from athena_harness import values as _values

__all__ = ["log", "progress", "workspace"]

workspace = _pathlib.Path("/workspace")
"""The run's private directory: it holds the caller's input files, is the current directory, and vanishes afterwards."""

_LONGEST_MESSAGE = 64 * 1024
_LARGEST_FIELDS = 256 * 1024
_channel = None


def progress(fraction, message=""):
    """Tells the caller how far the run is: 0.0 to 1.0, and optionally what it is doing."""
    fraction = float(fraction)
    if not _math.isfinite(fraction) or not 0.0 <= fraction <= 1.0:
        raise ValueError(f"sandbox.progress: fraction must be from 0.0 to 1.0, not {fraction}")
    event = {"fraction": fraction, "message": _text("progress", message)}
    _channel.send(_frames.PROGRESS, _dumps(event).encode())


def log(message, **fields):
    """Sends the caller a log entry: a text and named values that can be expressed as JSON."""
    try:
        encoded = _values.to_json(fields, _LARGEST_FIELDS, "the fields")
    except _values.Unusable as error:
        raise ValueError(f"sandbox.log: {error}") from None
    text = _dumps(_text("log", message)).encode()
    _channel.send(_frames.LOG, b'{"message":' + text + b',"fields":' + encoded + b"}")


def _text(function, message):
    text = _values.clean_text(str(message))
    if len(text) > _LONGEST_MESSAGE:
        raise ValueError(
            f"sandbox.{function}: the message has {len(text)} characters; at most {_LONGEST_MESSAGE} are sent"
        )
    return text
