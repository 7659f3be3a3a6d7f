package io.athena.procedures.validation;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a worker's report of facts. What is missing in it is taken for empty. */
final class FactsReader {
  private static final Struct NOTHING = Struct.getDefaultInstance();

  private FactsReader() {}

  /** Of source that the parser answered for. */
  static Facts read(Struct report) {
    return new Facts(
        text(report, "python"),
        (int) number(report, "lines"),
        report.containsFields("error") ? error(struct(report, "error")) : null,
        list(report, "warnings", FactsReader::located),
        list(report, "odd_characters", FactsReader::located),
        report.containsFields("encoding") ? located(report.getFieldsOrThrow("encoding")) : null,
        list(
            report,
            "imports",
            each ->
                new Facts.Import(text(each, 0), text(each, 1), place(at(each, 2)), text(each, 3))),
        list(report, "uses", FactsReader::named),
        list(report, "attributes", FactsReader::named),
        list(report, "strings", FactsReader::named),
        list(report, "assigned_strings", FactsReader::named),
        list(report, "calls", FactsReader::call),
        list(
            report,
            "formatted",
            each -> new Facts.Formatted(text(each, 0), text(each, 1), place(at(each, 2)))),
        list(
            report,
            "format_fields",
            each -> new Facts.FormatFields(texts(at(each, 0)), place(at(each, 1)))),
        flag(report, "truncated"),
        list(report, "functions", FactsReader::function),
        list(report, "handlers", FactsReader::handler),
        list(report, "raises", FactsReader::located),
        (int) number(report, "finallies"),
        flag(report, "is_script"),
        flag(report, "docstring"),
        list(
            report,
            "silences",
            each ->
                new Facts.Silence(text(each, 0), place(at(each, 1)), at(each, 2).getBoolValue())),
        list(
            report,
            "renamed",
            each -> new Facts.Renamed(text(each, 0), text(each, 1), place(at(each, 2)))));
  }

  /** Of source that ended the parser. */
  static Facts unread(Failure failure) {
    String kind =
        failure.getKind() == FailureKind.FAILURE_KIND_TIMEOUT
            ? "timeout"
            : failure.getKind() == FailureKind.FAILURE_KIND_MEMORY_LIMIT ? "memory" : "crash";
    Struct report =
        Struct.newBuilder()
            .putFields(
                "error",
                Value.newBuilder()
                    .setStructValue(
                        Struct.newBuilder()
                            .putFields("kind", Value.newBuilder().setStringValue(kind).build())
                            .putFields(
                                "message",
                                Value.newBuilder().setStringValue(failure.getMessage()).build()))
                    .build())
            .build();
    return read(report);
  }

  private static Facts.ParseError error(Struct error) {
    return new Facts.ParseError(
        text(error, "kind"), text(error, "message"), place(field(error, "at")));
  }

  private static Facts.Located located(Value pair) {
    return new Facts.Located(text(pair, 0), place(at(pair, 1)));
  }

  private static Facts.Named named(Value pair) {
    return new Facts.Named(text(pair, 0), items(at(pair, 1), FactsReader::place));
  }

  private static Facts.Call call(Value call) {
    Map<String, Facts.Argument> keywords = new LinkedHashMap<>();
    at(call, 3)
        .getStructValue()
        .getFieldsMap()
        .forEach((name, value) -> keywords.put(name, argument(value)));
    return new Facts.Call(
        text(call, 0),
        place(at(call, 1)),
        items(at(call, 2), FactsReader::argument),
        Map.copyOf(keywords));
  }

  private static Facts.Argument argument(Value pair) {
    return switch (text(pair, 0)) {
      case "c" -> new Facts.Argument.Constant(constant(at(pair, 1)));
      case "n" -> new Facts.Argument.Reference(text(pair, 1));
      case "f" -> new Facts.Argument.Formatting(text(pair, 1));
      case "l" -> new Facts.Argument.Items(text(pair, 1), (int) at(pair, 2).getNumberValue());
      default -> new Facts.Argument.Computed();
    };
  }

  private static @Nullable Object constant(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> value.getStringValue();
      case NUMBER_VALUE -> value.getNumberValue();
      case BOOL_VALUE -> value.getBoolValue();
      case NULL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET -> null;
    };
  }

  private static Facts.Function function(Value value) {
    Struct function = value.getStructValue();
    return new Facts.Function(
        text(function, "name"),
        place(field(function, "at")),
        (int) number(function, "last_line"),
        list(function, "parameters", FactsReader::parameter),
        text(function, "returns"),
        text(function, "signature"),
        flag(function, "docstring"),
        list(function, "decorators", Value::getStringValue),
        flag(function, "empty"),
        (int) number(function, "complexity"),
        flag(function, "top"));
  }

  private static Facts.Parameter parameter(Value value) {
    Struct parameter = value.getStructValue();
    return new Facts.Parameter(
        text(parameter, "name"),
        text(parameter, "kind"),
        flag(parameter, "optional"),
        text(parameter, "annotation"));
  }

  private static Facts.Handler handler(Value value) {
    Struct handler = value.getStructValue();
    return new Facts.Handler(
        place(field(handler, "at")),
        list(handler, "catches", Value::getStringValue),
        flag(handler, "swallows"));
  }

  private static Place place(Value value) {
    return new Place(
        (int) at(value, 0).getNumberValue(),
        (int) at(value, 1).getNumberValue(),
        (int) at(value, 2).getNumberValue(),
        (int) at(value, 3).getNumberValue());
  }

  private static <T> List<T> list(Struct struct, String name, Function<Value, T> reader) {
    return items(field(struct, name), reader);
  }

  private static <T> List<T> items(Value value, Function<Value, T> reader) {
    List<T> items = new ArrayList<>(value.getListValue().getValuesCount());
    for (Value each : value.getListValue().getValuesList()) {
      items.add(reader.apply(each));
    }
    return List.copyOf(items);
  }

  private static List<String> texts(Value value) {
    return items(value, Value::getStringValue);
  }

  private static Value at(Value list, int index) {
    return index < list.getListValue().getValuesCount()
        ? list.getListValue().getValues(index)
        : Value.getDefaultInstance();
  }

  private static String text(Value list, int index) {
    return at(list, index).getStringValue();
  }

  private static Value field(Struct struct, String name) {
    return struct.getFieldsOrDefault(name, Value.getDefaultInstance());
  }

  private static Struct struct(Struct struct, String name) {
    Value value = field(struct, name);
    return value.hasStructValue() ? value.getStructValue() : NOTHING;
  }

  private static String text(Struct struct, String name) {
    return field(struct, name).getStringValue();
  }

  private static double number(Struct struct, String name) {
    return field(struct, name).getNumberValue();
  }

  private static boolean flag(Struct struct, String name) {
    return field(struct, name).getBoolValue();
  }
}
