package io.athena.procedures.generation;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what is for others to read: commands of a shell, and addresses on the web. */
final class ForOthers {
  private static final Pattern WEB_ADDRESS =
      Pattern.compile("\\b(?:urls?|uri|address|link|endpoint|website|page)\\b");

  private final References references;

  ForOthers(References references) {
    this.references = references;
  }

  /** What is not called an address of the web is none: "get the name" asks for no page. */
  @Nullable Expr address(@Nullable String words) {
    if (words == null) {
      return references.scope().newestFirst().stream()
          .filter(ForOthers::isAddress)
          .findFirst()
          .map(Expr::of)
          .orElse(null);
    }
    if (references.words().mark(words) instanceof Words.Mark.Literal(String text)) {
      return text.matches("(?s).*[./{].*") ? template(text, Syntax.ADDRESS) : null; // "fetch_page"
    }
    Expr found = references.value(words, ValueType.TEXT);
    Expr called = found == null || found.over() == null ? found : found.over();
    boolean written = references.words().mark(words) != null;
    boolean named = called != null && called.variable() != null && isAddress(called.variable());
    return written || named ? found : null;
  }

  private static boolean isAddress(Variable variable) {
    return (variable.type() == ValueType.TEXT || variable.type() == ValueType.ANY)
        && variable.spoken().stream()
            .anyMatch(name -> WEB_ADDRESS.matcher(name).find() && !name.contains("mail"));
  }

  /** A command that the step says, or one that the caller gives as a whole. */
  @Nullable Expr command(@Nullable String words) {
    if (words != null
        && references.words().mark(words) instanceof Words.Mark.Literal(String text)) {
      return template(text, Syntax.COMMAND);
    }
    Expr found =
        words == null
            ? called("command")
            : references.value(words.toLowerCase(Locale.ROOT), ValueType.TEXT);
    return found == null || isGiven(found.variable(), references.needs()) ? found : null;
  }

  /** What earlier steps have made may hold what parameters hold, which must not become commands. */
  static boolean isGiven(@Nullable Variable command, Needs needs) {
    boolean given = command != null && command.parameter();
    if (!given) {
      needs.problem(
          "a command that an earlier step makes is not run, since values could become commands in"
              + " it; write the command in the step, with {{variables}} for the values");
    }
    return given;
  }

  private @Nullable Expr called(String name) {
    Variable variable = references.scope().called(name);
    return variable == null ? null : Expr.of(variable);
  }

  private @Nullable Expr template(String text, Syntax syntax) {
    return Templates.text(text, references.scope(), references.needs(), syntax);
  }
}
