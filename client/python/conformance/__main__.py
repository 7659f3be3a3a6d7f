"""Plays a file of scenarios and reports in TAP: ``python -m conformance SCENARIOS``.

The environment names the server: ATHENA_SERVER, ATHENA_TOKEN, and ATHENA_BREAKING_SERVER for one whose connections
break; scenarios that need it are skipped without.
"""

from __future__ import annotations

import os
import sys
import uuid
from typing import Any

import yaml

from conformance.player import Player
from conformance.values import Mismatch


def main() -> int:
    """Gives the exit code: 0 if all went as the scenarios say."""
    with open(sys.argv[1], encoding="utf-8") as file:
        scenarios: list[dict[str, Any]] = yaml.safe_load(file)["scenarios"]
    print(f"TAP version 14\n1..{len(scenarios)}", flush=True)
    failed = 0
    for number, scenario in enumerate(scenarios, 1):
        title = f"{number} - {scenario['name']}"
        problem = _play(scenario)
        if problem is None:
            print(f"ok {title}", flush=True)
        else:
            failed += 1
            print(f"not ok {title}\n# {problem}", flush=True)
    return 1 if failed else 0


def _play(scenario: dict[str, Any]) -> str | None:
    player = Player(
        os.environ.get("ATHENA_SERVER", "127.0.0.1:7070"),
        os.environ.get("ATHENA_BREAKING_SERVER"),
        os.environ.get("ATHENA_TOKEN"),
        f"conformance-{uuid.uuid4().hex}",
    )
    try:
        player.play(scenario["steps"])
    except Mismatch as mismatch:
        return str(mismatch).replace("\n", "\\n")
    finally:
        player.close()
    return None


if __name__ == "__main__":
    sys.exit(main())
