package io.athena.procedures.procedure;

import io.athena.procedures.error.NotFoundException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Says that there is no such procedure, and what there is instead. */
public final class MissingProcedures {
  private static final String REASON = "PROCEDURE_NOT_FOUND";

  private MissingProcedures() {}

  /** The failure for an id that no procedure has. */
  public static NotFoundException byId(Handle handle, long procedureId) {
    ProcedureDao.Range range = handle.attach(ProcedureDao.class).range();
    String instead;
    if (range.count() == 0) {
      instead = "none has been remembered yet";
    } else if (range.count() == 1) {
      instead = "the only one is " + range.lowest();
    } else {
      instead =
          "there are %d, with ids from %d to %d"
              .formatted(range.count(), range.lowest(), range.highest());
    }
    return new NotFoundException(
        REASON,
        "there is no procedure %d; %s".formatted(procedureId, instead),
        Map.of("procedure_id", Long.toString(procedureId)));
  }

  /** The failure for a name that no procedure of the project has. */
  static NotFoundException byName(ProcedureDao dao, String project, String name) {
    List<String> similar = dao.similarNames(project, name);
    long count = dao.countIn(project);
    String instead;
    if (!similar.isEmpty()) {
      instead =
          similar.stream()
              .map(TextRules::quote)
              .collect(Collectors.joining(", ", "similar names are ", ""));
    } else if (count == 0) {
      instead = "the project has no procedures";
    } else {
      instead = "none of its " + count + " procedures has a similar name";
    }
    return new NotFoundException(
        REASON,
        "project %s has no procedure named %s; %s"
            .formatted(TextRules.quote(project), TextRules.quote(name), instead),
        Map.of("project", project));
  }
}
