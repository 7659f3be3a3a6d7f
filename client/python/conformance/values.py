"""Values of a scenario: names filled in, and expectations compared with what came. README.md there has the rules."""

from __future__ import annotations

from typing import Any


class Mismatch(Exception):
    """Something came that was not expected."""


def fill_in(value: Any, names: dict[str, Any]) -> Any:
    """Puts the value of each kept name in the place of ``$name``."""
    if isinstance(value, dict):
        return {key: fill_in(entry, names) for key, entry in value.items()}
    if isinstance(value, list):
        return [fill_in(entry, names) for entry in value]
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in names:
            raise Mismatch(f"the scenario has kept nothing as {value}")
        return names[value[1:]]
    return value


def look_up(path: str, value: Any) -> Any:
    """Gives what lies at a path such as ``procedure.etag``."""
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            raise Mismatch(f"there is no {path} to keep in {value!r}")
        value = value[key]
    return value


def compare(expected: Any, actual: Any, path: str = "") -> None:
    """Raises Mismatch unless everything that is expected is there."""
    if isinstance(expected, dict):
        if len(expected) == 1 and next(iter(expected)).startswith("$"):
            _compare_by(*next(iter(expected.items())), actual, path)
            return
        if not isinstance(actual, dict):
            raise Mismatch(f"{path or 'the answer'}: expected an object, got {actual!r}")
        for key, entry in expected.items():
            compare(entry, actual.get(key), f"{path}.{key}" if path else key)
    elif isinstance(expected, list):
        entries = actual or []
        if not isinstance(entries, list) or len(entries) != len(expected):
            raise Mismatch(f"{path}: expected {len(expected)} entries, got {actual!r}")
        for index, (wanted, entry) in enumerate(zip(expected, entries, strict=True)):
            compare(wanted, entry, f"{path}[{index}]")
    elif not _equal(expected, actual):
        raise Mismatch(f"{path}: expected {expected!r}, got {actual!r}")


def _compare_by(rule: str, operand: Any, actual: Any, path: str) -> None:
    if rule == "$contains" and isinstance(operand, str):
        holds = isinstance(actual, str) and operand in actual
    elif rule == "$contains":
        holds = any(_matches(operand, entry) for entry in actual or [])
    elif rule == "$above":
        holds = actual is not None and float(actual) > operand
    elif rule == "$not":
        holds = not _matches(operand, actual)
    else:
        raise Mismatch(f"{path}: there is no rule {rule}")
    if not holds:
        raise Mismatch(f"{path}: expected {rule} {operand!r}, got {actual!r}")


def _matches(expected: Any, actual: Any) -> bool:
    try:
        compare(expected, actual)
    except Mismatch:
        return False
    return True


def _equal(expected: Any, actual: Any) -> bool:
    if actual is None:  # JSON of Protobuf leaves defaults out.
        return expected in (None, False, 0, "")
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float) and isinstance(actual, str):  # So it writes numbers of 64 bits.
        return str(expected) == actual
    return bool(expected == actual)
