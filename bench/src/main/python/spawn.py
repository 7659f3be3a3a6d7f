"""Times a command as a process: prints, for each run, the nanoseconds from spawning it to having reaped it; then those of all.

Usage: spawn.py COUNT CONCURRENCY COMMAND [ARGUMENT...]

In an argument, {n} stands for the number of the run. Spawning from C's posix_spawn rather than from the benchmark's own
Java process keeps the baseline free of the launcher's cost.
"""

import os
import sys
import time


def main() -> int:
    count, concurrency = int(sys.argv[1]), int(sys.argv[2])
    command = sys.argv[3:]
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1)]
    started: dict[int, int] = {}
    number = 0
    first = time.perf_counter_ns()
    while number < count or started:
        while number < count and len(started) < concurrency:
            arguments = [argument.replace("{n}", str(number)) for argument in command]
            begin = time.perf_counter_ns()
            pid = os.posix_spawnp(arguments[0], arguments, os.environ, file_actions=actions)
            started[pid] = begin
            number += 1
        pid, status = os.wait()
        end = time.perf_counter_ns()
        if status != 0:
            print(f"{command[0]} ended with status {status}", file=sys.stderr)
            return 1
        print(end - started.pop(pid))
    print(time.perf_counter_ns() - first)
    return 0


if __name__ == "__main__":
    sys.exit(main())
