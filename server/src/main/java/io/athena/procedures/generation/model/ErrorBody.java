package io.athena.procedures.generation.model;

import io.athena.procedures.procedure.TextRules;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What came in place of an answer.
 *
 * @param message what an error says, as Anthropic and OpenAI wrap it; empty if it is none of theirs
 * @param form what else it is, for people: "a web page titled 'Sign in'"
 */
record ErrorBody(String message, String form) {
  private static final Pattern TITLE =
      Pattern.compile("<title[^>]*>([^<]*)</title", Pattern.CASE_INSENSITIVE);

  /** Reads it. Other bodies may be anybody's page, of which no more than its title is told. */
  static ErrorBody of(String body) {
    String text = body.strip();
    if (text.isEmpty()) {
      return new ErrorBody("", "nothing");
    }
    if (text.startsWith("<")) {
      Matcher title = TITLE.matcher(text);
      boolean isPage = title.find() || text.toLowerCase(Locale.ROOT).contains("<html");
      String name = isPage && title.reset().find() ? title.group(1).strip() : "";
      return new ErrorBody(
          "",
          !isPage
              ? "XML"
              : name.isEmpty() ? "a web page" : "a web page titled " + TextRules.quote(name));
    }
    try {
      JsonNode json = JsonMapper.shared().readTree(text);
      return new ErrorBody(message(json), json.isContainer() ? "JSON" : "text");
    } catch (JacksonException e) {
      return new ErrorBody("", "text");
    }
  }

  /** Also as vLLM has it, without a wrapping. */
  private static String message(JsonNode body) {
    JsonNode error = body.path("error");
    if (error.isString()) {
      return error.stringValue();
    }
    return body.path("object").asString("").equals("error")
        ? body.path("message").asString("")
        : error.path("message").asString("");
  }
}
