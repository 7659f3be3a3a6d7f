package io.athena.procedures.code;

import io.athena.procedures.v1.SaveProcedureCodeRequest;

/** Code that was examined and may be saved. */
public final class JudgedSave {
  private final SaveProcedureCodeRequest request;
  private final NewVersion version;
  private final CodeJudge.Verdict verdict;

  JudgedSave(SaveProcedureCodeRequest request, NewVersion version, CodeJudge.Verdict verdict) {
    this.request = request;
    this.version = version;
    this.verdict = verdict;
  }

  SaveProcedureCodeRequest request() {
    return request;
  }

  NewVersion version() {
    return version;
  }

  CodeJudge.Verdict verdict() {
    return verdict;
  }
}
