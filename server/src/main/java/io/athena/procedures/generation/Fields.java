package io.athena.procedures.generation;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads phrases for fields of records: "the price of each row", "the amount column", "its name".
 */
final class Fields {
  /** Words that are part of a sentence and not of a field's name. */
  private static final Pattern NO_FIELD =
      Pattern.compile(
          "(?i)\\b(?:of|in|from|by|with|to|and|the|each|every|all|for|that|which|column|field|is|up)\\b");

  /** Words after "by" that name an order and no field. */
  private static final Pattern QUALITY =
      Pattern.compile(
          "(?i)(?:length|size|value|values|frequency|name length|number|count|key|keys|index|position|week|month|quarter|weekday|largest|smallest|highest|lowest|biggest|longest|shortest|maximum|minimum|first|last|total|average|mean|sum|median)");

  private static final Pattern OF_EACH =
      Pattern.compile("^(.+?) (?:of|in|from) ((?:each|every) ?.*)$");
  private static final Pattern COLUMN =
      Pattern.compile(
          "^(.+?) (column|field|values|value|property|attribute|key|entry|member)(?: (?:of|in|from) (.+))?$");

  /** Words before which only a field's name stands. */
  private static final List<String> CERTAIN =
      List.of("column", "field", "property", "attribute", "key");

  private static final Pattern FIELD_OF = Pattern.compile("^(.+?) (?:of|in|from) (.+)$");

  private final References references;

  Fields(References references) {
    this.references = references;
  }

  /** The name of a field, as a text; null if the words are no name. */
  @Nullable Expr name(String phrase) {
    Words.Mark mark = references.words().mark(phrase);
    return switch (mark) {
      case Words.Mark.Named(String name) -> {
        Variable variable = Templates.variable(name, references.scope(), references.needs());
        yield variable == null ? null : Expr.of(variable);
      }
      case Words.Mark.Literal(String text) ->
          Templates.text(text, references.scope(), references.needs());
      case Words.Mark.FileName(String text) -> null;
      case null ->
          NO_FIELD.matcher(phrase).find()
              ? null
              : Expr.atom(PythonText.literal(fieldName(phrase)), ValueType.TEXT);
    };
  }

  /**
   * The same where nothing but its place says that a field is meant: one that the examples have, or
   * one word if they have none.
   */
  @Nullable Expr known(String phrase) {
    Expr name = name(phrase);
    if (name == null || references.words().mark(phrase) != null) {
      return name;
    }
    Scope scope = references.scope();
    boolean known =
        scope.knowsFields()
            ? scope.isField(fieldName(phrase))
            : phrase.matches("(?:(?:its|their) )?[^ ]+")
                && !QUALITY.matcher(phrase).matches()
                && scope.called(phrase.toLowerCase(Locale.ROOT)) == null;
    return known ? name : null;
  }

  /** As records have it: "unit price" is unit_price; a plural only if the examples have it. */
  private String fieldName(String phrase) {
    String name = phrase.replaceAll("^(?:its|their) ", "").replace(' ', '_');
    String lower = name.toLowerCase(Locale.ROOT);
    for (String candidate : List.of(name, lower, Scope.singular(name), Scope.singular(lower))) {
      if (references.scope().isField(candidate)) {
        return candidate;
      }
    }
    return name;
  }

  /** A field of a record, or of each record of a list; null if the phrase is none. */
  @Nullable Expr column(String phrase, ValueType wanted) {
    var ofEach = OF_EACH.matcher(phrase);
    if (ofEach.matches()) {
      Expr each = references.value(ofEach.group(2), ValueType.RECORD);
      String field = References.stripped(ofEach.group(1));
      boolean guess =
          !references.scope().knowsFields()
              && references.words().mark(field) == null
              && !Scope.singular(field).equals(field);
      return guess
              || each == null
              || each.over() == null
              || known(References.stripped(ofEach.group(1))) == null
          ? null
          : access(each, ofEach.group(1));
    }
    String field = phrase;
    String owner = null;
    boolean explicit = false;
    var column = COLUMN.matcher(phrase);
    var fieldOf = FIELD_OF.matcher(phrase);
    if (column.matches()) {
      field = column.group(1);
      owner = column.group(3);
      explicit = CERTAIN.contains(column.group(2));
    } else if (fieldOf.matches()) {
      field = fieldOf.group(1);
      owner = fieldOf.group(2);
    } else if (phrase.toLowerCase(Locale.ROOT).startsWith("its ")
        || phrase.toLowerCase(Locale.ROOT).startsWith("their ")) {
      explicit = true;
    }
    Expr name = name(References.stripped(field));
    if (name == null || !(explicit || references.scope().isField(name.code().replace("\"", "")))) {
      return null;
    }
    Expr from = owner == null ? owner() : references.value(owner, ValueType.ANY);
    if (from == null) {
      return null;
    }
    boolean many = owner != null && !Scope.singular(owner).equals(owner);
    boolean one = from.type() == ValueType.ANY && !wanted.isList() && !many;
    if (from.type() == ValueType.RECORD || one) {
      return access(from, field);
    }
    boolean rows =
        from.type() == ValueType.TABLE
            || from.type() == ValueType.LIST
            || (from.type() == ValueType.ANY && many);
    // A column is no table.
    if (!rows || wanted == ValueType.TABLE) {
      return null;
    }
    String row = references.scope().briefName(References.itemName(from));
    String value = row + "[" + name.code() + "]";
    boolean numbers = wanted == ValueType.NUMBERS || wanted == ValueType.NUMBER;
    if (numbers) {
      references.needs().addHelper("_number");
      value = "_number(" + value + ")";
    }
    return Expr.atom(
            "[" + value + " for " + row + " in " + from.code() + "]",
            numbers ? ValueType.NUMBERS : ValueType.LIST)
        .partOf(new Expr.Part.Column(from, row, name.code()));
  }

  /** Whose fields are meant: the newest record or table. */
  private @Nullable Expr owner() {
    for (Variable variable : references.scope().newestFirst()) {
      if (variable.spoken().contains("groups")) {
        return null; // An object of lists of rows.
      }
      if (variable.type() == ValueType.RECORD
          || variable.type() == ValueType.TABLE
          || variable.type() == ValueType.LIST
          || variable.type() == ValueType.ANY) {
        return Expr.of(variable);
      }
    }
    return null;
  }

  private @Nullable Expr access(Expr record, String field) {
    Expr name = name(References.stripped(field));
    return name == null
        ? null
        : new Expr(
            record.operand() + "[" + name.code() + "]",
            ValueType.ANY,
            true,
            null,
            record.over(),
            record.assumption(),
            record.over() == null
                ? null
                : new Expr.Part.Column(record.over(), record.operand(), name.code()));
  }
}
