"""Control groups of slots, below the directories that the worker delegated to this container.

A slot's group holds the program and all it starts, nothing of the harness: so the kernel never ends another process for
memory that the program took. A limit that cannot be set raises; nothing runs without.
"""

from __future__ import annotations

import os

from athena_harness import kernel

ROOT = "/athena/cgroup"


class SlotGroup:
    """One slot's group, by descriptors: its paths are hidden before the program runs."""

    def __init__(self, directories):
        self._open = {
            name: os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) for name, path in directories.items()
        }

    def enter(self):
        """Moves the calling process in, and with it all it starts."""
        for name in self._open:
            self._write(name, "cgroup.procs", "0")

    def descriptors(self):
        """Those by which it is known; they can be used where its paths are hidden."""
        return list(self._open.values())

    def close(self):
        """Forgets the descriptors."""
        for descriptor in self._open.values():
            os.close(descriptor)

    def out_of_memory_events(self):
        """A descriptor that tells when memory runs out, where the kernel does not end the whole run; else None."""
        return None

    def is_empty(self):
        """True if no process is left in it."""
        name = "pids" if "pids" in self._open else "unified"
        return self._read(name, "pids.current").strip() == "0"

    def _write(self, name, file, value):
        descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC, dir_fd=self._open[name])
        try:
            os.write(descriptor, str(value).encode())
        except OSError as error:
            raise OSError(error.errno, f"cgroup {file} = {value}: {error.strerror}") from None
        finally:
            os.close(descriptor)

    def _read(self, name, file):
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._open[name])
        try:
            return os.read(descriptor, 8192).decode()
        finally:
            os.close(descriptor)

    def _exists(self, name, file):
        try:
            os.stat(file, dir_fd=self._open[name])
            return True
        except FileNotFoundError:
            return False

    def _event(self, name, file, event):
        for line in self._read(name, file).splitlines():
            key, _, value = line.partition(" ")
            if key == event:
                return int(value)
        return 0


class SlotGroupV1(SlotGroup):
    """On cgroup v1 and hybrid hosts: a directory in each of the hierarchies memory, pids and cpu."""

    def limit(self, memory_bytes, processes):
        """Sets the limits, swap included."""
        self._write("memory", "memory.limit_in_bytes", memory_bytes)
        if self._exists("memory", "memory.memsw.limit_in_bytes"):
            self._write("memory", "memory.memsw.limit_in_bytes", memory_bytes)
        else:
            self._write("memory", "memory.swappiness", 0)
        self._write("pids", "pids.max", processes)

    def out_of_memory_events(self):
        # The kernel ends one process; those that wait for it would wait on.
        events = kernel.eventfd()
        control = os.open("memory.oom_control", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._open["memory"])
        try:
            self._write("memory", "cgroup.event_control", f"{events} {control}")
        finally:
            os.close(control)
        return events

    def usage(self):
        """What the group counted so far."""
        return {
            "peak_memory": int(self._read("memory", "memory.max_usage_in_bytes")),
            "oom_kills": self._event("memory", "memory.oom_control", "oom_kill"),
            "process_refusals": self._event("pids", "pids.events", "max"),
        }


class SlotGroupV2(SlotGroup):
    """On cgroup v2 hosts: one directory."""

    def limit(self, memory_bytes, processes):
        """Sets the limits. When memory runs out the kernel ends the whole run, not one process of it."""
        self._write("unified", "memory.max", memory_bytes)
        if self._exists("unified", "memory.swap.max"):
            self._write("unified", "memory.swap.max", 0)
        self._write("unified", "memory.oom.group", 1)
        self._write("unified", "pids.max", processes)

    def usage(self):
        """What the group counted so far. The peak is 0 on kernels before 5.19, which do not tell it."""
        peak = int(self._read("unified", "memory.peak")) if self._exists("unified", "memory.peak") else 0
        return {
            "peak_memory": peak,
            "oom_kills": self._event("unified", "memory.events", "oom_kill"),
            "process_refusals": self._event("unified", "pids.events", "max"),
        }


class Cgroups:
    """Makes and removes slots' groups; used by the zygote only."""

    def __init__(self):
        self._is_v2 = os.path.isdir(f"{ROOT}/unified")
        self._hierarchies = ["unified"] if self._is_v2 else ["memory", "pids", "cpu"]
        self._leftover = []
        if self._is_v2:
            self._leave_inner_node()

    def create(self, name):
        """Makes a slot's group. All slots weigh the same, so none starves another of CPU."""
        paths = self._paths(name)
        for path in paths.values():
            os.mkdir(path, 0o755)
        return SlotGroupV2(paths) if self._is_v2 else SlotGroupV1(paths)

    def remove(self, name):
        """Removes a slot's group, now or, if the kernel still counts a dying process in it, at the next call."""
        self._leftover.append(name)
        self._leftover = [each for each in self._leftover if not self._removed(each)]

    def _removed(self, name):
        gone = True
        for path in self._paths(name).values():
            try:
                os.rmdir(path)
            except FileNotFoundError:
                pass
            except OSError:
                gone = False
        return gone

    def _paths(self, name):
        return {hierarchy: f"{ROOT}/{hierarchy}/{name}" for hierarchy in self._hierarchies}

    def _leave_inner_node(self):
        # A v2 group that has children with controllers may hold no process itself.
        group = f"{ROOT}/unified"
        os.makedirs(f"{group}/zygote", exist_ok=True)
        with open(f"{group}/zygote/cgroup.procs", "w") as procs:
            procs.write("0")
        with open(f"{group}/cgroup.subtree_control", "w") as control:
            control.write("+memory +pids +cpu")
