package io.athena.procedures.code;

import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.TextRules;
import java.nio.charset.StandardCharsets;

/** Rules for source in requests, before anybody parses it. */
public final class CodeRules {
  private static final int MOST_BYTES = 1 << 20;
  private static final String BYTE_ORDER_MARK = "\ufeff";

  private CodeRules() {}

  /** Notes if there is no source, more than 1 MiB of UTF-8, or what no source's text holds. */
  public static void check(Violations violations, String field, String code) {
    violations.check(!code.isEmpty(), field, "must not be empty");
    violations.check(
        !code.startsWith(BYTE_ORDER_MARK),
        field,
        "begins with a byte order mark (U+FEFF), which is of a file and not of its text; leave it out");
    TextRules.checkCharacters(violations, field, code);
    // A text of few chars cannot have many bytes, and most texts are short.
    if (code.length() > MOST_BYTES / 3) {
      int bytes = code.getBytes(StandardCharsets.UTF_8).length;
      violations.check(
          bytes <= MOST_BYTES,
          field,
          "has %,d bytes of UTF-8; at most %,d (1 MiB) are allowed".formatted(bytes, MOST_BYTES));
    }
  }
}
