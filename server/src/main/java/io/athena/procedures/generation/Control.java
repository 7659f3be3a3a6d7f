package io.athena.procedures.generation;

import io.athena.procedures.generation.StepCompiler.Context;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a step says about order: conditions, loops, repetition, the result. Immutable. */
final class Control {
  private static final int FLAGS = Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
  private static final Pattern IF_COMMA =
      Pattern.compile(
          "^(?:if|when|whenever|in case) ([^,]+), (?:then )?(.+?)(?:[,;.]? (?:otherwise|or else|else|if not),? (.+))?$",
          FLAGS);
  private static final Pattern IF_THEN =
      Pattern.compile("^(?:if|when) (.+?) then (.+?)(?:[,;.]? (?:otherwise|else),? (.+))?$", FLAGS);
  private static final Pattern TRAILING_IF =
      Pattern.compile("^(.+?),? (?:only )?(if|when|unless) (.+)$", FLAGS);
  private static final Pattern UNLESS = Pattern.compile("^unless (.+?), (.+)$", FLAGS);
  private static final Pattern FOR_EACH =
      Pattern.compile(
          "^(?:for|with|on) (?:each|every|all)(?: of)? (.+?)(?: (?:in|of|from) (.+?))?(?:,|:| do) (.+)$",
          FLAGS);
  private static final Pattern RETURN =
      Pattern.compile(
          "^(?:return|give back|output|report|answer with|answer|yield|respond with|hand back|give|tell|tell me|say|show) (.+)$",
          FLAGS);
  private static final Pattern TEMPLATE =
      Pattern.compile(
          "^(?:fill|fill in|fill out|render|complete|expand|use|apply|populate)(?: in| out)? template(?: (?:with|using|from) (?:its |given |these |all )?(?:values|parameters|variables|arguments|input|inputs|them))?$",
          FLAGS);
  private final StepCompiler steps;
  private final Repetition repetition;
  private final Branches branches;

  Control(StepCompiler steps) {
    this.steps = steps;
    this.repetition = new Repetition(steps);
    this.branches = new Branches(steps);
  }

  /** The code if the words are about order and can be read; null otherwise. */
  @Nullable Made compile(Context context, Needs problems) {
    String text = context.words().text();
    if (TEMPLATE.matcher(text).matches()) {
      return template(context, problems);
    }
    Made repeated = repetition.compile(context, problems);
    if (repeated != null) {
      return repeated;
    }
    Matcher each = FOR_EACH.matcher(text);
    if (each.matches()) {
      Made made = forEach(context, each.group(1), each.group(2), each.group(3), problems);
      if (made != null) {
        return made;
      }
    }
    for (Pattern pattern : List.of(IF_COMMA, IF_THEN)) {
      Matcher conditional = pattern.matcher(text);
      if (conditional.matches()) {
        Made made =
            branches.conditional(
                context,
                conditional.group(1),
                false,
                conditional.group(2),
                conditional.group(3),
                problems);
        if (made != null) {
          return made;
        }
      }
    }
    Matcher unless = UNLESS.matcher(text);
    if (unless.matches()) {
      return branches.conditional(context, unless.group(1), true, unless.group(2), null, problems);
    }
    Matcher otherwise = Branches.OTHERWISE.matcher(text);
    if (otherwise.matches()) {
      return branches.otherwise(context, otherwise.group(1), problems);
    }
    Matcher trailing = TRAILING_IF.matcher(text);
    if (trailing.matches()) {
      Made made =
          branches.conditional(
              context,
              trailing.group(3),
              trailing.group(2).equalsIgnoreCase("unless"),
              trailing.group(1),
              null,
              problems);
      if (made != null) {
        return made;
      }
    }
    Matcher result = RETURN.matcher(text);
    return result.matches() ? returned(context, result.group(1), problems) : null;
  }

  private @Nullable Made template(Context context, Needs problems) {
    if (steps.template().isEmpty()) {
      problems.problem("the procedure has no template");
      return null;
    }
    Needs needs = new Needs();
    Scope scope = context.scope().copy();
    boolean isAddress = steps.template().matches("https?://\\S+");
    Expr text =
        Templates.text(steps.template(), scope, needs, isAddress ? Syntax.ADDRESS : Syntax.TEXT);
    if (text == null) {
      problems.problem(String.valueOf(needs.problem()));
      return null;
    }
    Variable out =
        new Variable(
            scope.freshName("filled"), ValueType.TEXT, Set.of("text", "template"), null, false);
    scope.add(out);
    return new Made(List.of(out.name() + " = " + text.code()), out, "template", "", needs, scope);
  }

