"""One walk over a tree: what is bound where, the nodes that are worth a second look, and the shape.

Without recursion: source may be nested as deep as the parser takes it. And only once, because it is the walk that takes
the time.
"""

from __future__ import annotations

import ast

from athena_harness import bindings, constants, structure
from athena_harness.scopes import Bound, Scope

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Fields of nodes in which there are no nodes, or none that say anything.
_LEAVES = frozenset(
    "arg asname attr conversion ctx id is_async kind kwd_attrs level module n name names op ops rest s simple tag"
    " type_comment type_ignores".split()
)
# For each class of nodes the fields with nodes in them, the last first.
_FIELDS = {}


class Walk(bindings.Bindings):
    """The result of the walk."""

    def __init__(self, tree, places):
        self._every_scope = []
        self.module = self._scope("module", None)
        self.imports = []
        self.star_imports = []
        self.chains = []
        # Where names are read, by name and scope.
        self.names = {}
        self.calls = []
        self.subscripts = []
        self.strings = []
        self.formatted = []
        self.assigned_strings = []
        self.pattern_attributes = []
        self.functions = []
        self.classes = 0
        # What is assigned to attributes of that name, of whatever object; "[]x" is what is put into a container named x.
        self.fields = {}
        # The scopes of functions, lambdas and comprehensions by their nodes.
        self.scopes = {}
        # Names of functions and classes, wherever they are.
        self.callables = set()
        # Names that a statement of the module binds for certain, with its line.
        self.certain = {}
        self.handlers = []
        self.raises = []
        self.finallies = 0
        self._places = places
        self._pending = []
        self._run(tree)

    def forget(self):
        """Takes it apart: scopes and what is bound in them hold each other."""
        for scope in self._every_scope:
            scope.bindings.clear()
        self._every_scope.clear()

    def _run(self, tree):
        self._find_certain(tree)
        pending, visits, children = self._pending, _VISITS, Walk._children
        pending.append((tree, self.module))
        while pending:
            node, scope = pending.pop()
            visits.get(node.__class__, children)(self, node, scope)

    def _scope(self, kind, parent, prefix="", function=None):
        scope = Scope(kind, parent, prefix, function)
        self._every_scope.append(scope)
        return scope

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
            key = (node.id, scope)
            nodes = self.names.get(key)
            if nodes is None:
                self.names[key] = [node]
            else:
                nodes.append(node)
        elif node.ctx.__class__ is ast.Store:
            scope.bind(node.id, None)
        else:
            # What is deleted uncovers the builtin of that name.
            self.certain.pop(node.id, None)

    def _attribute(self, node, scope):
        self.chains.append((node, scope))
        base = node.value
        while base.__class__ is ast.Attribute:
            base = base.value
        if base.__class__ is not ast.Name:
            self._pending.append((base, scope))

    def _call(self, node, scope):
        self.calls.append((node, scope))
        function, arguments, pending = node.func, node.args, self._pending
        if node.keywords:
            for keyword in node.keywords:
                # More often than not it becomes an attribute of what the call gives.
                if keyword.arg:
                    self._put(keyword.arg, keyword.value, scope)
            self._push([each.value for each in node.keywords], scope)
        for each in arguments[::-1]:
            pending.append((each, scope))
        kind = function.__class__
        if kind is ast.Name:
            if function.id == "setattr" and len(arguments) == 3:
                name = arguments[1]
                if name.__class__ is ast.Constant and name.value.__class__ is str:
                    self._put(name.value, arguments[2], scope)
            self._name(function, scope)
            return
        pending.append((function, scope))
        if kind is ast.Attribute:
            name = function.attr
            if name in constants.FORMATTING:
                how = constants.formatting(node)
                if how is not None:
                    self.formatted.append((node, how))
            elif name in bindings.PUTTING and function.value.__class__ is ast.Name and arguments:
                self._put("[]" + function.value.id, arguments[-1], scope)

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

    def _comprehension(self, node, scope):
        inner = self.scopes[node] = self._scope("comprehension", scope, scope.prefix, scope.function)
        self._children(node, inner)

    def _lambda(self, node, scope):
        inner = self.scopes[node] = self._scope("function", scope, scope.prefix, scope.function)
        inner.returns.append(node.body)
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

    def _return(self, node, scope):
        if node.value is not None:
            holder = scope.holder_of_walrus()
            holder.returns.append(node.value)
            self._pending.append((node.value, scope))

    def _function(self, node, scope):
        scope.bind(node.name, node)
        self.callables.add(node.name)
        if scope.kind == "class":
            self.fields.setdefault(node.name, []).append(Bound(node, scope))
        function = structure.function(node, scope.prefix, self._places)
        self.functions.append(function)
        inner = self.scopes[node] = self._scope("function", scope, function["name"] + ".", function)
        self._push(node.decorator_list, scope)
        self._arguments(node.args, scope, inner)
        self._push([node.returns, *getattr(node, "type_params", ())], inner)
        self._find_declarations(node.body, inner)
        self._push(node.body, inner)

    def _class(self, node, scope):
        scope.bind(node.name, node)
        self.callables.add(node.name)
        self.classes += 1
        inner = self._scope("class", scope, f"{scope.prefix}{node.name}.", scope.function)
        self._push(node.decorator_list, scope)
        self._push([*node.bases, *(each.value for each in node.keywords)], scope)
        self._push([*getattr(node, "type_params", ()), *node.body], inner)

    # --- Shape: how many ways there are through a function (T. McCabe, "A Complexity Measure", 1976), and its handlers

    def _branch(self, node, scope):
        self._add_ways(1, scope)
        self._children(node, scope)

    def _bool(self, node, scope):
        self._add_ways(len(node.values) - 1, scope)
        self._children(node, scope)

    def _clause(self, node, scope):
        self._add_ways(1 + len(node.ifs), scope)
        self._bind_target(node.target, Bound(node.iter, scope, True), scope)
        self._push([node.iter, *node.ifs], scope)

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
        ast.For: Walk._loop,
        ast.AsyncFor: Walk._loop,
        ast.Return: Walk._return,
        ast.Yield: Walk._return,
        ast.With: Walk._with,
        ast.AsyncWith: Walk._with,
        ast.Expr: Walk._expression,
        ast.comprehension: Walk._clause,
        ast.BoolOp: Walk._bool,
    }
    visits.update((kind, Walk._comprehension) for kind in _COMPREHENSIONS)
    for kind in structure.BRANCHES:
        visits.setdefault(kind, Walk._branch)
    # Python 3.10 and later, Python 3.12 and later.
    for name, visit in (
        ("Match", Walk._match),
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
