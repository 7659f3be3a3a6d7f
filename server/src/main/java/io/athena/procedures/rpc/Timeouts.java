package io.athena.procedures.rpc;

import io.athena.procedures.error.InvalidArgumentException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The header {@code grpc-timeout} of the gRPC protocol: at most eight digits and a unit. */
final class Timeouts {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");

  private Timeouts() {}

  /**
   * Reads the header's value.
   *
   * @throws InvalidArgumentException if it is not of the protocol's form
   */
  static Duration parse(String value) {
    Matcher matcher = FORM.matcher(value);
    if (!matcher.matches()) {
      throw new InvalidArgumentException(
          "grpc-timeout", "is not a number of at most 8 digits and one of H, M, S, m, u, n");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "H" -> Duration.ofHours(number);
      case "M" -> Duration.ofMinutes(number);
      case "S" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMillis(number);
      case "u" -> Duration.ofNanos(number * 1_000);
      default -> Duration.ofNanos(number);
    };
  }
}
