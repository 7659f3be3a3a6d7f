"""Finds the function that is the procedure, and calls it with the parameters it takes."""

from __future__ import annotations

import sys
import types

_FALLBACKS = ("main", "run")
# Flags of code objects: functions have local variables, bodies of classes have not; some functions take **arguments.
_HAS_LOCALS = 0x01
_TAKES_ANY_NAME = 0x08
# Python 3.12 wraps a function with type parameters in code of this name.
_GENERIC = "<generic parameters of "


class EntryPointError(Exception):
    """The code has functions, but none that can be told to be the procedure."""


def defines_functions(code):
    """True if the module's code defines a public function, at its top or below an `if` or `try`: then it is no script."""
    for constant in code.co_consts:
        if type(constant) is types.CodeType:
            name = constant.co_name
            if name.startswith(_GENERIC):
                if defines_functions(constant):
                    return True
            elif constant.co_flags & _HAS_LOCALS and not name.startswith(("_", "<")):
                return True
    return False


def find(module, name):
    """The function named like the procedure, else `main`, else `run`, else the only public one; None for a script.

    What the module only imports is not its own: `from subprocess import run` makes no entry point.
    """
    for candidate in (name, *_FALLBACKS):
        found = module.__dict__.get(candidate)
        if candidate and callable(found) and not isinstance(found, type) and not _is_imported(found, module):
            return found
    public = {key: value for key, value in module.__dict__.items() if _is_own_function(key, value, module)}
    if len(public) > 1:
        listed = ", ".join(sorted(public))
        raise EntryPointError(
            f"the code defines {listed}, and none of them is named '{name}', 'main' or 'run';"
            f" rename the one to call to '{name}'"
        )
    return next(iter(public.values()), None)


def call(function, parameters):
    """Calls it; awaits what it returns if that is a coroutine."""
    positional, named = _bind(function, parameters)
    value = function(*positional, **named)
    if type(value) is types.CoroutineType:
        import asyncio

        return asyncio.run(value)
    return value


def _is_imported(value, module):
    """True if it is what another module calls by its name; so not for partial objects and instances with `__call__`."""
    home = getattr(value, "__module__", None)
    if home == module.__name__ or not isinstance(home, str):
        return False
    name = getattr(value, "__name__", None)
    return isinstance(name, str) and getattr(sys.modules.get(home), name, None) is value


def _is_own_function(key, value, module):
    if key.startswith("_") or not callable(value) or isinstance(value, type):
        return False
    # Decorators may return any callable; functools.wraps leaves the module's name on it.
    return getattr(value, "__module__", None) == module.__name__


def _bind(function, parameters):
    """What to call it with: the parameters it takes, by name where that is possible."""
    plain = type(function) is types.FunctionType and not function.__dict__
    code = function.__code__ if plain else None
    if code is not None and not code.co_posonlyargcount:
        return _bind_plain(function, code, parameters)
    import inspect

    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return [], dict(parameters)
    positional, named, missing = [], {}, []
    rest = dict(parameters)
    takes_all = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            takes_all = True
        elif parameter.kind is parameter.VAR_POSITIONAL:
            pass
        elif parameter.name in rest:
            value = rest.pop(parameter.name)
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                named[parameter.name] = value
        elif parameter.default is parameter.empty:
            missing.append(parameter.name)
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(parameter.default)
    if missing:
        raise _missing(inspect.unwrap(function), missing, parameters)
    if takes_all:
        named.update(rest)
    return positional, named


def _bind_plain(function, code, parameters):
    """The same for nearly every function, without the inspect module, whose first use after a fork is dear."""
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    named = parameters if code.co_flags & _TAKES_ANY_NAME else {key: parameters[key] for key in names if key in parameters}
    with_defaults = {*names[code.co_argcount - len(function.__defaults__ or ()) : code.co_argcount]}
    with_defaults.update(function.__kwdefaults__ or ())
    missing = [key for key in names if key not in parameters and key not in with_defaults]
    if missing:
        raise _missing(function, missing, parameters)
    return [], named


def _missing(function, missing, parameters):
    name = getattr(function, "__name__", "the function")
    what = "parameter" if len(missing) == 1 else "parameters"
    listed = ", ".join(f"'{each}'" for each in missing)
    given = ", ".join(f"'{each}'" for each in parameters) or "none"
    error = TypeError(f"{name}() needs the {what} {listed}; given: {given}")
    code = getattr(function, "__code__", None)
    if code is not None:
        error.athena_line = code.co_firstlineno
    return error
