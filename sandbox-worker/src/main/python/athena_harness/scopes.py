"""Which scope binds which name to what."""

from __future__ import annotations

import ast


class Bound:
    """An expression in another scope than that of the name it is bound to; or what is in it, if `items`."""

    __slots__ = ("node", "scope", "items")

    def __init__(self, node, scope, items=False):
        self.node = node
        self.scope = scope
        self.items = items


class Scope:
    """Names that are bound together.

    A binding is a qualified name, a node (the expression that is assigned, or a definition), a Bound, or None.
    """

    __slots__ = ("kind", "parent", "bindings", "elsewhere", "prefix", "function", "returns", "outer", "known")

    def __init__(self, kind, parent, prefix="", function=None):
        self.kind = kind
        self.parent = parent
        # What the names of functions in it begin with, and the facts about the function that it is in.
        self.prefix = prefix
        self.function = function
        self.bindings = {}
        # Names declared global or nonlocal, with the kind of scope they belong to.
        self.elsewhere = {}
        # The expressions that a function gives.
        self.returns = []
        # Where a name is looked for that is not bound here. Those of a class are not seen from the functions in it; a
        # comprehension in a class is taken to see them, to err on the side of seeing more.
        if kind != "comprehension":
            while parent is not None and parent.kind == "class":
                parent = parent.parent
        self.outer = parent
        # What names stand for that are read here, once that is known.
        self.known = {}

    def bind(self, name, binding):
        """Adds what a name may stand for."""
        scope = self
        declared = self.elsewhere.get(name)
        if declared == "module":
            while scope.parent is not None:
                scope = scope.parent
        elif declared == "function" and self.parent is not None:
            scope = self.parent.find(name)[0] or self.parent
        if scope is not self and isinstance(binding, ast.expr):
            # What stands in it is seen from here, whoever has the name.
            binding = Bound(binding, self)
        scope.bindings.setdefault(name, []).append(binding)

    def find(self, name):
        """(scope, bindings) as seen from code in this scope; (None, ()) if nothing in the module binds it."""
        scope = self
        if self.elsewhere and self.elsewhere.get(name) == "module":
            while scope.parent is not None:
                scope = scope.parent
        while scope is not None:
            bindings = scope.bindings.get(name)
            if bindings is not None:
                return scope, bindings
            scope = scope.outer
        return None, ()

    def holder_of_walrus(self):
        """The scope in which `:=` binds."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope
