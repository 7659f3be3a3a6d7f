package io.athena.procedures.api;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.VersionTags;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Paging;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.execution.Interruptions;
import io.athena.procedures.execution.TrialRuns;
import io.athena.procedures.generation.CodeValidation;
import io.athena.procedures.generation.Generation;
import io.athena.procedures.generation.ModelBudget;
import io.athena.procedures.generation.model.CodeModel;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.Recall;
import io.athena.procedures.procedure.RunningExecutions;
import io.athena.procedures.procedure.StatsSource;
import io.athena.procedures.transfer.Exports;
import io.athena.procedures.transfer.Imports;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.DiffProcedureVersionsResponse;
import io.athena.procedures.v1.ExportProceduresRequest;
import io.athena.procedures.v1.ExportProceduresResponse;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.ForgetProcedureResponse;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureResponse;
import io.athena.procedures.v1.GetProcedureStatsRequest;
import io.athena.procedures.v1.GetProcedureStatsResponse;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.GetProcedureVersionResponse;
import io.athena.procedures.v1.GetValidationPolicyRequest;
import io.athena.procedures.v1.GetValidationPolicyResponse;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.ListProcedureVersionsResponse;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.ListProceduresResponse;
import io.athena.procedures.v1.ListValidationRulesRequest;
import io.athena.procedures.v1.ListValidationRulesResponse;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.ProcedureServiceGrpc;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RecallProceduresResponse;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.RememberProcedureResponse;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.SearchProceduresByConfidenceRequest;
import io.athena.procedures.v1.SearchProceduresByConfidenceResponse;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.SetValidationPolicyResponse;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.TagProcedureVersionResponse;
import io.athena.procedures.v1.UntagProcedureVersionRequest;
import io.athena.procedures.v1.UntagProcedureVersionResponse;
import io.athena.procedures.v1.UpdateProcedureRequest;
import io.athena.procedures.v1.UpdateProcedureResponse;
import io.athena.procedures.v1.ValidateProcedureCodeRequest;
import io.athena.procedures.v1.ValidateProcedureCodeResponse;
import io.athena.procedures.v1.ValidationReport;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.Validation;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/**
 * The gRPC ProcedureService. Thread-safe.
 *
 * <p>Methods throw a {@link ServiceException} for what stops a call, which the server maps to a
 * status.
 */
public final class ProcedureApi extends ProcedureServiceGrpc.ProcedureServiceImplBase {
  private final Procedures procedures;
  private final Recall recall;
  private final CodeVersions codeVersions;
  private final VersionTags versionTags;
  private final Validation validation;
  private final ProjectPolicies policies;
  private final Generation generation;
  private final Imports imports;
  private final Exports exports;
  private final StatsSource statsSource;
  private final Clock clock;

  private ProcedureApi(
      Procedures procedures,
      Recall recall,
      CodeVersions codeVersions,
      VersionTags versionTags,
      Validation validation,
      ProjectPolicies policies,
      Generation generation,
      Imports imports,
      Exports exports,
      StatsSource statsSource,
      Clock clock) {
    this.procedures = procedures;
    this.recall = recall;
    this.codeVersions = codeVersions;
    this.versionTags = versionTags;
    this.validation = validation;
    this.policies = policies;
    this.generation = generation;
    this.imports = imports;
    this.exports = exports;
    this.statsSource = statsSource;
    this.clock = clock;
  }

