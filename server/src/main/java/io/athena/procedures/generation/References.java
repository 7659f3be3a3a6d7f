package io.athena.procedures.generation;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the value that a phrase stands for: "it", "the text", "the words in the text", "the price
 * of each row".
 */
final class References {
  private static final Pattern DETERMINERS =
      Pattern.compile(
          "^(?:all|both|any|every single|given|(?:whole|entire|complete|current)(?! numbers?\\b)|its|their|those|these|that|this|of) +");

  /** What is spoken of like this has been made by a step. */
  private static final Pattern MADE =
      Pattern.compile(
          "^(?:new|resulting|remaining|sorted|filtered|final|matching|parsed|updated|merged) +");

  /** What is spoken of like this was there before any step. */
  private static final Pattern GIVEN = Pattern.compile("^(?:original|input) +");

  /** A word that is said to be one stands for itself. */
  private static final Pattern SAID =
      Pattern.compile(
          "^(?:word|phrase|string|substring|character|letter|prefix|suffix|ending) ([\\p{L}\\p{N}-]+)$",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern EACH =
      Pattern.compile(
          "^(?:each|every|each of|every one of)(?: (?!(?:other|second|third|[a-z]+th|\\d+\\p{L}+) )(.*))?$");

  private static final Pattern DESCRIBED =
      Pattern.compile(
          "^(words|lines|characters|letters|sentences|numbers|digits) (.+) ((?:in|of|from) [^ ]+)$",
          Pattern.CASE_INSENSITIVE);
  private static final Set<String> THINGS =
      Set.of("item", "element", "entry", "row", "record", "line", "word", "value", "one");

  private final Catalogue catalogue;
  private final Words words;
  private final Scope scope;
  private final Needs needs;
  private final boolean lenient;
  private final int depth;

  /**
   * For the phrases of one step.
   *
   * @param lenient true if a value of which nothing is known may stand for one of any type
   */
  References(Catalogue catalogue, Words words, Scope scope, Needs needs, boolean lenient) {
    this(catalogue, words, scope, needs, lenient, 0);
  }

  private References(
      Catalogue catalogue, Words words, Scope scope, Needs needs, boolean lenient, int depth) {
    this.catalogue = catalogue;
    this.words = words;
    this.scope = scope;
    this.needs = needs;
    this.lenient = lenient;
    this.depth = depth;
  }

  Scope scope() {
    return scope;
  }

  boolean isLenient() {
    return lenient;
  }

  Words words() {
    return words;
  }

  Needs needs() {
    return needs;
  }

  Catalogue catalogue() {
    return catalogue;
  }

  /** The same in a deeper phrase; null where phrases nest too deeply to be meant. */
  @Nullable References deeper() {
    return depth >= 4 ? null : new References(catalogue, words, scope, needs, lenient, depth + 1);
  }

  /** The same among other values. */
  References within(Scope other) {
    return new References(catalogue, words, other, needs, lenient, depth);
  }

  /** The value of a phrase, of the wanted type or a list of such; null if there is none. */
  @Nullable Expr value(String phrase, ValueType wanted) {
    Expr found = find(phrase.strip(), wanted);
    return found == null ? null : fitted(found, wanted);
  }

  /** The value if it has the type, or is a list of such, which then is spoken of one by one. */
  private @Nullable Expr fitted(Expr found, ValueType wanted) {
    boolean unsure = found.type() == ValueType.ANY || found.type() == ValueType.TEXT;
    if (wanted == ValueType.NUMBER && unsure && !found.code().startsWith("\"")) {
      return read(found, "_number", ValueType.NUMBER);
    }
    if (wanted == ValueType.NUMBERS && wanted.accepts(found.type()) && found.type() != wanted) {
      return read(found, "_numbers", ValueType.NUMBERS);
    }
    if (wanted == ValueType.PATH && isUnknown(found)) {
      return null;
    }
    boolean namesFile =
        wanted == ValueType.PATH
            && found.type() == ValueType.TEXT
            && (found.variable() != null || found.over() != null);
    if (namesFile || wanted.accepts(found.type())) {
      return found;
    }
    ValueType element = found.type().element();
    boolean names = wanted == ValueType.PATH && element == ValueType.TEXT;
    if (found.type().isList() && !wanted.isList() && (names || wanted.accepts(element))) {
      Expr each = found.each(scope.briefName(itemName(found)));
      return wanted == ValueType.NUMBER && each.type() == ValueType.ANY
          ? read(each, "_number", ValueType.NUMBER)
          : each;
    }
    return null;
  }

  /** True for something taken out of other values, of which nothing says that it names a file. */
  private static boolean isUnknown(Expr found) {
    Expr from = found.over() == null ? found : found.over();
    boolean any = found.type() == ValueType.ANY || found.type().isList();
    boolean taken = from.variable() == null || found.taken() != null;
    return any && taken && found.type() != ValueType.TEXTS;
  }

  /** A value of which nothing is known, as the numbers that it must be or hold. */
  private Expr read(Expr found, String helper, ValueType type) {
    needs.addHelper(helper);
    return new Expr(
        helper + "(" + found.code() + ")",
        type,
        true,
        found.variable(),
        found.over(),
        found.assumption(),
        found.part());
  }

  /** As {@link #value} does with what a phrase stands for, for what flows from earlier steps. */
  Expr flowing(Variable variable, ValueType wanted) {
    Expr found = fitted(Expr.of(variable), wanted);
    return found == null ? Expr.of(variable) : found;
  }

  /** What an element of the list is called. */
  static String itemName(Expr list) {
    Variable variable = list.variable();
    if (variable != null) {
      String singular = Scope.singular(variable.name());
      if (!singular.equals(variable.name())) {
        return singular;
      }
    }
    return switch (list.type()) {
      case TABLE -> "row";
      case NUMBERS -> "value";
      default -> "item";
    };
  }

  private @Nullable Expr find(String phrase, ValueType wanted) {
    Words.Mark mark = words.mark(phrase);
    if (mark instanceof Words.Mark.Named(String name)) {
      Variable variable = Templates.variable(name, scope, needs);
      return variable == null ? null : Expr.of(variable);
    }
    if (mark instanceof Words.Mark.FileName(String name)) {
      // Where text can stand its content is meant, which is not here.
      return wanted == ValueType.PATH || (wanted == ValueType.ANY && lenient)
          ? Expr.atom(PythonText.literal(name), wanted == ValueType.PATH ? wanted : ValueType.TEXT)
          : null;
    }
    if (mark instanceof Words.Mark.Literal(String text)) {
      if (wanted == ValueType.NUMBER && text.matches("-?\\d{1,15}(?:\\.\\d{1,15})?")) {
        return Expr.atom(text, ValueType.NUMBER);
      }
      Expr template = Templates.text(text, scope, needs);
      return template != null && wanted == ValueType.PATH
          ? Expr.atom(template.code(), ValueType.PATH)
          : template;
    }
    if (phrase.matches("-?\\d{1,15}(?:\\.\\d{1,15})?")) {
      return Expr.atom(PythonText.literal(Double.parseDouble(phrase)), ValueType.NUMBER);
    }
    Matcher said = SAID.matcher(phrase);
    boolean isText = wanted == ValueType.TEXT || wanted == ValueType.ANY;
    if (isText && said.matches() && scope.called(phrase.toLowerCase(Locale.ROOT)) == null) {
      Expr named = noun(said.group(1).toLowerCase(Locale.ROOT), said.group(1), wanted);
      return named == null ? Expr.atom(PythonText.literal(said.group(1)), ValueType.TEXT) : named;
    }
    return noun(phrase.toLowerCase(Locale.ROOT), phrase, wanted);
  }

  /**
   * A word without quotes that a value is compared with: one that occurs in the examples, or begins
   * with a capital letter. Others ("valid", "recent") may mean a quality.
   */
  @Nullable Expr literal(String phrase, ValueType wanted) {
    boolean isText = wanted == ValueType.TEXT || wanted == ValueType.ANY;
    boolean capital =
        phrase.matches("\\p{Lu}[\\p{L}\\p{N}-]*")
            && !Kinds.CALENDAR.contains(phrase.replaceFirst("s$", ""));
    return isText && (scope.isValue(phrase) || capital)
        ? Expr.atom(PythonText.literal(phrase), ValueType.TEXT)
        : null;
  }

  /** True if it is a general word for what lists hold, or what one of the values is called. */
  boolean isThing(String noun) {
    String singular = Scope.singular(noun.toLowerCase(Locale.ROOT));
    return THINGS.contains(singular) || scope.called(singular) != null;
  }

  private static boolean fits(Variable variable, ValueType wanted) {
    ValueType type = variable.type();
    return wanted.accepts(type)
        || (wanted == ValueType.NUMBER && type == ValueType.TEXT)
        || (wanted == ValueType.PATH && (type == ValueType.TEXT || type == ValueType.TEXTS))
        || (type.isList() && wanted.accepts(type.element()));
  }

  private @Nullable Expr noun(String lower, String phrase, ValueType wanted) {
    Expr number = Counts.word(lower);
    if (number != null && wanted == ValueType.NUMBER) {
      return number;
    }
    var each = EACH.matcher(lower);
    if (each.matches()) {
      String list = each.group(1) == null ? "them" : each.group(1);
      Expr found = value(list, ValueType.LIST);
      if (found == null) {
        found = value(list.replaceFirst("^([^ ]+)", "$1s"), ValueType.LIST);
      }
      return found == null || wanted.isList() ? null : found.each(scope.briefName(itemName(found)));
    }
    Expr called = called(lower, wanted);
    if (called == null && !lower.equals(stripped(lower))) {
      called = called(stripped(lower), wanted);
    }
    if (called != null) {
      return called;
    }
    References deeper = deeper();
    if (deeper != null) {
      Expr derived = deeper.derived(phrase, wanted);
      if (derived == null && !stripped(lower).equals(lower)) {
        derived = deeper.derived(stripped(lower), wanted);
      }
      if (derived != null) {
        return derived;
      }
    }
    Expr qualified = qualified(stripped(lower), phrase, wanted);
    return qualified == null ? pronoun(stripped(lower), wanted) : qualified;
  }

  /** "The sorted list" is none that the caller gave, "the original text" is one. */
  private @Nullable Expr qualified(String lower, String phrase, ValueType wanted) {
    boolean made = MADE.matcher(lower).find();
    if (!made && !GIVEN.matcher(lower).find()) {
      return null;
    }
    String rest = (made ? MADE : GIVEN).matcher(lower).replaceFirst("");
    Expr found = noun(rest, phrase.substring(phrase.length() - rest.length()), wanted);
    Variable variable = found == null ? null : found.variable();
    return variable != null && variable.parameter() != made ? found : null;
  }

  /** Without the words that only say which of them. */
  static String stripped(String phrase) {
    String rest = phrase;
    for (int i = 0; i < 3; i++) {
      rest = DETERMINERS.matcher(rest).replaceFirst("");
    }
    return rest;
  }

  private @Nullable Expr called(String phrase, ValueType wanted) {
    // In a loop "it" is the element, until something is made of that.
    boolean latest = phrase.equals("it") && scope.called(phrase) != null;
    for (Variable variable : scope.newestFirst()) {
      boolean named =
          latest
              || variable.spoken().contains(phrase)
              || variable.spoken().contains(Scope.singular(phrase));
      if (named && fits(variable, wanted)) {
        return Expr.of(variable);
      }
    }
    return null;
  }

  /** What the step before made, if it is spoken of as "it" or by what kind of thing it is. */
  private @Nullable Expr pronoun(String phrase, ValueType wanted) {
    boolean general =
        Kinds.PRONOUNS.contains(phrase) || Kinds.PRONOUNS.contains(Scope.singular(phrase));
    ValueType kind = general ? wanted : Kinds.of(Scope.singular(phrase));
    if (kind == null
        || !(wanted.accepts(kind) || (kind.isList() && wanted.accepts(kind.element())))) {
      return null;
    }
    Variable newest = scope.newest(kind);
    if (newest != null && !general && !Kinds.isSurely(newest.type(), kind, phrase)) {
      return null;
    }
    if (newest == null && general && !wanted.isList()) {
      // "Round them": a list is spoken of one by one.
      newest = scope.newest(wanted.list());
    }
    Variable latest = scope.latest();
    if (general && latest != null && !latest.equals(newest) && fits(latest, wanted)) {
      newest = latest;
    }
    return newest == null ? null : Expr.of(newest);
  }

  private @Nullable Expr described(Matcher said, ValueType wanted) {
    References deeper = deeper();
    return deeper == null
        ? null
        : deeper.derived(said.group(1) + " " + said.group(3) + " " + said.group(2), wanted);
  }

  /** Something taken from another value: its words, a field of it, a column. */
  private @Nullable Expr derived(String phrase, ValueType wanted) {
    // "The total of orders with status open" is first of all a field of these.
    Expr field = phrase.contains(" of ") ? new Fields(this).column(phrase, wanted) : null;
    if (field != null) {
      return field;
    }
    Matcher described = DESCRIBED.matcher(phrase);
    if (described.matches()) {
      // "The words longer than 3 letters in the text" are words in the text.
      Expr of = described(described, wanted);
      if (of != null) {
        return of;
      }
    }
    for (Action noun : catalogue.nouns()) {
      for (StepPattern pattern : noun.patterns()) {
        Map<String, String> slots = pattern.match(phrase);
        Expr made = slots == null ? null : new Filling(this, noun).expression(slots, Map.of());
        if (made != null
            && (wanted.accepts(made.type())
                || (made.type().isList() && wanted.accepts(made.type().element())))) {
          return made.partOf(noun.part());
        }
      }
    }
    return new Fields(this).column(phrase, wanted);
  }
}
