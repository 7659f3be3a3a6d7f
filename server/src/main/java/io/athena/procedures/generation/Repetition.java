package io.athena.procedures.generation;

import io.athena.procedures.generation.StepCompiler.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Steps that are to be tried more than once. Immutable. */
final class Repetition {
  private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

  /** Any other condition is not what the code waits for. */
  private static final String ON_FAILURE =
      "(?:,? (?:(?:if|when|whenever) (?:it|this|that|they|request|call|step|command|there) (?:fails?|(?:is|are|was) (?:error|errors|failure))"
          + "|on (?:failure|failures|error|errors)|in case of (?:failure|failures|error|errors)|if necessary|if needed))?$";

  private static final Pattern RETRY_BEFORE =
      Pattern.compile(
          "^(?:retry|repeat|try again|try)(?: (?:this|it|that|step|request|call|previous step))?,? (?:up to |at most |a maximum of |no more than )?(\\d+|§\\d+§|[a-z]+) (?:more )?times?"
              + ON_FAILURE,
          FLAGS);
  private static final Pattern RETRY =
      Pattern.compile(
          "^(?:try|retry|attempt),? (?:up to |at most )?(\\d+|§\\d+§|[a-z]+) times(?: to|:|,) (.+)$",
          FLAGS);
  private static final Pattern RETRYING =
      Pattern.compile(
          "^(.+?),? (?:and )?(?:retry|retrying|repeat|trying|try again)(?: it)? (?:up to |at most )?(\\d+|§\\d+§|[a-z]+) times?"
              + ON_FAILURE,
          FLAGS);

  /** A tool by its name alone. */
  private static final Pattern RETRY_TOOL =
      Pattern.compile(
          "^(?:retry|try|attempt)(?: to)? (.+?),? (?:up to |at most |a maximum of |no more than )?(\\d+|§\\d+§|[a-z]+) times?"
              + ON_FAILURE,
          FLAGS);

  private final StepCompiler steps;

  Repetition(StepCompiler steps) {
    this.steps = steps;
  }

  /** The code if the words are about repetition and can be read; null otherwise. */
  @Nullable Made compile(Context context, Needs problems) {
    String text = context.words().text();
    Matcher retry = RETRY_BEFORE.matcher(text);
    if (retry.matches()) {
      return retryPrevious(context, retry.group(1));
    }
    for (Pattern pattern : List.of(RETRY, RETRYING)) {
      Matcher retried = pattern.matcher(text);
      if (retried.matches()) {
        boolean countFirst = pattern == RETRY;
        Made body = steps.compile(context.of(retried.group(countFirst ? 2 : 1)), problems);
        Made made = body == null ? null : retried(context, retried.group(countFirst ? 1 : 2), body);
        if (made != null) {
          return made;
        }
      }
    }
    Matcher tool = RETRY_TOOL.matcher(text);
    if (tool.matches()) {
      Made body = steps.compile(context.of(tool.group(1)), problems);
      if (body == null) {
        body = steps.compile(context.of("call tool " + tool.group(1)), problems);
      }
      return body == null ? null : retried(context, tool.group(2), body);
    }
    return null;
  }

  private @Nullable Made retryPrevious(Context context, String count) {
    Made previous = context.previous();
    if (previous == null || previous.ends() || previous.lines().isEmpty()) {
      return null;
    }
    return retried(context, count, previous);
  }

  private @Nullable Made retried(Context context, String count, Made body) {
    Needs needs = new Needs();
    Expr times = new Counts(steps.references(context, context.scope(), needs)).count(count);
    if (times == null) {
      return null;
    }
    needs.addAll(body.needs());
    String attempt = body.scope().freshName("attempt");
    List<String> lines = new ArrayList<>();
    lines.add("for " + attempt + " in range(1, " + times.operand() + " + 1):");
    lines.add("    try:");
    lines.addAll(Made.indented(Made.indented(body.lines())));
    lines.add("        break");
    lines.add("    except Exception:");
    lines.add("        if " + attempt + " == " + times.operand() + ":");
    lines.add("            raise");
    return new Made(
        lines,
        body.out(),
        Made.joined("retry", body.how(), ", "),
        body.assumption(),
        needs,
        body.scope());
  }
}
