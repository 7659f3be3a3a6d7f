package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Source that is meant to hurt ends in a clear answer, and the next request is unharmed. */
final class HostileSourceTest {
  private static final int MANY = 200_000;
  private static Examination examination;

  @BeforeAll
  static void start() {
    examination = Examination.start();
  }

  @AfterAll
  static void stop() throws IOException {
    examination.close();
  }

  @Test
  void twoHundredOfThemHurtNobody() {
    List<String> sources = sources();
    assertThat(sources).hasSizeGreaterThanOrEqualTo(200);
    for (int i = 0; i < sources.size(); i++) {
      long begin = System.nanoTime();
      String answer = answer(sources.get(i));
      assertThat(answer).as("source %d", i).isNotEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("source %d: within the limit on time and what a new parser takes", i)
          .isLessThan(Duration.ofSeconds(60));
      if (i % 20 == 0) {
        assertThat(answer("import json")).as("after source %d", i).isEqualTo("accepted");
      }
    }
    assertThat(answer("import json")).isEqualTo("accepted");
  }

  @Test
  void namesThatMayBeExponentiallyManyThingsAreNotFollowedToTheEnd() {
    for (String source : explosions()) {
      ValidationReport report =
          examination.validate(ValidateProcedureCodeRequest.newBuilder().setCode(source).build());
      assertThat(report.getIssuesList())
          .extracting(Issue::getRuleId)
          .doesNotContain("analysis-timeout")
          .contains("too-much-to-examine");
    }
    assertThat(examination.validate(sums()).getIssuesList())
        .extracting(Issue::getRuleId)
        .doesNotContain("analysis-timeout");
  }

  /** "accepted", the issue that says why not, or the refusal. */
  private static String answer(String source) {
    try {
      ValidationReport report =
          examination.validate(ValidateProcedureCodeRequest.newBuilder().setCode(source).build());
      assertThat(report.getIssuesCount()).isLessThanOrEqualTo(Findings.MOST);
      if (report.getChecks().getSyntax()) {
        return "accepted";
      }
      Issue issue = report.getIssues(0);
      assertThat(issue.getCategory()).isEqualTo(IssueCategory.ISSUE_CATEGORY_SYNTAX);
      return issue.getRuleId() + ": " + issue.getMessage();
    } catch (InvalidArgumentException refusal) {
      return String.valueOf(refusal.getMessage());
    }
  }

  /** Each line doubles, or multiplies by twenty, what the line before it may stand for. */
  private static List<String> explosions() {
    StringBuilder choices = new StringBuilder();
    StringBuilder ways = new StringBuilder("a0 = os\n");
    for (int i = 400; i > 0; i--) {
      choices.append("a%d = a%d if x else a%d\n".formatted(i, i - 1, i - 1));
    }
    for (int i = 1; i <= 400; i++) {
      ways.append("a%d = a%d.b or a%d.c or a%d.d\n".formatted(i, i - 1, i - 1, i - 1));
    }
    return List.of(choices + "a0 = eval\na400('1')\n", "import os\n" + ways + "a400()\n");
  }

  /** Constants that would take twenty times the work with each line, were none remembered. */
  private static String sums() {
    StringBuilder sums = new StringBuilder("a0 = ''\n");
    for (int i = 1; i <= 400; i++) {
      sums.append("a%d = ".formatted(i)).append(("a" + (i - 1) + " + ").repeat(19));
      sums.append("a%d\n".formatted(i - 1));
    }
    return sums + "f(a400)\n";
  }

