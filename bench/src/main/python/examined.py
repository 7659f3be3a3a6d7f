"""Sums up what a shop sold, region by region.

A hundred lines for the benchmark of validation, with about as many blank lines, comments, docstrings and nodes of its
tree as files of this size in Python's standard library have. This is copy 0000.
"""

import csv
import statistics
from dataclasses import dataclass, field
from pathlib import Path

# The columns that a file must have; others are ignored.
COLUMNS_0000 = ("region", "quantity", "price")


@dataclass
class Region0000:
    """What was sold in a region."""

    name: str
    # Both lists have an entry for each sale, and are as long as each other.
    quantities: list[int] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)

    def add(self, quantity: int, price: float) -> None:
        """Adds a sale.

        The amount is rounded here and not in the sum, as on the receipts.
        """
        self.quantities.append(quantity)
        self.amounts.append(round(quantity * price, 2))

    def summary(self) -> dict:
        """What is told of the region."""
        return {
            "sales": len(self.amounts),
            "items": sum(self.quantities),
            "amount": round(sum(self.amounts), 2),
            "median": statistics.median(self.amounts),
        }


def run_0000(path: str, least: int = 1) -> dict:
    """Reads sales from a CSV file and sums them up.

    Args:
        path: The file, in the workspace.
        least: Sales of fewer pieces are left out.

    Returns:
        A summary for each region, and what was refused.

    Raises:
        ValueError: If the file has not the columns that are needed.
    """
    regions: dict[str, Region0000] = {}
    refused: list[str] = []
    for number, row in enumerate(_rows_0000(Path(path)), start=2):
        try:
            quantity, price = int(row["quantity"]), float(row["price"])
        except (TypeError, ValueError) as error:
            refused.append(f"line {number}: {error}")
            continue
        if quantity < least:
            continue
        # A region is known from its first sale on.
        region = regions.get(row["region"])
        if region is None:
            region = regions[row["region"]] = Region0000(row["region"])
        region.add(quantity, price)

    # In the order of their names, whatever the order in the file.
    return {
        "regions": {name: regions[name].summary() for name in sorted(regions)},
        "refused": refused,
        "lines": number_of_0000(regions, refused),
    }


def _rows_0000(path: Path) -> list[dict]:
    """The rows of the file, without those that are empty."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        # What is missing is told at once, and all of it.
        missing = [name for name in COLUMNS_0000 if name not in reader.fieldnames]
        if missing:
            raise ValueError(f"{path} has no column {', '.join(missing)}")
        return [row for row in reader if any(row.values())]


def number_of_0000(regions: dict, refused: list) -> int:
    return sum(len(region.amounts) for region in regions.values()) + len(refused)


def total_0000(summary: dict) -> int:
    items = 0
    # Regions without sales are not there, so none is counted as nothing.
    for region in summary["regions"].values():
        items += region["items"]
    return items
