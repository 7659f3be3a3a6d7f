"""Answers one request for facts after another, in processes that a parent forks and renews.

The parent never touches source. A process of its own answers a few hundred requests with small sources, one after the
other, and keeps nothing from one to the next; after one that was large, slow or did not compile it gives way to another.
Whatever source does to the parser ends with that process and its companion. They are as isolated and limited as a
program's, because they live in a program's slot.
"""

from __future__ import annotations

import gc
import os
import time

from athena_harness import facts, frames, verdict

# Exit status of the parent when a request's process did not end well; the worker asks the slot's init for the reason.
REQUEST_FAILED = 114

# A process that answers more than one request must not be worn by any of them.
_MOST_ANSWERS = 200
_LARGEST_KEPT_FOR = 32 * 1024
_LONGEST_KEPT_FOR_SECONDS = 0.25

# After so many uses CPython has specialised its code for what it is used for.
_WARM_UPS = 20
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
    # Nothing is left for it to find: see facts.forget.
    gc.disable()
    for _ in range(_WARM_UPS):
        facts.to_json(_WARM_SOURCE)
    while True:
        child = os.fork()
        if child == 0:
            _answer_many(channel)
        _, status = os.waitpid(child, 0)
        if status != 0:
            os._exit(REQUEST_FAILED)


def _answer_many(channel):
    status = 1
    try:
        channel.adopt()
        # The first use of anything after a fork copies pages: done before a request comes, it costs nobody anything.
        facts.to_json(_WARM_SOURCE)
        companion = verdict.Companion(_WARM_SOURCE)
        for _ in range(_MOST_ANSWERS):
            frame = channel.receive()
            if frame is None:
                return
            if not _answer(channel, companion, frame[1]):
                break
        status = 0
    finally:
        os._exit(status)


def _answer(channel, companion, source):
    """True if the process can answer the next request, too."""
    begin = time.perf_counter()
    is_small = len(source) <= _LARGEST_KEPT_FOR
    if is_small:
        companion.ask(source)
    # Of a large one the tree and the compiler's own together would take too much memory at a time.
    kept = []
    report = facts.collect(source.decode("utf-8"), companion.answer if is_small else None, kept)
    channel.send(frames.FACTS, facts.as_json(report))
    if not is_small or "error" in report or time.perf_counter() - begin > _LONGEST_KEPT_FOR_SECONDS:
        return False
    # Now that nobody waits.
    facts.forget(kept)
    return True
