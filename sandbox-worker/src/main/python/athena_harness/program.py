"""Runs the procedure's code in a process that has already given up everything it could misuse."""

from __future__ import annotations

import _signal
import _thread
import atexit
import builtins
import fcntl
import gc
import linecache
import os
import random
import sys
import threading
import types
from json import dumps, loads

from athena_harness import analysis, entry, failures, frames, isolation, locks, sandbox, values
from athena_harness.channel import Channel

# Exit statuses that the worker reads when no frame told it more; a program that forges them only misreports itself.
HARNESS_FAILED = 112
CHANNEL_LOST = 113
# The descriptor of the control connection, behind the three standard streams.
_CONTROL = 3


class Program:
    """A slot's process: isolates and limits itself, gives up its privileges for good, waits, and then runs one procedure."""

    def __init__(self, connections, uid, group):
        self._connections = connections
        self._uid = uid
        self._group = group

    def run(self):
        """Never returns, and never raises: what would come after is the zygote's."""
        try:
            self._isolate()
            self._seal(*frames.LIMITS.unpack(self._receive()))
            self._warm_up()
            self._channel.send(frames.READY)
            call = self._receive()
            # From here on what becomes of it is the call's own fault: it may be too large for its memory.
            self._channel.send(frames.RUNNING)
        except BaseException as error:
            refuse(self._connections[0], error)
            os._exit(HARNESS_FAILED)
        try:
            os._exit(self._serve(call))
        finally:
            os._exit(HARNESS_FAILED)

    def _isolate(self):
        random.seed()
        threading.main_thread()._set_native_id()
        _signal.set_wakeup_fd(-1)
        # Not by the signal module, whose enumerations are dear to touch.
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        os.setsid()
        isolation.isolate_slot()
        self._group.enter()
        control, *streams = self._connections
        _arrange_descriptors([*streams, control], self._group.descriptors())
        self._connections = [_CONTROL]
        self._channel = sandbox._channel = Channel(_CONTROL)

    def _seal(self, memory_bytes, processes, disk_bytes):
        # All before a caller is there: then none waits for it, and nothing privileged ever reads what a caller sent.
        self._group.limit(memory_bytes, processes)
        self._group.close()
        isolation.hide_other_groups()
        isolation.mount_workspace(self._uid, disk_bytes)
        isolation.become_unprivileged(self._uid)
        isolation.limit_processes(processes)
        isolation.forbid_system_calls()
        os.chdir(isolation.WORKSPACE)

    def _receive(self):
        frame = self._channel.receive()
        if frame is None:
            os._exit(0)  # The worker does not need this slot any more.
        return frame[1]

    def _warm_up(self):
        # The first use of anything after a fork copies pages: here that costs the caller nothing.
        call = '{"code": "def main():\\n    return None\\n", "file_name": "warm.py", "entry_point": "", "parameters": {}}'
        values.to_json(self._execute(loads(call)), values.LARGEST_RESULT, "the result")
        linecache.cache.clear()
        del sys.modules["warm"]
        gc.enable()

    def _serve(self, message):
        call = loads(message)
        isolation.limit_cpu_time(call["cpu_seconds"])
        if call.get("analyze"):
            analysis.serve(self._channel)
        return self._run(call, [(name, self._channel.receive()[1]) for name in call["files"]])

    def _run(self, call, files):
        file_name = call["file_name"]
        outcome = status = None
        try:
            sandbox._artifacts.allow(call["artifact_bytes"])
            _write_files(files)
            sys.argv = [file_name]
            value = self._execute(call)
            if self._channel.is_own_process():
                outcome = frames.RETURNED, values.to_json(value, values.LARGEST_RESULT, "the result")
        except values.Unusable as error:
            outcome = frames.UNUSABLE, _json({"message": str(error)})
        except SystemExit as left:
            outcome, status = _leave(left, file_name)
        except BaseException as error:
            report = failures.describe(error, file_name)
            outcome, status = (frames.RAISED, _json(report)), 1
            if not self._channel.is_own_process():
                print(report["traceback"], end="", file=sys.stderr)
        _finish_like_python()
        if not self._channel.is_own_process():
            return status or 0  # A process that the program forked and let return; only its parent has an outcome.
        try:
            self._channel.send(*outcome)
        except OSError:
            return CHANNEL_LOST
        return status or 0

    def _execute(self, call):
        file_name, code = call["file_name"], call["code"]
        linecache.cache[file_name] = (len(code), None, code.splitlines(True), file_name)
        compiled = compile(code, file_name, "exec", dont_inherit=True)
        # A script is __main__. A module with functions is not: its own `if __name__ == "__main__"` would run it twice.
        is_script = not entry.defines_functions(compiled)
        module = types.ModuleType("__main__" if is_script else _module_name(file_name))
        module.__file__ = file_name
        module.__builtins__ = builtins
        if is_script:
            module.parameters = call["parameters"]
        sys.modules["__main__"] = sys.modules[module.__name__] = module
        exec(compiled, module.__dict__)
        function = entry.find(module, call["entry_point"])
        if function is not None:
            return entry.call(function, call["parameters"])
        return module.__dict__.get("result")


