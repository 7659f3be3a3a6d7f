package io.athena.procedures.procedure;

import com.google.protobuf.Value;
import io.athena.procedures.error.Violations;
import java.util.Iterator;
import java.util.Map;

/** Walks through a value, counting what it takes as JSON and noting what JSON cannot hold. */
final class JsonMeasure {
  private final Violations violations;
  private final String field;
  private long bytes;
  private boolean tooDeep;

  JsonMeasure(Violations violations, String field) {
    this.violations = violations;
    this.field = field;
  }

  void noteIfLarger(int mostBytes) {
    violations.check(
        bytes <= mostBytes,
        field,
        "is %,d bytes as JSON; at most %,d are allowed".formatted(bytes, mostBytes));
  }

  /** Adds a value that {@code levels} arrays and objects are around. */
  void add(Value value, int levels) {
    switch (value.getKindCase()) {
      case KIND_NOT_SET ->
          violations.check(false, field, "holds a value of no kind; null is a kind too");
      case NULL_VALUE -> bytes += 4;
      case BOOL_VALUE -> bytes += value.getBoolValue() ? 4 : 5;
      case NUMBER_VALUE -> addNumber(value.getNumberValue());
      case STRING_VALUE -> addString(value.getStringValue());
      case LIST_VALUE -> {
        bytes += 2;
        if (canGoDeeper(levels)) {
          Iterator<Value> items = value.getListValue().getValuesList().iterator();
          while (items.hasNext()) {
            add(items.next(), levels + 1);
            bytes += items.hasNext() ? 1 : 0;
          }
        }
      }
      case STRUCT_VALUE -> {
        bytes += 2;
        if (canGoDeeper(levels)) {
          Iterator<Map.Entry<String, Value>> entries =
              value.getStructValue().getFieldsMap().entrySet().iterator();
          while (entries.hasNext()) {
            Map.Entry<String, Value> entry = entries.next();
            addString(entry.getKey());
            add(entry.getValue(), levels + 1);
            bytes += entries.hasNext() ? 2 : 1;
          }
        }
      }
    }
  }

  private boolean canGoDeeper(int levels) {
    if (levels < ParameterValues.MOST_LEVELS) {
      return true;
    }
    if (!tooDeep) {
      tooDeep = true;
      violations.check(
          false, field, "is nested more than " + ParameterValues.MOST_LEVELS + " levels deep");
    }
    return false;
  }

  private void addNumber(double number) {
    violations.check(
        Double.isFinite(number), field, "holds a number that is not finite; JSON has none");
    boolean isWhole = number == Math.rint(number) && Math.abs(number) < 1e15;
    bytes += (isWhole ? Long.toString((long) number) : Double.toString(number)).length();
  }

  private void addString(String text) {
    TextRules.checkCharacters(violations, field, text);
    bytes += 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        bytes += 2;
      } else if (c < ' ') {
        // Line feed, tab and the like have escapes of two characters, the others of six.
        bytes += c >= '\b' && c <= '\r' && c != 0x0b ? 2 : 6;
      } else if (c < 0x80) {
        bytes += 1;
      } else if (c < 0x800 || Character.isSurrogate(c)) {
        // Each half of a pair stands for two of its four bytes.
        bytes += 2;
      } else {
        bytes += 3;
      }
    }
  }
}
