package io.athena.procedures.cli;

/** How much room text takes on a terminal with characters of equal width. */
final class Columns {
  /**
   * First and last code points of the blocks that are shown two columns wide: those that Unicode's
   * East Asian Width (UAX #11) calls wide or full-width.
   */
  private static final int[][] WIDE = {
    {0x1100, 0x115F},
    {0x2E80, 0x303E},
    {0x3041, 0x33FF},
    {0x3400, 0x4DBF},
    {0x4E00, 0xA4CF},
    {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},
    {0x16FE0, 0x1B2FF},
    {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF},
    {0x1F900, 0x1FAFF},
    {0x20000, 0x3FFFD},
  };

  private Columns() {}

  /** Columns that a line without control characters takes. */
  static int width(String line) {
    return line.codePoints().map(Columns::width).sum();
  }

  private static int width(int codePoint) {
    if (codePoint < WIDE[0][0]) {
      return isCombining(codePoint) ? 0 : 1;
    }
    for (int[] block : WIDE) {
      if (codePoint <= block[1]) {
        return codePoint >= block[0] ? 2 : isCombining(codePoint) ? 0 : 1;
      }
    }
    return isCombining(codePoint) ? 0 : 1;
  }

  /** Shown on the character before it. */
  private static boolean isCombining(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> true;
      default -> false;
    };
  }
}
