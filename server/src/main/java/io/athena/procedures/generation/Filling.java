package io.athena.procedures.generation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Fills the slots of one action with values: those that the words name, then those that flow. */
final class Filling {
  private static final Pattern TWO =
      Pattern.compile("\\b(?:two|both)\\b|\\bfirst\\b.+\\bsecond\\b", Pattern.CASE_INSENSITIVE);

  private static final Pattern ONE_BY_ONE =
      Pattern.compile("\\b(?:each|every|all|them|those|these)\\b", Pattern.CASE_INSENSITIVE);

  private static final Set<String> UNITS_OF_TIME =
      Set.of(
          "milliseconds",
          "seconds",
          "minutes",
          "hours",
          "days",
          "weeks",
          "months",
          "quarters",
          "years");

  private static final Set<String> EXTREMES = Set.of("highest", "lowest");

  private final References references;
  private final Action action;

  Filling(References references, Action action) {
    this.references = references;
    this.action = action;
  }

  /** As an expression; null if a slot stays empty or the action is no expression. */
  @Nullable Expr expression(Map<String, String> slots, Map<String, Expr> given) {
    if (action.isBlock()) {
      return null;
    }
    Filled filled = fill(slots, given);
    // The words of each of some texts are lists in a list, which nobody speaks of.
    boolean nested = filled != null && filled.over() != null && action.output().type().isList();
    return filled == null || nested ? null : filled.expression();
  }

  /**
   * With all slots filled; null if one stays empty.
   *
   * @param slots the words in each slot
   * @param given values that are known already
   */
  @Nullable Filled fill(Map<String, String> slots, Map<String, Expr> given) {
    if (!isMeant()) {
      return null;
    }
    Map<String, Expr> values = new LinkedHashMap<>(given);
    String things = slots.get("things");
    if (things != null && !references.isThing(things)) {
      references.needs().unread(references.words().spelled(things));
      return null;
    }
    Expr over = null;
    String item = "";
    boolean losesRest = false;
    for (Map.Entry<String, SlotType> input : action.inputs().entrySet()) {
      String name = input.getKey();
      if (values.containsKey(name)) {
        continue;
      }
      String words = slots.get(name);
      Expr value = isOtherUnit(words, name) ? null : value(input.getValue(), words, name, values);
      if (value != null && !action.isPhrase() && name.equals(action.output().changed())) {
        Expr changed = Parts.changed(value, valueType(input.getValue()), references);
        losesRest = changed == null || (changed.part() != null && action.isBlock());
        value = changed == null ? value : changed;
      }
      if (value != null
          && (isSeveral(words, value) || isKind(name, value) || isAnswer(name, words, value))) {
        return null;
      }
      boolean guessed =
          input.getValue().value() == ValueType.RECORD
              && value != null
              && value.type() == ValueType.ANY;
      boolean each = !guessed && isOneByOne(words, name);
      if (value == null || (value.over() != null && !each)) {
        if (words != null) {
          references.needs().unread(references.words().spelled(words));
        }
        return null;
      }
      if (value.over() != null) {
        if (over != null && !over.code().equals(value.over().code())) {
          return null;
        }
        if (over != null) {
          value =
              new Expr(
                  value.code().replaceFirst("\\b" + value.over().code() + "\\b", item),
                  value.type(),
                  value.atomic(),
                  null,
                  value.over(),
                  value.assumption());
        }
        over = value.over();
        item = item.isEmpty() ? itemOf(value) : item;
      }
      values.put(name, value);
    }
    // Whether each is so, and whether all are, are two questions.
    boolean askedOfEach = over != null && action.output().type() == ValueType.BOOLEAN;
    if (askedOfEach || OneForTwo.isFound(slots, values, given.keySet())) {
      return null;
    }
    if (losesRest) {
      references.needs().problem(Parts.REST);
      return null;
    }
    references.needs().add(action);
    return Filled.of(action, values, over, item, references.scope());
  }

  /** Records whose fields nobody has seen have none that is spoken of in the plural. */
  private boolean isGuess(String field) {
    return !references.scope().knowsFields()
        && references.words().mark(field) == null
        && !Scope.singular(field).equals(field)
        && action.inputs().values().stream().anyMatch(slot -> slot.value() == ValueType.TABLE);
  }

