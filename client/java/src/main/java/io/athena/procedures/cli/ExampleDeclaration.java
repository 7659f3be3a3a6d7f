package io.athena.procedures.cli;

import com.google.protobuf.Struct;
import io.athena.procedures.v1.Example;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads an example: {@code {"text": "a"} => "A!"}, parameters and what they must give as JSON, or
 * the parameters alone if any result will do.
 */
final class ExampleDeclaration implements ITypeConverter<Example> {
  private static final String ARROW = "=>";

  @Override
  public Example convert(String text) {
    // A text within the JSON may hold an arrow, too: the one with JSON on both sides counts.
    for (int at = text.indexOf(ARROW); at >= 0; at = text.indexOf(ARROW, at + 1)) {
      Example example = read(text.substring(0, at), text.substring(at + ARROW.length()));
      if (example != null) {
        return example;
      }
    }
    Example unexpecting = read(text, null);
    if (unexpecting == null) {
      throw new TypeConversionException(
          "'" + text + "' is not of the form {\"name\": value} => result, with JSON on both sides");
    }
    return unexpecting;
  }

  private static @Nullable Example read(String parameters, @Nullable String expected) {
    Example.Builder example = Example.newBuilder();
    try {
      example.setParameters(Json.merge(parameters, Struct.newBuilder()));
      if (expected != null) {
        example.setExpected(Json.value(expected));
      }
      return example.build();
    } catch (BadJsonException e) {
      return null;
    }
  }
}
