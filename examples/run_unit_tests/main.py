"""Runs the unit tests in the workspace."""

import re
import sys
import time
import unittest

_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(: |$)")


class TestsFailed(Exception):
    """At least one test did not pass."""


def run_unit_tests(pattern: str = "test_*.py") -> dict:
    """Finds and runs unit tests, telling each as it ends.

    Args:
        pattern: Names of the files that hold tests, in the workspace.

    Returns:
        How many tests ran, and how long they took.

    Raises:
        TestsFailed: If a test failed; the message names it and says what was wrong.
        ValueError: If there are no tests.
    """
    suite = unittest.defaultTestLoader.discover(".", pattern=pattern)
    if suite.countTestCases() == 0:
        raise ValueError(f"no tests in files named {pattern}")
    result = _Told()
    started = time.monotonic()
    suite.run(result)
    seconds = round(time.monotonic() - started, 3)
    print(f"{result.testsRun} tests in {seconds} s")
    faults = result.failures + result.errors
    if faults:
        told = "; ".join(f"{test.id()}: {_verdict(trace)}" for test, trace in faults)
        raise TestsFailed(f"{len(faults)} of {result.testsRun} tests failed: {told}")
    return {"tests": result.testsRun, "seconds": seconds}


class _Told(unittest.TestResult):
    """Says what becomes of each test at once."""

    def addSuccess(self, test):
        super().addSuccess(test)
        print(f"ok      {test.id()}", flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skipped {test.id()}: {reason}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        _tell_fault("FAILED ", self.failures[-1])

    def addError(self, test, err):
        super().addError(test, err)
        _tell_fault("ERROR  ", self.errors[-1])


def _tell_fault(word: str, fault: tuple) -> None:
    test, trace = fault
    print(f"{word} {test.id()}", flush=True)
    print(trace, file=sys.stderr, flush=True)


def _verdict(trace: str) -> str:
    """The line of a traceback that names the exception: the last that begins with its type."""
    lines = [line for line in trace.splitlines() if _EXCEPTION.match(line)]
    return lines[-1] if lines else trace.strip()
