"""Statements and expressions that give names to things."""

from __future__ import annotations

import ast

from athena_harness.scopes import Bound

# Statements with others in them that belong to the same scope.
_BLOCKS = {
    getattr(ast, name): fields
    for names, fields in (
        ("If For AsyncFor While", ("body", "orelse")),
        ("With AsyncWith ExceptHandler match_case", ("body",)),
        ("Try TryStar", ("body", "handlers", "orelse", "finalbody")),
        ("Match", ("cases",)),
    )
    for name in names.split()
    if hasattr(ast, name)
}
# Statements that bind a name, and methods that put their last argument into what they are called on.
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
PUTTING = frozenset(("append", "appendleft", "add", "insert", "setdefault", "extend", "update", "put", "put_nowait"))
# Values in which no name can be found.
_WITHOUT_NAMES = frozenset((ast.Constant, ast.JoinedStr, ast.Compare, ast.UnaryOp, type(None)))


class Bindings:
    """The part of a walk that binds names."""

    def _find_certain(self, tree):
        for node in tree.body:
            kind = node.__class__
            if kind in _DEFINITIONS:
                self.certain.setdefault(node.name, node.end_lineno)
            elif kind is ast.Assign:
                for target in node.targets:
                    if target.__class__ is ast.Name:
                        self.certain.setdefault(target.id, node.end_lineno)
            elif kind is ast.Import or kind is ast.ImportFrom:
                for alias in node.names:
                    self.certain.setdefault(alias.asname or alias.name, node.end_lineno)

    def _bind_target(self, target, value, scope):
        pairs = [(target, value)]
        while pairs:
            target, value = pairs.pop()
            if target.__class__ is ast.Name:
                scope.bind(target.id, value)
                if value.__class__ is ast.Lambda:
                    self.callables.add(target.id)
                self._note_string(target.id, value)
                if scope.kind == "class":
                    self._put(target.id, value, scope)
            elif target.__class__ in (ast.Tuple, ast.List):
                values = value.elts if value.__class__ in (ast.Tuple, ast.List) else ()
                matched = len(values) == len(target.elts) and not any(
                    each.__class__ is ast.Starred for each in (*values, *target.elts)
                )
                for number, each in enumerate(target.elts):
                    pairs.append((each, values[number] if matched else _item(value, scope)))
            elif target.__class__ is ast.Starred:
                pairs.append((target.value, value))
            else:
                if target.__class__ is ast.Attribute:
                    self._note_string(target.attr, value)
                    self._put(target.attr, value, scope)
                elif target.__class__ is ast.Subscript and target.value.__class__ is ast.Name:
                    self._put("[]" + target.value.id, value, scope)
                self._pending.append((target, scope))

    def _put(self, field, value, scope):
        if value.__class__ is Bound:
            self.fields.setdefault(field, []).append(value)
        elif value.__class__ not in _WITHOUT_NAMES:
            self.fields.setdefault(field, []).append(Bound(value, scope))

    def _note_string(self, name, value):
        if value.__class__ is ast.Constant and value.value.__class__ is str and value.value:
            self.assigned_strings.append((name, value))

    def _with(self, node, scope):
        for item in node.items:
            if item.optional_vars is not None:
                # What a context manager gives is itself, more often than not.
                self._bind_target(item.optional_vars, item.context_expr, scope)
            self._pending.append((item.context_expr, scope))
        self._push(node.body, scope)

    def _loop(self, node, scope):
        self._add_ways(1, scope)
        self._bind_target(node.target, Bound(node.iter, scope, True), scope)
        self._pending.append((node.iter, scope))
        self._push([*node.body, *node.orelse], scope)

    def _import(self, node, scope):
        for alias in node.names:
            self.imports.append((node, alias.name, ""))
            if alias.asname:
                scope.bind(alias.asname, alias.name)
            else:
                top = alias.name.partition(".")[0]
                scope.bind(top, top)

    def _import_from(self, node, scope):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            self.imports.append((node, module, alias.name))
            if alias.name == "*":
                self.star_imports.append(module)
            else:
                scope.bind(alias.asname or alias.name, module + "." + alias.name)

    def _arguments(self, arguments, scope, inner):
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        for each in every:
            inner.bind(each.arg, None)
        positional = [*arguments.posonlyargs, *arguments.args]
        first = len(positional) - len(arguments.defaults)
        for each, default in (
            *zip(positional[first:], arguments.defaults),
            *zip(arguments.kwonlyargs, arguments.kw_defaults),
        ):
            if default is not None:
                inner.bind(each.arg, Bound(default, scope))
        self._push([each.annotation for each in every], scope)
        self._push([*arguments.defaults, *arguments.kw_defaults], scope)

    def _find_declarations(self, body, scope):
        # They hold for the whole function, also for what stands before them, where the walk comes earlier.
        pending = list(body)
        while pending:
            node = pending.pop()
            kind = node.__class__
            if kind is ast.Global:
                self._global(node, scope)
            elif kind is ast.Nonlocal:
                self._nonlocal(node, scope)
            elif kind in _BLOCKS:
                for block in _BLOCKS[kind]:
                    pending.extend(getattr(node, block))

    def _global(self, node, scope):
        for name in node.names:
            scope.elsewhere[name] = "module"

    def _nonlocal(self, node, scope):
        for name in node.names:
            scope.elsewhere[name] = "function"

    def _match(self, node, scope):
        for case in node.cases:
            for each in ast.walk(case.pattern):
                name = getattr(each, "name", None) or getattr(each, "rest", None)
                if isinstance(name, str):
                    scope.bind(name, node.subject)
                    scope.bind(name, Bound(node.subject, scope, True))
        self._children(node, scope)

    def _match_mapping(self, node, scope):
        if node.rest:
            scope.bind(node.rest, None)
        self._children(node, scope)

    def _match_class(self, node, scope):
        self.pattern_attributes.extend((node, attribute) for attribute in node.kwd_attrs)
        self._children(node, scope)

    def _walrus(self, node, scope):
        holder = scope.holder_of_walrus()
        holder.bind(node.target.id, node.value if holder is scope else Bound(node.value, scope))
        self._pending.append((node.value, scope))


def _item(value, scope):
    if value.__class__ is Bound:
        return value
    return None if value.__class__ in _WITHOUT_NAMES else Bound(value, scope, True)