  /**
   * With its features on a database with the server's schema.
   *
   * @param caller gives the name of whoever makes the call that this thread serves, such as
   *     "anonymous"
   * @param workers channels to the sandbox workers, whose parsers examine code; at least one
   * @param trialRuns runs code that is no version yet
   * @param model writes code; empty for none
   * @param modelBudget what it may take
   */
  public static ProcedureApi on(
      Jdbi jdbi,
      Clock clock,
      Supplier<String> caller,
      ProjectPolicies policies,
      RunningExecutions runningExecutions,
      StatsSource statsSource,
      Collection<Channel> workers,
      TrialRuns trialRuns,
      Optional<CodeModel> model,
      ModelBudget modelBudget) {
    var answeredRequests = new AnsweredRequests(jdbi, clock);
    var procedures =
        new Procedures(jdbi, clock, answeredRequests, runningExecutions, CodeVersions::remove);
    var validation = new Validation(workers, policies, procedures::get, clock);
    var codeVersions = new CodeVersions(jdbi, clock, answeredRequests, caller, validation);
    return new ProcedureApi(
        procedures,
        new Recall(jdbi),
        codeVersions,
        new VersionTags(answeredRequests),
        validation,
        policies,
        new Generation(
            clock,
            procedures,
            codeVersions,
            answeredRequests,
            (code, procedureId) -> {
              ValidationReport report =
                  validation.validate(
                      ValidateProcedureCodeRequest.newBuilder()
                          .setCode(code)
                          .setProcedureId(procedureId)
                          .build());
              return new CodeValidation.Result(report, validation.refusal(report, procedureId));
            },
            trialRuns,
            model.map(with -> new Generation.Modelling(with, modelBudget, policies::text))),
        new Imports(jdbi, procedures, codeVersions),
        new Exports(procedures, codeVersions),
        statsSource,
        clock);
  }

  @Override
  public void rememberProcedure(
      RememberProcedureRequest request, StreamObserver<RememberProcedureResponse> observer) {
    answer(
        observer,
        RememberProcedureResponse.newBuilder().setProcedure(procedures.remember(request)).build());
  }

  @Override
  public void getProcedure(
      GetProcedureRequest request, StreamObserver<GetProcedureResponse> observer) {
    answer(
        observer, GetProcedureResponse.newBuilder().setProcedure(procedures.get(request)).build());
  }

  @Override
  public void listProcedures(
      ListProceduresRequest request, StreamObserver<ListProceduresResponse> observer) {
    Paging.Page<Procedure> page = procedures.list(request);
    answer(
        observer,
        ListProceduresResponse.newBuilder()
            .addAllProcedures(page.rows())
            .setNextPageToken(page.nextPageToken())
            .build());
  }

  @Override
  public void recallProcedures(
      RecallProceduresRequest request, StreamObserver<RecallProceduresResponse> observer) {
    answer(
        observer,
        RecallProceduresResponse.newBuilder().addAllMatches(recall.recall(request)).build());
  }

  @Override
  public void searchProceduresByConfidence(
      SearchProceduresByConfidenceRequest request,
      StreamObserver<SearchProceduresByConfidenceResponse> observer) {
    Paging.Page<Procedure> page = procedures.searchByConfidence(request);
    answer(
        observer,
        SearchProceduresByConfidenceResponse.newBuilder()
            .addAllProcedures(page.rows())
            .setNextPageToken(page.nextPageToken())
            .build());
  }

  @Override
  public void updateProcedure(
      UpdateProcedureRequest request, StreamObserver<UpdateProcedureResponse> observer) {
    answer(
        observer,
        UpdateProcedureResponse.newBuilder().setProcedure(procedures.update(request)).build());
  }

  @Override
  public void forgetProcedure(
      ForgetProcedureRequest request, StreamObserver<ForgetProcedureResponse> observer) {
    procedures.forget(request);
    answer(observer, ForgetProcedureResponse.getDefaultInstance());
  }

  @Override
  public void saveProcedureCode(
      SaveProcedureCodeRequest request, StreamObserver<SaveProcedureCodeResponse> observer) {
    answer(observer, codeVersions.save(request));
  }

  @Override
  public void listProcedureVersions(
      ListProcedureVersionsRequest request,
      StreamObserver<ListProcedureVersionsResponse> observer) {
    Paging.Page<CodeVersion> page = codeVersions.list(request);
    answer(
        observer,
        ListProcedureVersionsResponse.newBuilder()
            .addAllVersions(page.rows())
            .setNextPageToken(page.nextPageToken())
            .build());
  }