def refuse(control, error):
    """Tells the worker why a slot cannot be had or used; nothing of a caller's has run in it."""
    try:
        frames.send(control, frames.REFUSED, _json({"reason": str(error) or type(error).__name__}))
    except OSError:
        pass  # The worker has closed it.


def dress_up():
    """Once, in the zygote: makes the interpreter look as if it had just been started for a program."""
    os.umask(0o077)
    # Line by line, so that the caller sees output as it is made.
    sys.stdout.reconfigure(line_buffering=True)
    sys.path[:] = [isolation.WORKSPACE, *(each for each in sys.path if not each.startswith("/athena"))]
    for name in [each for each in sys.modules if each.partition(".")[0] == "athena_harness"]:
        del sys.modules[name]
    fcntl.flock = locks.flock
    sandbox.__name__ = "sandbox"
    sys.modules["sandbox"] = sandbox


def _arrange_descriptors(wanted, kept):
    """Moves the wanted ones to 0, 1, 2 and 3 and closes everything else but those to keep."""
    # First above all targets, so that no move overwrites one still needed.
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, len(wanted)) for descriptor in wanted]
    for target, descriptor in enumerate(high):
        os.dup2(descriptor, target, inheritable=target <= 2)
    following = len(wanted)
    for descriptor in sorted(kept):
        os.closerange(following, descriptor)
        following = descriptor + 1
    os.closerange(following, os.sysconf("SC_OPEN_MAX"))


def _write_files(files):
    for name, data in files:
        path = os.path.join(isolation.WORKSPACE, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            file.write(data)


def _module_name(file_name):
    stem = file_name.rpartition("/")[2].partition(".")[0]
    # A module of the library must stay importable. Python before 3.10 does not tell which there are.
    taken = stem in sys.modules or stem in getattr(sys, "stdlib_module_names", ())
    return stem if stem.isidentifier() and not taken else "procedure"


def _leave(left, file_name):
    code = left.code
    if code is None or code == 0:
        return (frames.RETURNED, b"null"), 0
    if isinstance(code, int):
        status, message = code & 0xFF, f"the program left with status {code}"
    else:
        status, message = 1, str(code)
        print(message, file=sys.stderr)
    report = failures.describe(left, file_name)
    report["message"] = values.clean_text(message)[:16384]
    return (frames.RAISED, _json(report)), status or 1


def _finish_like_python():
    """What the interpreter does at its end: waits for threads, calls exit handlers, flushes."""
    steps = (threading._shutdown, atexit._run_exitfuncs) if _thread._count() else (atexit._run_exitfuncs,)
    for step in steps:
        try:
            step()
        except BaseException:
            sys.excepthook(*sys.exc_info())
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass  # Closed or replaced by the program: nothing is left to write.


def _json(value):
    return dumps(value).encode()
