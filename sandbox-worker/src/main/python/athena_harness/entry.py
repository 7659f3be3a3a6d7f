"""Finds the function that is the procedure, and calls it with the parameters it takes."""

from __future__ import annotations

import ast
import asyncio
import inspect

_FALLBACKS = ("main", "run")


class EntryPointError(Exception):
    """The code has functions, but none that can be told to be the procedure."""


def defines_functions(tree):
    """True if the module defines a public function, at its top or below an `if` or `try`: then it is no script."""
    pending = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if not node.name.startswith("_"):
                return True
        elif not isinstance(node, (ast.ClassDef, ast.Lambda)):
            pending.extend(
                child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.stmt, ast.excepthandler))
            )
    return False


def find(module, name, tree):
    """The function named like the procedure, else `main`, else `run`, else the only public one; None for a script.

    What the module only imports is not its own: `from subprocess import run` makes no entry point.
    """
    imported = set(_imported_names(tree))
    for candidate in (name, *_FALLBACKS):
        found = module.__dict__.get(candidate)
        if not candidate or not callable(found) or inspect.isclass(found):
            continue
        if candidate not in imported or _is_own_function(candidate, found, module):
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
    return asyncio.run(value) if inspect.iscoroutine(value) else value


def _imported_names(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]


def _is_own_function(key, value, module):
    if key.startswith("_") or not callable(value) or inspect.isclass(value):
        return False
    # Decorators may return any callable; functools.wraps leaves the module's name on it.
    return getattr(value, "__module__", None) == module.__name__


def _bind(function, parameters):
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
        raise _missing(function, missing, parameters)
    if takes_all:
        named.update(rest)
    return positional, named


def _missing(function, missing, parameters):
    name = getattr(function, "__name__", "the function")
    what = "parameter" if len(missing) == 1 else "parameters"
    listed = ", ".join(f"'{each}'" for each in missing)
    given = ", ".join(f"'{each}'" for each in parameters) or "none"
    error = TypeError(f"{name}() needs the {what} {listed}; given: {given}")
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is not None:
        error.athena_line = code.co_firstlineno
    return error
