"""Which names of modules and builtins a module's code reaches, whatever it calls them.

Names are followed through imports, assignments, attributes, constant strings and the functions that look names up. The
flow of control is not: a name that is bound twice may be either, and is reported as both.
"""

from __future__ import annotations

import ast
import builtins
from _string import formatter_parser

from athena_harness import constants, values

_MOST_PLACES = 50
_MOST_CALLS = 20000
_MOST_DISTINCT = 20000
_MOST_ORIGINS = 8
_MOST_ORIGINS_OF_A_NAME = 64
_LONGEST_NAME = 300
_LONGEST_TEXT = 200
_DEEPEST = 40
_BUILTINS = frozenset(dir(builtins)) | {"__builtins__", "quit", "exit", "reveal_type"}
_IMPORTERS = {"builtins.__import__", "importlib.import_module", "importlib.__import__"}
_LOOKUPS = {"builtins.getattr", "builtins.setattr", "builtins.delattr", "builtins.hasattr"}
_GETTERS = {"operator.attrgetter", "operator.methodcaller"}
_NONE = frozenset()


class Names:
    """Follows the names of one tree."""

    def __init__(self, walk, places):
        self._walk = walk
        self._places = places
        self._resolved = {}
        self._open = set()
        self._work = constants.Work()
        # How often an answer was left incomplete, because names lead in a circle or too far.
        self._cuts = 0
        self._truncated = False

    def report(self):
        """The facts about imports, uses of names, attributes, calls and strings."""
        walk = self._walk
        self._uses, self._attributes, self._strings = {}, {}, {}
        self._calls, self._imports, self._formatted, self._format_fields = [], [], [], []
        self._import_facts()
        for chain, scope in walk.chains:
            self._chain(chain, scope)
        seen = {}
        for name, scope in walk.names:
            key = (scope, name.id)
            origins = seen.get(key)
            if origins is None:
                origins = seen[key] = self._look_up(name.id, scope)
            for origin in origins:
                self._note(self._uses, origin, name)
        for call, scope in walk.calls:
            self._call(call, scope)
        for node, attribute in walk.pattern_attributes:
            self._note(self._attributes, attribute, node)
        for node, scope in walk.subscripts:
            for origin in self._origins(node, scope, 0):
                self._note(self._uses, origin, node)
        self._texts()
        return {
            "imports": self._imports,
            "uses": _pairs(self._uses),
            "attributes": _pairs(self._attributes),
            "calls": self._calls,
            "strings": _pairs(self._strings),
            "assigned_strings": self._assigned_strings(),
            "formatted": self._formatted,
            "format_fields": self._format_fields,
            "truncated": self._truncated or self._work.left <= 0,
        }

    # --- What is reported

    def _note(self, table, key, node):
        places = table.get(key)
        if places is None:
            if len(table) >= _MOST_DISTINCT:
                self._truncated = True
                return
            places = table[key] = []
        if len(places) < _MOST_PLACES:
            places.append(self._places.of(node))

    def _import_facts(self):
        for node, module, name in self._walk.imports:
            self._imports.append([module, name, self._places.of(node), ""])

    def _chain(self, node, scope):
        current = node
        while current.__class__ is ast.Attribute:
            self._note(self._attributes, current.attr, current)
            current = current.value
        for origin in self._origins(node, scope, 0):
            self._note(self._uses, origin, node)

    def _call(self, node, scope):
        origins = self._origins(node.func, scope, 0)
        if origins:
            self._named_call(node, origins, scope)
        named = [origin for origin in origins if not origin.startswith("builtins.") or origin in _REPORTED_BUILTINS]
        if node.func.__class__ is ast.Attribute:
            if node.func.attr in ("format", "format_map", "vformat"):
                self._format(node, scope)
            named = named or ["?." + node.func.attr]
        elif not origins and node.keywords:
            named = ["?"]
        for origin in named:
            if len(self._calls) >= _MOST_CALLS:
                self._truncated = True
                return
            self._calls.append(
                [
                    origin,
                    self._places.of(node),
                    [self._argument(each, scope) for each in node.args[:8]],
                    {each.arg or "**": self._argument(each.value, scope) for each in node.keywords[:40]},
                ]
            )

    def _named_call(self, node, origins, scope):
        for origin in origins & _IMPORTERS:
            self._dynamic_import(origin, node, scope)
        if origins & _LOOKUPS and len(node.args) >= 2:
            text = self._text_of(node.args[1], scope)
            if text is not None:
                self._note(self._attributes, text, node)
        if origins & _GETTERS:
            for argument in node.args:
                text = self._text_of(argument, scope)
                for part in (text or "").split("."):
                    if part:
                        self._note(self._attributes, part, node)
        for origin in self._origins_of_call(node, scope, 0):
            if not origin.endswith("()"):
                self._note(self._uses, origin, node)

    def _dynamic_import(self, importer, node, scope):
        argument = node.args[0] if node.args else None
        for keyword in node.keywords:
            if keyword.arg == "name":
                argument = keyword.value
        text = self._text_of(argument, scope) if argument is not None else None
        self._imports.append([text or "", "", self._places.of(node), importer])

    def _argument(self, node, scope):
        kind = node.__class__
        if kind is ast.Starred:
            return ["?"]
        if kind is ast.Constant:
            value = node.value
            if isinstance(value, str):
                return ["c", _clean(value)]
            if value is None or isinstance(value, bool):
                return ["c", value]
            if isinstance(value, (int, float)) and abs(value) < 1 << 53:
                return ["c", value]
            return ["c", type(value).__name__]
        text = self._text_of(node, scope)
        if text is not None:
            return ["c", _clean(text)]
        how = constants.formatting(node)
        if how is not None:
            return ["f", how]
        if kind is ast.List or kind is ast.Tuple:
            parts = [self._text_of(each, scope) for each in node.elts[:50]]
            return ["l", _clean(" ".join(part for part in parts if part)), len(node.elts)]
        origins = self._origins(node, scope, 0)
        if origins:
            return ["n", min(origins)]
        return ["?"]

    def _format(self, node, scope):
        template = self._text_of(node.func.value, scope)
        if template is None:
            return
        fields = _attributes_in(template)
        if fields:
            self._format_fields.append([fields, self._places.of(node)])

    def _texts(self):
        for node in self._walk.strings:
            self._note(self._strings, _clean(node.value), node)
        for node, how in self._walk.formatted:
            text = constants.formatted_text(node, how)
            if text is not None and len(self._formatted) < _MOST_DISTINCT:
                self._formatted.append([how, _clean(text), self._places.of(node)])

    def _assigned_strings(self):
        found = {}
        for name, node in self._walk.assigned_strings:
            self._note(found, name, node)
        return _pairs(found)

    # --- What a name or an expression may stand for

    def _look_up(self, name, scope):
        holder, bindings = scope.find(name)
        if holder is None:
            origins = set()
            if not self._work.spend(1 + len(self._walk.star_imports)):
                return origins
            if name in _BUILTINS:
                origins.add("builtins" if name == "__builtins__" else "builtins." + name)
            origins.update(module + "." + name for module in self._walk.star_imports)
            return origins
        key = (id(holder), name)
        known = self._resolved.get(key)
        if known is not None:
            return known
        if key in self._open or not self._work.spend(1):
            self._cuts += 1
            return _NONE
        self._open.add(key)
        cuts = self._cuts
        origins = set()
        for binding in bindings:
            if isinstance(binding, str):
                origins.add(binding)
            elif binding is not None:
                origins |= self._origins(binding, holder, len(self._open))
            if len(origins) >= _MOST_ORIGINS:
                break
        if len(origins) > _MOST_ORIGINS_OF_A_NAME:
            origins = set(sorted(origins)[:_MOST_ORIGINS_OF_A_NAME])
            self._truncated = True
        self._open.discard(key)
        if not self._open or self._cuts == cuts:
            self._resolved[key] = origins
        return origins

    def _origins(self, node, scope, depth):
        """Qualified names such as `os.path.join`; `()` stands for the result of a call."""
        if depth > _DEEPEST or not self._work.spend(1):
            self._cuts += 1
            return _NONE
        found = self._origins_of_kind(node, scope, depth)
        self._work.spend(len(found))
        return found

    def _origins_of_kind(self, node, scope, depth):
        kind = node.__class__
        if kind is ast.Name:
            return self._look_up(node.id, scope)
        if kind is ast.Attribute:
            suffix, levels = "." + node.attr, 1
            node = node.value
            while node.__class__ is ast.Attribute and levels < 100:
                suffix, levels = "." + node.attr + suffix, levels + 1
                node = node.value
            return _joined(self._origins(node, scope, depth + 1), suffix)
        if kind is ast.Call:
            return self._origins_of_call(node, scope, depth)
        if kind is ast.Subscript:
            return self._origins_of_subscript(node, scope, depth)
        if kind is ast.NamedExpr or kind is ast.Await:
            return self._origins(node.value, scope, depth + 1)
        if kind is ast.IfExp:
            return self._origins(node.body, scope, depth + 1) | self._origins(node.orelse, scope, depth + 1)
        if kind is ast.BoolOp:
            found = set()
            for each in node.values[:_MOST_ORIGINS]:
                found |= self._origins(each, scope, depth + 1)
            return found
        return _NONE

    def _origins_of_call(self, node, scope, depth):
        origins = self._origins(node.func, scope, depth + 1)
        if not origins:
            return _NONE
        found = set()
        first = self._text_of(node.args[0], scope) if node.args else None
        for origin in origins:
            if origin in _IMPORTERS and first:
                found.add(first if origin == "importlib.import_module" else first.partition(".")[0])
                # With a list of names to take, __import__ gives the module itself.
                found.add(first)
            elif origin == "builtins.getattr" and len(node.args) >= 2:
                text = self._text_of(node.args[1], scope)
                if text:
                    found |= _joined(self._origins(node.args[0], scope, depth + 1), "." + text)
            elif origin == "builtins.vars" and node.args:
                found |= _joined(self._origins(node.args[0], scope, depth + 1), ".__dict__")
            elif origin == "functools.partial" and node.args:
                found |= self._origins(node.args[0], scope, depth + 1)
            elif origin.endswith((".__dict__.get", "sys.modules.get")) and first:
                found |= _entry(origin[: -len(".get")], first)
            elif origin.endswith((".__getattribute__", ".__getattr__")) and node.args:
                text = self._text_of(node.args[-1], scope)
                if text:
                    found |= _joined({origin.rpartition(".")[0]}, "." + text)
                    if len(node.args) > 1:
                        found |= _joined(self._origins(node.args[0], scope, depth + 1), "." + text)
            else:
                found |= _joined({origin}, "()")
        return found

    def _origins_of_subscript(self, node, scope, depth):
        origins = self._origins(node.value, scope, depth + 1)
        text = self._text_of(node.slice, scope) if origins else None
        if text is None:
            return _NONE
        found = set()
        for origin in origins:
            if origin in ("builtins.globals()", "builtins.locals()"):
                found |= self._look_up(text, self._walk.module)
            else:
                found |= _entry(origin, text)
        return found

    def _text_of(self, node, scope):
        return constants.text(node, scope, 0, self._work)


