package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Names are judged wherever the code reaches them, whatever it calls them. */
final class ReachTest {
  private static TestExaminer examination;

  private record Way(String rule, String code) {}

  @BeforeAll
  static void start() {
    examination = TestExaminer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    examination.close();
  }

  @TestFactory
  Stream<DynamicTest> everyWayToAShellIsFound() {
    return Stream.of(
            "import pathlib; pathlib.os.system('x')",
            "from logging import os; os.system('x')",
            "import random; random._os.popen('x')",
            "import sys; sys.modules['os'].system('x')",
            "import sys; sys.modules.get('os').system('x')",
            "import posix; posix.system('x')",
            "import nt; nt.system('x')",
            "import operator, os; operator.attrgetter('system')(os)('x')",
            "import operator, os; operator.methodcaller('system', 'x')(os)",
            "import operator, os; get = operator.attrgetter('system'); get(os)('x')",
            "import os\ndef r(o=os): o.system('x')",
            "import os\ndef r(o): o.system('x')\nr(os)",
            "import os\ndef r(): return os\nr().system('x')",
            "import os; (lambda: os)().system('x')",
            "import os; list(map(lambda m: m.system('x'), [os]))",
            "import functools, os; functools.partial(os.system, 'x')()",
            "import os; getattr(os, 'sys' + 'tem')('x')",
            "import os\nfor n in ('system',): getattr(os, n)('x')",
            "import os; vars(os)['system']('x')",
            "import os; os.__dict__['system']('x')",
            "import os; globals()['os'].system('x')",
            "import os, sys; a, b = os, sys; a.system('x')",
            "import os; m = [1, os]; m[1].system('x')",
            "import os; m = {'a': os}; m['a'].system('x')",
            "import os; m = {}; m['a'] = os; m.get('a').system('x')",
            "import os; m = []; m.append(os); m.pop().system('x')",
            "import os\nfor m in [os]: m.system('x')",
            "import os; [m.system('x') for m in (os,)]",
            "import os\nclass A: o = os\nA.o.system('x')",
            "import os\nclass A:\n    def __init__(self): self.o = os\nA().o.system('x')",
            "import os\nmatch os:\n    case m: m.system('x')",
            "import os; a, *b = [1, os]; b[0].system('x')",
            "import os; d = dict(o=os); d['o'].system('x')",
            "import os; (o := os).system('x')",
            "import os\ndef g(): yield os\nnext(g()).system('x')",
            "import os, types; types.SimpleNamespace(o=os).o.system('x')",
            "import os\nclass A: pass\nsetattr(A, 'o', os)\nA.o.system('x')",
            "m = None\ndef f():\n    global m\n    import os as o\n    m = o\nf()\nm.system('x')",
            "import os\n[o for m in [os] if (o := m)]\no.system('x')",
            "import typing; typing.sys.modules['os'].system('x')",
            "import os; object.__getattribute__(os, 'system')('x')",
            "import os; vars(os).get('system')('x')",
            "import asyncio; asyncio.base_events.subprocess.getoutput('x')",
            "import pathlib; m = pathlib; m = m.os; m.system('x')",
            "import os; a = b; b = a; b = os; a.system('x')",
            chain("class A: pass\nA.n0 = os", "A.n%d = A.n%d", "A.n600.system('x')"),
            chain("n0 = [os]", "n%d = [n%d[0]]", "n600[0].system('x')"),
            chain("def n0(): return os", "def n%d(): return n%d()", "n600().system('x')"),
            chain("def n0(m): m.system('x')", "def n%d(m): n%d(m)", "n600(os)"))
        .map(code -> way("shell-command", code, "default"));
  }

  /** Too long to be followed in one go. */
  private static String chain(String first, String next, String last) {
    StringBuilder code = new StringBuilder("import os\n").append(first).append('\n');
    for (int i = 1; i <= 600; i++) {
      code.append(next.formatted(i, i - 1)).append('\n');
    }
    return code.append(last).toString();
  }

