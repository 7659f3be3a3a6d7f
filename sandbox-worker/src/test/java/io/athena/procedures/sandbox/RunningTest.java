package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.v1.FailureKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class RunningTest {
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void aFunctionsReturnValueIsTheResult() {
    TestRun run =
        sandbox
            .program("def procedure(a, b=2):\n    print('hello')\n    return {'sum': a + b}")
            .parameter("a", 40)
            .run();

    assertThat(run.result().getStructValue().getFieldsOrThrow("sum").getNumberValue())
        .isEqualTo(42);
    assertThat(run.stdout()).isEqualTo("hello\n");
    assertThat(run.stderr()).isEmpty();
    assertThat(run.events().getFirst().getStarted().getWorkerId()).isEqualTo(sandbox.worker().id());
  }

  @Test
  void anExceptionIsToldWithTypeLineAndTraceback() {
    TestRun run = sandbox.run("def procedure():\n    x = {}\n    return x['missing']\n");

    var failure = run.failure(FailureKind.FAILURE_KIND_EXCEPTION);
    assertThat(failure.getExceptionType()).isEqualTo("KeyError");
    assertThat(failure.getLine()).isEqualTo(3);
    assertThat(failure.getTraceback())
        .contains("File \"procedure.py\", line 3, in procedure", "return x['missing']")
        .doesNotContain("athena");
  }
}
