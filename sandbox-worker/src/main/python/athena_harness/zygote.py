"""The container's first process: a warm interpreter that forks slots.

It keeps no policy: a slot is made when the worker opens its five connections, and the worker decides when. When the
worker goes away, standard input ends, this process ends, and the kernel ends everything in the container with it.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import select
import signal
import socket
import sys

from athena_harness import cgroups, frames, isolation, kernel, preload, program, slot

SOCKET = "/athena/run/zygote.sock"
CONNECTIONS_OF_A_SLOT = 5
FIRST_UID = 1000
UIDS = 512
ACCEPT_SECONDS = 5


class Zygote:
    """Accepts connections, forks slots, reaps them."""

    def __init__(self):
        self._cgroups = cgroups.Cgroups()
        self._pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._free_uids = list(range(FIRST_UID, FIRST_UID + UIDS))
        self._slots = {}
        self._opened = 0
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(SOCKET)
        self._listener.listen(128)
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)

    def serve(self):
        """Runs until the worker goes away."""
        # Ctrl-C in the worker's terminal reaches the OCI runtime, which passes it on: the worker decides, not this process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(self._listener, select.POLLIN)
        poll.register(self._wake_reader, select.POLLIN)
        gc.freeze()
        print(json.dumps({"python": sys.version.split()[0]}), flush=True)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor == self._listener.fileno():
                    self._open_slot()
                elif descriptor == 0:
                    return
                else:
                    self._reap()

    def _open_slot(self):
        connections = []
        try:
            self._listener.settimeout(ACCEPT_SECONDS)
            for _ in range(CONNECTIONS_OF_A_SLOT):
                connections.append(self._listener.accept()[0])
            for connection in connections:
                connection.settimeout(None)
            self._fork_slot(connections)
        except Exception as error:  # One slot's misfortune must not end the others.
            print(f"a slot could not be made: {error}", file=sys.stderr, flush=True)
            if connections:
                self._refuse(connections[0], error)
        finally:
            for connection in connections:
                connection.close()

    def _fork_slot(self, connections):
        uid = self._free_uids.pop(0)
        self._opened += 1
        name = f"slot-{self._opened}"
        try:
            group = self._cgroups.create(name)
            kernel.unshare(kernel.CLONE_NEWPID)
            try:
                pid = kernel.fork_without_ceremony()
                if pid == 0:
                    self._become_slot(connections, uid, group)
            finally:
                kernel.setns(self._pid_namespace, kernel.CLONE_NEWPID)
        except BaseException:
            self._free_uids.append(uid)
            self._cgroups.remove(name)
            raise
        group.close()
        self._slots[pid] = (uid, name)

    def _become_slot(self, connections, uid, group):
        try:
            signal.set_wakeup_fd(-1)
            self._listener.close()
            self._wake_reader.close()
            self._wake_writer.close()
            os.close(self._pid_namespace)
            slot.Slot(connections, uid, group).run()
        except BaseException as error:
            self._refuse(connections[0], error)
        finally:
            os._exit(1)

    def _refuse(self, supervisor, error):
        try:
            frames.send_json(supervisor, frames.REFUSED, {"reason": str(error) or type(error).__name__})
        except OSError:
            pass

    def _reap(self):
        try:
            while self._wake_reader.recv(4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except OSError as error:
                if error.errno != errno.ECHILD:
                    raise
                return
            if pid == 0:
                return
            ended = self._slots.pop(pid, None)
            if ended is not None:
                uid, name = ended
                self._free_uids.append(uid)
                self._cgroups.remove(name)


def main():
    """Entry point of the container."""
    preload.import_common_modules()
    isolation.prepare_container()
    program.dress_up()
    gc.disable()
    Zygote().serve()
    os._exit(0)
