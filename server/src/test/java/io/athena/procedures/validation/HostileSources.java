package io.athena.procedures.validation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Source that is meant to hurt, and how it may be answered. */
final class HostileSources {
  private static final int MANY = 200_000;
  private static final String FINE = "";
  private static final String SYNTAX = "syntax-error";
  private static final String DEEP = "nesting-too-deep";
  private static final String MEMORY = "analysis-memory";
  private static final String TOO_MUCH = "too-much-to-examine";
  private static final String REFUSED = "refused";

  private final List<Hostile> sources = new ArrayList<>();

  /**
   * One of them.
   *
   * @param answers the rules of syntax and security that find something, with blanks between them;
   *     more than one answer where releases of CPython differ, or how far names are followed does
   */
  record Hostile(String source, Set<String> answers) {
    /** Enough to know it by. */
    String beginning() {
      return source.substring(0, Math.min(40, source.length()));
    }
  }

  private HostileSources() {}

  static List<Hostile> all() {
    HostileSources all = new HostileSources();
    all.addNested();
    all.addBlocks();
    all.addLarge();
    all.addNames();
    all.addFormats();
    all.addCharacters();
    all.addWrong();
    return List.copyOf(all.sources);
  }

  /** Each line doubles, or multiplies by twenty, what the line before it may stand for. */
  static List<String> explosions() {
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
  static String sums() {
    StringBuilder sums = new StringBuilder("a0 = ''\n");
    for (int i = 1; i <= 400; i++) {
      sums.append("a%d = ".formatted(i)).append(("a" + (i - 1) + " + ").repeat(19));
      sums.append("a%d\n".formatted(i - 1));
    }
    return sums + "f(a400)\n";
  }

  private void add(String source, String... answers) {
    sources.add(new Hostile(source, Set.of(answers)));
  }

  /** Nesting, below and above what the parser takes, closed and open. */
  private void addNested() {
    for (int depth : new int[] {50, 90, 150, 199, 250, 900, 3_000, MANY}) {
      String[] bracketed = depth < 200 ? new String[] {FINE} : new String[] {SYNTAX, DEEP};
      for (String[] pair :
          new String[][] {
            {"(", ")"},
            {"[", "]"},
            {"{", "}"},
            {"f(", ")"},
            {"a[", "]"},
            {"{1:", "}"},
            {"(lambda:", ")"}
          }) {
        add("x = " + pair[0].repeat(depth) + "1" + pair[1].repeat(depth), bracketed);
      }
      add("x = " + "(".repeat(depth), SYNTAX, DEEP);
      add("x = " + "(yield ".repeat(depth) + "1" + ")".repeat(depth), SYNTAX, DEEP);
      String[] chained =
          depth < 200
              ? new String[] {FINE}
              : depth < MANY ? new String[] {FINE, DEEP} : new String[] {DEEP};
      add("x = " + "not ".repeat(depth) + "1", chained);
      add("x = " + "-".repeat(depth) + "1", chained);
      add("x = 1" + "+1".repeat(depth), chained);
      add("x = a" + ".b".repeat(depth), chained);
      add("x = a" + "()".repeat(depth), chained);
      add("x = 1" + " if a else 1".repeat(depth), chained);
      add("x = " + "await ".repeat(depth) + "1", SYNTAX, DEEP);
      add("x = " + "*".repeat(depth) + "1", SYNTAX, DEEP);
      add("x = " + "lambda x=".repeat(depth) + "1", SYNTAX, DEEP);
      add("x = " + "f'{".repeat(depth) + "1" + "}'".repeat(depth), SYNTAX, DEEP);
      add("from " + ".".repeat(depth) + " import x", FINE);
    }
  }

  private void addBlocks() {
    for (int depth : new int[] {90, 101, 500}) {
      StringBuilder blocks = new StringBuilder();
      StringBuilder functions = new StringBuilder();
      for (int i = 0; i < depth; i++) {
        blocks.append(" ".repeat(i)).append("if x:\n");
        functions.append(" ".repeat(i)).append("def f():\n");
      }
      String answer = depth < 100 ? FINE : SYNTAX;
      add(blocks + " ".repeat(depth) + "pass\n", answer);
      add(functions + " ".repeat(depth) + "pass\n", answer);
      String branches = "if x: pass\n" + "elif x: pass\n".repeat(depth * 20);
      add(branches, depth < 500 ? FINE : DEEP);
    }
  }

  private void addLarge() {
    add("x = '" + "a".repeat(5_000_000) + "'", FINE);
    add("#" + "a".repeat(5_000_000), FINE);
    add("x = " + "9".repeat(1_000_000), SYNTAX);
    add("x = 0x" + "f".repeat(1_000_000), FINE);
    add("x = 1e" + "9".repeat(100_000), FINE);
    add("x = 2 ** 10 ** 10 ** 10", FINE);
    add("x = 'a' * 10 ** 12", FINE);
    add("x = (1,) * 10 ** 12 * 10 ** 12", FINE);
    add("x = '%9999999999s' % 1", FINE);
    add("x = '{:9999999999}'.format(1)", FINE);
    add("a" + "a".repeat(1_000_000) + " = 1", FINE);
    add("a = 1\n".repeat(150_000), FINE);
    add("\n".repeat(1_000_000), FINE);
    add(";".repeat(MANY), SYNTAX);
    add("a;".repeat(MANY), FINE);
    add("x = [" + "0,".repeat(500_000) + "]", FINE);
    add("x = [" + "(),".repeat(2_700_000) + "]", MEMORY);
    add("def f(" + "a,".repeat(300) + "): pass", SYNTAX);
    add("import " + "a.".repeat(100_000) + "b", DEEP);
    add("global " + "a,".repeat(MANY) + "b", FINE);
    add("@a\n".repeat(MANY) + "def f(): pass", FINE, TOO_MUCH);
    add("a = ".repeat(MANY) + "1", FINE);
    // Each character of the line stands before each call.
    add("x = '" + "ü".repeat(300_000) + "'; " + "a.b(1); ".repeat(30_000), FINE, TOO_MUCH);
  }

  /** The analyzer's own recursion and loops: names that lead in circles, or to many others. */
  private void addNames() {
    add("a = b\nb = a\na()", FINE);
    add("a = a.b\na.c()", FINE);
    add("a = a or a or a\na()", FINE);
    StringBuilder chain = new StringBuilder("a0 = eval\n");
    StringBuilder fan = new StringBuilder("a0 = eval\n");
    for (int i = 1; i < 3_000; i++) {
      chain.append("a%d = a%d\n".formatted(i, i - 1));
      fan.append("a%d = a%d or a%d.b\n".formatted(i, i - 1, i - 1));
    }
    String found = "discouraged-builtin";
    add(chain + "a2999('1')", found);
    add(fan + "a2999('1')", found, found + " " + TOO_MUCH);
    for (String explosion : explosions()) {
      add(explosion, FINE, TOO_MUCH, found, found + " " + TOO_MUCH);
    }
    add(sums(), FINE);
    add("x = " + "a if a else ".repeat(200) + "a\n" + "a = x\n".repeat(200) + "x()", FINE);
    add("getattr(".repeat(80) + "a" + ",'b')".repeat(80), FINE);
    add(
        "from os import *\n".repeat(20_000) + "a()\n".repeat(20_000),
        "star-import",
        "star-import " + TOO_MUCH);
  }

  private void addFormats() {
    add("x = '{" + "0.a".repeat(10_000) + "}'.format(1)", FINE);
    add("x = '" + "{".repeat(10_000) + "'.format(1)", FINE);
    add("x = '{:" + "{".repeat(500) + "}".repeat(500) + "}'.format(1)", FINE);
    add("# athena: allow " + "x,".repeat(100_000) + " -- y", FINE);
    add("# athena: allow forbidden-module -- y\n".repeat(20_000), FINE);
  }

  /** Characters and encodings. */
  private void addCharacters() {
    add("\0", REFUSED);
    add("x = '\0'", REFUSED);
    add("\uFEFF", REFUSED);
    add("\uFEFFx = 1", REFUSED);
    add("x = '\uFEFF'", "misleading-character");
    add("x = '\\ud800'", FINE);
    add("x = '\u0085'", FINE);
    add("\f\fx = 1", FINE);
    add("\r\r\r", FINE);
    add("x = 1\r\ry = 2", FINE);
    add("\uD835\uDC00 = 1", "misleading-name");
    add("# coding: nonsense\nx = 1", "declared-encoding");
    add("# coding: utf-16\nx = 1", "declared-encoding");
    add("# -*- coding: rot13 -*-\ncevag(1)", "declared-encoding");
    for (String odd :
        new String[] {
          "\u202Ex = 1",
          "x\u200B = 1",
          "\u2028",
          "x = 1\u2029y = 2",
          "\u001A",
          "\u007F",
          "# coding: utf-7\n+AHg- = 1",
          "x = '\\N{NO SUCH}'",
          "x = b'\u00e9'",
          "x = '\\",
          "'''",
          "\"\"\"\\",
          "\\",
          "\\\n",
          "x = 1\\"
        }) {
      add(odd, SYNTAX);
    }
  }

  /** Wrong in ways that the tokenizer, the parser or the compiler finds. */
  private void addWrong() {
    for (String wrong :
        new String[] {
          "\t x = 1\n  \ty = 2",
          "if x:\n\tpass\n        pass",
          "0_0_",
          "0b2",
          "1__0",
          "$",
          "?",
          "x = f'{'",
          "x = f'{a!}'",
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
      add(wrong, SYNTAX);
    }
    // Since Python 3.12 these are fine.
    add("x = f'{a:{b:{c}}}'", SYNTAX, FINE);
    add("x = f'{\\n}'", SYNTAX, FINE);
  }
}
