package io.athena.procedures.generation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes code of what a step says, by the actions of the catalogue. Immutable. */
final class StepCompiler {
  /** Longer ones are no sentence that a pattern could fit, and would only cost time. */
  static final int LONGEST_STEP = 400;

  private static final Pattern JUNCTION =
      Pattern.compile("(?:,? and then|, then|;(?: then)?|,? and|,) ", Pattern.CASE_INSENSITIVE);

  private static final Pattern CHECK =
      Pattern.compile(
          "^(?:(?:check|test|see|determine|tell|verify|find out|say) (?:if|whether|that)|does|do) (.+)$",
          Pattern.CASE_INSENSITIVE);

  private final Catalogue catalogue;
  private final String template;
  private final Control control;

  /**
   * For the steps of one procedure.
   *
   * @param template the procedure's; empty if it has none
   */
  StepCompiler(Catalogue catalogue, String template) {
    this.catalogue = catalogue;
    this.template = template;
    this.control = new Control(this);
  }

  /**
   * What the compiling of one step depends on.
   *
   * @param otherwiseFollows true if the next step says what is done otherwise
   */
  record Context(
      Words words,
      Scope scope,
      @Nullable Made previous,
      boolean otherwiseFollows,
      boolean lenient,
      int depth) {
    /** Of a part, to which no other step belongs. */
    Context of(String part) {
      return new Context(words.with(part), scope, previous, false, lenient, depth + 1);
    }

    Context in(Scope other) {
      return new Context(words, other, previous, otherwiseFollows, lenient, depth);
    }
  }

  /**
   * Makes code of a step.
   *
   * @param previous the step before; null if there is none or it could not be read
   * @param next the words of the next step; empty if there is none
   * @param problems gets the reasons why not
   * @return null if the step cannot be read
   */
  @Nullable Made compile(
      String step, Scope scope, @Nullable Made previous, String next, Needs problems) {
    Words words = Words.of(step, scope.names());
    if (words.text().length() > LONGEST_STEP) {
      problems.problem(
          "it has more than " + LONGEST_STEP + " characters; say it in a sentence of its own");
      return null;
    }
    boolean otherwiseFollows =
        next.length() <= 2 * LONGEST_STEP
            && Branches.OTHERWISE.matcher(Words.of(next, scope.names()).text()).matches();
    // What can be read without assuming anything is never read otherwise.
    for (boolean lenient : List.of(false, true)) {
      Made made =
          compile(new Context(words, scope, previous, otherwiseFollows, lenient, 0), problems);
      if (made != null) {
        return made;
      }
    }
    return null;
  }

  @Nullable Made compile(Context context, Needs problems) {
    if (context.depth() > 4 || context.words().text().isEmpty()) {
      return null;
    }
    Made made = control.compile(context, problems);
    if (made == null) {
      made = action(context, problems);
    }
    if (made == null) {
      made = checked(context, problems);
    }
    if (made == null) {
      made = rephrased(context);
    }
    return made == null ? parts(context, problems) : made;
  }

  /** The same in other words; not for tools, which are called only if the step says so itself. */
  private @Nullable Made rephrased(Context context) {
    return catalogue.rephrased(context.words().text()).stream()
        .map(text -> action(context.of(text), new Needs()))
        .filter(made -> made != null && made.needs().tools().isEmpty())
        .findFirst()
        .orElse(null);
  }

  /** Whether a condition holds. */
  private @Nullable Made checked(Context context, Needs problems) {
    Matcher check = CHECK.matcher(context.words().text());
    if (!check.matches()) {
      return null;
    }
    Needs needs = new Needs();
    Scope scope = context.scope().copy();
    Expr test = new Conditions(references(context, scope, needs)).of(check.group(1));
    if (test == null) {
      if (needs.problem() != null) {
        problems.problem(needs.problem());
      }
      return null;
    }
    Variable out =
        new Variable(
            scope.freshName("holds"), ValueType.BOOLEAN, Set.of("check", "result"), null, false);
    scope.add(out);
    String line = out.name() + " = " + test.code();
    return new Made(List.of(line), out, "check", test.assumption(), needs, scope);
  }

  String template() {
    return template;
  }

  References references(Context context, Scope scope, Needs needs) {
    return new References(catalogue, context.words(), scope, needs, context.lenient());
  }

  private record Candidate(Action action, StepPattern pattern, Map<String, String> slots) {}

