package io.athena.procedures.code;

import io.athena.procedures.procedure.Definitions;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.Procedure;
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

  /** What was found in it; empty if the policy wants nothing kept. */
  public Optional<ValidationReport> found() {
    return found;
  }

  /**
   * Saves it in a transaction of the caller's, as code of that procedure, whatever the request
   * says.
   *
   * <p>What is told to be generated of another definition does not take the place of what was made
   * of the present one, so that an import can be repeated after code was generated anew.
   *
   * @param origin what is told of the code, if it makes a new version
   * @throws io.athena.procedures.error.NotFoundException if the procedure is gone
   */
  public SaveProcedureCodeResponse saveFor(Handle handle, long procedureId, CodeOrigin origin) {
    Procedure procedure = VersionWriter.lock(handle, procedureId);
    if (Origins.isOutdated(origin, version.sha256(), procedure)) {
      Optional<CodeVersion> newer = Origins.madeOf(handle, procedure);
      if (newer.isPresent()) {
        return SaveProcedureCodeResponse.newBuilder()
            .setVersion(newer.get())
            .setEtag(procedure.getEtag())
            .build();
      }
    }
    SaveProcedureCodeResponse saved =
        versions.save(
            handle, request.toBuilder().setProcedureId(procedureId).build(), version, found);
    if (saved.getCreated()) {
      Origins.keep(handle, saved.getVersion(), origin);
    }
    return saved;
  }

  /**
   * Saves it in a transaction of the caller's, with the evidence there is for it.
   *
   * @param generator what made it, such as "rules"
   * @param madeOf the definition that it was made of
   * @return the version, with its confidence
   * @throws io.athena.procedures.error.NotFoundException if the procedure is gone
   * @throws io.athena.procedures.error.AbortedException if the request's etag is not the
   *     procedure's
   */
  public CodeVersion save(
      Handle handle, VersionEvidence evidence, String generator, Procedure madeOf) {
    CodeVersion saved = versions.save(handle, request, version, found).getVersion();
    handle
        .attach(EvidenceDao.class)
        .origin(saved.getProcedureId(), saved.getVersion(), generator, Definitions.id(madeOf));
    return saved.toBuilder()
        .setConfidence(evidence.keep(handle, saved.getProcedureId(), saved.getVersion()))
        .build();
  }
}
