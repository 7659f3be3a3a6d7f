package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.json.JsonMapper;

/** Each rule finds the bad example of its page in the docs, and nothing in the good one. */
final class RulesTest {
  private static final Path PAGES = Path.of("../docs/rules");

  /** Bad examples that are too long to print. */
  private static final Map<String, String> LONG =
      Map.of(
          "nesting-too-deep",
          "x = " + "-".repeat(4_000) + "1",
          "code-too-long",
          "x = 1\n".repeat(501),
          "function-too-long",
          "def f(x):\n" + "    x += 1\n".repeat(60) + "    return x\n",
          "too-much-to-examine",
          IntStream.range(0, 20_001)
              .mapToObj(i -> "a.f" + i + "()")
              .collect(Collectors.joining(",\n", "a = 0\nx = [", "]")));

  /** Where the parser itself ends, so that no source can be printed. */
  private static final Map<String, FailureKind> FAILURES =
      Map.of(
          "analysis-timeout", FailureKind.FAILURE_KIND_TIMEOUT,
          "analysis-memory", FailureKind.FAILURE_KIND_MEMORY_LIMIT,
          "analysis-crash", FailureKind.FAILURE_KIND_CRASHED);

  private static TestExaminer examiner;

  @BeforeAll
  static void start() {
    examiner = TestExaminer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    examiner.close();
  }

  @TestFactory
  Stream<DynamicTest> everyRuleKeepsWhatItsPageSays() {
    return Rules.all().stream()
        .map(rule -> DynamicTest.dynamicTest(rule.id(), () -> compareWithPage(rule)));
  }

  @Test
  void everyPageIsOfARule() throws IOException {
    try (Stream<Path> pages = Files.list(PAGES)) {
      assertThat(pages.map(page -> page.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              Rules.all().stream().map(rule -> rule.id() + ".md").toList());
    }
  }

  private static void compareWithPage(Rule rule) throws IOException {
    String page = Files.readString(Path.of("..").resolve(rule.page()));
    assertThat(page).startsWith("# " + rule.id() + "\n\n" + rule.summary() + "\n");
    assertThat(page)
        .contains(
            "Category %s, severity %s"
                .formatted(
                    word(rule.category().name(), "ISSUE_CATEGORY_"),
                    word(rule.severity().name(), "SEVERITY_")));
    String policy = page.contains("judged by policy `strict`") ? "strict" : "default";
    assertThat(found(rule, bad(rule, page, policy))).as("the bad example").isNotEmpty();
    assertThat(found(rule, examine(block(page, "Good"), page, policy)))
        .as("the good example")
        .isEmpty();
  }

  private static ValidationReport bad(Rule rule, String page, String policy) {
    FailureKind failure = FAILURES.get(rule.id());
    if (failure != null) {
      return Examiner.examine(
              FactsReader.unread(
                  Failure.newBuilder().setKind(failure).setMessage("the parser ended").build()),
              "",
              Procedure.getDefaultInstance(),
              Policies.builtIn().of(policy, "policy"))
          .build();
    }
    String source = LONG.get(rule.id());
    return examine(source == null ? block(page, "Bad") : source, page, policy);
  }

  private static ValidationReport examine(String source, String page, String policy) {
    Procedure.Builder procedure = Procedure.newBuilder();
    Matcher json = java.util.regex.Pattern.compile("(?s)```json\n(.*?)\n```").matcher(page);
    if (json.find()) {
      try {
        JsonFormat.parser().merge(json.group(1), procedure);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    Matcher own = java.util.regex.Pattern.compile("(?s)```policy\n(.*?)\n```").matcher(page);
    return own.find()
        ? examiner.validate(source, procedure.build(), policy(own.group(1)))
        : examiner.validate(source, procedure.build(), policy);
  }

  private static Policy policy(String document) {
    Violations violations = new Violations();
    Policy policy =
        Policies.builtIn()
            .read("project", JsonMapper.shared().readTree(document), violations, "document");
    violations.throwIfAny();
    return policy;
  }

  private static List<Issue> found(Rule rule, ValidationReport report) {
    return report.getIssuesList().stream()
        .filter(issue -> issue.getRuleId().equals(rule.id()))
        .filter(issue -> issue.getSilencedReason().isEmpty())
        .toList();
  }

  private static String block(String page, String heading) {
    Matcher block =
        java.util.regex.Pattern.compile("(?s)## " + heading + "\n\n```python\n(.*?)\n```")
            .matcher(page);
    assertThat(block.find()).as(heading).isTrue();
    return block.group(1) + "\n";
  }

  private static String word(String name, String prefix) {
    return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
  }
}