# Of calls to builtins only those are reported one by one whose arguments tell something.
_REPORTED_BUILTINS = {
    "builtins." + name
    for name in ("__import__", "compile", "delattr", "eval", "exec", "getattr", "input", "open", "setattr", "vars")
}


def _entry(origin, key):
    if origin == "sys.modules":
        return {key}
    if origin == "builtins":
        return {"builtins." + key}
    if origin.endswith(".__dict__"):
        return {origin[: -len("__dict__")] + key}
    return _NONE


def _joined(origins, suffix):
    return origins and {origin + suffix for origin in origins if len(origin) + len(suffix) <= _LONGEST_NAME}


def _attributes_in(template):
    """Names of the attributes that a format string reads, also in nested fields."""
    found, pending = [], [template]
    while pending:
        try:
            for _, field, specification, _ in formatter_parser(pending.pop()):
                if field:
                    found.extend(part.partition("[")[0] for part in field.split(".")[1:])
                if specification:
                    pending.append(specification)
        except ValueError:
            continue  # No format string after all.
    return [_clean(each) for each in found if each]


def _pairs(table):
    return [[_clean(key), places] for key, places in table.items()]


def _clean(text):
    text = text[:_LONGEST_TEXT]
    return text if text.isascii() and "\0" not in text else values.clean_text(text)
