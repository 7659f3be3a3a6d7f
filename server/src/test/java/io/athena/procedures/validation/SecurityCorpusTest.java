package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.IssueCategory;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How much is found that should be, and how much that should not. Measured with {@code
 * -Dathena.bandit=COMMAND} (the program bandit) and {@code -Dathena.bandit.examples=FOLDER} (the
 * examples of its source distribution); docs/validation.md says how.
 */
final class SecurityCorpusTest {
  private static TestExaminer examiner;

  @BeforeAll
  static void start() {
    examiner = TestExaminer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    examiner.close();
  }

  @Test
  void whatBanditFindsIsFound() throws Exception {
    String bandit = System.getProperty("athena.bandit", "");
    String examples = System.getProperty("athena.bandit.examples", "");
    assumeTrue(!bandit.isEmpty() && !examples.isEmpty(), "bandit is named by properties");
    Map<String, int[]> byRule = new TreeMap<>();
    List<String> missed = new ArrayList<>();
    Map<String, ValidationReport> reports = new TreeMap<>();
    int found = 0;
    int all = 0;
    for (JsonNode result : results(bandit, examples)) {
      if (result.required("issue_severity").stringValue().equals("LOW")) {
        continue;
      }
      String file = result.required("filename").stringValue();
      if (!reports.containsKey(file)) {
        reports.put(file, examiner.validate(Files.readString(Path.of(file))));
      }
      boolean hit = isFound(reports.get(file), result);
      int[] counts =
          byRule.computeIfAbsent(
              result.required("test_id").stringValue()
                  + " "
                  + result.required("test_name").stringValue(),
              _ -> new int[2]);
      counts[0]++;
      all++;
      if (hit) {
        counts[1]++;
        found++;
      } else {
        missed.add(
            "%s:%d %s"
                .formatted(
                    Path.of(file).getFileName(),
                    result.required("line_number").asInt(),
                    result.required("test_id").stringValue()));
      }
    }
    byRule.forEach(
        (rule, counts) -> System.out.printf("%s: %d of %d%n", rule, counts[1], counts[0]));
    System.out.println("missed: " + missed);
    System.out.printf("found %d of %d: %.1f %%%n", found, all, 100.0 * found / all);
    assertThat(all).isGreaterThan(200);
    assertThat((double) found / all).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void harmlessCodeIsLeftAlone() throws Exception {
    Map<String, Integer> byRule = new TreeMap<>();
    Path library =
        Path.of("/usr/lib").resolve(Path.of("/usr/bin/python3").toRealPath().getFileName());
    int suspected = 0;
    int files = 0;
    for (Path file : harmless(library)) {
      String source = Files.readString(file, StandardCharsets.UTF_8);
      if (source.isBlank()) {
        continue;
      }
      ValidationReport report = examiner.validate(source);
      if (report.getIssuesList().stream()
          .anyMatch(issue -> issue.getRuleId().equals("forbidden-module"))) {
        continue;
      }
      files++;
      List<Issue> errors =
          report.getIssuesList().stream().filter(SecurityCorpusTest::isSecurityError).toList();
      if (!errors.isEmpty()) {
        suspected++;
        System.out.printf(
            "%s: %s%n",
            library.relativize(file),
            errors.stream()
                .map(issue -> "line %d: %s".formatted(issue.getLine(), issue.getMessage()))
                .toList());
      }
      errors.stream()
          .map(Issue::getRuleId)
          .distinct()
          .forEach(rule -> byRule.merge(rule, 1, Integer::sum));
    }
    System.out.printf(
        "%d files without a forbidden module; %d have an error of security (%.1f %%), by rule %s%n",
        files, suspected, 100.0 * suspected / files, byRule);
    assertThat(files).isGreaterThan(50);
    assertThat((double) suspected / files).isLessThan(0.02);
  }

  private static boolean isSecurityError(Issue issue) {
    return issue.getCategory() == IssueCategory.ISSUE_CATEGORY_SECURITY
        && issue.getSeverity() == Severity.SEVERITY_ERROR;
  }

  private static JsonNode results(String bandit, String examples) throws Exception {
    Process process =
        new ProcessBuilder(bandit, "-q", "-r", "-f", "json", examples)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    JsonNode report = JsonMapper.shared().readTree(process.getInputStream().readAllBytes());
    process.waitFor();
    return report.required("results");
  }

  /** On one of its lines, in the category of security. */
  private static boolean isFound(ValidationReport report, JsonNode result) {
    List<Integer> lines = new ArrayList<>();
    result.required("line_range").forEach(line -> lines.add(line.asInt()));
    lines.add(result.required("line_number").asInt());
    return report.getIssuesList().stream()
        .filter(issue -> issue.getCategory() == IssueCategory.ISSUE_CATEGORY_SECURITY)
        .anyMatch(issue ->
            lines.stream().anyMatch(line -> issue.getLine() <= line && line <= issue.getEndLine()));
  }

  /** Modules of Python's library, without its tests. */
  private static List<Path> harmless(Path library) throws IOException {
    try (Stream<Path> paths = Files.walk(library)) {
      return paths
          .filter(path -> path.toString().endsWith(".py"))
          .filter(path -> !path.toString().contains("/test/"))
          .filter(path -> !path.toString().contains("-packages/"))
          .sorted()
          .toList();
    }
  }
}