  private static List<String> sources() {
    List<String> sources = new ArrayList<>();
    // Nesting, below and above what the parser takes, closed and open.
    for (int depth : new int[] {50, 90, 150, 199, 250, 900, 3_000, MANY}) {
      for (String[] pair :
          new String[][] {
            {"(", ")"}, {"[", "]"}, {"{", "}"}, {"f(", ")"}, {"a[", "]"}, {"(yield ", ")"},
            {"{1:", "}"}, {"(lambda:", ")"}, {"not ", ""}, {"-", ""}, {"await ", ""}, {"*", ""}
          }) {
        sources.add("x = " + pair[0].repeat(depth) + "1" + pair[1].repeat(depth));
      }
      sources.add("x = " + "(".repeat(depth));
      sources.add("x = 1" + "+1".repeat(depth));
      sources.add("x = a" + ".b".repeat(depth));
      sources.add("x = a" + "()".repeat(depth));
      sources.add("x = 1" + " if a else 1".repeat(depth));
      sources.add("x = " + "lambda x=".repeat(depth) + "1");
      sources.add("from " + ".".repeat(depth) + " import x");
      sources.add("x = " + "f'{".repeat(depth) + "1" + "}'".repeat(depth));
    }
    for (int depth : new int[] {90, 101, 500}) {
      StringBuilder blocks = new StringBuilder();
      StringBuilder functions = new StringBuilder();
      for (int i = 0; i < depth; i++) {
        blocks.append(" ".repeat(i)).append("if x:\n");
        functions.append(" ".repeat(i)).append("def f():\n");
      }
      sources.add(blocks + " ".repeat(depth) + "pass\n");
      sources.add(functions + " ".repeat(depth) + "pass\n");
      sources.add("if x: pass\n" + "elif x: pass\n".repeat(depth * 20));
    }
    // Sizes.
    sources.add("x = '" + "a".repeat(5_000_000) + "'");
    sources.add("#" + "a".repeat(5_000_000));
    sources.add("x = " + "9".repeat(1_000_000));
    sources.add("x = 0x" + "f".repeat(1_000_000));
    sources.add("x = 1e" + "9".repeat(100_000));
    sources.add("x = 2 ** 10 ** 10 ** 10");
    sources.add("x = 'a' * 10 ** 12");
    sources.add("x = (1,) * 10 ** 12 * 10 ** 12");
    sources.add("x = '%9999999999s' % 1");
    sources.add("x = '{:9999999999}'.format(1)");
    sources.add("a" + "a".repeat(1_000_000) + " = 1");
    sources.add("a = 1\n".repeat(150_000));
    sources.add("\n".repeat(1_000_000));
    sources.add(";".repeat(MANY));
    sources.add("a;".repeat(MANY));
    sources.add("x = [" + "0,".repeat(500_000) + "]");
    sources.add("x = [" + "(),".repeat(2_700_000) + "]");
    sources.add("def f(" + "a,".repeat(300) + "): pass");
    sources.add("import " + "a.".repeat(100_000) + "b");
    sources.add("global " + "a,".repeat(MANY) + "b");
    sources.add("@a\n".repeat(MANY) + "def f(): pass");
    sources.add("a = ".repeat(MANY) + "1");
    // The analyzer's own recursion and loops: names that lead in circles, or to many others.
    sources.add("a = b\nb = a\na()");
    sources.add("a = a.b\na.c()");
    sources.add("a = a or a or a\na()");
    StringBuilder chain = new StringBuilder("a0 = eval\n");
    StringBuilder fan = new StringBuilder("a0 = eval\n");
    for (int i = 1; i < 3_000; i++) {
      chain.append("a%d = a%d\n".formatted(i, i - 1));
      fan.append("a%d = a%d or a%d.b\n".formatted(i, i - 1, i - 1));
    }
    sources.add(chain + "a2999('1')");
    sources.add(fan + "a2999('1')");
    sources.addAll(explosions());
    sources.add(sums());
    sources.add("x = " + "a if a else ".repeat(200) + "a\n" + "a = x\n".repeat(200) + "x()");
    sources.add("getattr(".repeat(80) + "a" + ",'b')".repeat(80));
    sources.add("x = '{" + "0.a".repeat(10_000) + "}'.format(1)");
    sources.add("x = '" + "{".repeat(10_000) + "'.format(1)");
    sources.add("x = '{:" + "{".repeat(500) + "}".repeat(500) + "}'.format(1)");
    sources.add("from os import *\n".repeat(20_000) + "a()\n".repeat(20_000));
    sources.add("# athena: allow " + "x,".repeat(100_000) + " -- y");
    sources.add("# athena: allow forbidden-module -- y\n".repeat(20_000));
    // Characters and encodings.
    for (String odd :
        new String[] {
          "\0",
          "x = '\0'",
          "\uFEFF",
          "\uFEFFx = 1",
          "x = '\uFEFF'",
          "\u202Ex = 1",
          "x\u200B = 1",
          "\u2028",
          "x = 1\u2029y = 2",
          "\f\fx = 1",
          "\u001A",
          "\u007F",
          "x = '\u0085'",
          "\uD835\uDC00 = 1",
          "# coding: utf-7\n+AHg- = 1",
          "# coding: nonsense\nx = 1",
          "# coding: utf-16\nx = 1",
          "# -*- coding: rot13 -*-\ncevag(1)",
          "x = '\\ud800'",
          "x = '\\N{NO SUCH}'",
          "x = b'\u00e9'",
          "x = '\\",
          "'''",
          "\"\"\"\\",
          "\\",
          "\\\n",
          "x = 1\\",
          "\t x = 1\n  \ty = 2",
          "if x:\n\tpass\n        pass",
          "\r\r\r",
          "x = 1\r\ry = 2",
          "0_0_",
          "0b2",
          "1__0",
          "$",
          "?",
          "x = f'{'",
          "x = f'{a!}'",
          "x = f'{a:{b:{c}}}'",
          "x = f'{\\n}'",
          "return",
          "yield",
          "await x",
          "break",
          "def f(a, a): pass",
          "nonlocal x",
          "def f():\n  x = 1\n  global x",
          "*a = 1",
          "a, *b, *c = d",
          "f(**a, *b)",
          "f(a=1, a=2)",
          "del f()",
          "(a) = 1 = b",
          "import a as b.c",
          "from __future__ import nothing",
          "from __future__ import braces",
          "class A(a=1, a=2): pass",
          "match x:\n case a: pass\n case b: pass",
          "try: pass",
          "with: pass",
          "async x",
          "print 1"
        }) {
      sources.add(odd);
    }
    return sources;
  }
}
