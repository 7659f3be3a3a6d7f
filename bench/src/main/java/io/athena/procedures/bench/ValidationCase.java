package io.athena.procedures.bench;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidationReport;
import java.io.IOException;

/**
 * ValidateProcedureCode over gRPC on loopback, by the policy of the project. No source is sent
 * twice.
 */
record ValidationCase(String name, int concurrency, AthenaClient client, SampleSource sources)
    implements Case {

  @Override
  public Timings run(int count) throws IOException, InterruptedException {
    return Callers.time(name, concurrency, count, this::validate);
  }

  private void validate() throws IOException {
    ValidationReport report =
        client
            .validateProcedureCode(
                ValidateProcedureCodeRequest.newBuilder().setCode(sources.next()).build())
            .getReport();
    if (!report.getChecks().getSyntax()) {
      throw new IOException("a sample was not examined: " + report.getIssues(0).getMessage());
    }
  }
}
