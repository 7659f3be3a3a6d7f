package io.athena.procedures.code;

import io.athena.procedures.v1.Parameter;
import java.util.List;

/**
 * What a run needs to know of a procedure.
 *
 * @param parameters what it takes
 * @param version number of the version; 0 if the procedure has no code
 * @param commitId hash of its git commit; may be empty
 * @param code Python source; empty if there is none
 * @param refusal why the policy does not let it run; empty if it does
 */
public record RunnableCode(
    long procedureId,
    String project,
    String procedureName,
    List<Parameter> parameters,
    int version,
    String commitId,
    String code,
    String refusal) {

  /** False if there is nothing to run. */
  public boolean hasCode() {
    return version > 0;
  }
}
