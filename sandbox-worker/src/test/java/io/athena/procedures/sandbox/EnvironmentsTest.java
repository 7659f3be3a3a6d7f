package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.GetLoadResponse.Environment;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Environments beside the usual one, in real containers. */
final class EnvironmentsTest {
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox =
        TestSandbox.start(config ->
            config.withEnvironments(
                List.of(
                    new EnvironmentConfig("mail", List.of("smtplib", "email.mime.text")),
                    new EnvironmentConfig("data", List.of("numpy", "pandas")),
                    new EnvironmentConfig("nowhere", List.of("json", "no_such_module_anywhere")))));
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  private static List<String> offered() {
    return sandbox.load().getEnvironmentsList().stream().map(Environment::getName).toList();
  }

  private static boolean hasNumpy() {
    return InstalledModules.missing(sandbox.config(), List.of("numpy", "pandas")).isEmpty();
  }

  @Test
  void programsFindTheModulesOfTheirEnvironmentImported() {
    String code =
        "import sys\nresult = ['smtplib' in sys.modules, 'email.mime.text' in sys.modules]";

    assertThat(sandbox.program(code).environment("mail").run().result().getListValue())
        .hasToString(sandbox.run("result = [True, True]").result().getListValue().toString());
    assertThat(sandbox.program(code).environment("python").run().result().getListValue())
        .hasToString(sandbox.run("result = [False, False]").result().getListValue().toString());
    assertThat(sandbox.load().getEnvironmentsList())
        .filteredOn(environment -> environment.getName().equals("mail"))
        .singleElement()
        .satisfies(environment -> {
          assertThat(environment.getModulesList()).containsExactly("smtplib", "email.mime.text");
          assertThat(environment.getContainers()).isEqualTo(1);
        });
  }

  @Test
  void oneThatDoesNotExistIsNotFoundAndThoseThereAreAreNamed() {
    Status refusal = sandbox.program("pass").environment("pyton").refusal();

    assertThat(refusal.getCode()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(refusal.getDescription())
        .startsWith("there is no environment 'pyton'; there are python, mail");
  }

  @Test
  void oneWhoseModulesAreNotInstalledIsNotOffered() {
    assertThat(offered()).startsWith("python", "mail").doesNotContain("nowhere");
    assertThat(sandbox.program("pass").environment("nowhere").refusal().getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  @Test
  void dataHasNumpyAndPandasWhereTheHostHasThem() {
    TestProgram program =
        sandbox
            .program(
                """
                import sys
                warm = "numpy" in sys.modules and "pandas" in sys.modules
                import numpy, pandas
                def main():
                    frame = pandas.DataFrame({"x": numpy.arange(10)})
                    product = numpy.ones((50, 50)) @ numpy.ones((50, 50))
                    return [warm, float(frame["x"].sum()), float(product[0, 0])]
                """)
            .environment("data");
    if (hasNumpy()) {
      assertThat(program.run().result().getListValue().getValuesList())
          .extracting(value -> value.getKindCase().getNumber() == 4 ? 1.0 : value.getNumberValue())
          .containsExactly(1.0, 45.0, 50.0);
      // The usual environment stays the standard library's.
      assertThat(
              sandbox
                  .run("import numpy")
                  .failure(FailureKind.FAILURE_KIND_EXCEPTION)
                  .getExceptionType())
          .isEqualTo("ModuleNotFoundError");
    } else {
      assertThat(program.refusal().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data", "=numpy", "data=", "Data=numpy", "data=num py", "data=a++b"})
  void whatIsNoEnvironmentIsRefused(String text) {
    assertThatThrownBy(() -> EnvironmentConfig.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'");
  }
}
