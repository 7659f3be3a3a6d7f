"""The shape of a module: its functions with signatures, docstrings, annotations and complexity, and its handlers."""

from __future__ import annotations

import ast

from athena_harness import entry, values

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, ast.Lambda)
_BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.Assert)
_LONGEST_SIGNATURE = 500
_LONGEST_SOURCE = 100


def report(tree, code, places):
    """The facts; functions in the order of the source."""
    functions, handlers, raises = [], [], []
    finallies, classes = 0, 0
    pending = [(tree, "", None)]
    while pending:
        node, prefix, function = pending.pop()
        if isinstance(node, _FUNCTIONS):
            function = _function(node, prefix, places)
            functions.append(function)
            prefix += node.name + "."
        elif isinstance(node, ast.ClassDef):
            classes += 1
            prefix += node.name + "."
        elif isinstance(node, ast.ExceptHandler):
            handlers.append(_handler(node, places))
        elif isinstance(node, ast.Try):
            finallies += bool(node.finalbody)
        elif isinstance(node, ast.Raise):
            raises.append([_name_of(node.exc), places.of(node)])
        if function is not None:
            function["complexity"] += _decisions(node)
        for child in reversed(list(ast.iter_child_nodes(node))):
            if not isinstance(child, (ast.expr_context, ast.operator)):
                pending.append((child, prefix, function))
    return {
        "functions": functions,
        "classes": classes,
        "handlers": handlers,
        "raises": raises,
        "finallies": finallies,
        "is_script": not entry.defines_functions(code),
        "docstring": ast.get_docstring(tree, clean=False) is not None,
    }


def _function(node, prefix, places):
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
        "docstring": ast.get_docstring(node, clean=False) is not None,
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


def _parameter(node, kind, optional):
    return {
        "name": node.arg,
        "kind": kind,
        "optional": optional,
        "annotation": _source(node.annotation),
    }


def _signature(node):
    try:
        text = f"({ast.unparse(node.args)})"
        if node.returns is not None:
            text += f" -> {ast.unparse(node.returns)}"
    except RecursionError:
        return ""
    return values.clean_text(" ".join(text.split()))[:_LONGEST_SIGNATURE]


def _source(node):
    """An annotation or a decorator as source, cut; empty if there is none."""
    if node is None:
        return ""
    if isinstance(node, ast.Name):
        return node.id
    try:
        return values.clean_text(ast.unparse(node))[:_LONGEST_SOURCE]
    except RecursionError:
        return "..."


def _handler(node, places):
    if node.type is None:
        caught = [""]
    elif isinstance(node.type, ast.Tuple):
        caught = [_name_of(each) for each in node.type.elts[:20]]
    else:
        caught = [_name_of(node.type)]
    return {
        "at": [node.lineno, *places.of(node)[1:2], node.lineno, places.of(node)[1] + len("except")],
        "catches": caught,
        "swallows": all(_does_nothing(each) for each in node.body),
    }


def _name_of(node):
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
        if isinstance(statement, ast.Raise) and _name_of(statement.exc) == "NotImplementedError":
            continue
        if not _does_nothing(statement) or isinstance(statement, (ast.Continue, ast.Break)):
            return False
    return True


def _decisions(node):
    """How many ways through the code a node adds (T. McCabe, "A Complexity Measure", 1976)."""
    if isinstance(node, _BRANCHES):
        return 1
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    if isinstance(node, ast.comprehension):
        return 1 + len(node.ifs)
    if isinstance(node, getattr(ast, "match_case", ())):
        return 1
    return 0
