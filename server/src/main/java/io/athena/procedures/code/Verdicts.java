package io.athena.procedures.code;

import com.google.protobuf.InvalidProtocolBufferException;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.ValidationReport;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Keeps what was found in code with its version, in the transaction that saves it. */
final class Verdicts {
  private Verdicts() {}

  /** Stores the newest verdict on a version's code; gives the version as it is then. */
  static CodeVersion record(
      Handle handle, CodeVersion version, CodeJudge.Verdict verdict, boolean draft) {
    VerdictDao dao = handle.attach(VerdictDao.class);
    dao.mark(version.getProcedureId(), version.getVersion(), draft, verdict.refusal());
    verdict
        .report()
        .ifPresent(report ->
            dao.store(version.getProcedureId(), version.getVersion(), report.toByteArray()));
    return version.toBuilder().setDraft(draft).build();
  }

  /** Code that comes back brings with it what was found in it; gives the version as it is then. */
  static CodeVersion inherit(Handle handle, CodeVersion from, CodeVersion version) {
    handle
        .attach(VerdictDao.class)
        .copy(version.getProcedureId(), from.getVersion(), version.getVersion());
    return version.toBuilder().setDraft(from.getDraft()).build();
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