  @Override
  public void getProcedureVersion(
      GetProcedureVersionRequest request, StreamObserver<GetProcedureVersionResponse> observer) {
    CodeVersion version = codeVersions.get(request);
    GetProcedureVersionResponse.Builder response =
        GetProcedureVersionResponse.newBuilder().setVersion(version);
    codeVersions.findings(version).ifPresent(response::setValidation);
    answer(observer, response.build());
  }

  @Override
  public void getProcedureStats(
      GetProcedureStatsRequest request, StreamObserver<GetProcedureStatsResponse> observer) {
    var violations = new Violations();
    Procedures.checkId(violations, "procedure_id", request.getProcedureId());
    violations.throwIfAny();
    Procedure procedure = procedures.get(request.getProcedureId());
    GetProcedureStatsResponse.Builder response =
        GetProcedureStatsResponse.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setName(procedure.getName())
            .setCodeConfidence(procedure.getConfidence())
            .setTime(Times.toProto(clock.instant()));
    statsSource.addTo(response, procedure.getProcedureId());
    answer(observer, response.build());
  }

  @Override
  public StreamObserver<ImportProceduresRequest> importProcedures(
      StreamObserver<ImportProceduresResponse> observer) {
    Imports.Import begun = imports.begin();
    return new StreamObserver<>() {
      @Override
      public void onNext(ImportProceduresRequest message) {
        begun.take(message);
      }

      @Override
      public void onError(Throwable gone) {
        // What was stored of single items stays; of all or nothing nothing was.
      }

      @Override
      public void onCompleted() {
        answer(observer, begun.finish());
      }
    };
  }

  @Override
  public void exportProcedures(
      ExportProceduresRequest request, StreamObserver<ExportProceduresResponse> observer) {
    exports.export(request, observer::onNext);
    observer.onCompleted();
  }

  @Override
  public void generateProcedureCode(
      GenerateProcedureCodeRequest request,
      StreamObserver<GenerateProcedureCodeResponse> observer) {
    Interruptions.run(() -> generation.generate(request, observer::onNext));
    observer.onCompleted();
  }

  @Override
  public void validateProcedureCode(
      ValidateProcedureCodeRequest request,
      StreamObserver<ValidateProcedureCodeResponse> observer) {
    answer(
        observer,
        ValidateProcedureCodeResponse.newBuilder().setReport(validation.validate(request)).build());
  }

  @Override
  public void listValidationRules(
      ListValidationRulesRequest request, StreamObserver<ListValidationRulesResponse> observer) {
    answer(observer, policies.list(request));
  }

  @Override
  public void getValidationPolicy(
      GetValidationPolicyRequest request, StreamObserver<GetValidationPolicyResponse> observer) {
    answer(
        observer,
        GetValidationPolicyResponse.newBuilder().setPolicy(policies.get(request)).build());
  }

  @Override
  public void setValidationPolicy(
      SetValidationPolicyRequest request, StreamObserver<SetValidationPolicyResponse> observer) {
    answer(
        observer,
        SetValidationPolicyResponse.newBuilder().setPolicy(policies.set(request)).build());
  }

  @Override
  public void diffProcedureVersions(
      DiffProcedureVersionsRequest request,
      StreamObserver<DiffProcedureVersionsResponse> observer) {
    answer(observer, codeVersions.diff(request));
  }

  @Override
  public void rollbackProcedureCode(
      RollbackProcedureCodeRequest request,
      StreamObserver<RollbackProcedureCodeResponse> observer) {
    answer(observer, codeVersions.rollback(request));
  }

  @Override
  public void tagProcedureVersion(
      TagProcedureVersionRequest request, StreamObserver<TagProcedureVersionResponse> observer) {
    answer(observer, versionTags.tag(request));
  }

  @Override
  public void untagProcedureVersion(
      UntagProcedureVersionRequest request,
      StreamObserver<UntagProcedureVersionResponse> observer) {
    answer(observer, versionTags.untag(request));
  }

  private static <T> void answer(StreamObserver<T> observer, T response) {
    observer.onNext(response);
    observer.onCompleted();
  }
}
