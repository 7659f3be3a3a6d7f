package io.athena.procedures.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The words of a step, ready to be compared with patterns: what is quoted, a {@code {{variable}}},
 * an address or a file's name has become a mark such as {@code §3§}, so that no pattern looks into
 * it, and articles and fillers are gone.
 *
 * @param text words and marks
 * @param marked what the marks stand for
 */
record Words(String text, List<Mark> marked) {
  private static final Pattern MARK = Pattern.compile("§(\\d+)§");

  /** What a step says literally. */
  sealed interface Mark {
    /** Text, which may hold {@code {{variables}}}. */
    record Literal(String text) implements Mark {}

    /** The name of a file, written without quotes. */
    record FileName(String text) implements Mark {}

    /** A {@code {{variable}}}. */
    record Named(String name) implements Mark {}
  }

  /** A variable in a template. */
  static final Pattern VARIABLE = Pattern.compile("\\{\\{\\s*([^{}]*?)\\s*}}");

  private static final Pattern LITERAL =
      Pattern.compile(
          // In quotes, within the word's bounds, so that an apostrophe begins nothing.
          "\"(?<double>[^\"]*)\"|“(?<curly>[^”]*)”|`(?<tick>[^`]*)`"
              + "|(?<![\\p{L}\\p{N}])'(?<single>[^']*)'(?![\\p{L}\\p{N}])"
              // An address; a full stop at its end belongs to the sentence.
              + "|(?<url>https?://[^\\s,;]*[^\\s,;.!?)])"
              + "|(?<![^\\s(])\\{\\{\\s*(?<variable>[^{}]*?)\\s*}}(?![^\\s,.;:)'’?!])"
              // A word with a variable in it.
              + "|(?<glued>[^\\s{}]*\\{\\{[^{}]*}}(?:[^\\s{},.;]|\\{\\{[^{}]*}}|[,.;](?=\\S))*)"
              // The name of a file, or of a kind of file, such as notes.txt, docs/a.md or .csv.
              + "|(?<file>(?<![\\p{L}\\p{N}])(?:[\\w~-]*/)*[\\w-]*\\.[A-Za-z][A-Za-z0-9]{0,5}(?![\\p{L}\\p{N}]))");

  private static final Pattern PERCENT = Pattern.compile("(\\d|§) ?%");

  private static final Pattern IGNORING_CASE =
      Pattern.compile(
          ",? \\(?(?:ignoring (?:the )?(?:case|capitals|capitalization|capitalisation|upper and lower case)|regardless of (?:case|capitalization|capitalisation)|case[- ]insensitively)\\)?",
          Pattern.CASE_INSENSITIVE);

  /** "…, with the oldest ones first". */
  private static final Pattern FIRST =
      Pattern.compile(
          ",? \\(?(?:with )?(?:the )?(oldest|newest|earliest|latest|largest|smallest|highest|lowest|biggest|greatest|cheapest|youngest|eldest|longest|shortest|most recent)(?: ones?| values?)? first\\)?(?= |$|[.!])",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern HOW_MANY =
      Pattern.compile(
          "^how many (.+?) (?:are there|are|there are) (in .+)$", Pattern.CASE_INSENSITIVE);

  private static final Pattern BLANK = Pattern.compile(" ");

  private static final Pattern FILLERS =
      Pattern.compile(
          "^(?:\\d+[.)] |[-*] |(?:then|firstly|next|finally|lastly|afterwards|now|please|also|and|after that),? |(?:first|second|third)[,:] )+",
          Pattern.CASE_INSENSITIVE);

  /**
   * Reads a step.
   *
   * @param names of variables, which are words like any other even if they are "a"
   */
  static Words of(String step, Map<String, ?> names) {
    List<Mark> marked = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    Matcher literals = LITERAL.matcher(step.replace('§', ' '));
    while (literals.find()) {
      literals.appendReplacement(text, "§" + marked.size() + "§");
      marked.add(mark(literals));
    }
    literals.appendTail(text);
    return new Words(plain(text.toString(), names), List.copyOf(marked));
  }

  private static Mark mark(Matcher found) {
    String variable = found.group("variable");
    if (variable != null) {
      return new Mark.Named(variable);
    }
    for (String kind : List.of("double", "curly", "tick", "single")) {
      String quoted = found.group(kind);
      if (quoted != null) {
        Matcher alone = VARIABLE.matcher(quoted);
        return alone.matches() ? new Mark.Named(alone.group(1)) : new Mark.Literal(quoted);
      }
    }
    return found.group("file") != null && !found.group().startsWith(".")
        ? new Mark.FileName(found.group())
        : new Mark.Literal(found.group());
  }

  private static String plain(String text, Map<String, ?> names) {
    String collapsed = text.replaceAll("[\\s\\p{Z}]+", " ").strip();
    String begun = sameWords(FILLERS.matcher(collapsed).replaceFirst(""));
    StringBuilder plain = new StringBuilder();
    for (String word : BLANK.splitAsStream(begun.replaceAll("[.!?;:]+$", "")).toList()) {
      String lower = word.toLowerCase(Locale.ROOT);
      boolean letter = word.equals("A") && !plain.isEmpty();
      boolean article = lower.equals("the") || (lower.equals("a") && !letter) || lower.equals("an");
      if (!article || (names.containsKey(word) && !lower.equals("the"))) {
        plain.append(plain.isEmpty() ? "" : " ").append(word);
      }
    }
    return plain.toString();
  }

  /** With the ways of saying the same in one of them. */
  private static String sameWords(String text) {
    String plain = PERCENT.matcher(text).replaceAll("$1 percent");
    plain = HOW_MANY.matcher(plain).replaceFirst("count $1 $2");
    plain = IGNORING_CASE.matcher(plain).replaceAll(" ignoring case");
    return FIRST.matcher(plain).replaceAll(" $1 first");
  }

  /** The same words without some of them. */
  Words with(String part) {
    return new Words(part.strip(), marked);
  }

  /** What a phrase stands for, if it is a mark and nothing else; null otherwise. */
  @Nullable Mark mark(String phrase) {
    Matcher mark = MARK.matcher(phrase);
    return mark.matches() ? marked.get(Integer.parseInt(mark.group(1))) : null;
  }

  /** A phrase with its marks spelled out, for people. */
  String spelled(String phrase) {
    return MARK.matcher(phrase)
        .replaceAll(found -> {
          Mark mark = marked.get(Integer.parseInt(found.group(1)));
          return Matcher.quoteReplacement(
              switch (mark) {
                case Mark.Literal(String literal) -> '"' + literal + '"';
                case Mark.FileName(String name) -> name;
                case Mark.Named(String name) -> "{{" + name + "}}";
              });
        });
  }
}
