package io.athena.procedures.generation;

import com.google.protobuf.Value;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the examples of a procedure tell about its values.
 *
 * @param fields keys of objects, in JSON texts too, and heads of CSV texts
 * @param texts values of fields, and elements of lists
 * @param holders the fields that have a text as their value, by the text
 * @param flags fields that are true or false wherever they are
 */
record Seen(
    Set<String> fields, Set<String> texts, Map<String, Set<String>> holders, Set<String> flags) {
  private static final Pattern JSON_KEY = Pattern.compile("\"([\\w-]+)\"\\s*:");

  static Seen in(Procedure procedure) {
    Seen seen = new Seen(new HashSet<>(), new HashSet<>(), new HashMap<>(), new HashSet<>());
    procedure
        .getExamplesList()
        .forEach(example -> example.getParameters().getFieldsMap().values().forEach(seen::add));
    return new Seen(
        Set.copyOf(seen.fields),
        Set.copyOf(seen.texts),
        Map.copyOf(seen.holders),
        Set.copyOf(seen.flags));
  }

  private void add(Value value) {
    switch (value.getKindCase()) {
      case STRUCT_VALUE ->
          value
              .getStructValue()
              .getFieldsMap()
              .forEach((name, inner) -> {
                boolean isFlag =
                    inner.hasBoolValue() && (!fields.contains(name) || flags.contains(name));
                if (isFlag) {
                  flags.add(name);
                } else {
                  flags.remove(name);
                }
                fields.add(name);
                texts.add(inner.getStringValue());
                if (!inner.getStringValue().isEmpty()) {
                  holders
                      .computeIfAbsent(inner.getStringValue(), text -> new HashSet<>())
                      .add(name);
                }
                add(inner);
              });
      case LIST_VALUE ->
          value
              .getListValue()
              .getValuesList()
              .forEach(inner -> {
                texts.add(inner.getStringValue());
                add(inner);
              });
      case STRING_VALUE -> addText(value.getStringValue());
      case NULL_VALUE, NUMBER_VALUE, BOOL_VALUE, KIND_NOT_SET -> {}
    }
  }

  private void addText(String text) {
    String head = text.lines().findFirst().orElse("");
    if (text.contains("\n") && head.matches("[\\w -]+(?:,[\\w -]+)+")) {
      fields.addAll(List.of(head.split(",")));
    }
    Matcher key = JSON_KEY.matcher(text);
    while (key.find()) {
      fields.add(key.group(1));
    }
  }

  /** The type of a parameter; for an array that of its elements in the examples, if they agree. */
  static ValueType type(Procedure procedure, Parameter parameter) {
    ValueType declared = ValueType.of(parameter.getType());
    if (declared != ValueType.LIST) {
      return declared;
    }
    Set<Value.KindCase> kinds = new HashSet<>();
    procedure
        .getExamplesList()
        .forEach(example ->
            example
                .getParameters()
                .getFieldsOrDefault(parameter.getName(), Value.getDefaultInstance())
                .getListValue()
                .getValuesList()
                .forEach(element -> kinds.add(element.getKindCase())));
    if (kinds.isEmpty()) {
      return switch (parameter.getName()) {
        case "numbers" -> ValueType.NUMBERS;
        case "words", "lines", "texts" -> ValueType.TEXTS;
        default -> declared;
      };
    }
    if (kinds.size() > 1) {
      return declared;
    }
    return switch (kinds.iterator().next()) {
      // Texts that are numbers may be meant as these.
      case STRING_VALUE -> areNumbers(procedure, parameter) ? declared : ValueType.TEXTS;
      case NUMBER_VALUE -> ValueType.NUMBERS;
      case STRUCT_VALUE -> ValueType.TABLE;
      case LIST_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET -> declared;
    };
  }

  private static boolean areNumbers(Procedure procedure, Parameter parameter) {
    return procedure.getExamplesList().stream()
        .flatMap(example ->
            example
                .getParameters()
                .getFieldsOrDefault(parameter.getName(), Value.getDefaultInstance())
                .getListValue()
                .getValuesList()
                .stream())
        .allMatch(element -> element.getStringValue().matches("-?[\\d,]+(?:\\.\\d+)?"));
  }
}
