package io.athena.procedures.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What became of one scenario.
 *
 * @param scenario its name
 * @param passed whether the service did as it says
 * @param explanation why it did not; empty if it did
 */
record Result(String scenario, boolean passed, String explanation) {
  private static final Pattern LINE = Pattern.compile("(not )?ok \\d+ - (.*)");

  /** Reads a report in the Test Anything Protocol; explanations are its comments. */
  static List<Result> ofTap(List<String> lines) {
    List<Result> results = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        results.add(new Result(matcher.group(2), matcher.group(1) == null, ""));
      } else if (line.startsWith("# ") && !results.isEmpty()) {
        Result last = results.removeLast();
        results.add(
            new Result(last.scenario, last.passed, last.explanation + line.substring(2) + "\n"));
      }
    }
    return results;
  }
}
