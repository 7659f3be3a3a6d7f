package io.athena.procedures.transfer;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.Paging;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ExportProceduresRequest;
import io.athena.procedures.v1.ExportProceduresResponse;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives all procedures of a project. Thread-safe. */
public final class Exports {
  private static final Logger log = LoggerFactory.getLogger(Exports.class);
  private static final int PAGE = 100;

  private final Procedures procedures;
  private final CodeVersions versions;

  /** With the features that keep what is exported. */
  public Exports(Procedures procedures, CodeVersions versions) {
    this.procedures = procedures;
    this.versions = versions;
  }

  /**
   * Gives them by id, each with its current code; page by page, so that many take no more memory
   * than few. A procedure that is forgotten meanwhile is left out.
   */
  public void export(ExportProceduresRequest request, Consumer<ExportProceduresResponse> receiver) {
    String token = "";
    do {
      Paging.Page<Procedure> page =
          procedures.list(
              ListProceduresRequest.newBuilder()
                  .setProject(request.getProject())
                  .setPageSize(PAGE)
                  .setPageToken(token)
                  .build());
      page.rows().forEach(procedure -> withCode(procedure).ifPresent(receiver));
      token = page.nextPageToken();
    } while (!token.isEmpty());
  }

  private Optional<ExportProceduresResponse> withCode(Procedure procedure) {
    ExportProceduresResponse.Builder response =
        ExportProceduresResponse.newBuilder().setProcedure(procedure);
    if (procedure.getCurrentVersion() > 0) {
      try {
        CodeVersion version =
            versions.get(
                GetProcedureVersionRequest.newBuilder()
                    .setProcedureId(procedure.getProcedureId())
                    .setVersion(Integer.toString(procedure.getCurrentVersion()))
                    .build());
        response.setCode(version.getCode()).setOrigin(version.getOrigin());
      } catch (NotFoundException forgotten) {
        log.info("procedure {} was forgotten during an export", procedure.getProcedureId());
        return Optional.empty();
      }
    }
    return Optional.of(response.build());
  }
}
