package io.athena.procedures.generation;

import com.google.protobuf.Value;
import java.util.stream.Collectors;

/**
 * Writes values and texts so that Python reads exactly them, whatever they hold: nothing of a
 * procedure's words becomes code.
 */
final class PythonText {
  private PythonText() {}

  /** A string literal. */
  static String literal(String text) {
    return '"' + escaped(text) + '"';
  }

  /** A literal of a JSON value. */
  static String literal(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> literal(value.getStringValue());
      case NUMBER_VALUE -> literal(value.getNumberValue());
      case BOOL_VALUE -> value.getBoolValue() ? "True" : "False";
      case LIST_VALUE ->
          value.getListValue().getValuesList().stream()
              .map(PythonText::literal)
              .collect(Collectors.joining(", ", "[", "]"));
      case STRUCT_VALUE ->
          value.getStructValue().getFieldsMap().entrySet().stream()
              .map(field -> literal(field.getKey()) + ": " + literal(field.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case NULL_VALUE, KIND_NOT_SET -> "None";
    };
  }

  /** A number; whole ones that a double holds exactly are written as integers. */
  static String literal(double number) {
    return number == Math.rint(number) && Math.abs(number) <= 0x1p53
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  /** A part of an f-string that stands for itself. */
  static String inFormat(String text) {
    return escaped(text).replace("{", "{{").replace("}", "}}");
  }

  /** Text for one line of a comment or a docstring. */
  static String line(String text) {
    StringBuilder line = new StringBuilder();
    boolean blank = false;
    for (int c : text.strip().codePoints().toArray()) {
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        blank = true;
        continue;
      }
      line.append(blank ? " " : "").appendCodePoint(isPlain(c) ? c : 0xFFFD);
      blank = false;
    }
    return line.toString();
  }

  /** The same for a docstring, which must not end early nor hold escapes. */
  static String docLine(String text) {
    return line(text).replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    text.codePoints().forEach(c -> appendEscaped(escaped, c));
    return escaped.toString();
  }

  private static void appendEscaped(StringBuilder to, int c) {
    switch (c) {
      case '\\' -> to.append("\\\\");
      case '"' -> to.append("\\\"");
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      default -> {
        if (isPlain(c)) {
          to.appendCodePoint(c);
        } else if (c <= 0xFF) {
          to.append("\\x%02x".formatted(c));
        } else if (c <= 0xFFFF) {
          to.append("\\u%04x".formatted(c));
        } else {
          to.append("\\U%08x".formatted(c));
        }
      }
    }
  }

  /** What a reader sees as it is: neither invisible nor changing the order of what is around it. */
  private static boolean isPlain(int c) {
    if (c == ' ') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
