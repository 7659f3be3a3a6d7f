"""Runs inside a container as its first process: times forking, isolating, running ``pass`` and reaping.

Usage: fork.py COUNT CONCURRENCY. Prints the nanoseconds of each, then those of all. This is the raw cost of a slot, without
a pool, a connection or a caller; nothing is prepared ahead.
"""

import gc
import os
import signal
import sys
import time

sys.path.insert(0, "/athena/lib")

from athena_harness import cgroups, isolation, kernel, networks, nursery, preload

FIRST_UID = 1000
MEMORY = 256 << 20
PROCESSES = 64
DISK = 64 << 20
CPU_SECONDS = 60


class Forks:
    """Those under way; each has a uid, a control group, and an init of its process namespace."""

    def __init__(self, most):
        self._groups = cgroups.Cgroups()
        self._networks = networks.Networks()
        # An init has been reaped before its number is given to the next.
        self._inits = nursery.Nursery(most)
        self._free = list(range(most))
        self._own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._programs = {}
        self._ending = {}

    def start(self, name):
        begin = time.perf_counter_ns()
        number = self._free.pop()
        group = self._groups.create(name)
        init = self._inits.new_init(number)
        namespace = os.pidfd_open(init)
        kernel.setns(namespace, kernel.CLONE_NEWPID)
        network = self._networks.enter()
        pid = kernel.fork_without_ceremony()
        if pid == 0:
            become_slot(group, FIRST_UID + number)
        kernel.setns(self._own_namespace, kernel.CLONE_NEWPID)
        self._networks.leave()
        os.close(namespace)
        self._programs[pid] = (begin, number, name, group, network, init)

    def await_end(self):
        """Waits for the end of one, and of its process namespace; the nanoseconds that it took."""
        while True:
            pid, status = os.waitpid(-1, 0)
            if pid in self._programs:
                if status != 0:
                    raise SystemExit(f"a slot ended with status {status}")
                ended = self._programs.pop(pid)
                init = ended[-1]
                self._ending[init] = ended
                os.kill(init, signal.SIGKILL)
            elif pid in self._ending:
                begin, number, name, group, network, _ = self._ending.pop(pid)
                group.close()
                self._groups.remove(name)
                self._networks.give_back(network)
                self._free.append(number)
                return time.perf_counter_ns() - begin


def become_slot(group, uid):
    try:
        os.setsid()
        isolation.isolate_slot()
        group.enter()
        group.limit(MEMORY, PROCESSES)
        group.close()
        isolation.hide_other_groups()
        isolation.mount_workspace(uid, DISK)
        isolation.become_unprivileged(uid)
        isolation.limit_processes(PROCESSES)
        isolation.forbid_system_calls()
        isolation.limit_cpu_time(CPU_SECONDS)
        exec(compile("pass", "pass.py", "exec"), {})
        os._exit(0)
    finally:
        os._exit(1)


def main(count: int, concurrency: int) -> None:
    preload.import_common_modules()
    isolation.prepare_container()
    gc.disable()
    gc.freeze()
    forks = Forks(concurrency)
    first = time.perf_counter_ns()
    started = 0
    for ended in range(count):
        while started < count and started - ended < concurrency:
            forks.start(f"run-{started}")
            started += 1
        print(forks.await_end())
    print(time.perf_counter_ns() - first)
    sys.stdout.flush()


main(int(sys.argv[1]), int(sys.argv[2]))
