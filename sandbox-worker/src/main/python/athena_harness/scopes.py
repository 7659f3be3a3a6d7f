"""One walk over a tree: which scope binds which name to what, the nodes that are worth a second look, and the shape.

Without recursion: source may be nested as deep as the parser takes it. And only once, because it is the walk that takes
the time.
"""

from __future__ import annotations

import ast

from athena_harness import constants, structure

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Fields of nodes in which there are no nodes, or none that say anything.
_LEAVES = frozenset(
    "arg asname attr conversion ctx id is_async kind kwd_attrs level module n name names op ops rest s simple tag"
    " type_comment type_ignores".split()
)
# For each class of nodes the fields with nodes in them, the last first.
_FIELDS = {}
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


class Scope:
    """Names that are bound together. A binding is a qualified name, the expression that is assigned, or None."""

    __slots__ = ("kind", "parent", "bindings", "elsewhere", "prefix", "function")

    def __init__(self, kind, parent, prefix="", function=None):
        self.kind = kind
        self.parent = parent
        # What the names of functions in it begin with, and the facts about the function that it is in.
        self.prefix = prefix
        self.function = function
        self.bindings = {}
        # Names declared global or nonlocal, with the kind of scope they belong to.
        self.elsewhere = {}

    def bind(self, name, binding):
        """Adds what a name may stand for."""
        scope = self
        declared = self.elsewhere.get(name)
        if declared == "module":
            while scope.parent is not None:
                scope = scope.parent
        elif declared == "function" and self.parent is not None:
            scope = self.parent.find(name)[0] or self.parent
        scope.bindings.setdefault(name, []).append(binding)

    def find(self, name):
        """(scope, bindings) as seen from code in this scope; (None, ()) if nothing in the module binds it."""
        scope, own = self, True
        if self.elsewhere.get(name) == "module":
            while scope.parent is not None:
                scope = scope.parent
        while scope is not None:
            # Names of a class are not seen from the functions in it.
            if (own or scope.kind != "class") and name in scope.bindings:
                return scope, scope.bindings[name]
            # A comprehension in a class body is taken to see them, to err on the side of seeing more.
            own = own and scope.kind == "comprehension"
            scope = scope.parent
        return None, ()

    def holder_of_walrus(self):
        """The scope in which `:=` binds."""
        scope = self
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        return scope


