"""What a name or an expression may stand for.

Names are followed through imports, assignments, attributes, constant strings, containers, the arguments and results of
the module's own functions, and the functions that look names up. The flow of control is not: a name that is bound twice
may be either, and stands for both; and an attribute is taken for whatever is assigned to one of its name.
"""

from __future__ import annotations

import ast
import builtins

from athena_harness import cells, constants, containers, functions, modules
from athena_harness.functions import FUNCTIONS
from athena_harness.scopes import Bound

_MOST_ORIGINS = 8
_MOST_ORIGINS_OF_A_NAME = 64
_MOST_ITEMS = 50
_LONGEST_NAME = 300
_STEPS_OF_A_PART = 4
_MOST_CALLS_IN_A_NAME = 4
# A module has some names of its own that the module builtins has, too.
BUILTINS = frozenset(each for each in dir(builtins) if each[0] != "_") | {
    "__build_class__",
    "__debug__",
    "__import__",
    "exit",
    "quit",
    "reveal_type",
}
IMPORTERS = frozenset(
    ("builtins.__import__", "importlib.import_module", "importlib.__import__", "pkgutil.resolve_name")
)
_NONE = frozenset()


class Origins(cells.Cells, containers.Containers, functions.Functions):
    """Follows the names of one tree."""

    def __init__(self, walk):
        super().__init__()
        self._walk = walk
        # Builtins that the module surely binds otherwise.
        self.rebound = BUILTINS.intersection(walk.certain)
        # What is known to the end of expressions, by node.
        self._known = {}
        self._canonical = {}
        self._pass_all_arguments()

    def of(self, node, scope, depth=0):
        """Qualified names such as `os.path.join`; `()` stands for the result of a call, `?` for any name."""
        kind = node.__class__
        if kind is ast.Name:
            return self._of_plain_name(node, scope, depth)
        known = self._known.get(node)
        if known is not None:
            return known
        follow = _FOLLOW.get(kind)
        if follow is None:
            return _NONE
        self.work.left -= 1
        if depth > cells.DEEPEST or self.work.left <= 0:
            if not self._cut() and not self._leads_nowhere(node, scope):
                self.truncated = True
            return _NONE
        cuts = self._cuts
        found = follow(self, node, scope, depth)
        if len(found) > 1:
            self.work.left -= len(found)
        if self._cuts == cuts:
            # A node stands in one scope only.
            self._known[node] = found
        return found

    @staticmethod
    def _leads_nowhere(node, scope):
        # A long chain of calls and attributes of something that has no name here.
        for _ in range(_LONGEST_NAME):
            if node.__class__ is ast.Call:
                node = node.func
            elif node.__class__ is ast.Attribute or node.__class__ is ast.Subscript:
                node = node.value
            else:
                break
        if node.__class__ is ast.Name:
            return scope.find(node.id)[0] is None and node.id not in BUILTINS
        return node.__class__ in (ast.Call, ast.Attribute, ast.Subscript, ast.Constant)

    def texts(self, node, scope):
        """The strings that an expression of constants may make; empty if it takes a run to know."""
        found = constants.text(node, scope, 0, self.work)
        if found is not None:
            return (found,)
        if node.__class__ is ast.IfExp:
            return (*self.texts(node.body, scope), *self.texts(node.orelse, scope))[:_MOST_ORIGINS]
        if node.__class__ is not ast.Name:
            return ()
        texts = []
        holder, bindings = scope.find(node.id)
        for binding in bindings[:_MOST_ITEMS]:
            for each, inner in _parts(binding, holder):
                text = constants.text(each, inner, 0, self.work)
                if text is not None:
                    texts.append(text)
        return texts

    def of_name(self, name, scope, depth=0):
        """What a name may stand for, as seen from a scope."""
        holder, bindings = scope.find(name)
        if holder is None:
            return self._unbound(name)
        if len(bindings) == 1 and holder.kind != "class" and name not in BUILTINS:
            # Most names lead nowhere, or to what is imported by that name.
            binding = bindings[0]
            if binding is None:
                return _NONE
            if binding.__class__ is str:
                return frozenset((self._name(binding),))
        return self._in_cell((Origins._look_at_name, holder, name), depth)

    def _look_at_name(self, cell, depth):
        _, holder, name = cell
        origins = self._of_bindings(holder.bindings[name], holder, depth + cells.NEXT_CELL)
        if holder.kind == "class" and holder.parent is not None:
            # Where a class does not bind a name yet, its body sees the module's.
            origins |= self.of_name(name, holder.parent, depth + 1)
        elif holder.parent is None and name in BUILTINS and name not in self._walk.certain:
            origins.add("builtins." + name)
        if len(origins) > _MOST_ORIGINS_OF_A_NAME:
            # What calls give is less telling than what a name stands for itself.
            ranked = sorted(origins, key=lambda each: (each.count("("), each))
            self.truncated = self.truncated or "(" not in ranked[_MOST_ORIGINS_OF_A_NAME]
            origins = set(ranked[:_MOST_ORIGINS_OF_A_NAME])
        return origins

    def _unbound(self, name):
        stars = self._walk.star_imports
        origins = set()
        if not self.work.spend(1 + len(stars)):
            return origins
        if name in BUILTINS:
            origins.add("builtins." + name)
        elif name == "__builtins__":
            origins.add("builtins")
        for module in stars:
            origins.add(self._name(module + "." + name))
        return origins

    def _of_bindings(self, bindings, holder, depth):
        origins = set()
        for binding in bindings:
            kind = binding.__class__
            if kind is str:
                origins.add(self._name(binding))
            elif kind is Bound:
                origins |= self._of_bound(binding, depth)
            elif binding is not None:
                origins |= self.of(binding, holder, depth)
            if len(origins) >= _MOST_ORIGINS:
                break
        return origins

    def _of_bound(self, bound, depth):
        if bound.items:
            return self._items(bound.node, bound.scope, depth)
        return self.of(bound.node, bound.scope, depth)

    def _name(self, name):
        known = self._canonical.get(name)
        if known is None:
            self.work.left -= _STEPS_OF_A_PART * (1 + name.count("."))
            known = self._canonical[name] = modules.canonical(name)
        return known

    def _joined(self, origins, suffix):
        if not origins:
            return _NONE
        return {self._name(each + suffix) for each in origins if len(each) + len(suffix) <= _LONGEST_NAME}

    # --- Kinds of expressions

    def _of_plain_name(self, node, scope, depth):
        name = node.id
        found = scope.known.get(name)
        if found is None:
            cuts = self._cuts
            found = self.of_name(name, scope, depth)
            self.work.left -= 1 + len(found)
            if self._cuts == cuts:
                scope.known[name] = found
        # A builtin that the module binds later is itself until then.
        if name in self.rebound and scope.parent is None and self._walk.certain[name] >= node.lineno:
            return found | {"builtins." + name}
        return found

    def _of_attribute(self, node, scope, depth):
        names = [node.attr]
        node = node.value
        while node.__class__ is ast.Attribute and len(names) < 100:
            names.append(node.attr)
            node = node.value
        found = self.of(node, scope, depth + 1)
        while names and not found:
            found = self._of_field(names.pop(), depth)
        if not names or not found:
            return found
        joined = self._joined(found, "." + ".".join(reversed(names)))
        if names[-1] in self._walk.fields and all(each.endswith(")") for each in found):
            # What a call gives may have been given what its attributes are.
            inner = self._of_field(names.pop(), depth)
            joined = joined | (self._joined(inner, "." + ".".join(reversed(names))) if names else inner)
        return joined

    def _of_field(self, name, depth):
        if name not in self._walk.fields:
            return _NONE
        return self._in_cell((Origins._look_at_field, name), depth)

    def _look_at_field(self, cell, depth):
        origins = set()
        for bound in self._walk.fields[cell[1]][:_MOST_ITEMS]:
            if bound.node.__class__ in FUNCTIONS:
                if bound.node.__class__ is not ast.Lambda and bound.node.decorator_list:
                    origins |= self._results(bound.node, depth)
            else:
                origins |= self._of_bound(bound, depth + cells.NEXT_CELL)
        return origins

    def _of_value(self, node, scope, depth):
        return self.of(node.value, scope, depth + 1)

    def _of_choice(self, node, scope, depth):
        found = set()
        # As a chain of `if` and `else` it is long, and not deep.
        while node.__class__ is ast.IfExp:
            found |= self.of(node.body, scope, depth + 1)
            node = node.orelse
        return found | self.of(node, scope, depth + 1)

    def _of_any(self, node, scope, depth):
        found = set()
        for each in node.values[:_MOST_ORIGINS]:
            found |= self.of(each, scope, depth + 1)
        return found

    def _of_subscript(self, node, scope, depth):
        origins = self.of(node.value, scope, depth + 1)
        entries = self._entries(origins, self.texts(node.slice, scope)) if origins else _NONE
        return entries or self._items(node.value, scope, depth + 1)

    def _entries(self, origins, keys):
        found = set()
        for origin in origins:
            for key in keys or ("?",):
                if origin in ("builtins.globals()", "builtins.locals()", "builtins.vars()"):
                    # It is a variable of the module, as a rule.
                    found |= self.of_name(key, self._walk.module) if keys else {origin + ".?"}
                elif origin == "sys.modules":
                    found.add(self._name(modules.REGISTER + key) if keys else "sys.modules.?")
                elif origin == "builtins":
                    found.add("builtins." + key)
                elif origin.endswith(".__dict__"):
                    found.add(self._name(origin[: -len("__dict__")] + key) if keys else origin + ".?")
        return found

    def _of_call(self, node, scope, depth):
        function = node.func
        origins = self.of(function, scope, depth + 1)
        found = set()
        for each, _ in self._callees(function, scope):
            found |= self._results(each, depth)
        if not origins:
            if function.__class__ is ast.Attribute and function.attr in containers.TAKING:
                found |= self._items(function.value, scope, depth + 1)
            elif function.__class__ is ast.Call and function.args and node.args:
                found |= self._of_getter(node, function, scope, depth)
            return found
        for origin in origins:
            found |= self._result(origin, node, scope, depth)
        return found

    def _results(self, function, depth):
        inner = self._returning(function)
        return _NONE if inner is None else self._in_cell((Origins._look_at_results, inner), depth)

    def _look_at_results(self, cell, depth):
        found = set()
        for each in cell[1].returns[:_MOST_ITEMS]:
            found |= self.of(each, cell[1], depth + cells.NEXT_CELL)
        return found

    def _result(self, origin, node, scope, depth):
        arguments = node.args
        if not arguments:
            return _called(origin)
        if origin in IMPORTERS:
            found = set()
            for text in self.texts(arguments[0], scope):
                text = text.replace(":", ".")
                # With a list of names to take, __import__ gives the module itself.
                found |= {self._name(text), self._name(text.partition(".")[0])}
            return found or {origin + "()"}
        if origin == "builtins.getattr" and len(arguments) >= 2:
            found = set()
            base = self.of(arguments[0], scope, depth + 1)
            for text in self.texts(arguments[1], scope):
                found |= self._joined(base, "." + text) if base else self._of_field(text, depth)
            return found
        if origin == "builtins.vars":
            return self._joined(self.of(arguments[0], scope, depth + 1), ".__dict__") or {"builtins.vars()"}
        if origin == "functools.partial":
            return self.of(arguments[0], scope, depth + 1)
        if origin in containers.REPACKING:
            found = set()
            for each in arguments[:_MOST_ORIGINS]:
                found |= self._items(each, scope, depth + 1)
            return found or {origin + "()"}
        before, _, last = origin.rpartition(".")
        if last in ("get", "__getitem__", "pop", "setdefault"):
            entries = self._entries({before}, self.texts(arguments[0], scope))
            if entries:
                return entries
        if last in ("__getattribute__", "__getattr__"):
            found = set()
            for text in self.texts(arguments[-1], scope):
                found |= self._joined({before}, "." + text)
                if len(arguments) > 1:
                    found |= self._joined(self.of(arguments[0], scope, depth + 1), "." + text)
            return found
        if origin.startswith("operator.") and origin.endswith("()"):
            return self._of_getter(node, node.func, scope, depth) or {origin + "()"}
        return _called(origin)


def _called(origin):
    # Loops make names of ever more calls.
    return {origin + "()"} if len(origin) < _LONGEST_NAME and origin.count("(") < _MOST_CALLS_IN_A_NAME else _NONE


def _parts(binding, holder):
    """(expression, scope) of what a binding may be."""
    if binding.__class__ is Bound:
        if not binding.items:
            return ((binding.node, binding.scope),)
        if binding.node.__class__ in (ast.List, ast.Tuple, ast.Set):
            return tuple((each, binding.scope) for each in binding.node.elts[:_MOST_ITEMS])
        return ()
    return ((binding, holder),) if isinstance(binding, ast.expr) else ()


_FOLLOW = {
    ast.Attribute: Origins._of_attribute,
    ast.Call: Origins._of_call,
    ast.Subscript: Origins._of_subscript,
    ast.NamedExpr: Origins._of_value,
    ast.Await: Origins._of_value,
    ast.IfExp: Origins._of_choice,
    ast.BoolOp: Origins._of_any,
}
