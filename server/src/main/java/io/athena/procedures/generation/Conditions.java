package io.athena.procedures.generation;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads conditions, of a value ("the text is empty") or of each element of a list. */
final class Conditions {
  private static final Pattern LEAD =
      Pattern.compile("^(?:that|which|who|whose|where|with|having|for which|in which) +");

  private static final Pattern QUANTIFIED =
      Pattern.compile(
          "^(all|every|each|any|some|at least one|no|none)(?: of)? (.+)$",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern OTHERS =
      Pattern.compile("^ and (?:multiples|[a-z]+ numbers)\\b", Pattern.CASE_INSENSITIVE);

  /** What the templates of the catalogue call each element of a list. */
  static final String ELEMENT = "item";

  private static final Pattern QUALITY =
      Pattern.compile("^(?:is )?(?:(?:from|in) )?([\\p{L}\\p{N}_-]+)$");

  private static final Pattern AGE =
      Pattern.compile("(?i)^(?:is )?(?:not )?(?:older|younger) than");

  private static final Set<String> MAY_BE_ABSENT =
      Set.of(
          "empty",
          "blank",
          "filled",
          "equals",
          "equals_text",
          "equals_number",
          "said",
          "true",
          "false");

  private final References references;

  /** The variable that stands for each element of a list; {@code item} where there is no list. */
  private final String element;

  Conditions(References references) {
    this(references, ELEMENT);
  }

  private Conditions(References references, String element) {
    this.references = references;
    this.element = element;
  }

  /** A name for each element that nothing else has here. */
  static String element(Scope scope) {
    return scope.briefName(ELEMENT);
  }

  /** A condition that names its subject; null if it cannot be read. */
  @Nullable Expr of(String phrase) {
    return joined(
        plain(phrase),
        part -> {
          Expr quantified = quantified(part);
          return quantified == null ? simple(part, null) : quantified;
        });
  }

  /** "All numbers are positive", "any word is empty", "no name is missing". */
  private @Nullable Expr quantified(String phrase) {
    Matcher said = QUANTIFIED.matcher(phrase);
    if (!said.matches()) {
      return null;
    }
    String[] words = said.group(2).split(" ");
    for (int split = 1; split < Math.min(words.length, 5); split++) {
      String subject = String.join(" ", List.of(words).subList(0, split));
      Expr list = references.value(subject, ValueType.LIST);
      if (list == null) {
        list = references.value(subject + "s", ValueType.LIST);
      }
      String rest = String.join(" ", List.of(words).subList(split, words.length));
      Expr test = list == null || list.over() != null ? null : ofItem(rest, list);
      if (test != null && list != null) {
        String quantity = said.group(1).toLowerCase(Locale.ROOT);
        boolean all = quantity.matches("all|every|each");
        boolean none = quantity.startsWith("no");
        String code =
            (all ? "all(" : "any(")
                + test.code()
                + " for "
                + element(references.scope())
                + " in "
                + list.code()
                + ")";
        return none
            ? Expr.operation("not " + code, ValueType.BOOLEAN)
            : Expr.atom(code, ValueType.BOOLEAN);
      }
    }
    return null;
  }

  /** What is said of each element of a list: a condition on {@link #element(Scope)}. */
  @Nullable Expr ofItem(String phrase, Expr list) {
    Scope inside = references.scope().inner();
    String name = element(references.scope());
    Variable item =
        new Variable(name, list.type().element(), java.util.Set.of("it", "item"), null, false);
    inside.add(item);
    Conditions within = new Conditions(references.within(inside), name);
    String rest = LEAD.matcher(plain(phrase)).replaceFirst("");
    return joined(
        rest,
        part -> {
          Expr said = within.simple(LEAD.matcher(part).replaceFirst(""), item);
          // What is the same for all elements says nothing of each.
          return said == null || within.count(said.code()) == 0 ? null : said;
        });
  }

  private interface Reader {
    @Nullable Expr read(String part);
  }

  private static @Nullable Expr joined(String phrase, Reader reader) {
    Expr whole = reader.read(phrase);
    if (whole != null) {
      return whole;
    }
    for (String junction : List.of(" and ", " or ")) {
      int at = phrase.indexOf(junction);
      while (at > 0) {
        Expr left = joined(phrase.substring(0, at), reader);
        Expr right = left == null ? null : joined(phrase.substring(at + junction.length()), reader);
        // "Even numbers and multiples of 3" are these and those, and not what is both.
        boolean others = junction.equals(" and ") && OTHERS.matcher(phrase.substring(at)).find();
        if (left != null && right != null && !others) {
          return Expr.operation(left.operand() + junction + right.operand(), ValueType.BOOLEAN);
        }
        at = phrase.indexOf(junction, at + 1);
      }
    }
    return null;
  }

  /** With every form of "to be" as "is", and without contractions. */
  private static String plain(String phrase) {
    return phrase
        .replaceAll("(?i)\\b(?:isn't|aren't|wasn't|are not|were not|isn’t|aren’t)\\b", "is not")
        .replaceAll("(?i)\\b(?:doesn't|don't|doesn’t|don’t|does not|do not)\\b", "not")
        .replaceAll("(?i)\\b(?:are|was|were|be)\\b", "is");
  }

  private @Nullable Expr simple(String phrase, @Nullable Variable item) {
    if (item != null && AGE.matcher(phrase).find()) {
      Scope scope = references.scope();
      return scope.isField("age") ? simple("age " + phrase, item, 1) : null;
    }
    if (item != null) {
      Expr quality = quality(phrase, item);
      Expr said = quality == null ? compared(phrase, Expr.of(item)) : quality;
      if (said != null) {
        return said;
      }
    }
    return simple(phrase, item, 1);
  }

  private @Nullable Expr simple(String phrase, @Nullable Variable item, int from) {
    String[] words = phrase.split(" ");
    for (int split = from; split < words.length; split++) {
      String subject = String.join(" ", List.of(words).subList(0, split));
      String rest = String.join(" ", List.of(words).subList(split, words.length));
      for (Action comparison : references.catalogue().comparisons()) {
        Map<String, String> slots = match(comparison, positive(rest));
        Expr left = slots == null ? null : subject(subject, item, comparison);
        Expr said = left == null || slots == null ? null : filled(comparison, slots, left, rest);
        if (said != null) {
          return said;
        }
      }
    }
    return null;
  }

  private @Nullable Expr subject(String phrase, @Nullable Variable item, Action comparison) {
    SlotType type = comparison.inputs().get("subject");
    ValueType wanted = type == null || type.value() == null ? ValueType.ANY : type.value();
    if (item != null
        && (item.type() == ValueType.RECORD || item.type() == ValueType.ANY)
        && !phrase.matches("(?:it|they|item|them)")) {
      Expr field = new Fields(references).known(phrase.replaceFirst("^(?:its|their) ", ""));
      if (field == null) {
        return null;
      }
      // A field that is not there is empty, and equals nothing.
      boolean absent = MAY_BE_ABSENT.contains(comparison.name());
      String value =
          item.name() + (absent ? ".get(" + field.code() + ")" : "[" + field.code() + "]");
      if (wanted == ValueType.NUMBER) {
        references.needs().addHelper("_number");
        return Expr.atom("_number(" + value + ")", ValueType.NUMBER);
      }
      return Expr.atom(value, ValueType.ANY);
    }
    Expr found = references.value(phrase, wanted);
    return found == null || found.over() != null ? null : found;
  }

  /**
   * "That are paid", "from Rome", "active": the field of records that alone has this value in the
   * examples, or is true. Null if the phrase is something else.
   */
  private @Nullable Expr quality(String phrase, Variable item) {
    Matcher said = QUALITY.matcher(positive(phrase));
    Scope scope = references.scope();
    if (!said.matches() || item.type() != ValueType.RECORD) {
      return null;
    }
    String holder = scope.holder(said.group(1));
    String test;
    if (holder != null) {
      test = " == " + PythonText.literal(said.group(1));
    } else if (scope.isFlag(said.group(1))) {
      holder = said.group(1);
      test = " is True";
    } else {
      return null;
    }
    String value = item.name() + ".get(" + PythonText.literal(holder) + ")" + test;
    return Expr.operation(isNegative(phrase) ? "not (" + value + ")" : value, ValueType.BOOLEAN);
  }

  private @Nullable Expr compared(String phrase, Expr subject) {
    for (Action comparison : references.catalogue().comparisons()) {
      SlotType type = comparison.inputs().get("subject");
      // "With status open" says what a field has, and nothing of the element itself.
      boolean ofField = comparison.inputs().values().stream().anyMatch(SlotType::isLiteral);
      boolean fits =
          !ofField
              && (type == null || type.value() == null || type.value().accepts(subject.type()));
      Map<String, String> slots = fits ? match(comparison, positive(phrase)) : null;
      Expr said = slots == null ? null : filled(comparison, slots, asNumber(subject, type), phrase);
      // "In stock" compares an element with a field of its own, which is not meant.
      if (said != null
          && count(said.code()) <= count(comparison.code().replace("$subject", element))) {
        return said;
      }
    }
    return null;
  }

  private long count(String code) {
    return Pattern.compile("\\b" + element + "\\b").matcher(code).results().count();
  }

  /** What may be a text is read as a number where one is compared. */
  private Expr asNumber(Expr subject, @Nullable SlotType wanted) {
    if (wanted == null
        || wanted.value() != ValueType.NUMBER
        || subject.type() == ValueType.NUMBER) {
      return subject;
    }
    references.needs().addHelper("_number");
    return Expr.atom("_number(" + subject.code() + ")", ValueType.NUMBER);
  }

  private @Nullable Expr filled(
      Action comparison, Map<String, String> slots, Expr subject, String phrase) {
    if (comparison.helpers().contains("_moment")
        && slots.values().stream().anyMatch(this::isNoDate)) {
      return null;
    }
    Expr made = new Filling(references, comparison).expression(slots, Map.of("subject", subject));
    if (made == null || made.type() != ValueType.BOOLEAN) {
      return null;
    }
    return isNegative(phrase)
        ? Expr.operation(
            "not " + Expr.operation(made.code(), made.type()).operand(), ValueType.BOOLEAN)
        : Expr.operation(made.code(), ValueType.BOOLEAN);
  }

  /** True for a text in quotes without any digit, which says a place in a text and no time. */
  private boolean isNoDate(String phrase) {
    return references.words().mark(phrase) instanceof Words.Mark.Literal(String text)
        && !text.matches(".*[\\d{].*");
  }

  private static boolean isNegative(String phrase) {
    return phrase.matches("(?i)(?:is )?not .*");
  }

  private static String positive(String phrase) {
    Matcher negative = Pattern.compile("(?i)^(is )?not (.*)$").matcher(phrase);
    return negative.matches()
        ? (negative.group(1) == null ? "" : "is ") + negative.group(2)
        : phrase;
  }

  private @Nullable Map<String, String> match(Action comparison, String phrase) {
    for (StepPattern pattern : comparison.patterns()) {
      Map<String, String> slots = pattern.match(phrase);
      if (slots != null && (!comparison.name().equals("equals_number") || isNumber(slots))) {
        return slots;
      }
    }
    return null;
  }

  /** True if what a value is compared with is surely a number, and not a text that may be one. */
  private boolean isNumber(Map<String, String> slots) {
    String phrase = slots.getOrDefault("value", "");
    if (phrase.matches("-?\\d+(?:\\.\\d+)?")) {
      return true;
    }
    String name =
        references.words().mark(phrase) instanceof Words.Mark.Named(String said) ? said : phrase;
    Variable called = references.scope().called(name.toLowerCase(Locale.ROOT).replace('_', ' '));
    return called != null && called.type() == ValueType.NUMBER;
  }
}