class Walk:
    """The result of the walk."""

    def __init__(self, tree, places):
        self.module = Scope("module", None)
        self.imports = []
        self.star_imports = []
        self.chains = []
        self.names = []
        self.calls = []
        self.subscripts = []
        self.strings = []
        self.formatted = []
        self.assigned_strings = []
        self.pattern_attributes = []
        self.functions = []
        self.classes = 0
        self.handlers = []
        self.raises = []
        self.finallies = 0
        self._places = places
        self._pending = []
        self._run(tree)

    def _run(self, tree):
        pending, visits, children = self._pending, _VISITS, Walk._children
        pending.append((tree, self.module))
        while pending:
            node, scope = pending.pop()
            visits.get(node.__class__, children)(self, node, scope)

    def _children(self, node, scope):
        fields = _FIELDS.get(node.__class__)
        if fields is None:
            # Some fields hold plain values, such as that of `case True`; there is nothing below them.
            names = getattr(node, "_fields", ())
            fields = _FIELDS[node.__class__] = tuple(each for each in names[::-1] if each not in _LEAVES)
        pending = self._pending
        for field in fields:
            value = getattr(node, field, None)
            if value.__class__ is list:
                for each in value[::-1]:
                    if each is not None:
                        pending.append((each, scope))
            elif value is not None:
                pending.append((value, scope))

    def _push(self, nodes, scope):
        self._pending.extend((each, scope) for each in reversed(nodes) if each is not None)

    # --- Expressions

    def _name(self, node, scope):
        if node.ctx.__class__ is ast.Load:
            self.names.append((node, scope))
        elif node.ctx.__class__ is ast.Store:
            scope.bind(node.id, None)

    def _attribute(self, node, scope):
        self.chains.append((node, scope))
        base = node.value
        while base.__class__ is ast.Attribute:
            base = base.value
        if base.__class__ is not ast.Name:
            self._pending.append((base, scope))

    def _call(self, node, scope):
        self.calls.append((node, scope))
        if node.func.__class__ is ast.Attribute:
            how = constants.formatting(node)
            if how is not None:
                self.formatted.append((node, how))
        self._children(node, scope)

    def _subscript(self, node, scope):
        self.subscripts.append((node, scope))
        self._children(node, scope)

    def _constant(self, node, scope):
        if node.value.__class__ is str:
            self.strings.append(node)

    def _joined_string(self, node, scope):
        if constants.formatting(node) is not None:
            self.formatted.append((node, "f-string"))
        self._children(node, scope)

    def _binary(self, node, scope):
        how = constants.formatting(node)
        if how is None:
            self._push((node.left, node.right), scope)
            return
        self.formatted.append((node, how))
        # A sum of many parts is one string, and not one more for each of its parts.
        while how == "+" and node.left.__class__ is ast.BinOp and node.left.op.__class__ is ast.Add:
            self._pending.append((node.right, scope))
            node = node.left
        self._push((node.left, node.right), scope)

    def _expression(self, node, scope):
        # A string that stands alone is a comment or a docstring.
        if not (node.value.__class__ is ast.Constant and node.value.value.__class__ is str):
            self._pending.append((node.value, scope))

    def _walrus(self, node, scope):
        scope.holder_of_walrus().bind(node.target.id, node.value)
        self._pending.append((node.value, scope))

    def _comprehension(self, node, scope):
        self._children(node, Scope("comprehension", scope, scope.prefix, scope.function))

    def _lambda(self, node, scope):
        inner = Scope("function", scope, scope.prefix, scope.function)
        self._arguments(node.args, scope, inner)
        self._pending.append((node.body, inner))

    # --- Statements

    def _assign(self, node, scope):
        for target in node.targets:
            self._bind_target(target, node.value, scope)
        self._pending.append((node.value, scope))

    def _annotated_assign(self, node, scope):
        if node.value is not None:
            self._bind_target(node.target, node.value, scope)
        self._push((node.annotation, node.value), scope)

    def _bind_target(self, target, value, scope):
        pairs = [(target, value)]
        while pairs:
            target, value = pairs.pop()
            if target.__class__ is ast.Name:
                scope.bind(target.id, value)
                self._note_string(target.id, value)
            elif target.__class__ in (ast.Tuple, ast.List):
                values = value.elts if value.__class__ in (ast.Tuple, ast.List) else ()
                matched = len(values) == len(target.elts)
                for number, each in enumerate(target.elts):
                    pairs.append((each, values[number] if matched else None))
            elif target.__class__ is ast.Starred:
                pairs.append((target.value, None))
            else:
                if target.__class__ is ast.Attribute:
                    self._note_string(target.attr, value)
                self._pending.append((target, scope))

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

    def _function(self, node, scope):
        scope.bind(node.name, None)
        function = structure.function(node, scope.prefix, self._places)
        self.functions.append(function)
        inner = Scope("function", scope, function["name"] + ".", function)
        self._push(node.decorator_list, scope)
        self._arguments(node.args, scope, inner)
        self._push([node.returns, *getattr(node, "type_params", ())], inner)
        self._find_declarations(node.body, inner)
        self._push(node.body, inner)

    def _arguments(self, arguments, scope, inner):
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
        for each in every:
            inner.bind(each.arg, None)
        self._push([each.annotation for each in every], scope)
        self._push([*arguments.defaults, *arguments.kw_defaults], scope)

    def _class(self, node, scope):
        scope.bind(node.name, None)
        self.classes += 1
        inner = Scope("class", scope, f"{scope.prefix}{node.name}.", scope.function)
        self._push(node.decorator_list, scope)
        self._push([*node.bases, *(each.value for each in node.keywords)], scope)
        self._push([*getattr(node, "type_params", ()), *node.body], inner)

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

    # --- Shape: how many ways there are through a function (T. McCabe, "A Complexity Measure", 1976), and its handlers

    def _branch(self, node, scope):
        self._add_ways(1, scope)
        self._children(node, scope)

    def _bool(self, node, scope):
        self._add_ways(len(node.values) - 1, scope)
        self._children(node, scope)

    def _clause(self, node, scope):
        self._add_ways(1 + len(node.ifs), scope)
        self._children(node, scope)

    def _add_ways(self, number, scope):
        if scope.function is not None:
            scope.function["complexity"] += number

    def _handler(self, node, scope):
        self._add_ways(1, scope)
        self.handlers.append(structure.handler(node, self._places))
        self._named(node, scope)

    def _try(self, node, scope):
        self.finallies += bool(node.finalbody)
        self._children(node, scope)

    def _raise(self, node, scope):
        self.raises.append([structure.name_of(node.exc), self._places.of(node)])
        self._children(node, scope)

    # --- Names that are plain strings in the tree

    def _named(self, node, scope):
        if node.name:
            scope.bind(node.name, None)
        self._children(node, scope)

    def _match_mapping(self, node, scope):
        if node.rest:
            scope.bind(node.rest, None)
        self._children(node, scope)

    def _match_class(self, node, scope):
        self.pattern_attributes.extend((node, attribute) for attribute in node.kwd_attrs)
        self._children(node, scope)


def _visits():
    visits = {
        ast.Name: Walk._name,
        ast.Attribute: Walk._attribute,
        ast.Call: Walk._call,
        ast.Constant: Walk._constant,
        ast.Subscript: Walk._subscript,
        ast.Assign: Walk._assign,
        ast.AnnAssign: Walk._annotated_assign,
        ast.NamedExpr: Walk._walrus,
        ast.Import: Walk._import,
        ast.ImportFrom: Walk._import_from,
        ast.FunctionDef: Walk._function,
        ast.AsyncFunctionDef: Walk._function,
        ast.Lambda: Walk._lambda,
        ast.ClassDef: Walk._class,
        ast.JoinedStr: Walk._joined_string,
        ast.BinOp: Walk._binary,
        ast.Global: Walk._global,
        ast.Nonlocal: Walk._nonlocal,
        ast.ExceptHandler: Walk._handler,
        ast.Try: Walk._try,
        ast.Raise: Walk._raise,
        ast.With: Walk._with,
        ast.AsyncWith: Walk._with,
        ast.Expr: Walk._expression,
        ast.comprehension: Walk._clause,
        ast.BoolOp: Walk._bool,
    }
    visits.update((kind, Walk._comprehension) for kind in _COMPREHENSIONS)
    visits.update((kind, Walk._branch) for kind in structure.BRANCHES)
    # Python 3.10 and later, Python 3.12 and later.
    for name, visit in (
        ("match_case", Walk._branch),
        ("MatchAs", Walk._named),
        ("MatchStar", Walk._named),
        ("MatchMapping", Walk._match_mapping),
        ("MatchClass", Walk._match_class),
        ("TypeVar", Walk._named),
        ("ParamSpec", Walk._named),
        ("TypeVarTuple", Walk._named),
    ):
        if hasattr(ast, name):
            visits[getattr(ast, name)] = visit
    return visits


# What to do at a node; at all others the walk goes on to those below.
_VISITS = _visits()
