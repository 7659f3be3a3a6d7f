"""Turns Python values into the JSON that every part of the way to the caller can carry, or says why not.

Stricter than json.dumps: what it would change silently (keys that are no strings, integers that lose digits in a
double, NaN) or what PostgreSQL and Protobuf refuse (NUL, lone surrogates, deep nesting) is refused here, with advice.
"""

from __future__ import annotations

import math

# By name, here and in the other files: a program that replaces json.dumps must not break its own report.
from json import dumps

LARGEST_RESULT = 1024 * 1024
# Protobuf parsers stop at 100 nested messages, and a level of JSON takes three.
DEEPEST = 30

_ADVICE = {
    "set": "turn it into a list",
    "frozenset": "turn it into a list",
    "bytes": "decode it to text, or encode it with base64",
    "bytearray": "decode it to text, or encode it with base64",
    "datetime": "return its isoformat()",
    "date": "return its isoformat()",
    "time": "return its isoformat()",
    "Decimal": "return it as str or float",
    "generator": "turn it into a list",
    "coroutine": "await it",
}


class Unusable(Exception):
    """A value that cannot be carried; the message tells where it is and what to do."""


def to_json(value, largest, name):
    """Returns the value as UTF-8 JSON of at most `largest` bytes; `name` stands for the value in messages."""
    encoder = _Encoder(largest, name)
    text = dumps(encoder.plain(value), ensure_ascii=False, separators=(",", ":"), check_circular=False)
    encoded = text.encode("utf-8")
    if len(encoded) > largest:
        raise Unusable(encoder.too_large())
    return encoded


def clean_text(text):
    """The same text with NUL and lone surrogates written as escapes, so that it can be stored and sent."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


class _Encoder:
    def __init__(self, largest, name):
        self._largest = largest
        self._name = name
        self._budget = largest
        self._open = set()
        # Steps from the value itself to the part in hand; put into words only when something is wrong.
        self._trail = []

    def too_large(self):
        return f"{self._name} takes more than {self._largest} bytes as JSON; return less, or a summary"

    def plain(self, value):
        """A copy made of plain dict, list, str, int, float, bool and None."""
        # Values may be shared many times over: what counts is how often they would be written, separator included.
        self._budget -= 2
        if self._budget < -2:
            raise Unusable(self.too_large())
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int):
            return self._integer(value)
        if isinstance(value, float):
            return self._number(value)
        if isinstance(value, (dict, list, tuple)):
            return self._container(value)
        kind = type(value).__name__
        advice = _ADVICE.get(kind, "return dict, list, str, int, float, bool or None")
        raise Unusable(f"{self._here()} is of type {kind}, which JSON cannot express; {advice}")

    def _container(self, value):
        if len(self._trail) >= DEEPEST:
            raise Unusable(f"{self._name} is nested more than {DEEPEST} levels deep; return it flatter")
        if id(value) in self._open:
            raise Unusable(f"{self._here()} contains itself; return a copy without the cycle")
        self._open.add(id(value))
        self._trail.append(None)
        if isinstance(value, dict):
            copy = {self._key(key): self._part(key, each) for key, each in value.items()}
        else:
            copy = [self._part(index, each) for index, each in enumerate(value)]
        self._trail.pop()
        self._open.discard(id(value))
        return copy

    def _part(self, step, value):
        self._trail[-1] = step
        return self.plain(value)

    def _key(self, key):
        if not isinstance(key, str):
            kind = type(key).__name__
            raise Unusable(f"{self._here()} has a key of type {kind}; JSON needs text, so use str({key!r:.80})")
        return self._text(key)

    def _text(self, value):
        value = str.__str__(value)
        self._budget -= len(value)
        if self._budget < -2:
            raise Unusable(self.too_large())
        if "\0" in value:
            raise Unusable(
                f"{self._here()} contains a NUL character, which cannot be stored; remove it or encode the text"
            )
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Unusable(
                f"{self._here()} contains a lone surrogate at index {error.start}, which is no character;"
                " decode the bytes it came from with errors='replace'"
            ) from None
        return value

    def _integer(self, value):
        value = int.__int__(value)
        try:
            exact = int(float(value)) == value
        except OverflowError:
            exact = False
        if not exact:
            raise Unusable(f"{self._here()} is an integer that a JSON number cannot carry exactly; return it as str")
        return value

    def _number(self, value):
        value = float.__float__(value)
        if not math.isfinite(value):
            raise Unusable(f"{self._here()} is {value}, which JSON cannot express; return None or a text instead")
        return value

    def _here(self):
        steps = "".join(
            f".{step}" if isinstance(step, str) else f"[{step}]" for step in self._trail if step is not None
        )
        return clean_text(f"{self._name} at {steps[:200]}") if steps else self._name
