"""Functions for code that runs in the sandbox: ``import sandbox``."""

from __future__ import annotations

import math as _math
import pathlib as _pathlib
import threading as _threading
from json import dumps as _dumps
from json import loads as _loads

from athena_harness import artifacts as _artifacts_of
from athena_harness import frames as _frames
from athena_harness import values as _values

__all__ = ["ToolError", "artifact", "log", "progress", "tools", "workspace"]

workspace = _pathlib.Path("/workspace")
"""The run's private directory: it holds the caller's input files, is the current directory, and vanishes afterwards."""

_LONGEST_MESSAGE = 64 * 1024
_LARGEST_FIELDS = 256 * 1024
_LARGEST_ARGUMENTS = 1024 * 1024
_LONGEST_TOOL_NAME = 200
_channel = None
_artifacts = _artifacts_of.Artifacts()


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


def artifact(name, data=None):
    """Leaves a file for the caller, which it can fetch by its name: bytes, text (as UTF-8) or the content of a path.

    Without data it is the file of that name in the workspace. It is sent at once: what happens to the file later changes
    nothing. All artifacts of a run together have a limit of bytes.
    """
    _artifacts.send(_channel, name, data)


class ToolError(Exception):
    """A tool gave no answer; the message says why."""

    # As programs know it, in their tracebacks too.
    __module__ = "sandbox"


class _Tools:
    """Tools that the caller serves: ``tools.call("mail.send", to="a@b.c")``, or ``tools.lookup(key=1)``.

    A call waits for the answer, which is any JSON value. Those of several threads are made one after the other.
    """

    def __init__(self):
        self._lock = _threading.Lock()
        self._calls = 0

    def call(self, name, /, **arguments):
        """Calls a tool and returns its answer; raises ToolError if there is none."""
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_TOOL_NAME:
            raise ValueError(
                f"tools.call: a tool's name is text of 1 to {_LONGEST_TOOL_NAME} characters, not {str(name)!r:.80}"
            )
        try:
            encoded = _values.to_json(arguments, _LARGEST_ARGUMENTS, "the arguments")
        except _values.Unusable as error:
            raise ValueError(f"tools.call: {error}") from None
        quoted_name = _dumps(_values.clean_text(name)).encode()
        if not _channel.is_own_process():
            raise RuntimeError("only the process that runs the procedure can call tools, not its children")
        with self._lock:
            self._calls += 1
            call_id = str(self._calls)
            head = b'{"id":"' + call_id.encode() + b'","name":' + quoted_name + b',"arguments":'
            _channel.send(_frames.TOOL_CALL, head + encoded + b"}")
            answer = self._await(call_id)
        if "error" in answer:
            raise ToolError(f"{name}: {answer['error']}")
        return answer["value"]

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda **arguments: self.call(name, **arguments)

    @staticmethod
    def _await(call_id):
        while True:
            frame = _channel.receive()
            if frame is None:
                raise ToolError("the connection to the caller is lost")
            answer = _loads(frame[1])
            # That of a call which was given up for an exception is of no interest any more.
            if frame[0] == _frames.TOOL_RESULT and answer["id"] == call_id:
                return answer


tools = _Tools()
"""Calls tools of the caller's, so that secrets and side effects stay with the caller."""


def _text(function, message):
    text = _values.clean_text(str(message))
    if len(text) > _LONGEST_MESSAGE:
        raise ValueError(
            f"sandbox.{function}: the message has {len(text)} characters; at most {_LONGEST_MESSAGE} are sent"
        )
    return text