  /** "The orders with the highest amount" may be several, and one is found. */
  private boolean isSeveral(@Nullable String words, Expr rows) {
    boolean findsOne =
        action.output().type() == ValueType.RECORD
            && (action.part() != null || EXTREMES.contains(action.output().name()));
    return findsOne
        && words != null
        && rows.type().isList()
        && !words.startsWith("of ")
        && !Scope.singular(words).equals(words);
  }

  /** "A negative number" in a list is any, and not the list of the negative ones. */
  private static boolean isKind(String slot, Expr value) {
    return Set.of("element", "value").contains(slot)
        && value.type().isList()
        && value.part() instanceof Expr.Part.Some;
  }

  /** What "git add" answers is no message to commit with, if the words name none. */
  private boolean isAnswer(String slot, @Nullable String words, Expr value) {
    Variable variable = value.variable();
    SlotType type = action.inputs().get(slot);
    return !action.tool().isEmpty()
        && type != null
        && type.value() == ValueType.TEXT
        && (words == null || words.equalsIgnoreCase(slot))
        && variable != null
        && variable.type() == ValueType.ANY
        && !variable.spoken().contains(slot);
  }

  /** What takes minutes must not be done with "the hours". */
  private static boolean isOtherUnit(@Nullable String words, String slot) {
    if (words == null || !UNITS_OF_TIME.contains(slot)) {
      return false;
    }
    String last = words.substring(words.lastIndexOf(' ') + 1).toLowerCase(Locale.ROOT);
    String unit = last.endsWith("s") ? last : last + "s";
    return !unit.equals(slot) && UNITS_OF_TIME.contains(unit);
  }

  private boolean isMeant() {
    Scope scope = references.scope();
    return (action.having().isEmpty() || scope.isField(action.having()))
        && (action.when().isEmpty() || scope.called(action.when()) != null)
        && (action.unless().isEmpty() || scope.called(action.unless()) == null);
  }

  /**
   * True if an action is meant to be done with each element of a list: the words say so, or what it
   * makes is a changed state of each. "Count x in the list" counts in no element.
   */
  private boolean isOneByOne(@Nullable String words, String slot) {
    return action.output().like().equals(slot) || isSaidOneByOne(words);
  }

  private static boolean isSaidOneByOne(@Nullable String words) {
    return words != null && ONE_BY_ONE.matcher(words).find();
  }

  /** The name at the beginning of an element's expression. */
  private static String itemOf(Expr element) {
    Matcher name =
        Pattern.compile("[A-Za-z_]\\w*").matcher(element.code().replaceFirst("^_numbers?\\(", ""));
    return name.find() ? name.group() : "item";
  }

  private @Nullable Expr value(
      SlotType type, @Nullable String words, String name, Map<String, Expr> before) {
    if (type.kind() == SlotType.Kind.ADDRESS) {
      return new ForOthers(references).address(words);
    }
    if (type.kind() == SlotType.Kind.COMMAND) {
      return new ForOthers(references).command(words);
    }
    if (words == null) {
      if (type.kind() != SlotType.Kind.VALUE) {
        return null;
      }
      String standard = action.defaults().get(name);
      if (standard != null) {
        Variable called = references.scope().called(name);
        return called != null && valueType(type).accepts(called.type())
            ? Expr.of(called)
            : Expr.atom(standard, valueType(type));
      }
      return flowing(valueType(type), name);
    }
    return switch (type.kind()) {
      case VALUE -> {
        Expr character = before.isEmpty() ? null : character(valueType(type), words);
        Expr said = character == null ? references.value(words, valueType(type)) : character;
        if (said != null || before.isEmpty()) {
          yield said;
        }
        yield before.containsKey("subject") || words.matches("\\p{Lu}{2,}")
            ? references.literal(words, valueType(type))
            : null;
      }
      case ADDRESS, COMMAND -> null;
      case WEEKDAY -> {
        String day = words.toLowerCase(Locale.ROOT).replaceFirst("s$", "");
        yield Expr.atom(
            PythonText.literal(day.substring(0, 1).toUpperCase(Locale.ROOT) + day.substring(1)),
            ValueType.TEXT);
      }
      case TOOL -> tool(words);
      case LITERAL ->
          references.words().mark(words) == null
              ? references.literal(words, ValueType.TEXT)
              : references.value(words, ValueType.TEXT);
      case COUNT ->
          name.equals("place")
              ? new Counts(references).place(words)
              : new Counts(references).count(words);
      case FIELD -> isGuess(words) ? null : new Fields(references).known(words);
      case DATE_FORMAT -> DateFormats.literal(references.words(), words);
      case PREDICATE -> {
        Expr list =
            before.values().stream().filter(v -> v.type().isList()).findFirst().orElse(null);
        if (list == null) {
          list = before.values().stream().findFirst().orElse(null);
        }
        yield list == null ? null : new Conditions(references).ofItem(words, list);
      }
    };
  }

