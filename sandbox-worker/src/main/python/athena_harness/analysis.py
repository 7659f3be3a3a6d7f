"""Answers one request for facts after another, each in a process of its own that a parent has forked ahead.

The parent never touches source: whatever the parser does to its process, nothing of it reaches the next request. The
process is as isolated and limited as a program's, because it lives in a program's slot.
"""

from __future__ import annotations

import os

from athena_harness import facts, frames

# Exit status of the parent when a request's process did not end well; the worker asks the slot's init for the reason.
REQUEST_FAILED = 114

_WARM_SOURCE = '''
import os.path as p
from json import loads, dumps as d

class A(object):
    """A class."""
    def f(self, x: int = 1, *a, k=None, **kw) -> int:
        try:
            with open(p.join("a", f"{x}")) as file:
                return [loads(y) for y in file if y] or {1: d(x, indent=2)}
        except (ValueError, OSError) as error:
            raise KeyError("%s" % error) from error
'''


def serve(channel):
    """Until the worker goes away. Never returns."""
    while True:
        child = os.fork()
        if child == 0:
            _answer(channel)
        _, status = os.waitpid(child, 0)
        if status != 0:
            os._exit(REQUEST_FAILED)


def _answer(channel):
    status = 1
    try:
        channel.adopt()
        # The first use of anything after a fork copies pages: done before the request comes, it costs nobody anything.
        facts.to_json(_WARM_SOURCE)
        frame = channel.receive()
        if frame is not None:
            channel.send(frames.FACTS, facts.to_json(frame[1].decode("utf-8")))
            status = 0
    finally:
        os._exit(status)
