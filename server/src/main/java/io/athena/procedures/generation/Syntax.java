package io.athena.procedures.generation;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who reads a text that a step gives, which decides how the values of its {@code {{variables}}} are
 * put into it: as parts of what the text says, and never as more of the reader's syntax.
 */
enum Syntax {
  /** People, or nobody. */
  TEXT {
    @Override
    String placed(String before, String after, Variable variable, Needs needs) {
      return "{" + variable.name() + "}";
    }
  },

  /** A POSIX shell. */
  COMMAND {
    @Override
    @Nullable String placed(String before, String after, Variable variable, Needs needs) {
      String open = openQuote(before);
      if (open == null || READ_AGAIN.matcher(before).find()) {
        needs.problem(
            "a value stands where no quoting makes it safe: in $(…), backquotes, a here-document or"
                + " a comment, after a backslash, or in a program for eval, sh -c, sed and the"
                + " like; give it to a command as an argument");
        return null;
      }
      needs.addImport("shlex");
      // Within quotes they are closed before it and opened again after it.
      return PythonText.inFormat(open)
          + "{shlex.quote("
          + text(variable)
          + ")}"
          + PythonText.inFormat(open);
    }
  },

  /** A client of the web. The sources are RFC 3986, sections 2.1, 3.2 and 5.2.4. */
  ADDRESS {
    @Override
    String placed(String before, String after, Variable variable, Needs needs) {
      boolean isAddress = before.isEmpty() && !after.startsWith("://");
      if (isAddress) {
        return "{" + variable.name() + "}";
      }
      boolean inPath = !HOST.matcher(before).find() && !before.matches("(?s).*[?#].*");
      if (variable.isUrlEncoded() && !inPath) {
        return "{" + variable.name() + "}";
      }
      if (inPath) {
        needs.addHelper("_segment");
        String value = text(variable);
        return variable.isUrlEncoded()
            ? "{_segment(urllib.parse.unquote(" + value + "))}"
            : "{_segment(" + value + ")}";
      }
      needs.addImport("urllib.parse");
      // A port may follow a host's name.
      String safe = HOST.matcher(before).find() ? ":[]" : "";
      return "{urllib.parse.quote(" + text(variable) + ", safe='" + safe + "')}";
    }
  };

  private static final Pattern HOST = Pattern.compile("^[A-Za-z0-9+.-]*://[^/?#\\\\]*$");

  /** What makes a shell, or another program, read what follows once more. */
  private static final Pattern READ_AGAIN =
      Pattern.compile(
          "`|\\$[({'\"\\[]|[<>]\\(|<<|\\(\\(|(?:^|\\s)#|\\R"
              + "|(?:^|[\\s;|&(/])(?:eval|ssh|su|watch|trap|sed|g?awk|alias|(?:\\w*sh|python[\\d.]*|perl|ruby|node|php)\\s+(?:-\\S+\\s+)*-\\w*[cer])(?:\\s|$)");

  /**
   * The code in an f-string for a variable in such a text.
   *
   * @param before the text before it, with a letter for each variable
   * @param after the text after it
   * @return null, with the reason noted, if the value cannot be kept apart from the syntax there
   */
  abstract @Nullable String placed(String before, String after, Variable variable, Needs needs);

  /** The quote within which a shell is after a text; empty if in none, null after a backslash. */
  private static @Nullable String openQuote(String text) {
    char open = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && open != '\'') {
        i++;
        if (i == text.length()) {
          return null;
        }
      } else if (open == 0 && (c == '\'' || c == '"')) {
        open = c;
      } else if (c == open) {
        open = 0;
      }
    }
    return open == 0 ? "" : String.valueOf(open);
  }

  private static String text(Variable variable) {
    return variable.type() == ValueType.TEXT ? variable.name() : "str(" + variable.name() + ")";
  }
}
