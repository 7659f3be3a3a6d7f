"""Runs inside a container as its first process: times forking, isolating, running ``pass`` and reaping, back to back.

Usage: fork.py COUNT. This is the raw cost of a slot, without a pool, a connection or a caller; nothing is prepared ahead.
"""

import gc
import os
import signal
import sys
import time

sys.path.insert(0, "/athena/lib")

from athena_harness import cgroups, isolation, kernel, nursery, preload

UID = 1000


def run_once(groups, inits, own_namespace, name) -> None:
    group = groups.create(name)
    init = inits.new_init(0)
    namespace = os.pidfd_open(init)
    kernel.setns(namespace, kernel.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        become_slot(group)
    kernel.setns(own_namespace, kernel.CLONE_NEWPID)
    os.close(namespace)
    _, status = os.waitpid(pid, 0)
    os.kill(init, signal.SIGKILL)
    os.waitpid(init, 0)
    group.close()
    groups.remove(name)
    if status != 0:
        raise SystemExit(f"a slot ended with status {status}")


def become_slot(group) -> None:
    try:
        os.setsid()
        isolation.isolate_slot()
        group.enter()
        isolation.hide_other_groups()
        isolation.mount_workspace(UID, 64 << 20)
        isolation.become_unprivileged(UID)
        exec(compile("pass", "pass.py", "exec"), {})
        os._exit(0)
    finally:
        os._exit(1)


def main(count: int) -> None:
    preload.import_common_modules()
    isolation.prepare_container()
    gc.disable()
    gc.freeze()
    groups = cgroups.Cgroups()
    inits = nursery.Nursery(1)
    own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    for number in range(count):
        begin = time.perf_counter_ns()
        run_once(groups, inits, own_namespace, f"run-{number}")
        print(time.perf_counter_ns() - begin)
    sys.stdout.flush()


main(int(sys.argv[1]))
