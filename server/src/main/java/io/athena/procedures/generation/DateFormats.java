package io.athena.procedures.generation;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ways of writing dates and times, such as DD.MM.YYYY, as Python's strftime has them. */
final class DateFormats {
  private static final Map<String, String> PARTS = new LinkedHashMap<>();

  static {
    PARTS.put("YYYY", "%Y");
    PARTS.put("yyyy", "%Y");
    PARTS.put("DD", "%d");
    PARTS.put("dd", "%d");
    PARTS.put("HH", "%H");
    PARTS.put("hh", "%H");
    PARTS.put("SS", "%S");
    PARTS.put("ss", "%S");
    PARTS.put("mm", "%M");
    PARTS.put("YY", "%y");
  }

  private DateFormats() {}

  /** The literal for strftime; null if the words are no way of writing dates. */
  static @Nullable Expr literal(Words words, String phrase) {
    String format = words.mark(phrase) instanceof Words.Mark.Literal(String text) ? text : phrase;
    StringBuilder python = new StringBuilder();
    boolean known = format.contains("%");
    int at = 0;
    while (at < format.length()) {
      String rest = format.substring(at);
      String part = part(rest, format.substring(0, at));
      python.append(part.isEmpty() ? rest.substring(0, 1) : part);
      at += part.isEmpty() ? 1 : part.equals("%Y") ? 4 : 2;
      known |= !part.isEmpty();
    }
    return known ? Expr.atom(PythonText.literal(python.toString()), ValueType.TEXT) : null;
  }

  private static String part(String rest, String before) {
    if (rest.startsWith("MM")) {
      // Months, unless hours came before.
      return before.contains("HH") || before.contains("hh") ? "%M" : "%m";
    }
    return PARTS.entrySet().stream()
        .filter(entry -> rest.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }
}
