"""One walk over a tree: which scope binds which name to what, and the nodes that are worth a second look.

Without recursion: source may be nested as deep as the parser takes it.
"""

from __future__ import annotations

import ast

from athena_harness import constants

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope:
    """Names that are bound together. A binding is a qualified name, the expression that is assigned, or None."""

    __slots__ = ("kind", "parent", "bindings", "elsewhere")

    def __init__(self, kind, parent):
        self.kind = kind
        self.parent = parent
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

    def __init__(self, tree):
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
        self._pending = []
        self._visits = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.Constant: self._constant,
            ast.Subscript: self._subscript,
            ast.Assign: self._assign,
            ast.AnnAssign: self._annotated_assign,
            ast.NamedExpr: self._walrus,
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.Lambda: self._lambda,
            ast.ClassDef: self._class,
            ast.JoinedStr: self._joined_string,
            ast.BinOp: self._binary,
            ast.Global: self._global,
            ast.Nonlocal: self._nonlocal,
            ast.ExceptHandler: self._named,
            ast.MatchAs: self._named,
            ast.MatchStar: self._named,
            ast.MatchMapping: self._match_mapping,
            ast.MatchClass: self._match_class,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.Expr: self._expression,
        }
        for kind in _COMPREHENSIONS:
            self._visits[kind] = self._comprehension
        # Python 3.12 and later.
        for name in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            if hasattr(ast, name):
                self._visits[getattr(ast, name)] = self._named
        self._declare(tree)
        self._run(tree)

    def _declare(self, tree):
        # Declarations hold for a whole function, also for what stands before them; the walk comes to them too late.
        self._declared = {}

    def _run(self, tree):
        pending, visits = self._pending, self._visits
        pending.append((tree, self.module))
        while pending:
            node, scope = pending.pop()
            visit = visits.get(node.__class__)
            if visit is None:
                self._children(node, scope)
            else:
                visit(node, scope)

    def _children(self, node, scope):
        pending = self._pending
        for field in reversed(node._fields):
            value = getattr(node, field, None)
            if value.__class__ is list:
                for each in reversed(value):
                    if isinstance(each, ast.AST):
                        pending.append((each, scope))
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
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
        if constants.formatting(node) is not None:
            self.formatted.append((node, constants.formatting(node)))
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
        inner = Scope("comprehension", scope)
        self._children(node, inner)

    def _lambda(self, node, scope):
        self._arguments(node.args, scope, inner := Scope("function", scope))
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
        inner = Scope("function", scope)
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
        inner = Scope("class", scope)
        self._push(node.decorator_list, scope)
        self._push([*node.bases, *(each.value for each in node.keywords)], scope)
        self._push([*getattr(node, "type_params", ()), *node.body], inner)

    def _find_declarations(self, body, scope):
        pending = list(body)
        while pending:
            node = pending.pop()
            if node.__class__ is ast.Global:
                self._global(node, scope)
            elif node.__class__ is ast.Nonlocal:
                self._nonlocal(node, scope)
            elif node.__class__ not in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
                for block in ("body", "orelse", "finalbody", "handlers", "cases"):
                    pending.extend(getattr(node, block, ()))

    def _global(self, node, scope):
        for name in node.names:
            scope.elsewhere[name] = "module"

    def _nonlocal(self, node, scope):
        for name in node.names:
            scope.elsewhere[name] = "function"

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
