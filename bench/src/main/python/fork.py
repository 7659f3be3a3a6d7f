"""Runs inside a container as its first process: times forking, isolating, running ``pass`` and reaping, back to back.

Usage: fork.py COUNT. This is the raw cost of a slot, without a pool, a connection or a caller; nothing is prepared ahead.
"""

import gc
import os
import sys
import time

sys.path.insert(0, "/athena/lib")

from athena_harness import cgroups, isolation, kernel, preload

UID = 1000


def run_once(groups, own_namespace, name) -> None:
    group = groups.create(name)
    kernel.unshare(kernel.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        become_slot(group)
    kernel.setns(own_namespace, kernel.CLONE_NEWPID)
    _, status = os.waitpid(pid, 0)
    group.close()
    groups.remove(name)
    if status != 0:
        raise SystemExit(f"a slot ended with status {status}")


def become_slot(group) -> None:
    status = 1
    try:
        isolation.isolate_slot(UID)
        child = os.fork()
        if child == 0:
            os.setsid()
            isolation.enter_group(group)
            isolation.become_unprivileged(UID)
            exec(compile("pass", "pass.py", "exec"), {})
            os._exit(0)
        status = os.waitpid(child, 0)[1]
    finally:
        os._exit(1 if status else 0)


def main(count: int) -> None:
    preload.import_common_modules()
    isolation.prepare_container()
    gc.disable()
    gc.freeze()
    groups = cgroups.Cgroups()
    own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    for number in range(count):
        begin = time.perf_counter_ns()
        run_once(groups, own_namespace, f"run-{number}")
        print(time.perf_counter_ns() - begin)
    sys.stdout.flush()


main(int(sys.argv[1]))
