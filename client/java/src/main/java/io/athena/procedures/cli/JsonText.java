package io.athena.procedures.cli;

import java.math.BigDecimal;
import java.util.HashSet;
import java.util.Set;

/**
 * Checks that a text is one JSON value (RFC 8259) that the API can carry as it stands, and says
 * where it is not. The parsers that come later take words without quotes for strings, half
 * characters for question marks and the last of two equal names, all without a word.
 */
final class JsonText {
  /** Nobody types so many; more would only exhaust the stack. */
  private static final int MOST_LEVELS = 48;

  private static final int SHOWN = 20;

  private final String text;
  private int position;

  private JsonText(String text) {
    this.text = text;
  }

  /**
   * Checks the text.
   *
   * @throws BadJsonException naming line and column of the first fault
   */
  static void check(String text) throws BadJsonException {
    JsonText json = new JsonText(text);
    json.value(0);
    json.blanks();
    if (json.position < text.length()) {
      throw json.unexpected("the end");
    }
  }

  private void value(int levels) throws BadJsonException {
    blanks();
    switch (peek()) {
      case '{' -> object(levels + 1);
      case '[' -> array(levels + 1);
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  private void object(int levels) throws BadJsonException {
    requireShallow(levels);
    position++;
    Set<String> names = new HashSet<>();
    blanks();
    if (peek() != '}') {
      do {
        blanks();
        int start = position;
        if (peek() != '"') {
          throw unexpected("a name in double quotes");
        }
        string();
        String name = text.substring(start, position);
        if (!names.add(name)) {
          throw fault(
              start,
              true,
              "the name " + Text.shortened(name, SHOWN) + " stands twice in one object");
        }
        blanks();
        skip(':', "':'");
        value(levels);
        blanks();
      } while (skipped(','));
    }
    skip('}', "',' or '}'");
  }

  private void array(int levels) throws BadJsonException {
    requireShallow(levels);
    position++;
    blanks();
    if (peek() != ']') {
      do {
        value(levels);
        blanks();
      } while (skipped(','));
    }
    skip(']', "',' or ']'");
  }

  private void requireShallow(int levels) throws BadJsonException {
    if (levels > MOST_LEVELS) {
      throw fault(position, true, "it is nested more than " + MOST_LEVELS + " levels deep");
    }
  }

  private void string() throws BadJsonException {
    position++;
    int firstHalf = -1;
    while (peek() != '"') {
      int at = position;
      char c = character();
      if (firstHalf >= 0 != Character.isLowSurrogate(c)) {
        throw half(firstHalf >= 0 ? firstHalf : at);
      }
      firstHalf = Character.isHighSurrogate(c) ? at : -1;
    }
    if (firstHalf >= 0) {
      throw half(firstHalf);
    }
    position++;
  }

  private BadJsonException half(int at) {
    return fault(at, true, "an unpaired surrogate is half a character, which no text can hold");
  }

  private char character() throws BadJsonException {
    char c = peek();
    if (c < ' ') {
      throw unexpected(position < text.length() ? "an escape such as \\n" : "'\"'");
    }
    position++;
    if (c != '\\') {
      return c;
    }
    char escape = peek();
    if (escape == 'u') {
      return unicode();
    }
    int index = "\"\\/bfnrt".indexOf(escape);
    if (escape == 0 || index < 0) {
      throw unexpected("an escape: one of \" \\ / b f n r t u");
    }
    position++;
    return "\"\\/\b\f\n\r\t".charAt(index);
  }

  private char unicode() throws BadJsonException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      position++;
      int digit = Character.digit(peek(), 16);
      if (digit < 0) {
        throw unexpected("four hexadecimal digits");
      }
      code = code << 4 | digit;
    }
    position++;
    return (char) code;
  }

  private void word(String word) throws BadJsonException {
    if (!text.startsWith(word, position)) {
      throw unexpected("a value");
    }
    position += word.length();
  }

  private void number() throws BadJsonException {
    int start = position;
    if (peek() == '-') {
      position++;
    }
    if (peek() == '0') {
      position++;
    } else {
      digits(position == start ? "a value" : "a digit");
    }
    boolean isWhole = true;
    if (skipped('.')) {
      isWhole = false;
      digits("a digit");
    }
    if (skipped('e') || skipped('E')) {
      isWhole = false;
      if (!skipped('-')) {
        skipped('+');
      }
      digits("a digit");
    }
    String number = text.substring(start, position);
    double value = Double.parseDouble(number);
    if (Double.isInfinite(value)) {
      throw fault(start, true, Text.shortened(number, SHOWN) + " is too large for a number");
    }
    if (isWhole && new BigDecimal(number).compareTo(new BigDecimal(value)) != 0) {
      throw fault(
          start,
          true,
          Text.shortened(number, SHOWN)
              + " is more than a number holds exactly (2^53); pass it as a string");
    }
  }

  private void digits(String expected) throws BadJsonException {
    if (!isDigit(peek())) {
      throw unexpected(expected);
    }
    while (isDigit(peek())) {
      position++;
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void blanks() {
    while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  /** The next character; 0, which no JSON holds, at the end. */
  private char peek() {
    return position < text.length() ? text.charAt(position) : 0;
  }

  private boolean skipped(char c) {
    if (peek() != c) {
      return false;
    }
    position++;
    return true;
  }

  private void skip(char c, String expected) throws BadJsonException {
    if (!skipped(c)) {
      throw unexpected(expected);
    }
  }

  private BadJsonException unexpected(String expected) {
    if (position >= text.length()) {
      return fault(position, false, "expected " + expected + ", but the text ends");
    }
    String rest = text.substring(position).lines().findFirst().orElse("");
    return fault(
        position,
        false,
        "expected %s, not '%s'".formatted(expected, Text.oneLine(Text.shortened(rest, SHOWN))));
  }

  private BadJsonException fault(int at, boolean wellFormed, String message) {
    String before = text.substring(0, at);
    int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
    int column = at - before.lastIndexOf('\n');
    return new BadJsonException(
        "line %d, column %d: %s".formatted(line, column, message), wellFormed);
  }
}