  @TestFactory
  Stream<DynamicTest> everyWayPastTheStrictPolicyIsFound() {
    return Stream.of(
            new Way("forbidden-module", "import pathlib; pathlib.os.remove('x')"),
            new Way("forbidden-module", "from logging import os as o"),
            new Way("forbidden-module", "import random; random._os.remove('x')"),
            new Way("forbidden-module", "import sys; sys.modules['ctypes']"),
            new Way("forbidden-module", "import sys; sys.modules.get('ctypes').CDLL(None)"),
            new Way("dynamic-import", "import sys; list(sys.modules.values())"),
            new Way("dynamic-import", "list(map(__import__, ['ctypes']))"),
            new Way("dynamic-import", "def f(i=__import__): return i('ctypes')"),
            new Way("dynamic-import", "import operator; operator.call(__import__, 'os')"),
            new Way(
                "dynamic-attribute", "import functools; functools.reduce(getattr, ['a', 'b'], 1)"),
            new Way(
                "forbidden-module", "import logging.handlers; logging.handlers.pickle.loads(b'')"),
            new Way(
                "forbidden-module", "import unittest.mock; unittest.mock.inspect.os.remove('x')"),
            new Way("text-as-code", "import timeit; timeit.timeit('import os', number=1)"),
            new Way(
                "text-as-code", "import typing; typing.ForwardRef('x')._evaluate({}, {}, set())"),
            new Way("suspect-attribute", "__loader__.load_module('os')"),
            new Way("suspect-attribute", "__spec__.loader.load_module('os')"),
            new Way("dynamic-attribute", "def f(n): return globals()[n]"),
            new Way("dynamic-attribute", "def f(n, x): return vars(x)[n]"),
            new Way("discouraged-builtin", "import enum; enum.bltns.eval('1')"),
            new Way("discouraged-builtin", "if 0: eval = print\neval('1')"),
            new Way("discouraged-builtin", "eval('1')\neval = print"),
            new Way("discouraged-builtin", "eval = print\ndel eval\neval('1')"),
            new Way("discouraged-builtin", "class A:\n    if 0: eval = print\n    eval('1')"),
            new Way("format-attribute", "def f(): return str.format('{0.__globals__}', f)"),
            new Way("format-attribute", "fmt = '{0.__init__}'.format\nprint(fmt(1))"),
            new Way("format-attribute", "F = '{0.__init__}'\nprint(F.format(1))"),
            new Way("format-attribute", "print('{x.__init__}'.format_map({'x': 1}))"),
            new Way("format-attribute", "print(('{0.__in' + 'it__}').format(1))"),
            new Way(
                "format-attribute", "import string; string.Formatter().format('{0.__init__}', 1)"),
            new Way(
                "swallowed-error", "import contextlib\nwith contextlib.suppress(Exception): f()"))
        .map(way -> way(way.rule(), way.code(), "strict"));
  }

  @TestFactory
  Stream<DynamicTest> whatOnlyLooksLikeItIsLeftAlone() {
    return Stream.of(
            "import re\nresult = re.compile('x')",
            "def eval(text: str) -> str: return text\nresult = eval('1')",
            "import json\nresult = json.loads('{\"a.__b\": 1}')",
            "result = '{0.__class__.__name__}'.format(1)",
            "import itertools\nresult = itertools.chain([1], [2])",
            "import operator\nresult = sorted([{'a': 1}], key=operator.itemgetter('a'))",
            "class A:\n    system = len\nresult = A.system('x')")
        .map(code ->
            DynamicTest.dynamicTest(
                code,
                () ->
                    assertThat(errors(examine(code + "\n", "strict")))
                        .filteredOn(issue -> !issue.getRuleId().startsWith("missing"))
                        .isEmpty()));
  }

  @Test
  void aSilenceAtTheEndOfAStatementHoldsForAllOfIt() {
    ValidationReport report =
        examine(
            "import os\nos.system(\n    'x'\n)  # athena: allow shell-command -- a test\n",
            "default");

    assertThat(errors(report)).isEmpty();
    assertThat(report.getIssuesList())
        .extracting(Issue::getRuleId)
        .doesNotContain("silence-unused");
  }

  @Test
  void aSilenceWithinAStatementHoldsForItsLine() {
    ValidationReport report =
        examine(
            "import os\nx = [os.system('x'),\n 1,  # athena: allow shell-command -- a test\n]\n",
            "default");

    assertThat(errors(report)).extracting(Issue::getRuleId).containsExactly("shell-command");
  }

  @Test
  void placesThatAreNotToldAreSpokenOf() {
    ValidationReport report = examine("eval('1')\n".repeat(600), "default");

    assertThat(report.getIssuesList())
        .filteredOn(issue -> issue.getRuleId().equals("discouraged-builtin"))
        .hasSizeGreaterThan(400)
        .anySatisfy(issue -> {
          assertThat(issue.getLine()).isZero();
          assertThat(issue.getMessage()).contains("in 500 places or more");
        });
  }

  private static DynamicTest way(String rule, String code, String policy) {
    return DynamicTest.dynamicTest(
        code.substring(0, Math.min(code.length(), 200)),
        () ->
            assertThat(examine(code + "\n", policy).getIssuesList())
                .filteredOn(issue -> issue.getSeverity() == Severity.SEVERITY_ERROR)
                .extracting(Issue::getRuleId)
                .contains(rule));
  }

  private static List<Issue> errors(ValidationReport report) {
    return report.getIssuesList().stream().filter(Breaches::isError).toList();
  }

  private static ValidationReport examine(String code, String policy) {
    return examination.validate(code, Procedure.getDefaultInstance(), policy);
  }
}
