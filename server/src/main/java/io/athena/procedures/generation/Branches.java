package io.athena.procedures.generation;

import io.athena.procedures.generation.Made.Ending;
import io.athena.procedures.generation.Made.Otherwise;
import io.athena.procedures.generation.StepCompiler.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is done only where a condition holds, and what is done otherwise. Immutable. */
final class Branches {
  static final Pattern OTHERWISE =
      Pattern.compile(
          "^(?:otherwise|else|if not|in all other cases),? (.+)$",
          Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

  /** Why a step is not done that has a result only where its condition holds. */
  static final String NO_RESULT =
      "what is the result otherwise? Say it in the step, \"if ..., ..., otherwise ...\", or in the"
          + " next one, \"Otherwise ...\"";

  private final StepCompiler steps;

  Branches(StepCompiler steps) {
    this.steps = steps;
  }

  /** The code of a step with a condition; null if it cannot be read or lacks a result. */
  @Nullable Made conditional(
      Context context,
      String condition,
      boolean negated,
      String then,
      @Nullable String otherwise,
      Needs problems) {
    Needs needs = new Needs();
    Scope scope = context.scope().copy();
    Expr test = new Conditions(steps.references(context, scope, needs)).of(condition);
    Made body = test == null ? null : steps.compile(context.of(then).in(scope.inner()), problems);
    if (test == null || body == null) {
      return null;
    }
    Made other = null;
    if (otherwise != null) {
      other = steps.compile(context.of(otherwise).in(scope.inner()), problems);
      if (other == null) {
        return null;
      }
      needs.addAll(other.needs());
    }
    needs.addAll(body.needs());
    List<String> lines = new ArrayList<>();
    Variable value = body.target(scope);
    if (value == null && other != null) {
      value = other.target(scope);
    }
    String assumption = other == null ? "" : other.assumption();
    assumption = Made.joined(body.assumption(), assumption, "; ");
    boolean lacks = false;
    if (value != null
        && !scope.names().containsKey(value.name())
        && !(body.settles() && other != null && other.settles())) {
      Variable from = value.from();
      if (from != null && scope.names().containsValue(from)) {
        // Where the condition does not hold, the value stays what it was.
        lines.add(value.name() + " = " + from.name());
      } else if (isEffect(value, needs)) {
        lines.add(value.name() + " = None");
        assumption =
            Made.joined(assumption, "nothing comes of it where the condition does not hold", "; ");
      } else if (other == null && context.otherwiseFollows()) {
        lacks = true;
      } else {
        problems.problem(NO_RESULT);
        return null;
      }
    }
    lines.add(negated ? "if not (" + test.code() + "):" : "if " + test.code() + ":");
    lines.addAll(Made.indented(body.bound(value)));
    if (other != null) {
      lines.add("else:");
      lines.addAll(Made.indented(other.bound(value)));
    }
    if (value != null) {
      scope.add(value);
    }
    Otherwise open = lacks ? Otherwise.NEEDED : Otherwise.POSSIBLE;
    return new Made(
        lines,
        value,
        ending(body, other),
        other != null || body.ending() == Ending.SOMETIMES ? Otherwise.NONE : open,
        Made.joined("if", body.how(), ", "),
        assumption,
        needs,
        scope);
  }

  /** True if it is done for the sake of what it does, so that its value need not be there. */
  private static boolean isEffect(Variable value, Needs needs) {
    return !needs.tools().isEmpty() || value.type() == ValueType.PATH;
  }

  private static Ending ending(Made body, @Nullable Made other) {
    Ending otherwise = other == null ? Ending.NEVER : other.ending();
    return body.ending() == otherwise ? otherwise : Ending.SOMETIMES;
  }

  /** The code of a step that says what is done where the condition of the one before is false. */
  @Nullable Made otherwise(Context context, String then, Needs problems) {
    Made previous = context.previous();
    if (previous == null || previous.otherwise() == Otherwise.NONE) {
      return null;
    }
    Made body = steps.compile(context.of(then).in(context.scope().inner()), problems);
    if (body == null) {
      return null;
    }
    Scope scope = context.scope().copy();
    if (previous.ends()) {
      // What comes after a branch that returns is its alternative already.
      if (body.out() != null) {
        scope.add(body.out());
      }
      return new Made(
          body.lines(),
          body.out(),
          body.ending(),
          body.otherwise(),
          body.how(),
          body.assumption(),
          body.needs(),
          scope);
    }
    Variable value = previous.out();
    Variable made = value == null ? body.target(scope) : null;
    boolean lost = false;
    if (made != null && scope.names().containsKey(made.name())) {
      value = made;
      scope.add(made);
    } else if (made != null) {
      lost = !isEffect(made, body.needs());
    }
    if (lost || (previous.otherwise() == Otherwise.NEEDED && !body.settles())) {
      problems.problem(
          lost
              ? "what is the result where the condition of the step before holds?"
              : "the step before has a result where its condition holds, and this one has none");
      return null;
    }
    List<String> lines = new ArrayList<>(List.of("else:"));
    lines.addAll(Made.indented(body.bound(value)));
    return new Made(
        lines,
        value,
        body.ends() ? Ending.SOMETIMES : Ending.NEVER,
        Otherwise.NONE,
        body.how(),
        body.assumption(),
        body.needs(),
        scope);
  }
}
