"""Which names of modules and builtins a module's code reaches, whatever it calls them, and what it does with them."""

from __future__ import annotations

import ast
from _string import formatter_parser

from athena_harness import constants, modules, structure, values
from athena_harness.origins import BUILTINS, IMPORTERS, Origins

# As many as a report lists findings.
_MOST_PLACES = 500
_MOST_CALLS = 20000
_MOST_DISTINCT = 20000
_LONGEST_TEXT = 200
_NAMED = BUILTINS | {"__builtins__"}
_LONGEST_FORMAT = 10000
_LOOKUPS = {"builtins.getattr", "builtins.setattr", "builtins.delattr", "builtins.hasattr"}
_GETTERS = {"operator.attrgetter", "operator.methodcaller"}
_FORMATTING = ("format", "format_map", "vformat")


class Names:
    """Follows the names of one tree."""

    def __init__(self, walk, places):
        self._walk = walk
        self._place_of = places.of
        self._origins = Origins(walk)
        self._truncated = False

    def report(self):
        """The facts about imports, uses of names, attributes, calls and strings."""
        walk = self._walk
        self._uses, self._attributes, self._strings = {}, {}, {}
        self._calls, self._imports, self._formatted, self._format_fields = [], [], [], []
        self._imported = set()
        self._import_facts()
        for chain, scope in walk.chains:
            self._chain(chain, scope)
        for (name, scope), nodes in walk.names.items():
            self._name(name, scope, nodes)
        for call, scope in walk.calls:
            self._call(call, scope)
        for node, attribute in walk.pattern_attributes:
            self._note(self._attributes, attribute, node)
        for node, scope in walk.subscripts:
            self._note_uses(node, scope)
        self._texts()
        return {
            "imports": self._imports,
            "uses": _pairs(self._uses),
            "reached": self._reached_modules(),
            "attributes": _pairs(self._attributes),
            "calls": self._calls,
            "strings": _pairs(self._strings),
            "assigned_strings": self._assigned_strings(),
            "formatted": self._formatted,
            "format_fields": self._format_fields,
            "truncated": self._truncated or self._origins.truncated or self._origins.work.left <= 0,
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
            places.append(self._place_of(node))

    def _name(self, name, scope, nodes):
        if scope.parent is None and name in self._origins.rebound:
            # In the module itself it makes a difference where it stands.
            for node in nodes:
                self._note_uses(node, scope)
        else:
            for origin in self._origins.of(nodes[0], scope):
                for node in nodes:
                    self._note(self._uses, origin, node)
        if name.startswith("__"):
            for node in nodes:
                self._given(node, scope)

    def _note_uses(self, node, scope):
        for origin in self._origins.of(node, scope):
            self._note(self._uses, origin, node)

    def _given(self, name, scope):
        # What a module is given by its loader is an attribute of it.
        if name.id not in _NAMED and scope.find(name.id)[0] is None:
            self._note(self._attributes, name.id, name)

    def _import_facts(self):
        for node, module, name in self._walk.imports:
            self._imports.append([module, name, self._place_of(node), ""])
            self._imported.add(module.partition(".")[0])
            if name and name != "*":
                held = modules.canonical(f"{module}.{name}")
                if held != f"{module}.{name}" and modules.is_module(held):
                    self._note(self._uses, held, node)

    def _reached_modules(self):
        """Modules that no import of the code names: other modules hold them, and hand them out."""
        found = {}
        for origin, places in self._uses.items():
            first = origin.partition(".")[0]
            if first in self._imported or (first == "builtins" and first != origin) or first == "?":
                continue
            module = modules.module_of(origin)
            if module.partition(".")[0] not in self._imported:
                kept = found.setdefault(module, [])
                kept.extend(places[: _MOST_PLACES - len(kept)])
        return _pairs(found)

    def _chain(self, node, scope):
        current = node
        while current.__class__ is ast.Attribute:
            self._note(self._attributes, current.attr, current)
            current = current.value
        if current.__class__ is ast.Name and current.id.startswith("__"):
            self._given(current, scope)
        self._note_uses(node, scope)
        if node.attr in _FORMATTING:
            self._format(node.value, scope, node)

    def _call(self, node, scope):
        origins = self._origins.of(node.func, scope)
        if origins:
            self._named_call(node, origins, scope)
        named = [origin for origin in origins if not origin.startswith("builtins.") or origin in _REPORTED_BUILTINS]
        if node.func.__class__ is ast.Attribute:
            if node.func.attr in _FORMATTING and node.args:
                # str.format and string.Formatter take the format as an argument.
                self._format(node.args[0], scope, node)
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
                    self._place_of(node),
                    [self._argument(each, scope) for each in node.args[:8]],
                    {each.arg or "**": self._argument(each.value, scope) for each in node.keywords[:40]},
                ]
            )

    def _named_call(self, node, origins, scope):
        for origin in origins & IMPORTERS:
            self._dynamic_import(origin, node, scope)
        if origins & _LOOKUPS and len(node.args) >= 2:
            for text in self._origins.texts(node.args[1], scope):
                self._note(self._attributes, text, node)
        if origins & _GETTERS:
            for argument in node.args:
                for text in self._origins.texts(argument, scope):
                    for part in text.split("."):
                        if part:
                            self._note(self._attributes, part, node)
        if "contextlib.suppress" in origins:
            self._walk.handlers.append(
                {
                    "at": self._place_of(node),
                    "catches": [name for each in node.args[:20] for name in self._exceptions(each, scope)],
                    "swallows": True,
                }
            )
        if (
            not origins & _LOOKUPS
            and not origins & IMPORTERS
            and all(origin.startswith("builtins.") and origin.count(".") == 1 for origin in origins)
        ):
            return
        for origin in self._origins.of(node, scope):
            if not origin.endswith("()"):
                self._note(self._uses, origin, node)

    def _exceptions(self, node, scope):
        origins = self._origins.of(node, scope)
        return [each.rpartition(".")[2] for each in origins] if origins else [structure.name_of(node)]

    def _dynamic_import(self, importer, node, scope):
        argument = node.args[0] if node.args else None
        for keyword in node.keywords:
            if keyword.arg == "name":
                argument = keyword.value
        texts = self._origins.texts(argument, scope) if argument is not None else ()
        for text in texts or ("",):
            # What pkgutil resolves may be written "module:name".
            module = text.partition(":")[0]
            self._imports.append([module, "", self._place_of(node), importer])
            self._imported.add(module.partition(".")[0])

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
        text = self._text(node, scope)
        if text is not None:
            return ["c", _clean(text)]
        how = constants.formatting(node)
        if how is not None:
            return ["f", how]
        if kind is ast.List or kind is ast.Tuple:
            parts = [self._text(each, scope) for each in node.elts[:50]]
            return ["l", _clean(" ".join(part for part in parts if part)), len(node.elts)]
        origins = self._origins.of(node, scope)
        if origins:
            return ["n", min(origins)]
        return ["?"]

    def _format(self, template, scope, node):
        # A constant is looked at where it stands.
        if template.__class__ is ast.Constant or template.__class__ is ast.Name:
            return
        for text in self._origins.texts(template, scope):
            self._format_text(text, node)

    def _format_text(self, text, node):
        fields = _attributes_in(text)
        if fields and len(self._format_fields) < _MOST_DISTINCT:
            self._format_fields.append([fields, self._place_of(node)])

    def _text(self, node, scope):
        return constants.text(node, scope, 0, self._origins.work)

    def _texts(self):
        for node in self._walk.strings:
            value = node.value
            self._note(self._strings, _clean(value), node)
            # Whoever formats with it, and however.
            if "{" in value and "." in value and len(value) <= _LONGEST_FORMAT:
                self._format_text(value, node)
        for node, how in self._walk.formatted:
            text = constants.formatted_text(node, how)
            if text is not None and len(self._formatted) < _MOST_DISTINCT:
                self._formatted.append([how, _clean(text), self._place_of(node)])

    def _assigned_strings(self):
        found = {}
        for name, node in self._walk.assigned_strings:
            self._note(found, name, node)
        return _pairs(found)


# Of calls to builtins only those are reported one by one whose arguments tell something.
_REPORTED_BUILTINS = {
    "builtins." + name
    for name in ("__import__", "compile", "delattr", "eval", "exec", "getattr", "input", "open", "setattr", "vars")
}


def _attributes_in(template):
    """Names of the attributes that a format string reads, also in nested fields."""
    found, pending = [], [template]
    while pending:
        try:
            for _, field, specification, _ in formatter_parser(pending.pop()):
                if field:
                    parts = (part.partition("[")[0] for part in field.split(".")[1:])
                    found.extend(part for part in parts if part.isidentifier())
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
