package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/containment.md} says of tests and rules is so. */
final class ContainmentDocsTest {
  private static final Path PAGE = Path.of("../docs/containment.md");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)\\.(\\w+)`");

  @Test
  void everyTestThatThePageNamesExists() throws IOException {
    List<MatchResult> named = TEST.matcher(Files.readString(PAGE)).results().toList();

    assertThat(named).hasSizeGreaterThan(20);
    assertThat(named)
        .allSatisfy(test ->
            assertThat(methods("io.athena.procedures.sandbox." + test.group(1)))
                .as(test.group())
                .contains(test.group(2)));
  }

  @Test
  void everyClassOfAttackNamesATestAndItsLayers() throws IOException {
    List<String> rows =
        Files.readAllLines(PAGE).stream()
            .dropWhile(line -> !line.startsWith("| attack"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();

    assertThat(rows).hasSizeGreaterThan(20);
    assertThat(rows).allSatisfy(row -> assertThat(row).containsPattern(TEST));
    assertThat(rows)
        .allSatisfy(row -> {
          String layers = row.split("\\|", -1)[2];
          boolean one = layers.split(";", -1).length == 1;
          assertThat(row.contains("**one layer**")).as(row).isEqualTo(one);
        });
  }

  private static List<String> methods(String name) {
    try {
      return Arrays.stream(Class.forName(name).getDeclaredMethods()).map(Method::getName).toList();
    } catch (ClassNotFoundException e) {
      throw new AssertionError("the page names a test class that does not exist", e);
    }
  }
}
