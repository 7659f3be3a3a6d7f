package io.athena.procedures.validation;

import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Severity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Comments "# athena: allow RULE[, RULE] -- REASON": at the end of a line they hold for what begins
 * on it or reaches it, at the end of a statement of several lines for all of it, alone on a line
 * for the next line of code.
 */
final class Silences {
  private Silences() {}

  private record Silence(List<String> rules, String reason, Place place, int first, int last) {
    boolean isOn(Issue.Builder issue) {
      return issue.getLine() <= last && first <= Math.max(issue.getLine(), issue.getEndLine());
    }
  }

  static void apply(Facts facts, String code, Findings findings) {
    if (facts.silences().isEmpty()) {
      return;
    }
    String[] lines = code.split("\r\n|\r|\n", -1);
    List<Silence> silences = new ArrayList<>();
    for (Facts.Silence each : facts.silences()) {
      Silence silence = read(each, lines, findings);
      if (silence != null) {
        silences.add(silence);
      }
    }
    List<Issue.Builder> issues = List.copyOf(findings.issues());
    for (Silence silence : silences) {
      for (String rule : silence.rules()) {
        if (!apply(silence, rule, issues, findings)) {
          findings.add(
              "silence-unused",
              silence.place(),
              "there is no finding of %s here; remove the comment".formatted(rule));
        }
      }
    }
  }

  private static @Nullable Silence read(Facts.Silence written, String[] lines, Findings findings) {
    int dashes = written.text().indexOf("--");
    String reason = dashes < 0 ? "" : written.text().substring(dashes + 2).strip();
    String names = dashes < 0 ? written.text() : written.text().substring(0, dashes);
    if (reason.isEmpty()) {
      findings.add(
          "silence-without-reason",
          written.place(),
          "say why: '# athena: allow RULE -- REASON'; without a reason nothing is silenced");
      return null;
    }
    List<String> rules = new ArrayList<>();
    for (String each : names.split("[,\\s]+", -1)) {
      if (each.isEmpty()) {
        continue;
      }
      if (!Rules.exists(each)) {
        findings.add(
            "silence-unknown-rule",
            written.place(),
            "there is no rule '%s'; 'athena rules' lists those there are".formatted(each));
      } else if (!Rules.of(each).canBeSilenced()) {
        findings.add(
            "silence-unknown-rule", written.place(), "%s cannot be silenced".formatted(each));
      } else {
        rules.add(each);
      }
    }
    int last = line(written, lines);
    boolean many = !written.alone() && 0 < written.firstLine() && written.firstLine() < last;
    return new Silence(rules, reason, written.place(), many ? written.firstLine() : last, last);
  }

  private static int line(Facts.Silence written, String[] lines) {
    int line = written.place().line();
    if (!written.alone()) {
      return line;
    }
    // The next line of code; arrays count from 0, lines from 1.
    for (int next = line; next < lines.length; next++) {
      String text = lines[next].strip();
      if (!text.isEmpty() && !text.startsWith("#")) {
        return next + 1;
      }
    }
    return line;
  }

  /** True if it silenced something, or would have if the policy let it. */
  private static boolean apply(
      Silence silence, String rule, List<Issue.Builder> issues, Findings findings) {
    boolean used = false;
    for (Issue.Builder issue : issues) {
      if (!issue.getRuleId().equals(rule) || !silence.isOn(issue)) {
        continue;
      }
      used = true;
      boolean lets =
          switch (findings.policy().silencing()) {
            case ALL -> true;
            case BELOW_ERROR -> issue.getSeverity() != Severity.SEVERITY_ERROR;
            case NONE -> false;
          };
      if (lets) {
        issue.setSilencedReason(silence.reason());
      } else {
        findings.add(
            "silence-not-allowed",
            silence.place(),
            "policy '%s' does not let code silence %s".formatted(findings.policy().name(), rule));
      }
    }
    return used;
  }
}
