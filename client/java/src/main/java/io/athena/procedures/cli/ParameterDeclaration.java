package io.athena.procedures.cli;

import com.google.protobuf.Value;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the declaration of a parameter: {@code name:type}, {@code name:type=default} or {@code
 * name:type?}.
 */
final class ParameterDeclaration implements ITypeConverter<Parameter> {
  private static final Pattern FORM =
      Pattern.compile("([^:=?]+)(?::([a-zA-Z]+))?(?:(\\?)|=(.*))?", Pattern.DOTALL);

  @Override
  public Parameter convert(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not of the form name:type, name:type=default or name:type?");
    }
    Parameter.Builder parameter = Parameter.newBuilder().setName(form.group(1));
    try {
      parameter.setType(TypedValues.type(form.group(2) == null ? "" : form.group(2)));
      if (form.group(4) != null) {
        parameter.setDefaultValue(defaultValue(parameter, form.group(4)));
      }
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(Errors.told(e));
    }
    return parameter.setRequired(form.group(3) == null && form.group(4) == null).build();
  }

  /** A text in double quotes, as {@link #of} writes it, is what is in them. */
  private static Value defaultValue(Parameter.Builder parameter, String text) {
    if (parameter.getType() == ParameterType.PARAMETER_TYPE_STRING && text.startsWith("\"")) {
      try {
        return Json.value(text);
      } catch (BadJsonException e) {
        // It only begins with quotes.
        return Value.newBuilder().setStringValue(text).build();
      }
    }
    return TypedValues.read(parameter.getName(), parameter.getType(), text);
  }

  /** The declaration in the form that is read. */
  static String of(Parameter parameter) {
    String declaration = parameter.getName() + ":" + TypedValues.name(parameter.getType());
    if (parameter.hasDefaultValue()) {
      return declaration + "=" + Json.of(parameter.getDefaultValue());
    }
    return parameter.getRequired() ? declaration : declaration + "?";
  }
}
