package io.athena.procedures.generation;

import io.athena.procedures.generation.model.Prompt;

/**
 * How many tokens a text has where nobody counts them, rather too many than too few: one for three
 * characters of ASCII, and one for two bytes that UTF-8 takes for another. So it is one for a
 * letter of Greek, 1.5 for a character of Chinese and 2 for an emoji. Not thread-safe.
 */
final class TokenEstimate {
  private static final int ASCII_OF_A_TOKEN = 3;
  private static final int OTHER_BYTES_OF_A_TOKEN = 2;

  private long ascii;
  private long otherBytes;

  static long of(Prompt prompt) {
    var estimate = new TokenEstimate();
    estimate.add(prompt.system());
    prompt.turns().forEach(estimate::add);
    return estimate.tokens();
  }

  static long of(String text) {
    var estimate = new TokenEstimate();
    estimate.add(text);
    return estimate.tokens();
  }

  void add(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        ascii++;
      } else if (c < 0x800 || Character.isSurrogate(c)) {
        otherBytes += 2;
      } else {
        otherBytes += 3;
      }
    }
  }

  long tokens() {
    return Math.ceilDiv(ascii, ASCII_OF_A_TOKEN) + Math.ceilDiv(otherBytes, OTHER_BYTES_OF_A_TOKEN);
  }

  void clear() {
    ascii = 0;
    otherBytes = 0;
  }
}