  private @Nullable Made action(Context context, Needs problems) {
    List<Candidate> candidates = new ArrayList<>();
    for (Action action : catalogue.actions()) {
      for (StepPattern pattern : action.patterns()) {
        Map<String, String> slots = pattern.match(context.words().text());
        if (slots != null) {
          candidates.add(new Candidate(action, pattern, slots));
        }
      }
    }
    candidates.sort(
        Comparator.comparingInt((Candidate candidate) -> -candidate.pattern().weight()));
    Made oneByOne = null;
    int weight = -1;
    for (Candidate candidate : candidates) {
      if (oneByOne != null && candidate.pattern().weight() < weight) {
        return oneByOne;
      }
      Needs needs = new Needs();
      Scope scope = context.scope().copy();
      References references = references(context, scope, needs);
      Filled filled = new Filling(references, candidate.action()).fill(candidate.slots(), Map.of());
      if (filled != null && filled.over() == null) {
        return made(filled, scope, needs);
      }
      if (filled != null && oneByOne == null) {
        // Of two actions that fit as well, the one that takes a list as a whole is meant.
        oneByOne = made(filled, scope, needs);
        weight = candidate.pattern().weight();
      }
      if (needs.problem() != null) {
        problems.problem(needs.problem());
      }
      if (needs.unread() != null) {
        problems.unread(needs.unread());
      }
    }
    return oneByOne;
  }

  /** The code of an action whose slots are filled. */
  static Made made(Filled filled, Scope scope, Needs needs) {
    Action action = filled.action();
    if (action.output().type() == ValueType.NOTHING) {
      List<String> lines = loop(filled, filled.code("").lines().toList());
      return new Made(lines, null, action.name(), filled.assumptions(), needs, scope);
    }
    Variable out = output(filled, scope);
    List<String> lines;
    if (!action.isBlock()) {
      lines = List.of(out.name() + " = " + filled.expression().code());
    } else if (filled.over() == null) {
      lines = filled.code(out.name()).lines().toList();
    } else {
      String one = scope.freshName("one");
      List<String> body =
          Made.joined(
              filled.code(one).lines().toList(), List.of(out.name() + ".append(" + one + ")"));
      lines = Made.joined(List.of(out.name() + " = []"), loop(filled, body));
    }
    scope.add(out);
    return new Made(lines, out, action.name(), filled.assumptions(), needs, scope);
  }

  private static List<String> loop(Filled filled, List<String> body) {
    Expr over = filled.over();
    return over == null
        ? body
        : Made.joined(
            List.of("for " + filled.item() + " in " + over.code() + ":"), Made.indented(body));
  }

  private static Variable output(Filled filled, Scope scope) {
    Action.Output output = filled.action().output();
    Expr like = filled.values().get(output.like());
    Variable origin = like == null ? null : like.variable();
    if (like != null && like.over() != null) {
      origin = like.over().variable();
    }
    String name = scope.freshName(output.name());
    Set<String> spoken = new HashSet<>(Scope.spoken(output.name()));
    output.spoken().forEach(word -> spoken.addAll(Scope.spoken(word)));
    if (origin != null) {
      spoken.addAll(origin.spoken());
    }
    Expr changes = filled.values().get(output.changes());
    Variable changed = changes == null ? null : changes.variable();
    if (changed != null) {
      changed.spoken().forEach(word -> spoken.add(Results.CHANGED + word));
    }
    Variable from = origin == null ? madeOf(filled) : origin;
    return new Variable(name, filled.type(), Set.copyOf(spoken), origin, false, from);
  }

  /** The first value that has the type of what is made of it. */
  private static @Nullable Variable madeOf(Filled filled) {
    for (Expr value : filled.values().values()) {
      Variable variable = value.over() == null ? value.variable() : value.over().variable();
      if (variable != null && variable.type() == filled.type()) {
        return variable;
      }
    }
    return null;
  }

  /** Two or more things that one step asks for, one after the other. */
  private @Nullable Made parts(Context context, Needs problems) {
    String text = context.words().text();
    Matcher junction = JUNCTION.matcher(text);
    while (junction.find()) {
      Made first = compile(context.of(text.substring(0, junction.start())), problems);
      if (first == null || first.ends()) {
        continue;
      }
      Context rest =
          new Context(
              context.words().with(text.substring(junction.end())),
              first.scope(),
              first,
              false,
              context.lenient(),
              context.depth() + 1);
      Made second = compile(rest, problems);
      if (second != null) {
        Needs needs = new Needs();
        needs.addAll(first.needs());
        needs.addAll(second.needs());
        return new Made(
            Made.joined(first.lines(), second.lines()),
            second.out() == null ? first.out() : second.out(),
            second.ending(),
            Made.Otherwise.NONE,
            Made.joined(first.how(), second.how(), ", "),
            Made.joined(first.assumption(), second.assumption(), "; "),
            needs,
            second.scope());
      }
    }
    return null;
  }
}
