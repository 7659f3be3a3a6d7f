package io.athena.procedures.validation;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads a worker's report of facts. What is missing in it is taken for empty. */
final class FactsReader {
  private static final int DEEPEST = 20;
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .build();

  private FactsReader() {}

  /**
   * Of source that the parser answered for.
   *
   * @throws MalformedFactsException if it is no report
   */
  static Facts read(ByteString json) throws MalformedFactsException {
    try {
      JsonNode report = MAPPER.readTree(json.toByteArray());
      if (!report.isObject()) {
        throw new MalformedFactsException("it is no object");
      }
      return facts(report);
    } catch (JacksonException e) {
      throw new MalformedFactsException(e.getOriginalMessage());
    }
  }

  private static Facts facts(JsonNode report) {
    return new Facts(
        text(report, "python"),
        number(report, "lines"),
        report.has("error") ? error(report.path("error")) : null,
        list(report, "warnings", FactsReader::located),
        list(report, "odd_characters", FactsReader::located),
        report.has("encoding") ? located(report.path("encoding")) : null,
        list(
            report,
            "imports",
            each ->
                new Facts.Import(text(each, 0), text(each, 1), place(each.path(2)), text(each, 3))),
        list(report, "uses", FactsReader::named),
        list(report, "reached", FactsReader::named),
        list(report, "attributes", FactsReader::named),
        list(report, "strings", FactsReader::named),
        list(report, "assigned_strings", FactsReader::named),
        list(report, "calls", FactsReader::call),
        list(
            report,
            "formatted",
            each -> new Facts.Formatted(text(each, 0), text(each, 1), place(each.path(2)))),
        list(
            report,
            "format_fields",
            each -> new Facts.FormatFields(texts(each.path(0)), place(each.path(1)))),
        flag(report, "truncated"),
        list(report, "functions", FactsReader::function),
        list(report, "handlers", FactsReader::handler),
        list(report, "raises", FactsReader::located),
        number(report, "finallies"),
        flag(report, "is_script"),
        flag(report, "docstring"),
        list(
            report,
            "silences",
            each ->
                new Facts.Silence(
                    text(each, 0),
                    place(each.path(1)),
                    each.path(2).asBoolean(false),
                    each.path(3).asInt(0))),
        list(
            report,
            "renamed",
            each -> new Facts.Renamed(text(each, 0), text(each, 1), place(each.path(2)))));
  }

  /** Of source that ended the parser. */
  static Facts unread(Failure failure) {
    String kind =
        switch (failure.getKind()) {
          case FAILURE_KIND_TIMEOUT -> "timeout";
          case FAILURE_KIND_MEMORY_LIMIT -> "memory";
          default -> "crash";
        };
    ObjectNode report = JsonMapper.shared().createObjectNode();
    report.putObject("error").put("kind", kind).put("message", failure.getMessage());
    return facts(report);
  }

  private static Facts.ParseError error(JsonNode error) {
    return new Facts.ParseError(
        text(error, "kind"), text(error, "message"), place(error.path("at")));
  }

  private static Facts.Located located(JsonNode pair) {
    return new Facts.Located(text(pair, 0), place(pair.path(1)));
  }

  private static Facts.Named named(JsonNode pair) {
    return new Facts.Named(text(pair, 0), items(pair.path(1), FactsReader::place));
  }

  private static Facts.Call call(JsonNode call) {
    Map<String, Facts.Argument> keywords = new LinkedHashMap<>();
    call.path(3)
        .properties()
        .forEach(each -> keywords.put(clean(each.getKey()), argument(each.getValue())));
    return new Facts.Call(
        text(call, 0),
        place(call.path(1)),
        items(call.path(2), FactsReader::argument),
        Map.copyOf(keywords));
  }

  private static Facts.Argument argument(JsonNode pair) {
    return switch (text(pair, 0)) {
      case "c" -> new Facts.Argument.Constant(constant(pair.path(1)));
      case "n" -> new Facts.Argument.Reference(text(pair, 1));
      case "f" -> new Facts.Argument.Formatting(text(pair, 1));
      case "l" -> new Facts.Argument.Items(text(pair, 1), pair.path(2).asInt(0));
      default -> new Facts.Argument.Computed();
    };
  }

  private static @Nullable Object constant(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> clean(value.stringValue());
      case NUMBER -> value.doubleValue();
      case BOOLEAN -> value.booleanValue();
      case NULL, MISSING, OBJECT, ARRAY, BINARY, POJO -> null;
    };
  }

  private static Facts.Function function(JsonNode function) {
    return new Facts.Function(
        text(function, "name"),
        place(function.path("at")),
        number(function, "last_line"),
        list(function, "parameters", FactsReader::parameter),
        text(function, "returns"),
        text(function, "signature"),
        flag(function, "docstring"),
        list(function, "decorators", FactsReader::text),
        flag(function, "empty"),
        number(function, "complexity"),
        flag(function, "top"));
  }

  private static Facts.Parameter parameter(JsonNode parameter) {
    return new Facts.Parameter(
        text(parameter, "name"),
        text(parameter, "kind"),
        flag(parameter, "optional"),
        text(parameter, "annotation"));
  }

  private static Facts.Handler handler(JsonNode handler) {
    return new Facts.Handler(
        place(handler.path("at")),
        list(handler, "catches", FactsReader::text),
        flag(handler, "swallows"));
  }

  private static Place place(JsonNode value) {
    return new Place(
        value.path(0).asInt(0),
        value.path(1).asInt(0),
        value.path(2).asInt(0),
        value.path(3).asInt(0));
  }

  private static <T> List<T> list(JsonNode report, String name, Function<JsonNode, T> reader) {
    return items(report.path(name), reader);
  }

  private static <T> List<T> items(JsonNode value, Function<JsonNode, T> reader) {
    List<T> items = new ArrayList<>(value.size());
    for (JsonNode each : value) {
      items.add(reader.apply(each));
    }
    return List.copyOf(items);
  }

  private static List<String> texts(JsonNode value) {
    return items(value, FactsReader::text);
  }

  private static String text(JsonNode list, int index) {
    return text(list.path(index));
  }

  private static String text(JsonNode report, String name) {
    return text(report.path(name));
  }

  private static String text(JsonNode value) {
    return value.isString() ? clean(value.stringValue()) : "";
  }

  /**
   * The harness sends no such characters. What has taken its place may, and they could not be
   * stored.
   */
  private static String clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isSurrogate(c)) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
            .replace('\0', '?');
      }
    }
    return text;
  }

  private static int number(JsonNode report, String name) {
    return report.path(name).asInt(0);
  }

  private static boolean flag(JsonNode report, String name) {
    return report.path(name).asBoolean(false);
  }
}
