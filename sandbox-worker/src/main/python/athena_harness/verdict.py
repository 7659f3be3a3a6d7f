"""What CPython says of source as a whole: whether it compiles, of what it warns, and whether it is a script."""

from __future__ import annotations

import os
import re
import socket
import warnings
from json import dumps, loads

from athena_harness import entry, frames, places, values

_LONGEST_MESSAGE = 2000
_MOST_WARNINGS = 200
# The parser joins an imported name part by part, and keeps each step: with 100,000 parts it takes gigabytes.
_DOTTED = re.compile(r"[\w.]+")
_MOST_BYTES_OF_A_NAME = 100_000_000
_SHORTEST_ENDLESS = 10_000


def of(code):
    """The verdict: {"warnings": [[text, place]]}, and "is_script" where it compiles, else "error"."""
    verdict = {}
    if _imports_endless_name(code):
        return {"warnings": [], "error": _ENDLESS}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compiled = compile(code, "procedure.py", "exec", dont_inherit=True)
            verdict["is_script"] = not entry.defines_functions(compiled)
        except _ERRORS as error:
            verdict["error"] = describe(error, code)
    verdict["warnings"] = _complaints(caught, code) if caught else []
    return verdict


def parse_error(parse, code):
    """(what `parse` gives, None), or (None, why it does not parse)."""
    if _imports_endless_name(code):
        return None, _ENDLESS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return parse(code, "procedure.py"), None
        except _ERRORS as error:
            return None, describe(error, code)


# What the parser and the compiler raise for source; memory is what they call some kinds of nesting, too.
_ERRORS = (SyntaxError, RecursionError, MemoryError, ValueError, OverflowError)


_ENDLESS = {"kind": "depth", "message": "an imported name has too many parts", "at": [0, 0, 0, 0]}


def _imports_endless_name(code):
    # Fewer parts than any such name has: nearly all source is told apart by this alone.
    if code.count(".") < 1000:
        return False
    return any(
        match.group().lstrip(".").count(".") * len(match.group()) // 2 > _MOST_BYTES_OF_A_NAME
        and code.endswith(("import ", "from "), 0, match.start())
        for match in _DOTTED.finditer(code)
        if len(match.group()) > _SHORTEST_ENDLESS
    )


def describe(error, code):
    """An error as a fact."""
    if isinstance(error, SyntaxError):
        return _syntax_error(error, places.Places(code))
    if isinstance(error, (RecursionError, MemoryError)):
        # The parser says so for source that is nested too deep, long before memory is used up.
        return {"kind": "depth", "message": str(error) or "too complex to parse", "at": [0, 0, 0, 0]}
    return {"kind": "value", "message": _text(str(error)), "at": [0, 0, 0, 0]}


class Companion:
    """A process that finds verdicts while its maker looks at the tree, which takes about as long.

    It ends with its maker. If it ends before, what was asked of it raises.
    """

    def __init__(self, warm_source):
        ours, theirs = socket.socketpair()
        if os.fork() == 0:
            ours.close()
            _serve(theirs.fileno(), warm_source)
        theirs.close()
        self._descriptor = ours.detach()

    def ask(self, source):
        """Gives it source as UTF-8."""
        frames.send(self._descriptor, frames.CALL, source)

    def answer(self):
        """The verdict on what was asked last."""
        return loads(frames.receive(self._descriptor)[1])


def _serve(descriptor, warm_source):
    status = 1
    try:
        of(warm_source)
        while True:
            frame = frames.receive(descriptor)
            if frame is None:
                break
            frames.send(descriptor, frames.FACTS, dumps(of(frame[1].decode("utf-8"))).encode())
        status = 0
    finally:
        os._exit(status)


def _complaints(caught, code):
    where = places.Places(code)
    return [
        [_text(str(each.message)), where.whole_line(each.lineno or 0)]
        for each in caught[:_MOST_WARNINGS]
        if each.filename
    ]


def _syntax_error(error, where):
    line = error.lineno if isinstance(error.lineno, int) and error.lineno > 0 else 0
    column = error.offset if isinstance(error.offset, int) and error.offset > 0 else 0
    end_line = error.end_lineno if isinstance(error.end_lineno, int) and error.end_lineno >= line else line
    end_column = error.end_offset if isinstance(error.end_offset, int) and error.end_offset > 0 else 0
    # Errors at the end of the file may be told to be one line after it.
    if line > where.count:
        line, column, end_line, end_column = max(where.count, 1), 0, max(where.count, 1), 0
    if end_line == line and end_column <= column:
        end_column = column + 1 if column else 0
    return {
        "kind": type(error).__name__,
        "message": _text(error.msg or "invalid syntax"),
        "at": [line, column, end_line, end_column],
    }


def _text(text):
    return values.clean_text(text)[:_LONGEST_MESSAGE]
