package io.athena.procedures.cli;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.athena.procedures.v1.Procedure;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How values are shown to people. */
final class Text {
  private static final DateTimeFormatter LOCAL_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

  private Text() {}

  /**
   * Text of others on one line: control characters, by which a name could steer the reader's
   * terminal, are shown as U+FFFD.
   */
  static String oneLine(String text) {
    return replaceControls(text, "");
  }

  /** The same with line breaks and tabs left in. */
  static String lines(String text) {
    return replaceControls(text, "\n\t");
  }

  private static String replaceControls(String text, String allowed) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) && allowed.indexOf(c) < 0 ? 0xFFFD : c)
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }

  /** At most so many characters, with an ellipsis for what is left out. */
  static String shortened(String text, int length) {
    return text.codePointCount(0, text.length()) <= length
        ? text
        : text.substring(0, text.offsetByCodePoints(0, length - 1)) + "…";
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", share * 100);
  }

  static String version(int version) {
    return version == 0 ? "-" : "v" + version;
  }

  /** The share of successes; "-" before any run. */
  static String successRate(Procedure procedure) {
    return procedure.getUsageCount() == 0 ? "-" : percent(procedure.getSuccessRate());
  }

  static String time(Timestamp timestamp) {
    return timestamp.getSeconds() == 0
        ? "-"
        : LOCAL_TIME.format(
            Instant.ofEpochSecond(timestamp.getSeconds()).atZone(ZoneId.systemDefault()));
  }

  static String duration(Duration duration) {
    return millis(duration.getSeconds() * 1e3 + duration.getNanos() / 1e6);
  }

  static String millis(double millis) {
    if (millis < 10) {
      return String.format(Locale.ROOT, "%.1f ms", millis);
    }
    if (millis < 1_000) {
      return String.format(Locale.ROOT, "%.0f ms", millis);
    }
    return String.format(Locale.ROOT, "%.2f s", millis / 1_000);
  }

  static String bytes(long bytes) {
    if (bytes < 1 << 10) {
      return bytes + " B";
    }
    if (bytes < 1 << 20) {
      return String.format(Locale.ROOT, "%.1f KiB", bytes / 1024.0);
    }
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  /**
   * {@code OUTCOME_SUCCESS} as {@code SUCCESS}: the name of an enum's value without the enum's own.
   */
  static String enumName(Enum<?> value, String prefix) {
    String name =
        value.name().startsWith(prefix) ? value.name().substring(prefix.length()) : value.name();
    return name.equals("UNSPECIFIED") ? "-" : name;
  }
}
