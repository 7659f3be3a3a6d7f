"""A slot: a process namespace whose first process (this file) watches the program, which cannot reach it."""

from __future__ import annotations

import json
import os
import select
import signal
import socket

from athena_harness import frames, isolation, kernel, program


class Slot:
    """The slot's init. It is of another user than the program, and alone holds the connection that reports its end."""

    def __init__(self, connections, uid, group):
        self._supervisor, self._control, self._stdin, self._stdout, self._stderr = connections
        self._uid = uid
        self._group = group
        self._child = 0
        self._memory_events = None
        self._out_of_memory = False
        self._status = None
        self._user_seconds = 0.0
        self._system_seconds = 0.0

    def run(self):
        """Isolates itself, forks the program, waits for the worker's word, watches, reports, and never returns."""
        isolation.isolate_slot(self._uid)
        go_reader, go_writer = os.pipe()
        self._wake_on_child()
        self._fork_program(go_reader)
        os.close(go_reader)
        for connection in (self._control, self._stdin, self._stdout, self._stderr):
            connection.close()
        self._memory_events = self._group.out_of_memory_events()
        frames.send(self._supervisor, frames.READY)
        started = self._wait_for_start(go_writer)
        if started:
            self._watch()
        self._end_everything()
        if started:
            self._report()
        os._exit(0)

    def _wake_on_child(self):
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)

    def _fork_program(self, go_reader):
        self._child = os.fork()
        if self._child != 0:
            return
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            for connection in (self._supervisor, self._wake_reader, self._wake_writer):
                connection.detach()
            isolation.enter_group(self._group)
            passed_on = (self._stdin, self._stdout, self._stderr, self._control)
            control, go = _arrange_descriptors([connection.detach() for connection in passed_on] + [go_reader])
            isolation.become_unprivileged(self._uid)
            program.Program(control, go).run()
        finally:
            os._exit(program.HARNESS_FAILED)

    def _wait_for_start(self, go_writer):
        """True once the limits are set and the program was told to go; False if it is to end without having run."""
        poll = select.poll()
        poll.register(self._supervisor, select.POLLIN)
        poll.register(self._wake_reader, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._wake_reader.fileno():
                    self._reap()
                    if self._status is not None:
                        return False
                    continue
                frame = frames.receive(self._supervisor)
                if frame is None or frame[0] != frames.START:
                    return False
                self._start(json.loads(frame[1]), go_writer)
                return True

    def _start(self, limits, go_writer):
        self._group.limit(limits["memory_bytes"], limits["processes"])
        isolation.limit_disk(limits["disk_bytes"])
        kernel.keep_capabilities([kernel.CAP_KILL])
        frames.send(self._supervisor, frames.RUNNING)
        os.write(go_writer, b"g")
        os.close(go_writer)

    def _watch(self):
        poll = select.poll()
        poll.register(self._supervisor, select.POLLIN)
        poll.register(self._wake_reader, select.POLLIN)
        if self._memory_events is not None:
            poll.register(self._memory_events, select.POLLIN)
        while self._status is None:
            for descriptor, _ in poll.poll():
                if descriptor == self._wake_reader.fileno():
                    self._reap()
                elif descriptor == self._memory_events:
                    self._out_of_memory = True
                    return
                else:
                    return  # A kill frame, or the worker is gone: both mean the same.

    def _reap(self):
        try:
            while self._wake_reader.recv(4096):
                pass
        except BlockingIOError:
            pass
        # Orphans become this process's children; unreaped they would use up the run's processes.
        while self._wait(os.WNOHANG):
            pass

    def _wait(self, options):
        try:
            pid, status, usage = os.wait4(-1, options)
        except ChildProcessError:
            return False
        if pid == 0:
            return False
        self._user_seconds += usage.ru_utime
        self._system_seconds += usage.ru_stime
        if pid == self._child:
            self._status = status
        return True

    def _end_everything(self):
        # From the first process of a process namespace, -1 is everybody else in it.
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass
        while self._wait(0):
            pass

    def _report(self):
        report = self._group.usage()
        if self._out_of_memory:
            report["oom_kills"] = max(1, report["oom_kills"])
        report["user_micros"] = round(self._user_seconds * 1e6)
        report["system_micros"] = round(self._system_seconds * 1e6)
        if os.WIFSIGNALED(self._status):
            report["signal"] = os.WTERMSIG(self._status)
        else:
            report["exit_status"] = os.WEXITSTATUS(self._status)
        frames.send_json(self._supervisor, frames.ENDED, report)


def _arrange_descriptors(descriptors):
    """Moves [stdin, stdout, stderr, control, go] to 0 to 4 and closes everything else; returns control and go."""
    # First above all targets, so that no move overwrites one still needed.
    high = [os.dup(descriptor) for descriptor in descriptors]
    while min(high) < len(high):
        high = [os.dup(descriptor) for descriptor in high]
    for target, descriptor in enumerate(high):
        os.dup2(descriptor, target, inheritable=target <= 2)
    os.closerange(len(high), os.sysconf("SC_OPEN_MAX"))
    return 3, 4
