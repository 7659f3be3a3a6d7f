"""Sums up what a shop sold, region by region. A hundred dense lines for the benchmark of validation, copy 0000."""

import csv
import json
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

COLUMNS_0000 = ("day", "region", "item", "quantity", "price")
LONGEST_0000 = timedelta(days=366)


@dataclass
class Region0000:
    """What was sold in a region."""

    name: str
    quantities: list[int] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)

    def add(self, quantity: int, price: float) -> None:
        """Adds a sale."""
        self.quantities.append(quantity)
        self.amounts.append(round(quantity * price, 2))

    def summary(self) -> dict:
        """What is told of the region."""
        return {
            "sales": len(self.amounts),
            "items": sum(self.quantities),
            "amount": round(sum(self.amounts), 2),
            "median": round(statistics.median(self.amounts), 2) if self.amounts else None,
        }


def run_0000(path: str, first: str = "2020-01-01", last: str = "2020-12-31", top: int = 5) -> dict:
    """Reads sales from a CSV file and sums them up.

    Raises ValueError for a file without the columns, and for days that are no days.
    """
    begin, end = _day_0000(first), _day_0000(last)
    if end < begin or end - begin > LONGEST_0000:
        raise ValueError(f"from {begin} to {end} is no time of at most {LONGEST_0000.days} days")
    regions: dict[str, Region0000] = {}
    by_item: defaultdict[str, int] = defaultdict(int)
    refused: list[str] = []
    for number, row in enumerate(_rows_0000(Path(path)), start=2):
        try:
            day = _day_0000(row["day"])
            quantity, price = int(row["quantity"]), float(row["price"])
        except (TypeError, ValueError) as error:
            refused.append(f"line {number}: {error}")
            continue
        if not begin <= day <= end:
            continue
        region = regions.setdefault(row["region"], Region0000(row["region"]))
        region.add(quantity, price)
        by_item[row["item"]] += quantity
    best = sorted(by_item.items(), key=lambda pair: (-pair[1], pair[0]))[:top]
    return {
        "from": begin.isoformat(),
        "to": end.isoformat(),
        "regions": {name: regions[name].summary() for name in sorted(regions)},
        "best": [{"item": item, "quantity": quantity} for item, quantity in best],
        "refused": refused,
    }


def save_0000(summary: dict, folder: Path) -> Path:
    """Writes a summary beside those of other days."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"summary-{summary['from']}-{summary['to']}.json"
    with target.open("w", encoding="utf-8") as file:
        json.dump(summary, file, indent=2, sort_keys=True)
    return target


def _rows_0000(path: Path) -> list[dict]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS_0000 if name not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path} has no column {', '.join(missing)}")
        return [row for row in reader if any(row.values())]


def _day_0000(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is no day such as 2020-02-29") from error


def _told_0000(summary: dict) -> str:
    lines = [f"{summary['from']} to {summary['to']}"]
    for name, region in summary["regions"].items():
        lines.append(f"{name:20} {region['sales']:6} {region['amount']:12.2f}")
    return "\n".join([*lines, *summary["refused"]])
