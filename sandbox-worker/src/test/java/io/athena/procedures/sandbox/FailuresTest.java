package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class FailuresTest {
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
  void anExceptionIsToldWithTypeLineAndTraceback() {
    Failure failure = exception("def procedure():\n    x = {}\n    return x['missing']\n");

    assertThat(failure.getExceptionType()).isEqualTo("KeyError");
    assertThat(failure.getLine()).isEqualTo(3);
    assertThat(failure.getTraceback())
        .contains("File \"procedure.py\", line 3, in procedure", "return x['missing']")
        .doesNotContain("athena");
  }

  @Test
  void framesOfTheLibraryAreLeftOutOfTheTraceback() {
    Failure failure = exception("import json\ndef main():\n    return json.loads('{')\n");

    assertThat(failure.getExceptionType()).isEqualTo("json.decoder.JSONDecodeError");
    assertThat(failure.getLine()).isEqualTo(3);
    assertThat(failure.getTraceback()).contains("line 3, in main").doesNotContain("decoder.py");
  }

  @Test
  void causesAreTold() {
    Failure failure =
        exception(
            "def main():\n  try:\n    1/0\n  except ZeroDivisionError as e:\n    raise ValueError('bad') from e");

    assertThat(failure.getMessage()).isEqualTo("bad");
    assertThat(failure.getTraceback())
        .contains("ZeroDivisionError", "direct cause", "ValueError: bad");
  }

  @Test
  void aSyntaxErrorNamesItsLine() {
    Failure failure = exception("x = 1\ndef f(:\n");

    assertThat(failure.getExceptionType()).isEqualTo("SyntaxError");
    assertThat(failure.getLine()).isEqualTo(2);
    assertThat(failure.getTraceback()).contains("procedure.py");
  }

  @Test
  void aMissingParameterIsNamed() {
    Failure failure = exception("\ndef main(text, count):\n    pass");

    assertThat(failure.getExceptionType()).isEqualTo("TypeError");
    assertThat(failure.getMessage())
        .isEqualTo("main() needs the parameters 'text', 'count'; given: none");
    assertThat(failure.getLine()).isEqualTo(2);
  }

  @Test
  void codeWhoseEntryPointCannotBeToldSaysWhatToRename() {
    assertThat(exception("def first(): pass\ndef second(): pass").getMessage())
        .contains("first, second", "rename the one to call to 'procedure'");
  }

  @Test
  void endlessRecursionIsAnException() {
    assertThat(exception("def main(): return main()").getExceptionType())
        .isEqualTo("RecursionError");
  }

  @Test
  void anExceptionWhoseTextCannotBeHadIsStillTold() {
    Failure failure =
        exception(
            "class Odd(Exception):\n  def __str__(self): raise ValueError()\ndef main(): raise Odd()");

    assertThat(failure.getExceptionType()).endsWith("Odd");
  }

  @Test
  void textThatCannotBeStoredIsEscapedInMessages() {
    assertThat(exception("raise ValueError('a\\0b\\ud800c')").getMessage())
        .isEqualTo("a\\x00b\\ud800c");
  }

  @ParameterizedTest
  @MethodSource
  void leavingIsJudgedByItsStatus(String code, int exitCode) {
    TestRun run = sandbox.run(code);

    if (exitCode == 0) {
      run.result();
    } else {
      assertThat(run.failure(FailureKind.FAILURE_KIND_EXCEPTION).getExitCode()).isEqualTo(exitCode);
    }
  }

  static Stream<Arguments> leavingIsJudgedByItsStatus() {
    return Stream.of(
        arguments("import sys; sys.exit()", 0),
        arguments("raise SystemExit(0)", 0),
        arguments("exit(3)", 3),
        arguments("import sys; sys.exit('words')", 1),
        arguments("import sys; sys.exit(256 + 5)", 5),
        arguments("import sys; sys.exit(-1)", 255),
        arguments("import sys; sys.exit([1])", 1),
        arguments("import os; os._exit(9)", 9),
        arguments("import os; os._exit(0)", 0),
        arguments("import sys\nsys.stdout.close()\nsys.exit(4)", 4));
  }

  @ParameterizedTest
  @MethodSource
  void aResultThatCannotBeCarriedSaysWhatToDo(String expression, String told) {
    TestRun run = sandbox.run("def main():\n    import datetime\n    return " + expression);

    assertThat(run.failure(FailureKind.FAILURE_KIND_INVALID_RESULT).getMessage()).contains(told);
  }

  static Stream<Arguments> aResultThatCannotBeCarriedSaysWhatToDo() {
    return Stream.of(
        arguments("float('nan')", "None or a text"),
        arguments("{'a': [1, float('inf')]}", "the result at .a[1]"),
        arguments("{1: 2}", "key of type int"),
        arguments("{1, 2}", "turn it into a list"),
        arguments("b'abc'", "base64"),
        arguments("datetime.date.today()", "isoformat()"),
        arguments("object()", "of type object"),
        arguments("'\\ud800'", "lone surrogate"),
        arguments("'a\\0'", "NUL"),
        arguments("2 ** 53 + 1", "return it as str"),
        arguments("10 ** 5000", "return it as str"),
        arguments("(lambda a: (a.append(a), a)[1])([])", "contains itself"),
        arguments("__import__('functools').reduce(lambda a, _: [a], range(31), 0)", "levels deep"),
        arguments(
            "__import__('functools').reduce(lambda a, _: [a, a], range(29), 0)",
            "more than 1048576 bytes"),
        arguments("'x' * 1_048_577", "more than 1048576 bytes"));
  }

  @Test
  void theLargestResultIsCarried() {
    assertThat(sandbox.run("def main(): return 'x' * 1_048_574").result().getStringValue())
        .hasSize(1_048_574);
  }

  @ParameterizedTest
  @MethodSource
  void whateverIsWrittenToTheControlDescriptorIsTheProgramsOwnFailure(String code) {
    sandbox.run("import os\n" + code).failure(FailureKind.FAILURE_KIND_INVALID_RESULT);
    assertThat(sandbox.run("def main(): return 1").result().getNumberValue()).isEqualTo(1);
  }

  static Stream<Arguments> whateverIsWrittenToTheControlDescriptorIsTheProgramsOwnFailure() {
    return Stream.of(
        arguments("os.write(3, b'garbage of any kind')"),
        arguments("os.write(3, b'\\xff\\xff\\xff\\xffV')"),
        arguments("os.write(3, b'\\x00\\x00\\x00\\x02V{}')"),
        arguments("os.write(3, b'\\x00\\x00\\x00\\x03E{}')"),
        arguments("os.write(3, b'\\x00\\x00\\x00\\x01P{')"),
        arguments("os.write(3, b'\\x00\\x00\\x00\\x08V\"\\\\ud800\"'); os._exit(0)"),
        arguments("os.write(3, b'\\x00\\x00\\x00\\x051e999'[:4] + b'V1e999'); os._exit(0)"),
        arguments("os.close(3)"));
  }

  @ParameterizedTest
  @MethodSource
  void aProgramThatDestroysItselfHasCrashed(String code, int signal) {
    Failure failure = sandbox.run(code).failure(FailureKind.FAILURE_KIND_CRASHED);

    assertThat(failure.getSignal()).isEqualTo(signal);
  }

  static Stream<Arguments> aProgramThatDestroysItselfHasCrashed() {
    return Stream.of(
        arguments("import ctypes; ctypes.string_at(0)", 11),
        arguments("import os; os.abort()", 6),
        arguments("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 9),
        arguments("import os, signal; os.killpg(0, signal.SIGKILL)", 9));
  }

  private static Failure exception(String code) {
    return sandbox.run(code).failure(FailureKind.FAILURE_KIND_EXCEPTION);
  }
}
