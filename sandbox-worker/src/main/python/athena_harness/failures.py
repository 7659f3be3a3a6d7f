"""Tells what an exception was, in terms of the procedure's own code."""

from __future__ import annotations

import errno
import traceback

from athena_harness import values

_LONGEST_MESSAGE = 16 * 1024
_LONGEST_TRACEBACK = 64 * 1024


def describe(error, file_name):
    """The exception as the worker's frame wants it."""
    report = traceback.TracebackException(type(error), error, error.__traceback__)
    _keep_own_frames(report, file_name, set())
    return {
        "type": _qualified_name(type(error)),
        "message": _shortened(_message(error), _LONGEST_MESSAGE),
        "traceback": _shortened("".join(report.format()), _LONGEST_TRACEBACK),
        "line": _line(error, file_name),
        "no_memory": _met(error, lambda each: isinstance(each, MemoryError)),
        "no_process": _met(error, _is_process_refusal),
    }


def _keep_own_frames(report, file_name, seen):
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    report.stack = traceback.StackSummary.from_list([frame for frame in report.stack if frame.filename == file_name])
    _keep_own_frames(report.__cause__, file_name, seen)
    _keep_own_frames(report.__context__, file_name, seen)
    for each in getattr(report, "exceptions", None) or ():
        _keep_own_frames(each, file_name, seen)


def _line(error, file_name):
    if isinstance(error, SyntaxError) and error.filename == file_name:
        return error.lineno or 0
    line = 0
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file_name:
            line = step.tb_lineno
        step = step.tb_next
    return line or getattr(error, "athena_line", 0)


def _qualified_name(kind):
    if kind.__module__ in ("builtins", "__main__"):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _message(error):
    try:
        return str(error)
    except Exception as second:
        return f"(its text cannot be had: {type(second).__name__})"


def _shortened(text, longest):
    text = values.clean_text(text)
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]}\n... ({len(text) - 2 * half} characters left out) ...\n{text[-half:]}"


def _met(error, matches):
    """True if the exception, or one it came from, matches."""
    seen = set()
    while error is not None and id(error) not in seen:
        if matches(error):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _is_process_refusal(error):
    if isinstance(error, OSError):
        return error.errno == errno.EAGAIN
    return isinstance(error, RuntimeError) and "can't start new thread" in str(error)
