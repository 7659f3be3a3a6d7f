package io.athena.procedures.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times and sizes as people write them. */
final class Units {
  private static final Pattern QUANTITY =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*([a-zA-Z]*)");

  private Units() {}

  /** {@code 500ms}, {@code 10s}, {@code 2m}, {@code 1h}; without a unit, seconds. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      Matcher quantity = QUANTITY.matcher(text.strip());
      if (quantity.matches()) {
        double seconds =
            switch (quantity.group(2).toLowerCase(Locale.ROOT)) {
              case "ms" -> 1e-3;
              case "", "s" -> 1;
              case "m", "min" -> 60;
              case "h" -> 3_600;
              default -> 0;
            };
        double nanos = Double.parseDouble(quantity.group(1)) * seconds * 1e9;
        if (nanos >= 1 && nanos < Long.MAX_VALUE) {
          return Duration.ofNanos((long) nanos);
        }
      }
      throw new TypeConversionException(
          "'" + text + "' is no time above 0 such as 500ms, 10s, 2m or 1h");
    }
  }

  /** {@code 64M}, {@code 1G}, {@code 4096}; K, M and G are powers of 1,024. */
  static final class Size implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      Matcher quantity = QUANTITY.matcher(text.strip());
      if (quantity.matches()) {
        long unit =
            switch (quantity.group(2).toLowerCase(Locale.ROOT)) {
              case "", "b" -> 1L;
              case "k", "kb", "kib" -> 1L << 10;
              case "m", "mb", "mib" -> 1L << 20;
              case "g", "gb", "gib" -> 1L << 30;
              default -> 0L;
            };
        double bytes = Double.parseDouble(quantity.group(1)) * unit;
        if (bytes >= 1 && bytes < Long.MAX_VALUE) {
          return (long) bytes;
        }
      }
      throw new TypeConversionException(
          "'" + text + "' is no size above 0 such as 4096, 64M or 1G");
    }
  }
}
