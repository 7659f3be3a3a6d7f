"""Strings that stand in the source, whole or in parts."""

from __future__ import annotations

import ast

_DEEPEST = 20
_LONGEST = 10000
_MOST_STEPS = 2_000_000
_CHARACTERS_PER_STEP = 8
# Methods that put values into a string.
FORMATTING = frozenset(("format", "format_map", "replace"))


class Work:
    """What one analysis may still do to follow names and constants, and the strings it knows already.

    A few lines can say of a name that it is one of exponentially many things; they may not hold up the analysis.
    """

    __slots__ = ("left", "texts")

    def __init__(self):
        self.left = _MOST_STEPS
        self.texts = {}

    def spend(self, steps):
        """False once the work is used up."""
        self.left -= steps
        return self.left > 0


def text(node, scope, depth, work):
    """The string that an expression of constants makes; None if it takes a run, or too much work, to know."""
    if node.__class__ is ast.Constant:
        return node.value if isinstance(node.value, str) else None
    if depth > _DEEPEST or not work.spend(1):
        return None
    # How deep it is belongs to the key, for the limit on depth makes a difference to the answer.
    key = (node, scope, depth)
    if key in work.texts:
        return work.texts[key]
    found = _text(node, scope, depth, work)
    if found is not None:
        work.spend(len(found) // _CHARACTERS_PER_STEP)
    work.texts[key] = found
    return found


def _text(node, scope, depth, work):
    kind = node.__class__
    if kind is ast.Name:
        holder, bindings = scope.find(node.id)
        if holder is not None and len(bindings) == 1 and isinstance(bindings[0], ast.expr):
            return text(bindings[0], holder, depth + 1, work)
        return None
    if kind is ast.BinOp and isinstance(node.op, ast.Add):
        return _sum(node, scope, depth, work)
    if kind is ast.JoinedStr:
        parts = [each.value if isinstance(each, ast.FormattedValue) else each for each in node.values]
        return _joined(parts, "", scope, depth, work)
    if kind is ast.Call and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        separator = text(node.func.value, scope, depth + 1, work)
        if separator is not None and len(node.args) == 1 and isinstance(node.args[0], (ast.List, ast.Tuple)):
            return _joined(node.args[0].elts, separator, scope, depth, work)
        return None
    if kind is ast.Subscript and isinstance(node.slice, ast.Slice):
        return _reversed(node, scope, depth, work)
    return None


def _sum(node, scope, depth, work):
    parts = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and len(parts) < 100:
        parts.append(node.right)
        node = node.left
    parts.append(node)
    return _joined(parts[::-1], "", scope, depth, work)


def _joined(nodes, separator, scope, depth, work):
    parts, length = [], 0
    for each in nodes[:200]:
        part = text(each, scope, depth + 1, work)
        if part is None:
            return None
        length += len(part) + len(separator)
        if length > _LONGEST:
            return None
        parts.append(part)
    return separator.join(parts)


def _reversed(node, scope, depth, work):
    part = node.slice
    if part.lower is None and part.upper is None and isinstance(part.step, ast.UnaryOp):
        step = part.step
        if isinstance(step.op, ast.USub) and isinstance(step.operand, ast.Constant) and step.operand.value == 1:
            value = text(node.value, scope, depth + 1, work)
            return None if value is None else value[::-1]
    return None


def formatting(node):
    """How an expression puts values into a string ("f-string", "%", "format", "+"); None if it does not."""
    kind = node.__class__
    if kind is ast.JoinedStr:
        return "f-string" if any(isinstance(each, ast.FormattedValue) for each in node.values) else None
    if kind is ast.BinOp:
        if isinstance(node.op, ast.Mod) and _has_text(node.left):
            return "%"
        if isinstance(node.op, ast.Add):
            return "+" if _sum_has_text(node) else None
        return None
    if kind is ast.Call and isinstance(node.func, ast.Attribute):
        if node.func.attr in FORMATTING and _has_text(node.func.value):
            return "replace" if node.func.attr == "replace" else "format"
    return None


def formatted_text(node, how):
    """The constant parts of such a string, with {} for each value; None if all of it is constant."""
    if how == "f-string":
        return "".join(_part(each) for each in node.values)
    if how == "%":
        return _parts_of_sum(node.left)
    if how in ("format", "replace"):
        return _parts_of_sum(node.func.value)
    parts = _parts_of_sum(node)
    return parts if "{}" in parts else None


def _parts_of_sum(node):
    parts = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and len(parts) < 100:
        parts.append(_part(node.right))
        node = node.left
    parts.append(_part(node))
    return "".join(parts[::-1])


def _part(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value[:_LONGEST]
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)[:_LONGEST]
    return "{}"


def _has_text(node):
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or (
        isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _sum_has_text(node)
    )


def _sum_has_text(node):
    levels = 0
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and levels < 100:
        if isinstance(node.right, ast.JoinedStr) or _is_text(node.right):
            return True
        node, levels = node.left, levels + 1
    return isinstance(node, ast.JoinedStr) or _is_text(node)


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
