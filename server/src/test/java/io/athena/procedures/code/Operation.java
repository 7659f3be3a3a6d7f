package io.athena.procedures.code;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** What is done to one of the procedures. */
sealed interface Operation {
  /** Position among the procedures. */
  int procedure();

  record Save(int procedure, String code, Author author, String message) implements Operation {}

  record Describe(int procedure, String description) implements Operation {}

  record Rollback(int procedure, int target, String reason) implements Operation {}

  record Tag(int procedure, int target, String tag) implements Operation {}

  record Untag(int procedure, String tag) implements Operation {}

  record Forget(int procedure) implements Operation {}

  /** An author as callers give it and as git has it. */
  record Author(String given, String ident) {}

  /** Up to thirty of them, on three procedures. */
  static Arbitrary<List<Operation>> sequences() {
    Arbitrary<Integer> procedure = Arbitraries.integers().between(0, 2);
    Arbitrary<Integer> target = Arbitraries.integers().between(0, 50);
    Arbitrary<String> tag = Arbitraries.of("stable", "1.2.0", "v1.0", "A+b_c-d");
    Arbitrary<String> words = Arbitraries.of("", "Say more", "Zwölf\n\nand a body\n", "🐍 ...");
    Arbitrary<Author> author =
        Arbitraries.of(
            new Author("", "the caller <>"),
            new Author("ada", "ada <>"),
            new Author("Ada Löv <ada@example.org>", "Ada Löv <ada@example.org>"));
    Arbitrary<Operation> saves =
        Combinators.combine(procedure, code(), author, words).as(Save::new);
    Arbitrary<Operation> others =
        Arbitraries.oneOf(
            Combinators.combine(procedure, target, words).as(Rollback::new),
            Combinators.combine(procedure, target, tag).as(Tag::new),
            Combinators.combine(procedure, words).as(Describe::new),
            Combinators.combine(procedure, tag).as(Untag::new));
    return Arbitraries.frequencyOf(
            Tuple.of(10, saves), Tuple.of(8, others), Tuple.of(1, procedure.map(Forget::new)))
        .list()
        .ofMaxSize(30);
  }

  private static Arbitrary<String> code() {
    Arbitrary<String> line =
        Arbitraries.of("def run():", "    return 1", "    pass", "", "x = 'ü'", "print(x)", "#");
    Arbitrary<String> end = Arbitraries.of("\n", "", "\r\n");
    return Combinators.combine(line.list().ofMinSize(1).ofMaxSize(12), end)
        .as((lines, last) -> String.join("\n", lines) + last)
        .filter(text -> !text.isEmpty());
  }
}
