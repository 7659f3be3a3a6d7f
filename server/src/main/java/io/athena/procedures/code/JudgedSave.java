package io.athena.procedures.code;

import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.ValidationReport;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Code that was examined and may be saved. */
public final class JudgedSave {
  private final CodeVersions versions;
  private final SaveProcedureCodeRequest request;
  private final NewVersion version;
  private final Optional<ValidationReport> found;

  JudgedSave(
      CodeVersions versions,
      SaveProcedureCodeRequest request,
      NewVersion version,
      Optional<ValidationReport> found) {
    this.versions = versions;
    this.request = request;
    this.version = version;
    this.found = found;
  }

  Optional<ValidationReport> found() {
    return found;
  }

  /**
   * Saves it in a transaction of the caller's, as code of that procedure, whatever the request
   * says.
   *
   * @throws io.athena.procedures.error.NotFoundException if the procedure is gone
   */
  public SaveProcedureCodeResponse saveFor(Handle handle, long procedureId) {
    return versions.save(
        handle, request.toBuilder().setProcedureId(procedureId).build(), version, found);
  }

  /**
   * Saves it in a transaction of the caller's, with the evidence there is for it.
   *
   * @return the version, with its confidence
   * @throws io.athena.procedures.error.NotFoundException if the procedure is gone
   * @throws io.athena.procedures.error.AbortedException if the request's etag is not the
   *     procedure's
   */
  public CodeVersion save(Handle handle, VersionEvidence evidence) {
    CodeVersion saved = versions.save(handle, request, version, found).getVersion();
    return saved.toBuilder()
        .setConfidence(evidence.keep(handle, saved.getProcedureId(), saved.getVersion()))
        .build();
  }
}
