package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CodesTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);
  private final Codes codes = new Codes(database.jdbi());
  private final CodeVersions codeVersions = TestCodeVersions.on(database);

  @Test
  void theCurrentVersionIsWhatWasSavedLastEvenByAnotherServer() {
    Procedure procedure = TestProcedures.remember(procedures, "", "current");
    Codes other = new Codes(database.jdbi());
    for (int i = 1; i <= 3; i++) {
      save(procedure, "print(" + i + ")");
      RunnableCode code = codes.resolve(procedure.getProcedureId(), "");

      assertThat(code.version()).isEqualTo(i);
      assertThat(code.code()).isEqualTo("print(" + i + ")");
      assertThat(code.procedureName()).isEqualTo("current");
      assertThat(other.resolve(procedure.getProcedureId(), "")).isEqualTo(code);
      assertThat(codes.resolve(procedure.getProcedureId(), "")).isEqualTo(code);
    }
    assertThat(codes.resolve(procedure.getProcedureId(), "v1").code()).isEqualTo("print(1)");
    assertThat(codes.resolve(procedure.getProcedureId(), "2").code()).isEqualTo("print(2)");
    assertThat(codes.resolve(procedure.getProcedureId(), "v1").code()).isEqualTo("print(1)");
  }

  @Test
  void theDefinitionIsTheNewestWhateverTheVersion() {
    Procedure procedure = TestProcedures.remember(procedures, "", "redefined");
    save(procedure, "a");
    assertThat(codes.resolve(procedure.getProcedureId(), "1").parameters()).isEmpty();

    procedures.update(
        UpdateProcedureRequest.newBuilder()
            .setProcedure(
                Procedure.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .addParameters(Parameter.newBuilder().setName("x")))
            .build());

    assertThat(codes.resolve(procedure.getProcedureId(), "1").parameters())
        .extracting(Parameter::getName)
        .containsExactly("x");
    assertThat(codes.resolve(procedure.getProcedureId(), "1").code()).isEqualTo("a");
  }

  @Test
  void aProcedureWithoutCodeHasNothingToRun() {
    Procedure procedure = TestProcedures.remember(procedures, "", "empty");

    assertThat(codes.resolve(procedure.getProcedureId(), "").hasCode()).isFalse();
    assertThatThrownBy(() -> codes.resolve(procedure.getProcedureId(), "1"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("has no code yet");
    save(procedure, "a");
    assertThat(codes.resolve(procedure.getProcedureId(), "").hasCode()).isTrue();
  }

  @Test
  void whatIsMissingIsToldWithWhatIsThere() {
    Procedure procedure = TestProcedures.remember(procedures, "", "missing");
    save(procedure, "a");

    for (String version : new String[] {"2", "v2", "tag", "0", "-1"}) {
      assertThatThrownBy(() -> codes.resolve(procedure.getProcedureId(), version))
          .isInstanceOf(NotFoundException.class)
          .hasMessageEndingWith("has no version '" + version + "'; it has v1 only");
    }
    assertThatThrownBy(() -> codes.resolve(999_999, ""))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("there is no procedure 999999");
  }

  @Test
  void everyLookTakesOneStatementThatBringsNoCodeThatIsKnown() {
    Procedure procedure = TestProcedures.remember(procedures, "", "counted");
    save(procedure, "a");
    AtomicInteger statements = new AtomicInteger();

    database
        .jdbi()
        .useHandle(handle -> {
          Connection connection = counting(handle.getConnection(), statements);
          Codes counted = new Codes(Jdbi.create(connection));
          RunnableCode first = counted.resolve(procedure.getProcedureId(), "");
          assertThat(statements).hasValue(1);
          RunnableCode second = counted.resolve(procedure.getProcedureId(), "");

          assertThat(statements).hasValue(2);
          assertThat(second.code()).isSameAs(first.code());
          assertThat(second.parameters()).isSameAs(first.parameters());
        });
  }

  /** A connection that counts the statements that are made on it. */
  private static Connection counting(Connection connection, AtomicInteger statements) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (_, method, arguments) -> {
              if (method.getReturnType() == PreparedStatement.class) {
                statements.incrementAndGet();
              }
              return method.invoke(connection, arguments);
            });
  }

  private void save(Procedure procedure, String code) {
    codeVersions.save(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setCode(code)
            .build());
  }
}
