"""Date arithmetic over a log file: spans, gaps, and how long jobs took."""

import re
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

_ENTRY = re.compile(r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)) (?P<level>[A-Z]+) (?P<text>.*)")
_JOB = re.compile(r"job (?P<name>[\w-]+) (?P<what>started|finished)")


def log_intervals(path: str, gap_minutes: float = 30) -> dict:
    """Measures the intervals in a log file.

    Args:
        path: The file, in the workspace: lines of an ISO 8601 time, a level and a text. Offsets from UTC may differ.
        gap_minutes: A silence longer than this is told.

    Returns:
        The span, the gaps, the busiest hour in UTC, the entries of each level and the duration of each job.

    Raises:
        ValueError: If the file has no entry.
    """
    entries = _entries(path)
    if not entries:
        raise ValueError(f"{path} has no line of the form 'TIME LEVEL TEXT'")
    first, last = entries[0][0], entries[-1][0]
    print(f"{len(entries)} entries over {_spoken(last - first)}, from {first:%a %d %b %Y %H:%M} UTC", flush=True)

    gaps = []
    for (earlier, _, _), (later, _, _) in zip(entries, entries[1:]):
        if later - earlier > timedelta(minutes=gap_minutes):
            gaps.append({"from": earlier.isoformat(), "seconds": (later - earlier).total_seconds()})
            print(f"  silent for {_spoken(later - earlier)} from {earlier:%a %H:%M}", flush=True)

    jobs = _jobs(entries)
    hour, count = Counter(time.strftime("%Y-%m-%dT%H:00Z") for time, _, _ in entries).most_common(1)[0]
    print(f"  busiest hour {hour} with {count} entries")
    return {
        "entries": len(entries),
        "span_seconds": (last - first).total_seconds(),
        "gaps": gaps,
        "busiest_hour": hour,
        "levels": dict(Counter(level for _, level, _ in entries)),
        "jobs": jobs,
    }


def _entries(path: str) -> list:
    """The entries in the order of time, all in UTC."""
    entries = []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        entry = _ENTRY.fullmatch(line)
        if entry:
            time = datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).astimezone(timezone.utc)
            entries.append((time, entry["level"], entry["text"]))
    return sorted(entries, key=lambda entry: entry[0])


def _jobs(entries: list) -> dict:
    """How often each job ran, and how long on average and at most."""
    started: dict = {}
    durations: dict = {}
    for time, _, text in entries:
        job = _JOB.match(text)
        if not job:
            continue
        if job["what"] == "started":
            started[job["name"]] = time
        elif job["name"] in started:
            durations.setdefault(job["name"], []).append(time - started.pop(job["name"]))
    summary = {}
    for name, times in sorted(durations.items()):
        mean = sum(times, timedelta()) / len(times)
        print(f"  job {name}: {len(times)} runs, {_spoken(mean)} on average, {_spoken(max(times))} at most", flush=True)
        summary[name] = {"runs": len(times), "mean_seconds": mean.total_seconds(), "max_seconds": max(times).total_seconds()}
    for name, time in started.items():
        print(f"  job {name}: started {time:%a %H:%M} and never finished")
    return summary


def _spoken(duration: timedelta) -> str:
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value) or "0 s"