  /** A tool's name in quotes, or a word with underscores that is no value's name. */
  private @Nullable Expr tool(String words) {
    return switch (references.words().mark(words)) {
      case Words.Mark.FileName(String name) -> Expr.atom(PythonText.literal(name), ValueType.TEXT);
      case Words.Mark.Literal literal -> references.value(words, ValueType.TEXT);
      case Words.Mark.Named named -> null;
      case null ->
          references.scope().names().containsKey(words)
              ? null
              : Expr.atom(PythonText.literal(words), ValueType.TEXT);
    };
  }

  /** "A dash" is a text, unless a value is called so. */
  private @Nullable Expr character(ValueType wanted, String words) {
    String text = Characters.named(words);
    return text == null
            || !(wanted == ValueType.TEXT || wanted == ValueType.ANY)
            || references.scope().called(words.toLowerCase(Locale.ROOT)) != null
        ? null
        : Expr.atom(PythonText.literal(text), ValueType.TEXT);
  }

  private static ValueType valueType(SlotType type) {
    return type.value() == null ? ValueType.TEXT : type.value();
  }

  /** A value that is called like the slot, if the words name it. */
  private @Nullable Variable said(ValueType type, String slot) {
    Variable called = references.scope().called(slot);
    String text = " " + references.words().text().toLowerCase(Locale.ROOT) + " ";
    return called != null
            && called.type() != ValueType.ANY
            && type.accepts(called.type())
            && text.contains(" " + slot + " ")
        ? called
        : null;
  }

  /** One of several parameters, which the words name or which is called like the slot. */
  private @Nullable Variable mentioned(ValueType type, String slot) {
    String text = " " + references.words().text().toLowerCase(Locale.ROOT) + " ";
    return references.scope().newestFirst().stream()
        .filter(variable -> type.accepts(variable.type()))
        .filter(variable ->
            variable.spoken().contains(slot)
                || variable.spoken().stream().anyMatch(name -> text.contains(" " + name + " ")))
        .findFirst()
        .orElse(null);
  }

  /** What earlier steps have made of that type. */
  private @Nullable Expr flowing(ValueType type, String name) {
    Scope scope = references.scope();
    // "Commit with message" means the message and not what was made last.
    Variable newest = said(type, name);
    if (newest == null) {
      newest = scope.newest(type);
    }
    if (newest == null && !TWO.matcher(references.words().text()).find()) {
      newest = mentioned(type, name);
    }
    if (newest != null
        && type.isList()
        && newest.type() == ValueType.ANY
        && !references.isLenient()) {
      return null;
    }
    if (newest == null && !type.isList()) {
      newest = scope.newest(type.list());
      return newest == null ? oneOfTwo(type, name) : references.value(newest.name(), type);
    }
    return newest == null ? oneOfTwo(type, name) : references.flowing(newest, type);
  }

  /** "The two lists" are the only two that there are, in their order. */
  private @Nullable Expr oneOfTwo(ValueType type, String slot) {
    List<Variable> fitting =
        references.scope().newestFirst().stream()
            .filter(value -> type.accepts(value.type()))
            .toList();
    List<String> slots = List.copyOf(action.inputs().keySet());
    return fitting.size() == 2 && slots.size() == 2 && TWO.matcher(references.words().text()).find()
        ? Expr.of(fitting.get(slots.indexOf(slot)))
        : null;
  }
}
