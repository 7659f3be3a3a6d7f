package io.athena.procedures.sandbox;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A named environment: programs of it find some modules imported already.
 *
 * @param name lower-case letters, digits and hyphens, at most 32
 * @param modules imported once for all its programs, with the folders of installed packages on the
 *     search path; none for the standard library alone
 */
public record EnvironmentConfig(String name, List<String> modules) {
  /** What a program gets that asks for nothing: the standard library. */
  public static final String USUAL = "python";

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
  private static final Pattern MODULE = Pattern.compile("[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*");

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException naming the one that cannot be used
   */
  public EnvironmentConfig {
    modules = List.copyOf(modules);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'%s' is no name of an environment: lower-case letters, digits and hyphens, at most 32"
              .formatted(name));
    }
    for (String module : modules) {
      if (!MODULE.matcher(module).matches()) {
        throw new IllegalArgumentException(
            "'%s' in the environment '%s' is no name of a module".formatted(module, name));
      }
    }
  }

  /**
   * Reads {@code data=numpy+pandas}.
   *
   * @throws IllegalArgumentException if it is of another form
   */
  public static EnvironmentConfig parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || equals == text.length() - 1) {
      throw new IllegalArgumentException(
          "'%s' is no environment; it must be NAME=MODULE+MODULE, such as data=numpy+pandas"
              .formatted(text));
    }
    return new EnvironmentConfig(
        text.substring(0, equals), List.of(text.substring(equals + 1).split("\\+", -1)));
  }
}
