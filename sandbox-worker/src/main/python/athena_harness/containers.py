"""What may be in a container, and so come out of it."""

from __future__ import annotations

import ast

from athena_harness.scopes import Bound

# Of steps from expression to expression; a step to another name, attribute or function counts for several.
DEEPEST = 250
NEXT_NAME = 4
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
        if depth > DEEPEST or not self.work.spend(1):
            self.truncated = self.truncated or not self._loose
            self._cuts += 1
            return _NONE
        kind = node.__class__
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
        elif kind is ast.Name:
            found |= self._items_of_name(node.id, scope, depth)
        elif kind is ast.Attribute:
            found |= self._items_of_field(node.attr, depth)
        elif kind is ast.Call:
            found |= self._items_of_call(node, scope, depth)
        return found

    def _items_of_name(self, name, scope, depth):
        holder, bindings = scope.find(name)
        if holder is None:
            return _NONE
        key = ("[]", holder, name)
        known = self._resolved.get(key)
        if known is not None:
            return known
        if not self._begin(key):
            return _NONE
        cuts = self._cuts
        found = set(self._of_field("[]" + name, depth))
        for binding in bindings[:_MOST_ITEMS]:
            if binding.__class__ is Bound:
                found |= self._items(binding.node, binding.scope, depth + NEXT_NAME)
            elif binding is not None and binding.__class__ is not str:
                found |= self._items(binding, holder, depth + NEXT_NAME)
        return self._end(key, found, cuts)

    def _items_of_field(self, name, depth):
        bounds = self._walk.fields.get(name)
        if bounds is None:
            return _NONE
        key = ("[]", name)
        known = self._resolved.get(key)
        if known is not None:
            return known
        if not self._begin(key):
            return _NONE
        cuts = self._cuts
        found = set()
        for bound in bounds[:_MOST_ITEMS]:
            found |= self._items(bound.node, bound.scope, depth + NEXT_NAME)
        return self._end(key, found, cuts)

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
        inner = self._walk.scopes.get(function)
        if inner is None or not inner.returns:
            return _NONE
        key = ("[]()", inner)
        known = self._resolved.get(key)
        if known is not None:
            return known
        if not self._begin(key):
            return _NONE
        cuts = self._cuts
        found = set()
        for each in inner.returns[:_MOST_ITEMS]:
            found |= self._items(each, inner, depth + NEXT_NAME)
        return self._end(key, found, cuts)
