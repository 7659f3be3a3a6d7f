package io.athena.procedures.code;

import io.athena.procedures.v1.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run needs to know of a procedure.
 *
 * @param parameters what it takes
 * @param version number of the version; 0 if the procedure has no code
 * @param commitId hash of its git commit; may be empty
 * @param code Python source; empty if there is none
 * @param definitionHash tells this definition of the procedure from others
 * @param standing what is known of whether it may run
 */
public record RunnableCode(
    long procedureId,
    String project,
    String procedureName,
    List<Parameter> parameters,
    int version,
    String commitId,
    String code,
    String definitionHash,
    Standing standing) {

  /**
   * What is known of whether a version may run.
   *
   * @param policyRevision of the policy that holds for the project now; 0 if it has none of its own
   * @param judgedBy what judged the version last; empty if nothing did
   * @param refusedFor a ValidationReport with the errors that were found then; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  public record Standing(long policyRevision, String judgedBy, byte @Nullable [] refusedFor) {}

  /** False if there is nothing to run. */
  public boolean hasCode() {
    return version > 0;
  }
}
