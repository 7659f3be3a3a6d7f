"""What may be in a container, and so come out of it."""

from __future__ import annotations

import ast

from athena_harness import cells
from athena_harness.scopes import Bound

_MOST_ORIGINS = 8
_MOST_ITEMS = 50
_NONE = frozenset()
# They give what is in their arguments.
REPACKING = frozenset(
    "builtins." + name
    for name in "dict enumerate filter frozenset iter list max min next reversed set sorted sum tuple zip".split()
) | {"collections.OrderedDict", "collections.deque", "copy.copy", "copy.deepcopy", "itertools.chain", "itertools.cycle"}
TAKING = frozenset(("pop", "popleft", "get", "setdefault", "__getitem__", "get_nowait", "values", "items", "copy"))
_CONTAINERS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_GENERATING = (ast.ListComp, ast.SetComp, ast.GeneratorExp)


class Containers:
    """The part of Origins that looks into containers."""

    def _items(self, node, scope, depth):
        """What may be in a container."""
        if depth > cells.DEEPEST or not self.work.spend(1):
            if not self._cut():
                self.truncated = True
            return _NONE
        kind = node.__class__
        if kind is ast.Name:
            return self._items_of_name(node.id, scope, depth)
        if kind is ast.Attribute:
            return self._items_of_field(node.attr, depth)
        if kind is ast.Call:
            return self._items_of_call(node, scope, depth)
        found = set()
        if kind in _CONTAINERS:
            values = node.values if kind is ast.Dict else node.elts
            for each in values[:_MOST_ITEMS]:
                if each.__class__ in _CONTAINERS or each.__class__ is ast.Starred:
                    found |= self._items(each, scope, depth + 1)
                elif each.__class__ is not ast.Constant:
                    found |= self.of(each, scope, depth + 1)
        elif kind in _GENERATING or kind is ast.DictComp:
            inner = self._walk.scopes.get(node, scope)
            found |= self.of(node.value if kind is ast.DictComp else node.elt, inner, depth + 1)
        elif kind is ast.Starred or kind is ast.NamedExpr or kind is ast.Subscript:
            found |= self._items(node.value, scope, depth + 1)
        elif kind is ast.BinOp:
            found |= self._items(node.left, scope, depth + 1) | self._items(node.right, scope, depth + 1)
        elif kind is ast.IfExp:
            found |= self._items(node.body, scope, depth + 1) | self._items(node.orelse, scope, depth + 1)
        elif kind is ast.BoolOp:
            for each in node.values[:_MOST_ORIGINS]:
                found |= self._items(each, scope, depth + 1)
        return found

    def _items_of_name(self, name, scope, depth):
        holder = scope.find(name)[0]
        if holder is None:
            return _NONE
        return self._in_cell((Containers._look_into_name, holder, name), depth)

    def _look_into_name(self, cell, depth):
        _, holder, name = cell
        found = set(self._of_field("[]" + name, depth))
        for binding in holder.bindings[name][:_MOST_ITEMS]:
            if binding.__class__ is Bound:
                found |= self._items(binding.node, binding.scope, depth + cells.NEXT_CELL)
            elif binding is not None and binding.__class__ is not str:
                found |= self._items(binding, holder, depth + cells.NEXT_CELL)
        return found

    def _items_of_field(self, name, depth):
        if name not in self._walk.fields:
            return _NONE
        return self._in_cell((Containers._look_into_field, name), depth)

    def _look_into_field(self, cell, depth):
        found = set()
        for bound in self._walk.fields[cell[1]][:_MOST_ITEMS]:
            found |= self._items(bound.node, bound.scope, depth + cells.NEXT_CELL)
        return found

    def _items_of_call(self, node, scope, depth):
        found = set()
        function = node.func
        if function.__class__ is ast.Attribute and function.attr in TAKING:
            found |= self._items(function.value, scope, depth + 1)
        for each, _ in self._callees(function, scope):
            found |= self._results(each, depth) | self._items_of_results(each, depth)
        origins = self.of(function, scope, depth + 1)
        if not origins.isdisjoint(REPACKING):
            for each in node.args[:_MOST_ORIGINS]:
                found |= self._items(each, scope, depth + 1)
            for each in node.keywords[:_MOST_ORIGINS]:
                found |= self.of(each.value, scope, depth + 1)
        return found

    def _items_of_results(self, function, depth):
        inner = self._returning(function)
        return _NONE if inner is None else self._in_cell((Containers._look_into_results, inner), depth)

    def _look_into_results(self, cell, depth):
        found = set()
        for each in cell[1].returns[:_MOST_ITEMS]:
            found |= self._items(each, cell[1], depth + cells.NEXT_CELL)
        return found
