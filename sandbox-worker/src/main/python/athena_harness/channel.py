"""The program's connection to the worker, for progress, log entries and the outcome."""

from __future__ import annotations

import os
import threading

from athena_harness import frames


class Channel:
    """Thread-safe. Usable only by the process that runs the procedure: two processes would mix up their frames."""

    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._process = os.getpid()

    def is_own_process(self):
        """False in processes that the program forked."""
        return os.getpid() == self._process

    def adopt(self):
        """From here on it is this process that speaks; the one that forked it must be silent."""
        self._process = os.getpid()

    def receive(self):
        """The next frame from the worker."""
        return frames.receive(self._descriptor)

    def send(self, kind, payload=b""):
        """Sends a frame; blocks while the caller does not read."""
        if not self.is_own_process():
            raise RuntimeError("only the process that runs the procedure can use sandbox functions, not its children")
        with self._lock:
            frames.send(self._descriptor, kind, payload)
