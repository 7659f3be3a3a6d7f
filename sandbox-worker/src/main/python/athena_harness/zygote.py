"""The container's first process: a warm interpreter that forks slots, watches them, and reports how they end.

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

from athena_harness import cgroups, frames, isolation, kernel, networks, nursery, preload, program, slot

SOCKET = "/athena/run/zygote.sock"
CONNECTIONS_OF_A_SLOT = 5
FIRST_UID = 1000
UIDS = 512
ACCEPT_SECONDS = 5


class Zygote:
    """Accepts connections, forks slots, watches and reaps them. One thread; nothing in its loop waits for a program."""

    def __init__(self):
        self._cgroups = cgroups.Cgroups()
        self._networks = networks.Networks()
        self._own_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        self._free_uids = list(range(FIRST_UID, FIRST_UID + UIDS))
        # Each slot under the process ids of its program and of its init.
        self._slots = {}
        self._opened = 0
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(SOCKET)
        self._listener.listen(128)
        # Whoever opens one connection opens five at once; nobody else's slot waits long for somebody who does not.
        self._listener.settimeout(ACCEPT_SECONDS)
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._poll = select.epoll()
        self._handlers = {}
        self._nursery = nursery.Nursery(UIDS)

    def serve(self):
        """Runs until the worker goes away."""
        # Ctrl-C in the worker's terminal reaches the OCI runtime, which passes it on: the worker decides, not this process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)
        self._watch(0, lambda: os._exit(0))
        self._watch(self._listener.fileno(), self._open_slot)
        self._watch(self._wake_reader.fileno(), self._reap)
        gc.freeze()
        print(json.dumps({"python": sys.version.split()[0]}), flush=True)
        while True:
            for descriptor, handler in [(each, self._handlers[each]) for each, _ in self._poll.poll()]:
                # What was handled before may have closed this descriptor, and given its number to another slot.
                if self._handlers.get(descriptor) is handler:
                    handler()

    def _watch(self, descriptor, handler):
        self._handlers[descriptor] = handler
        self._poll.register(descriptor, select.EPOLLIN)

    def _forget(self, descriptor):
        if self._handlers.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def _open_slot(self):
        connections = []
        try:
            for _ in range(CONNECTIONS_OF_A_SLOT):
                connections.append(self._listener.accept()[0].detach())
            supervisor, *passed_on = connections
            self._fork_slot(supervisor, passed_on)
            connections.remove(supervisor)  # It stays open, with the slot.
        except Exception as error:  # One slot's misfortune must not end the others.
            print(f"a slot could not be made: {error}", file=sys.stderr, flush=True)
            if len(connections) == CONNECTIONS_OF_A_SLOT:
                program.refuse(connections[1], error)
        finally:
            for connection in connections:
                os.close(connection)

    def _fork_slot(self, supervisor, passed_on):
        uid = self._free_uids.pop(0)
        self._opened += 1
        name = f"slot-{self._opened}"
        init = init_descriptor = network = 0
        try:
            group = self._cgroups.create(name)
            init = self._nursery.new_init(uid - FIRST_UID)
            init_descriptor = os.pidfd_open(init)
            kernel.setns(init_descriptor, kernel.CLONE_NEWPID)
            try:
                network = self._networks.enter()
                pid = kernel.fork_without_ceremony()
                if pid == 0:
                    program.Program(passed_on, uid, group).run()  # It never returns, whatever happens.
            finally:
                kernel.setns(self._own_namespace, kernel.CLONE_NEWPID)
                self._networks.leave()
        except BaseException:
            if init:
                os.kill(init, signal.SIGKILL)
            if network:
                os.close(network)
            self._free_uids.append(uid)
            self._cgroups.remove(name)
            raise
        finally:
            if init_descriptor:
                os.close(init_descriptor)
        opened = slot.Slot(supervisor, uid, name, group, network, init, pid)
        self._slots[pid] = self._slots[init] = opened
        # A kill frame, or the worker is gone: both mean the same.
        self._watch(supervisor, lambda: self._kill(opened))
        events = opened.out_of_memory_events
        if events is not None:
            self._watch(events, lambda: self._out_of_memory(opened))

    def _kill(self, ended):
        self._forget(ended.supervisor)
        ended.kill()

    def _out_of_memory(self, ended):
        self._forget(ended.out_of_memory_events)
        ended.out_of_memory = True
        ended.kill()

    def _reap(self):
        try:
            while self._wake_reader.recv(4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except OSError as error:
                if error.errno != errno.ECHILD:
                    raise
                return
            if pid == 0:
                return
            reaped = self._slots.pop(pid, None)
            if reaped is not None and reaped.reaped(pid, status, usage):
                self._end(reaped)

    def _end(self, ended):
        for descriptor in (ended.supervisor, ended.out_of_memory_events):
            self._forget(descriptor)
        ended.close()
        self._networks.give_back(ended.network)
        self._free_uids.append(ended.uid)
        self._cgroups.remove(ended.name)


def main():
    """Entry point of the container."""
    preload.import_common_modules()
    preload.import_chosen_modules(sys.argv[1:])
    isolation.prepare_container()
    program.dress_up()
    gc.disable()
    Zygote().serve()
