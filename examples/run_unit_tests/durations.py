"""Reads and writes durations such as "1h30m"."""

import re

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+)([dhms])")


def parse(text: str) -> int:
    """The seconds of a duration such as "2d", "1h30m" or "45s"."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"'{text}' is no duration such as 1h30m")
    return sum(int(number) * _SECONDS[unit] for number, unit in parts)


def spell(seconds: int) -> str:
    """The shortest duration of that many seconds."""
    spelled = ""
    for unit, length in _SECONDS.items():
        number, seconds = divmod(seconds, length)
        if number:
            spelled += f"{number}{unit}"
    return spelled
