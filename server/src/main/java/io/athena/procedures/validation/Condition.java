package io.athena.procedures.validation;

import io.athena.procedures.validation.Facts.Argument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must hold for one argument of a call.
 *
 * @param position from 0; -1 if it is only passed by name
 * @param keyword its name; empty if it is only passed by position
 */
record Condition(int position, String keyword, Test test) {

  /** What is asked of the argument; null stands for one that is not given. */
  sealed interface Test {
    /** A constant that equals one of these. */
    record OneOf(List<Object> values) implements Test {}

    /** Not given, or anything but this constant. */
    record IsNot(Object value) implements Test {}

    /** The constant None. */
    record None() implements Test {}

    /** Given, and not plainly false. */
    record Truthy() implements Test {}

    /** A string that begins so. */
    record StartsWith(List<String> beginnings) implements Test {}

    /** A string, or a list of strings, with this in it. */
    record Contains(List<String> parts) implements Test {}

    /** A name among these, or in one of them. */
    record Refers(List<String> names, boolean wanted) implements Test {}

    /** Not a constant. */
    record IsComputed() implements Test {}

    /** A string with values put into it. */
    record IsFormatted() implements Test {}

    /** Given at all, or not. */
    record Given(boolean wanted) implements Test {}

    /** A number below. */
    record Below(double limit) implements Test {}

    /** A whole number with one of these bits. */
    record AnyBits(long bits) implements Test {}
  }

  boolean holds(Facts.Call call) {
    Argument argument = argument(call);
    return switch (test) {
      case Test.OneOf(List<Object> values) ->
          argument instanceof Argument.Constant(Object value)
              && value != null
              && values.contains(value);
      case Test.IsNot(Object unwanted) ->
          !(argument instanceof Argument.Constant(Object value) && unwanted.equals(value));
      case Test.Truthy() -> isTruthy(argument);
      case Test.None() -> argument instanceof Argument.Constant(Object value) && value == null;
      case Test.StartsWith(List<String> beginnings) -> {
        String text = text(argument);
        yield text != null && beginnings.stream().anyMatch(text::startsWith);
      }
      case Test.Contains(List<String> parts) -> {
        String text = text(argument);
        yield text != null && parts.stream().anyMatch(text::contains);
      }
      case Test.Refers(List<String> names, boolean wanted) ->
          wanted
              == (argument instanceof Argument.Reference(String name)
                  && names.stream().anyMatch(each -> isOrIsIn(name, each)));
      case Test.IsComputed() ->
          argument != null
              && !(argument instanceof Argument.Constant)
              && !(argument instanceof Argument.Items);
      case Test.IsFormatted() -> argument instanceof Argument.Formatting;
      case Test.Given(boolean wanted) ->
          wanted == (argument != null) && (wanted || !call.keywords().containsKey("**"));
      case Test.Below(double limit) ->
          argument instanceof Argument.Constant(Object value)
              && value instanceof Double number
              && number < limit;
      case Test.AnyBits(long bits) ->
          argument instanceof Argument.Constant(Object value)
              && value instanceof Double number
              && (number.longValue() & bits) != 0;
    };
  }

  /** True for a name, what is in it, and what calling it gives. */
  static boolean isOrIsIn(String name, String other) {
    return name.startsWith(other)
        && (name.length() == other.length()
            || name.charAt(other.length()) == '.'
            || name.charAt(other.length()) == '(');
  }

  private static boolean isTruthy(@Nullable Argument argument) {
    return switch (argument) {
      case null -> false;
      case Argument.Constant(Object value) ->
          !(value == null || value.equals(false) || value.equals(0.0) || value.equals(""));
      case Argument.Items(String _, int size) -> size > 0;
      case Argument.Reference _, Argument.Formatting _, Argument.Computed _ -> true;
    };
  }

  private @Nullable Argument argument(Facts.Call call) {
    Argument named = keyword.isEmpty() ? null : call.keywords().get(keyword);
    if (named != null) {
      return named;
    }
    return position >= 0 && position < call.arguments().size()
        ? call.arguments().get(position)
        : null;
  }

  private static @Nullable String text(@Nullable Argument argument) {
    return switch (argument) {
      case Argument.Constant(Object value) when value instanceof String text -> text;
      case Argument.Items(String text, int _) -> text;
      case null, default -> null;
    };
  }
}
