"""What calls of a module's own functions give them, and what they give back."""

from __future__ import annotations

import ast

from athena_harness.scopes import Bound

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_MOST_ORIGINS = 8
_MOST_ITEMS = 50


class Functions:
    """The part of Origins that follows names into functions."""

    def _callees(self, function, scope):
        """(definition, how many of its first parameters the call does not give) of what a call may call."""
        kind = function.__class__
        if kind is ast.Lambda:
            return ((function, 0),)
        if kind is ast.Name:
            if function.id not in self._walk.callables:
                return ()
            found = []
            for each in scope.find(function.id)[1][:_MOST_ORIGINS]:
                if each.__class__ in FUNCTIONS:
                    found.append((each, 0))
                elif each.__class__ is ast.ClassDef:
                    found.extend(
                        (inner, 1)
                        for inner in each.body
                        if inner.__class__ is ast.FunctionDef and inner.name in ("__init__", "__new__")
                    )
            return found
        if kind is ast.Attribute:
            bounds = self._walk.fields.get(function.attr, ())[:_MOST_ORIGINS]
            return [(each.node, 1) for each in bounds if each.node.__class__ in FUNCTIONS]
        return ()

    def _returning(self, function):
        """The scope of a function that gives something; None for all others."""
        inner = self._walk.scopes.get(function)
        return inner if inner is not None and inner.returns else None

    def _of_getter(self, node, getter, scope, depth):
        """Of `attrgetter("name")(thing)`, also where the getter has a name."""
        found = set()
        for call, inner in self._calls_behind(getter, scope):
            for origin in self.of(call.func, inner, depth + 2):
                for text in self.texts(call.args[0], inner) if call.args and node.args else ():
                    base = self.of(node.args[0], scope, depth + 1)
                    if origin == "operator.itemgetter":
                        found |= self._entries(base, (text,)) or self._items(node.args[0], scope, depth + 1)
                    elif origin in ("operator.attrgetter", "operator.methodcaller"):
                        found |= self._joined(base, "." + text)
        return found

    @staticmethod
    def _calls_behind(node, scope):
        if node.__class__ is ast.Call:
            return ((node, scope),)
        if node.__class__ is not ast.Name:
            return ()
        holder, bindings = scope.find(node.id)
        return tuple((each, holder) for each in bindings[:_MOST_ORIGINS] if each.__class__ is ast.Call)

    def _pass_all_arguments(self):
        """Binds parameters of the module's own functions to what calls give them."""
        callables, fields = self._walk.callables, self._walk.fields
        for call, scope in self._walk.calls:
            function, arguments = call.func, call.args
            kind = function.__class__
            if (
                (kind is ast.Name and function.id in callables)
                or (kind is ast.Attribute and function.attr in fields)
                or kind is ast.Lambda
            ):
                self._pass_arguments(call, scope)
            if len(arguments) > 1:
                for each in arguments[:_MOST_ORIGINS]:
                    if each.__class__ is ast.Lambda or (each.__class__ is ast.Name and each.id in callables):
                        self._hand_on(each, arguments, scope)

    def _pass_arguments(self, call, scope):
        for function, skipped in self._callees(call.func, scope):
            inner = self._walk.scopes.get(function)
            if inner is None:
                continue
            names = _positional(function)
            for number, each in enumerate(call.args[:_MOST_ITEMS]):
                # A static method has no parameter that the call does not give.
                for name in {*names[number : number + 1], *names[number + skipped : number + skipped + 1]}:
                    _bind_argument(inner, name, each, scope)
            for keyword in call.keywords[:_MOST_ITEMS]:
                if keyword.arg:
                    _bind_argument(inner, keyword.arg, keyword.value, scope)

    def _hand_on(self, handed, arguments, scope):
        """What is handed to map, sorted or reduce beside a function comes to be its argument."""
        for function, _ in self._callees(handed, scope):
            inner = self._walk.scopes.get(function)
            for name in _positional(function) if inner is not None else ():
                for other in arguments[:_MOST_ORIGINS]:
                    if (
                        other is not handed
                        and other.__class__ is not ast.Constant
                        and len(inner.bindings[name]) < _MOST_ITEMS
                    ):
                        inner.bind(name, Bound(other, scope))
                        inner.bind(name, Bound(other, scope, True))


def _positional(function):
    arguments = function.args
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args)][:_MOST_ITEMS]


def _bind_argument(inner, name, node, scope):
    if node.__class__ is not ast.Constant and name in inner.bindings and len(inner.bindings[name]) < _MOST_ITEMS:
        inner.bind(name, Bound(node, scope))
