"""Namespaces, mounts and limits: first those of the container, then those of each slot."""

from __future__ import annotations

import os
import resource

from athena_harness import kernel

WORKSPACE = "/workspace"
TEMPORARY = "/tmp"
_SLOT_NAMESPACES = kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
_TMPFS_FLAGS = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
_PROC_FLAGS = kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC
# A tmpfs that carries the mounts of the zygote's socket, the control groups and this code.
_HIDDEN_FROM_PROGRAMS = "/athena"
# A file takes about a kilobyte of kernel memory beside its data, so files are counted too.
_BYTES_A_FILE = 4096
_FEWEST_FILES = 1024
_MOST_FILES = 65536

with open("/athena/lib/slot.bpf", "rb") as _instructions:
    _system_call_filter = kernel.SystemCallFilter(_instructions.read())


def prepare_container():
    """Once, in the zygote: what can be forbidden for all slots is forbidden here."""
    # Counted per user namespace: from here on nobody in the container can make another one.
    with open("/proc/sys/user/max_user_namespaces", "w") as limit:
        limit.write("0")
    capabilities = kernel.held_capabilities()
    # No program that is started from here on can have any of them, even as root.
    kernel.drop_bounding_set(capabilities)
    kernel.keep_capabilities([each for each in capabilities if each != kernel.CAP_SYS_RESOURCE])
    # POSIX shared memory and semaphores live in the slot's own /tmp, and so under its limits.
    os.symlink(TEMPORARY, "/dev/shm")
    kernel.mount("", "/dev", "", kernel.MS_REMOUNT | kernel.MS_RDONLY | kernel.MS_NOSUID | kernel.MS_NOEXEC, "")


def isolate_slot():
    """In the slot's process, which is in process and network namespaces of its own already."""
    kernel.unshare(_SLOT_NAMESPACES)
    kernel.mount("proc", "/proc", "proc", _PROC_FLAGS, "subset=pid,hidepid=2")
    kernel.detach(_HIDDEN_FROM_PROGRAMS)


def mount_workspace(uid, size):
    """Gives the slot its workspace and its /tmp, of that many bytes each."""
    files = max(_FEWEST_FILES, min(_MOST_FILES, size // _BYTES_A_FILE))
    for target in (TEMPORARY, WORKSPACE):
        options = f"size={size},nr_inodes={files},mode=0700,uid={uid},gid={uid}"
        kernel.mount("tmpfs", target, "tmpfs", _TMPFS_FLAGS, options)


def hide_other_groups():
    """Makes the slot's control group the root of what the program can see of them.

    Only after the slot has entered its group: cgroup v2 forbids moves to what lies outside the mover's namespace.
    """
    kernel.unshare(kernel.CLONE_NEWCGROUP)


def become_unprivileged(uid):
    """In the slot's process: from here on it is nobody in particular."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    kernel.keep_capabilities([])
    kernel.forbid_new_privileges()
    kernel.allow_reading_own_proc()


def limit_processes(processes):
    """A second line behind the control group, which must be met first because only it counts its refusals."""
    resource.setrlimit(resource.RLIMIT_NPROC, (processes + 8, processes + 8))


def limit_cpu_time(seconds):
    """Limits each process of the program. It needs no privilege, because a limit may always be lowered."""
    # One second more than the soft limit: first a signal that tells why, then one that cannot be ignored.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def forbid_system_calls():
    """Leaves only those of the slot's own filter, which is stricter than the container's. The last step that it might refuse."""
    _system_call_filter.install()
