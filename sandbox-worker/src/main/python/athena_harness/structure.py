"""The shape of a module: its functions with signatures, docstrings, annotations and complexity, and its handlers."""

from __future__ import annotations

import ast

from athena_harness import values

# Nodes that add one way through the code.
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.Assert)
_LONGEST_SIGNATURE = 500
_LONGEST_SOURCE = 100
# Whose repr ast.unparse writes. Large integers have none.
_PLAIN = (bool, type(None))


def report(walk, tree):
    """The facts; functions in the order of the source."""
    return {
        "functions": walk.functions,
        "classes": walk.classes,
        "handlers": walk.handlers,
        "raises": walk.raises,
        "finallies": walk.finallies,
        "docstring": has_docstring(tree),
    }


def function(node, prefix, places):
    """The facts about a function; its complexity grows with what the walk finds in it."""
    arguments = node.args
    parameters = []
    positional = [*arguments.posonlyargs, *arguments.args]
    without_default = len(positional) - len(arguments.defaults)
    for number, each in enumerate(positional):
        kind = "positional" if number < len(arguments.posonlyargs) else "any"
        parameters.append(_parameter(each, kind, number >= without_default))
    if arguments.vararg is not None:
        parameters.append(_parameter(arguments.vararg, "*", True))
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        parameters.append(_parameter(each, "keyword", default is not None))
    if arguments.kwarg is not None:
        parameters.append(_parameter(arguments.kwarg, "**", True))
    return {
        "name": prefix + node.name,
        "at": [node.lineno, *_name_columns(node, places)],
        "last_line": node.end_lineno or node.lineno,
        "async": isinstance(node, ast.AsyncFunctionDef),
        "parameters": parameters,
        "returns": _source(node.returns),
        "signature": _signature(node),
        "docstring": has_docstring(node),
        "decorators": [_source(each) for each in node.decorator_list[:10]],
        "empty": _is_empty(node.body),
        "complexity": 1,
        # Those of a class are called by what has an instance, and those in a function by it.
        "top": not prefix,
    }


def _name_columns(node, places):
    start = places.column(node.lineno, node.col_offset)
    words = len("async def ") if isinstance(node, ast.AsyncFunctionDef) else len("def ")
    return [start, node.lineno, start + words + len(node.name)]


def has_docstring(node):
    """True if a module or function begins with a text."""
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _parameter(node, kind, optional):
    return {
        "name": node.arg,
        "kind": kind,
        "optional": optional,
        "annotation": _source(node.annotation),
    }


def _signature(node):
    try:
        text = f"({_plain_arguments(node.args) or ast.unparse(node.args)})"
        if node.returns is not None:
            text += f" -> {_plain(node.returns) or ast.unparse(node.returns)}"
    except RecursionError:
        return ""
    return values.clean_text(" ".join(text.split()))[:_LONGEST_SIGNATURE]


def _plain_arguments(arguments):
    """As ast.unparse would write them, which takes ten times as long; None for all but simple ones."""
    if arguments.posonlyargs or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        return None
    parts = []
    first = len(arguments.args) - len(arguments.defaults)
    for number, each in enumerate(arguments.args):
        text = each.arg
        if each.annotation is not None:
            annotation = _plain(each.annotation)
            if annotation is None:
                return None
            text = f"{text}: {annotation}"
        if number >= first:
            default = _plain(arguments.defaults[number - first])
            if default is None:
                return None
            text = f"{text}={default}"
        parts.append(text)
    return ", ".join(parts)


def _plain(node):
    """As ast.unparse would write it; None for all but names, attributes of names, and constants that are short."""
    kind = node.__class__
    if kind is ast.Name:
        return node.id
    if kind is ast.Constant:
        value = node.value
        if value.__class__ in _PLAIN or (value.__class__ is int and value < 1 << 31):
            return repr(value)
        return None
    if kind is ast.Attribute and node.value.__class__ is ast.Name:
        return f"{node.value.id}.{node.attr}"
    if kind is ast.Subscript and node.value.__class__ is ast.Name and node.slice.__class__ is ast.Name:
        return f"{node.value.id}[{node.slice.id}]"
    return None


def _source(node):
    """An annotation or a decorator as source, cut; empty if there is none."""
    if node is None:
        return ""
    plain = _plain(node)
    try:
        return values.clean_text(plain or ast.unparse(node))[:_LONGEST_SOURCE]
    except RecursionError:
        return "..."


def handler(node, places):
    """The facts about an except clause."""
    if node.type is None:
        caught = [""]
    elif isinstance(node.type, ast.Tuple):
        caught = [name_of(each) for each in node.type.elts[:20]]
    else:
        caught = [name_of(node.type)]
    return {
        "at": [node.lineno, *places.of(node)[1:2], node.lineno, places.of(node)[1] + len("except")],
        "catches": caught,
        "swallows": all(_does_nothing(each) for each in node.body),
    }


def name_of(node):
    """The last name of an exception, or of what makes it; "?" if it has none, empty if there is no node."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return "?" if node is not None else ""


def _does_nothing(statement):
    if isinstance(statement, (ast.Pass, ast.Continue, ast.Break)):
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_empty(body):
    """True for a body that only waits to be written: nothing, or NotImplementedError."""
    for statement in body:
        if isinstance(statement, ast.Raise) and name_of(statement.exc) == "NotImplementedError":
            continue
        if not _does_nothing(statement) or isinstance(statement, (ast.Continue, ast.Break)):
            return False
    return True
