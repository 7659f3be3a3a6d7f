package io.athena.procedures.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The state in which a procedure must be for a command to change it. */
final class EtagOption {
  @Option(
      names = "--if-etag",
      paramLabel = "ETAG",
      converter = NotEmpty.class,
      description = "Refuse if the procedure has another etag by now.")
  private String etag = "";

  /** Empty if the option was not given. */
  String given() {
    return etag;
  }

  /** A script whose variable is empty asks for a check, and must not do without one. */
  static final class NotEmpty implements ITypeConverter<String> {
    @Override
    public String convert(String value) {
      if (value.isBlank()) {
        throw new TypeConversionException(
            "it is empty, and nothing would be checked; the command 'show' tells a procedure's etag");
      }
      return value;
    }
  }
}
