package io.athena.procedures.generation;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Characters that have a name, such as "comma". */
final class Characters {
  private static final Pattern QUANTITY =
      Pattern.compile("^(?:all|every|each|any|single|one|character|sign) ");

  private static final Map<String, String> NAMED =
      Map.ofEntries(
          Map.entry("space", " "),
          Map.entry("blank", " "),
          Map.entry("comma", ","),
          Map.entry("comma and space", ", "),
          Map.entry("dash", "-"),
          Map.entry("hyphen", "-"),
          Map.entry("underscore", "_"),
          Map.entry("semicolon", ";"),
          Map.entry("colon", ":"),
          Map.entry("dot", "."),
          Map.entry("period", "."),
          Map.entry("full stop", "."),
          Map.entry("slash", "/"),
          Map.entry("forward slash", "/"),
          Map.entry("backslash", "\\"),
          Map.entry("pipe", "|"),
          Map.entry("vertical bar", "|"),
          Map.entry("tab", "\t"),
          Map.entry("newline", "\n"),
          Map.entry("line break", "\n"),
          Map.entry("exclamation mark", "!"),
          Map.entry("question mark", "?"),
          Map.entry("apostrophe", "'"),
          Map.entry("asterisk", "*"),
          Map.entry("ampersand", "&"),
          Map.entry("plus sign", "+"),
          Map.entry("equals sign", "="),
          Map.entry("percent sign", "%"),
          Map.entry("dollar sign", "$"),
          Map.entry("at sign", "@"),
          Map.entry("hash sign", "#"));

  private Characters() {}

  /** The text that a name stands for; null if it is no character's name. */
  static @Nullable String named(String phrase) {
    String lower = QUANTITY.matcher(phrase.toLowerCase(Locale.ROOT)).replaceFirst("");
    String text = NAMED.get(lower);
    return text == null ? NAMED.get(Scope.singular(lower)) : text;
  }
}