  private @Nullable Made forEach(
      Context context, String what, @Nullable String in, String body, Needs problems) {
    Needs needs = new Needs();
    Scope scope = context.scope().copy();
    References references = steps.references(context, scope, needs);
    // One word names the element; more say which elements, and are read with the list.
    boolean named = in != null && !what.contains(" ");
    Expr list = references.value(in != null && named ? in : what, ValueType.LIST);
    if (list == null && in != null) {
      list = references.value(what + " in " + in, ValueType.LIST);
    }
    if (list == null || list.over() != null) {
      return null;
    }
    String singular = Scope.singular(what.toLowerCase(Locale.ROOT));
    String wanted = singular.replaceAll("[^a-z0-9]+", "_").replaceAll("^[_0-9]+|_+$", "");
    Scope inner = scope.inner();
    String name = inner.freshName(wanted.isEmpty() ? "item" : wanted);
    inner.add(
        new Variable(
            name,
            list.type().element(),
            Set.of(singular, "it", "item", "each", "one"),
            null,
            false));
    Made made = steps.compile(context.of(body).in(inner), problems);
    if (made == null) {
      return null;
    }
    needs.addAll(made.needs());
    String head = "for " + name + " in " + list.code() + ":";
    Variable out = made.out();
    List<String> lines = new ArrayList<>();
    Variable value = null;
    if (out == null || made.ends()) {
      lines.add(head);
      lines.addAll(Made.indented(made.lines()));
    } else if (out.changedIn(scope) != null) {
      value = made.target(scope);
      lines.add(head);
      lines.addAll(Made.indented(made.bound(value)));
    } else {
      Variable whole = list.variable();
      boolean isState = isMadeOf(out, name);
      Set<String> spoken = new HashSet<>(Set.of("result", "results"));
      spoken.addAll(out.spoken());
      if (isState && whole != null) {
        spoken.addAll(whole.spoken());
      }
      value =
          new Variable(
              scope.freshName("results"),
              out.type().list(),
              Set.copyOf(spoken),
              isState ? whole : null,
              false);
      String only = out.name() + " = ";
      if (made.lines().size() == 1 && made.lines().getFirst().startsWith(only)) {
        String expression = made.lines().getFirst().substring(only.length());
        lines.add(value.name() + " = [" + expression + " for " + name + " in " + list.code() + "]");
      } else {
        lines.add(value.name() + " = []");
        lines.add(head);
        lines.addAll(Made.indented(made.lines()));
        lines.add("    " + value.name() + ".append(" + out.name() + ")");
      }
    }
    if (value != null) {
      scope.add(value);
    }
    return new Made(
        lines,
        value,
        made.ends() ? Made.Ending.SOMETIMES : Made.Ending.NEVER,
        made.ends() ? Made.Otherwise.POSSIBLE : Made.Otherwise.NONE,
        Made.joined("for each", made.how(), ", "),
        Made.joined(list.assumption(), made.assumption(), "; "),
        needs,
        scope);
  }

  /** True if it is the element of that name, changed. */
  private static boolean isMadeOf(Variable out, String element) {
    for (Variable before = out; before != null; before = before.from()) {
      if (before.name().equals(element)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Made returned(Context context, String phrase, Needs problems) {
    Needs needs = new Needs();
    Scope scope = context.scope().copy();
    References references = steps.references(context, scope, needs);
    Expr result = new Results(references).read(phrase);
    if (result != null) {
      return new Made(
          List.of("return " + result.code()),
          null,
          Made.Ending.ALWAYS,
          Made.Otherwise.NONE,
          "return",
          result.assumption(),
          needs,
          scope);
    }
    if (needs.problem() != null) {
      problems.problem(needs.problem());
    }
    Made made = steps.compile(context.of(phrase), problems);
    Variable out = made == null ? null : made.out();
    if (made == null || out == null || made.ends()) {
      return null;
    }
    return new Made(
        Made.joined(made.lines(), List.of("return " + out.name())),
        out,
        Made.Ending.ALWAYS,
        Made.Otherwise.NONE,
        made.how(),
        made.assumption(),
        made.needs(),
        made.scope());
  }
}
