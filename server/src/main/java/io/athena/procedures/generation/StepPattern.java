package io.athena.procedures.generation;

import io.cucumber.cucumberexpressions.ExpressionFactory;
import io.cucumber.cucumberexpressions.ParameterType;
import io.cucumber.cucumberexpressions.ParameterTypeRegistry;
import io.cucumber.cucumberexpressions.Transformer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Cucumber Expression whose parameters are the slots of an action: {@code sort {list}
 * alphabetically}. Case does not matter.
 *
 * @param source as it is in the catalogue
 * @param regexp one group for each of the slots
 * @param slots in the order of the pattern
 * @param weight how much of it is words: of two patterns that match, the one with more says more
 */
record StepPattern(String source, Pattern regexp, List<String> slots, int weight) {
  private static final Pattern SLOT = Pattern.compile("\\{([a-z_]+)}");

  private static final Transformer<String> SAME = text -> Objects.requireNonNullElse(text, "");

  /** A place for words that do not matter. */
  private static final String ANYTHING = "things";

  private static final String THINGS = "[\\p{L}\\p{N}_-]+";
  private static final Pattern OPTIONAL_SLOT = Pattern.compile("\\(([^()]*\\{[^()]*)\\)");
  private static final Pattern CHOICE = Pattern.compile("\\(([^(){}]+/[^(){}]*)\\)");
  private static final Pattern OPTIONAL_ALTERNATIVES =
      Pattern.compile("(?<=^|[ }])((?:\\([^)]*\\))+)([^ (){}/]+(?:/[^ {}/]+)+)");

  /** With alternatives that the library has not: several patterns where a slot is optional. */
  static Stream<StepPattern> all(String source, Map<String, SlotType> inputs) {
    ParameterTypeRegistry types = new ParameterTypeRegistry(Locale.ENGLISH);
    inputs.forEach((name, type) ->
        types.defineParameterType(
            new ParameterType<>("slot-" + name, type.regexp(), String.class, SAME)));
    types.defineParameterType(new ParameterType<>("slot-" + ANYTHING, THINGS, String.class, SAME));
    return all(source, new ExpressionFactory(types));
  }

  private static Stream<StepPattern> all(String source, ExpressionFactory factory) {
    Matcher optionalSlot = OPTIONAL_SLOT.matcher(source);
    if (!optionalSlot.find()) {
      return Stream.of(of(source, factory));
    }
    String before = source.substring(0, optionalSlot.start());
    String after = source.substring(optionalSlot.end());
    String without = after.isBlank() ? before.replaceFirst("(?:\\([^()]* \\))*$", "") : before;
    return Stream.of(without + after, before + optionalSlot.group(1) + after)
        .map(variant -> variant.replaceAll(" {2,}", " ").strip())
        .flatMap(variant -> all(variant, factory));
  }

  private static StepPattern of(String source, ExpressionFactory factory) {
    // The library has parameters of its own, such as {word}.
    String named = distributed(source).replace("{", "{slot-");
    String regexp = factory.createExpression(named).getRegexp().pattern();
    List<String> slots = new ArrayList<>();
    Matcher slot = SLOT.matcher(source);
    while (slot.find()) {
      slots.add(slot.group(1));
    }
    String words = SLOT.matcher(source.replaceAll("\\([^)]*\\)", "")).replaceAll("");
    return new StepPattern(
        source,
        Pattern.compile(regexp, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE),
        List.copyOf(slots),
        words.replaceAll("/[^ ]*", "").replace(" ", "").length());
  }

  /** In the library an optional word before alternatives belongs to the first; here to all. */
  private static String distributed(String source) {
    // "(one/other )" is "(one )(other )".
    String choices =
        CHOICE
            .matcher(source)
            .replaceAll(found -> {
              String space = found.group(1).endsWith(" ") ? " " : "";
              return Stream.of(found.group(1).strip().split("/"))
                  .map(each -> "(" + each + space + ")")
                  .collect(Collectors.joining());
            });
    return OPTIONAL_ALTERNATIVES
        .matcher(choices)
        .replaceAll(found ->
            Matcher.quoteReplacement(
                Stream.of(found.group(2).split("/"))
                    .map(alternative -> found.group(1) + alternative)
                    .collect(Collectors.joining("/"))));
  }

  /** The words in each slot; null if it does not match. */
  @Nullable Map<String, String> match(String text) {
    Matcher matcher = regexp.matcher(text);
    // Optional words at the end of a pattern leave the blank before them.
    if (!matcher.matches() && !matcher.reset(text + " ").matches()) {
      return null;
    }
    LinkedHashMap<String, String> found = new LinkedHashMap<>();
    for (int i = 0; i < slots.size(); i++) {
      found.put(slots.get(i), matcher.group(i + 1));
    }
    return found;
  }
}
