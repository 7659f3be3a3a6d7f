package io.athena.procedures.code;

import com.google.protobuf.InvalidProtocolBufferException;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ValidationReport;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Keeps what was found in code with its version, in the transaction that saves it. */
final class Verdicts {
  private Verdicts() {}

  /** Stores the newest verdict on the code of a version that is there already. */
  static CodeVersion renew(
      Handle handle, CodeVersion version, Optional<ValidationReport> found, boolean draft) {
    handle.attach(VerdictDao.class).mark(version.getProcedureId(), version.getVersion(), draft);
    keepReport(handle, version, found);
    return version.toBuilder().setDraft(draft).build();
  }

  /** Stores the report, if there is one. */
  static void keepReport(Handle handle, CodeVersion version, Optional<ValidationReport> found) {
    found.ifPresent(report ->
        handle
            .attach(VerdictDao.class)
            .store(version.getProcedureId(), version.getVersion(), report.toByteArray()));
  }

  /** Code that comes back brings with it what was found in it. */
  static void copyReport(Handle handle, CodeVersion from, CodeVersion version) {
    handle
        .attach(VerdictDao.class)
        .copy(version.getProcedureId(), from.getVersion(), version.getVersion());
  }

  static Optional<ValidationReport> report(Handle handle, long procedureId, int version) {
    return handle.attach(VerdictDao.class).report(procedureId, version).map(Verdicts::parse);
  }

  private static ValidationReport parse(byte[] report) {
    try {
      return ValidationReport.parseFrom(report);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored report cannot be read", e);
    }
  }
}
