package io.athena.procedures.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of a Markdown file, between lines of three hyphens: entries with texts or lists of
 * texts.
 *
 * <p>It is read as people write it, which is mostly but not always YAML: quoted texts, texts over
 * several lines, blocks after {@code |} and {@code >}, comments and lists are as there, but a text
 * without quotes may hold {@code ": "}. Names do not differ by case. What an entry holds besides
 * texts is not read.
 *
 * @param entries by their names in lower case
 * @param body what comes after it
 */
record FrontMatter(Map<String, List<String>> entries, String body) {
  private static final Pattern FENCE = Pattern.compile("---[ \\t]*");
  private static final Pattern END = Pattern.compile("(?:---|\\.\\.\\.)[ \\t]*");
  private static final Pattern ENTRY = Pattern.compile("([A-Za-z][\\w-]*)[ \\t]*:(.*)");
  private static final Pattern LISTED = Pattern.compile("[ \\t]*-(?:[ \\t]+(.*))?");
  private static final Pattern BLOCK = Pattern.compile("([|>])[-+0-9]*[ \\t]*(?:#.*)?");
  private static final Pattern COMMENT = Pattern.compile("[ \\t]+#.*$");
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))");

  /** A text; empty if there is no such entry. */
  Optional<String> text(String name) {
    return Optional.ofNullable(entries.get(name)).map(texts -> String.join("\n", texts));
  }

  /** The texts of a list; of one text that one. */
  List<String> list(String name) {
    return entries.getOrDefault(name, List.of());
  }

  /**
   * Reads it; a file without a head has no entries.
   *
   * @throws UnreadableException if it has no end, or an entry twice
   */
  static FrontMatter read(String text) throws UnreadableException {
    List<String> lines = text.lines().toList();
    int first = 0;
    while (first < lines.size() && lines.get(first).isBlank()) {
      first++;
    }
    if (first == lines.size() || !FENCE.matcher(lines.get(first)).matches()) {
      return new FrontMatter(Map.of(), text);
    }
    int end = first + 1;
    while (end < lines.size() && !END.matcher(lines.get(end)).matches()) {
      end++;
    }
    if (end == lines.size()) {
      throw new UnreadableException(
          "the head begins with '---' in line %d but has no end".formatted(first + 1));
    }
    return new FrontMatter(
        entries(lines.subList(first + 1, end)),
        String.join("\n", lines.subList(end + 1, lines.size())));
  }

  private static Map<String, List<String>> entries(List<String> lines) throws UnreadableException {
    Map<String, List<String>> entries = new LinkedHashMap<>();
    int line = 0;
    while (line < lines.size()) {
      Matcher entry = ENTRY.matcher(lines.get(line));
      line++;
      if (entry.matches()) {
        int begin = line;
        while (line < lines.size() && belongs(lines.get(line))) {
          line++;
        }
        String name = entry.group(1).toLowerCase(Locale.ROOT);
        String value = entry.group(2).strip();
        if (entries.put(name, values(value, lines.subList(begin, line))) != null) {
          throw new UnreadableException("the head has '" + name + "' twice");
        }
      }
    }
    return entries;
  }

  /** Lists may stand below their entry without being indented. */
  private static boolean belongs(String line) {
    return line.isBlank()
        || Character.isWhitespace(line.charAt(0))
        || LISTED.matcher(line).matches();
  }

  private static List<String> values(String value, List<String> rest) {
    Matcher block = BLOCK.matcher(value);
    if (block.matches()) {
      return List.of(block(rest, block.group(1).equals(">")));
    }
    if (value.isEmpty() || value.startsWith("#")) {
      List<String> listed = listed(rest);
      return listed.isEmpty() ? List.of(scalar(folded("", rest))) : listed;
    }
    if (value.startsWith("[") && value.endsWith("]")) {
      String inside = value.substring(1, value.length() - 1);
      return inside.isBlank()
          ? List.of()
          : Pattern.compile(",").splitAsStream(inside).map(FrontMatter::scalar).toList();
    }
    return List.of(scalar(folded(value, rest)));
  }

  private static List<String> listed(List<String> rest) {
    List<String> values = new ArrayList<>();
    for (String line : rest) {
      Matcher value = LISTED.matcher(line);
      if (value.matches() && value.group(1) != null) {
        values.add(scalar(value.group(1)));
      }
    }
    return values;
  }

  private static String folded(String value, List<String> rest) {
    StringBuilder text = new StringBuilder(value);
    for (String line : rest) {
      if (!line.isBlank() && !line.strip().startsWith("#")) {
        text.append(text.isEmpty() ? "" : " ").append(line.strip());
      }
    }
    return text.toString();
  }

  private static String block(List<String> lines, boolean folded) {
    int indent =
        lines.stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElse(0);
    List<String> texts =
        lines.stream()
            .map(line -> line.length() < indent ? "" : line.substring(indent).stripTrailing())
            .toList();
    String text = String.join("\n", texts).strip();
    // A single line end is a space, an empty line is a line end.
    return folded ? text.replaceAll("(?<!\n)\n(?!\n)", " ").replaceAll("\n(\n+)", "$1") : text;
  }

  private static String scalar(String written) {
    String value = written.strip();
    if (value.startsWith("\"")) {
      int end = closing(value);
      return end < 0 ? value : unescaped(value.substring(1, end));
    }
    if (value.startsWith("'")) {
      Matcher single = Pattern.compile("'((?:[^']|'')*)'.*").matcher(value);
      return single.matches() ? single.group(1).replace("''", "'") : value;
    }
    return COMMENT.matcher(value).replaceFirst("");
  }

  private static int closing(String value) {
    for (int i = 1; i < value.length(); i++) {
      if (value.charAt(i) == '\\') {
        i++;
      } else if (value.charAt(i) == '"') {
        return i;
      }
    }
    return -1;
  }

  private static String unescaped(String value) {
    return ESCAPE
        .matcher(value)
        .replaceAll(escape -> {
          String code = escape.group(1) == null ? escape.group(2) : escape.group(1);
          return Matcher.quoteReplacement(
              code != null
                  ? String.valueOf((char) Integer.parseInt(code, 16))
                  : switch (escape.group(3)) {
                    case "n" -> "\n";
                    case "t" -> "\t";
                    case "r" -> "\r";
                    default -> escape.group(3);
                  });
        });
  }

  /** It cannot be read; the message says why. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String why) {
      super(why);
    }
  }
}
