package io.athena.procedures.procedure;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.Step;
import java.time.Clock;

/** Makes procedures for tests. */
public final class TestProcedures {
  private TestProcedures() {}

  /** The feature on a database where nothing runs. */
  public static Procedures on(TestDatabase database) {
    Clock clock = Clock.systemUTC();
    return new Procedures(
        database.jdbi(),
        clock,
        new AnsweredRequests(database.jdbi(), clock),
        (handle, procedureId) -> false,
        CodeVersions::remove);
  }

  /** Remembers a procedure that has nothing but a name, in a project of its own if it is named. */
  public static Procedure remember(Procedures procedures, String project, String name) {
    return procedures.remember(
        RememberProcedureRequest.newBuilder()
            .setProcedure(Procedure.newBuilder().setProject(project).setName(name))
            .build());
  }

  static Step step(String description) {
    return Step.newBuilder().setDescription(description).build();
  }
}
