package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class MarkdownStepsTest {
  @Test
  void aStepKeepsItsLinesItsListsAndItsCode() {
    assertThat(
            MarkdownSteps.read(
                """
                # Release workflow

                - not a step

                ## Steps

                1. Run the
                   tests, all
                of them:
                   ```bash
                   - a
                     1. b
                   ```
                2. [ ] Look at
                   - the log
                   - the report
                ```python
                - no step
                ```
                3. Done

                ```
                1. no step
                ```
                <!--
                1. an old one
                -->
                > 1. a quotation

                ## Notes

                - not a step
                """))
        .containsExactly(
            "Run the tests, all of them:\n```bash\n- a\n  1. b\n```",
            "Look at\n- the log\n- the report\n```python\n- no step\n```",
            "Done");
  }

  @Test
  void headingsCanBeTheSteps() {
    assertThat(
            MarkdownSteps.read(
                """
                ## Workflow
                ### Step 1: Gather
                Ask for:
                - the name
                ### Step 2 - Write it down ###
                ## Examples
                - none
                """))
        .containsExactly("Gather\nAsk for:\n- the name", "Write it down");
  }

  @Test
  void withoutAHeadingItIsTheFirstNumberedListAndElseTheFirst() {
    assertThat(MarkdownSteps.read("- when it rains\r\n\r\n1) Open\r\n2) Close\r\n"))
        .containsExactly("Open", "Close");
    assertThat(MarkdownSteps.read("* Open\n* Close\n\n# More\n\n* no\n"))
        .containsExactly("Open", "Close");
    assertThat(MarkdownSteps.read("Nothing to do.\n")).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    List<String> steps = List.of("One", "Two:\n- a\n- b", "`__init__.py` and **kwargs", "# four");
    assertThat(MarkdownSteps.read("## Steps\n\n" + MarkdownSteps.write(steps))).isEqualTo(steps);
  }
}
