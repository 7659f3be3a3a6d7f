"""What the zygote knows of a slot: a process namespace with an idle init and one program, which can reach neither."""

from __future__ import annotations

import json
import os
import signal

from athena_harness import frames


class Slot:
    """The supervisor's view. Only it holds the connection that reports the end, so a program cannot forge its own."""

    def __init__(self, supervisor, uid, name, group, network, init, program):
        self.supervisor = supervisor
        self.uid = uid
        self.name = name
        self.network = network
        self.out_of_memory = False
        self.out_of_memory_events = group.out_of_memory_events()
        self._group = group
        self._init = init
        self._program = program
        self._status = None
        self._usage = None
        self._reported = False

    def kill(self):
        """Ends everything in the slot: the kernel does that when the first process of a process namespace dies."""
        if self._init:
            os.kill(self._init, signal.SIGKILL)

    def reaped(self, pid, status, usage):
        """One of the two processes has ended; True if nothing of the slot is left."""
        if pid == self._program:
            self._program = 0
            self._status, self._usage = status, usage
            if self._group.is_empty():
                self._report()  # The init need not be waited for: nobody is in there with it.
            self.kill()
        else:
            self._init = 0
        if self._program or self._init:
            return False
        self._report()
        return True

    def _report(self):
        if self._reported:
            return
        self._reported = True
        report = self._group.usage()
        if self.out_of_memory:
            report["oom_kills"] = max(1, report["oom_kills"])
        report.setdefault("user_micros", round(self._usage.ru_utime * 1e6))
        report.setdefault("system_micros", round(self._usage.ru_stime * 1e6))
        if os.WIFSIGNALED(self._status):
            report["signal"] = os.WTERMSIG(self._status)
        else:
            report["exit_status"] = os.WEXITSTATUS(self._status)
        try:
            frames.send(self.supervisor, frames.ENDED, json.dumps(report).encode())
        except OSError:
            pass  # The worker has closed the slot and asks for nothing more.

    def close(self):
        """Forgets the descriptors."""
        os.close(self.supervisor)
        if self.out_of_memory_events is not None:
            os.close(self.out_of_memory_events)
        self._group.close()
