"""Summary of a CSV file: what each column holds, and totals by group."""

import csv
import statistics
from collections import Counter, defaultdict
from pathlib import Path
from typing import Optional


def csv_summary(path: str, group_by: Optional[str] = None, total_of: Optional[str] = None) -> dict:
    """Summarises every column of a CSV file with a header.

    Args:
        path: The file, in the workspace.
        group_by: Column whose values make groups; none without it.
        total_of: Numeric column to add up for each group.

    Returns:
        The number of rows, a summary of each column, and the totals by group.

    Raises:
        ValueError: If the file has no header or no rows, or a named column is missing or not numeric.
    """
    with Path(path).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns = list(reader.fieldnames or [])
        rows = list(reader)
    if not columns or not rows:
        raise ValueError(f"{path} has no header or no rows")
    for column in filter(None, (group_by, total_of)):
        if column not in columns:
            raise ValueError(f"{path} has no column '{column}'; it has {', '.join(columns)}")

    print(f"{path}: {len(rows)} rows, {len(columns)} columns", flush=True)
    summaries = {}
    for column in columns:
        summaries[column] = _summarise([row[column] or "" for row in rows])
        print(f"  {column:12} {_in_words(summaries[column])}", flush=True)
    groups = _totals(rows, group_by, total_of) if group_by and total_of else {}
    for group, total in groups.items():
        print(f"  {group:12} {total:12,.2f}", flush=True)
    return {"rows": len(rows), "columns": summaries, "totals": groups}


def _summarise(values: list) -> dict:
    filled = [value for value in values if value.strip()]
    numbers = [number for number in map(_number, filled) if number is not None]
    summary: dict = {"missing": len(values) - len(filled), "distinct": len(set(filled))}
    if filled and len(numbers) == len(filled):
        summary.update(
            type="number",
            minimum=min(numbers),
            maximum=max(numbers),
            mean=round(statistics.fmean(numbers), 2),
            median=statistics.median(numbers),
            deviation=round(statistics.stdev(numbers), 2) if len(numbers) > 1 else 0.0,
        )
    else:
        summary.update(type="text", most_common=dict(Counter(filled).most_common(3)))
    return summary


def _in_words(summary: dict) -> str:
    missing = f", {summary['missing']} missing" if summary["missing"] else ""
    if summary["type"] == "number":
        spread = f"{summary['minimum']:g} to {summary['maximum']:g}"
        return f"number  {spread}, mean {summary['mean']:g}, median {summary['median']:g}{missing}"
    common = ", ".join(f"{value} ({count})" for value, count in summary["most_common"].items())
    return f"text    {summary['distinct']} different: {common}{missing}"


def _totals(rows: list, group_by: str, total_of: str) -> dict:
    totals: dict = defaultdict(float)
    for line, row in enumerate(rows, start=2):
        number = _number(row[total_of] or "0")
        if number is None:
            raise ValueError(f"line {line}: '{row[total_of]}' in column '{total_of}' is no number")
        totals[row[group_by] or "(none)"] += number
    return {group: round(total, 2) for group, total in sorted(totals.items(), key=lambda item: -item[1])}


def _number(text: str) -> Optional[float]:
    try:
        return float(text)
    except ValueError:
        return None
