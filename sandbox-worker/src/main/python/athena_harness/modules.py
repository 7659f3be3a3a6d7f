"""Which module a dotted name stands for: many modules hold others, and hand them out (`pathlib.os`)."""

from __future__ import annotations

import sys
from types import ModuleType

# The same module by another name; the first is what policies speak of.
_SAME = {
    "posix": "os",
    "nt": "os",
    "posixpath": "os.path",
    "ntpath": "os.path",
    "_io": "io",
    "_pyio": "io",
    "_pickle": "pickle",
    "_operator": "operator",
    "_functools": "functools",
    "_sitebuiltins": "builtins",
    "importlib._bootstrap": "importlib",
    "_frozen_importlib": "importlib",
    "_frozen_importlib_external": "importlib",
    "_imp": "importlib",
}
# Of a module that is not loaded here nobody knows what it holds; what is called so in it is taken for it.
_RULING = frozenset(
    "builtins ctypes importlib marshal multiprocessing nt os pickle posix pty shutil socket subprocess sys".split()
)
_OF_THEIR_OWN = frozenset(("asyncio.subprocess",))
# What `sys.modules` holds by that name.
REGISTER = "sys.modules[]."
# No module's name is so long.
_LONGEST = 1000


def canonical(name):
    """The name by which policies know what a dotted name stands for: `os.system` for `pathlib.os.system`."""
    if len(name) > _LONGEST:
        return name
    if name.startswith(REGISTER):
        name = name[len(REGISTER) :]
    first, *parts = name.split(".")
    module, taken = _SAME.get(first, first), 0
    loaded = sys.modules
    for part in parts:
        inner = f"{module}.{part}"
        if loaded.get(inner) is not None:
            module = _SAME.get(inner, inner)
        else:
            holder = loaded.get(module)
            if holder is not None:
                # Not getattr: it would run a module's own __getattr__.
                value = getattr(holder, "__dict__", {}).get(part)
                if isinstance(value, ModuleType):
                    module = _SAME.get(value.__name__, value.__name__)
                elif value is None and part.isidentifier():
                    # It may be a part of it that is not loaded.
                    module = inner
                else:
                    break
            elif part.lstrip("_") in _RULING and inner not in _OF_THEIR_OWN:
                bare = part.lstrip("_")
                module = _SAME.get(bare, bare)
            elif part.isidentifier():
                module = inner
            else:
                break
        taken += 1
    return ".".join((module, *parts[taken:]))


def module_of(name):
    """The module in which a canonical name is, as far as it can be known: the longest that is loaded, or the first part."""
    end = name.find("(")
    end = len(name) if end < 0 else end
    while end > 0:
        if sys.modules.get(name[:end]) is not None:
            return name[:end]
        end = name.rfind(".", 0, end)
    return name.partition(".")[0].partition("(")[0]


def is_module(name):
    """True for the name of a module that is loaded."""
    return sys.modules.get(name) is not None
