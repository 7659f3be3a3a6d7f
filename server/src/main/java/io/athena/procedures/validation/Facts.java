package io.athena.procedures.validation;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a parser knows of source. Made by {@code athena_harness/facts.py}, which says more.
 *
 * @param error why it does not parse; then most else is empty
 * @param reached modules that no import names, because others hold them and hand them out
 * @param truncated true if there was more than a report holds
 * @param script true if no public function is defined, so that the module itself is what runs
 */
record Facts(
    String pythonVersion,
    int lines,
    @Nullable ParseError error,
    List<Located> warnings,
    List<Located> oddCharacters,
    @Nullable Located encoding,
    List<Import> imports,
    List<Named> uses,
    List<Named> reached,
    List<Named> attributes,
    List<Named> strings,
    List<Named> assignedStrings,
    List<Call> calls,
    List<Formatted> formatted,
    List<FormatFields> formatFields,
    boolean truncated,
    List<Function> functions,
    List<Handler> handlers,
    List<Located> raises,
    int finallies,
    boolean script,
    boolean docstring,
    List<Silence> silences,
    List<Renamed> renamed) {

  /**
   * Why source does not parse.
   *
   * @param kind name of Python's exception, or one of "depth" and "value"; or, if the parser did
   *     not answer, "timeout", "memory" or "crash"
   */
  record ParseError(String kind, String message, Place place) {
    boolean isOf(String other) {
      return kind.equals(other);
    }

    /** True if it is the parser's own end, which tells of the moment as well as of the source. */
    boolean isOfAnalysis() {
      return isOf("timeout") || isOf("memory") || isOf("crash");
    }
  }

  /** A text and where it belongs. */
  record Located(String text, Place place) {}

  /**
   * An import.
   *
   * @param module dotted, with leading dots if it is relative; empty if it takes a run to know
   * @param name what is taken out of the module; empty for the module itself, "*" for all
   * @param importer the function that imports, such as "builtins.__import__"; empty for a statement
   */
  record Import(String module, String name, Place place, String importer) {}

  /** A name and where it stands; at most {@link #MOST_PLACES} places are told. */
  record Named(String name, List<Place> places) {
    static final int MOST_PLACES = 500;
  }

  /** A call of a resolved name; "?.execute" is a method of something unknown. */
  record Call(String name, Place place, List<Argument> arguments, Map<String, Argument> keywords) {}

  /** What is known of an argument. */
  sealed interface Argument {
    /** A string, Double, Boolean; null is None. */
    record Constant(@Nullable Object value) implements Argument {}

    /** Something that has a name. */
    record Reference(String name) implements Argument {}

    /** A string with values put into it. */
    record Formatting(String how) implements Argument {}

    /** A list or tuple; its constant strings, joined with blanks, and how many items it has. */
    record Items(String text, int size) implements Argument {}

    /** It takes a run to know. */
    record Computed() implements Argument {}
  }

  /** A string with values put into it; {@code {}} stands for each in the text. */
  record Formatted(String how, String text, Place place) {}

  /** Attributes that a format string reads. */
  record FormatFields(List<String> attributes, Place place) {}

  /**
   * A function or method.
   *
   * @param name with the names of what it is in, such as "Reader.read"
   * @param top true if it is no method and in no other function
   */
  record Function(
      String name,
      Place place,
      int lastLine,
      List<Parameter> parameters,
      String returns,
      String signature,
      boolean docstring,
      List<String> decorators,
      boolean empty,
      int complexity,
      boolean top) {
    boolean isPublic() {
      return !name.startsWith("_");
    }

    boolean takesAnything() {
      return parameters.stream().anyMatch(each -> each.kind().equals("**"));
    }
  }

  /**
   * A parameter of a function.
   *
   * @param kind "positional", "any", "*", "keyword" or "**"
   * @param annotation as source; empty if there is none
   */
  record Parameter(String name, String kind, boolean optional, String annotation) {}

  /**
   * An except clause.
   *
   * @param catches names of exceptions; one empty name if it catches all
   */
  record Handler(Place place, List<String> catches, boolean swallows) {
    boolean isBlanket() {
      return catches.stream()
          .anyMatch(
              each -> each.isEmpty() || each.equals("Exception") || each.equals("BaseException"));
    }
  }

  /**
   * A comment "# athena: allow TEXT".
   *
   * @param alone if nothing else is on its line
   * @param firstLine where the statement begins that it ends; else its own line
   */
  record Silence(String text, Place place, boolean alone, int firstLine) {}

  /** A name that Python reads as another. */
  record Renamed(String written, String read, Place place) {}
}
