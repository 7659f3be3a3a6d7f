package io.athena.procedures.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.Paging;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RememberProcedureRequest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ProceduresTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);

  @Test
  void givesBackEverythingThatWasRemembered() {
    Procedure definition = TestProcedures.fullDefinition("everything").build();

    Procedure stored = TestProcedures.remember(procedures, definition);

    assertThat(stored.getProcedureId()).isPositive();
    assertThat(stored.getEtag()).isNotEmpty();
    assertThat(stored.getProject()).isEqualTo("default");
    assertThat(stored.hasCreateTime()).isTrue();
    assertThat(stored.getUpdateTime()).isEqualTo(stored.getCreateTime());
    assertThat(procedures.get(byId(stored.getProcedureId()))).isEqualTo(stored);
    assertThat(procedures.get(byName("everything"))).isEqualTo(stored);
    assertThat(
            stored.toBuilder()
                .clearProcedureId()
                .clearEtag()
                .clearProject()
                .clearCreateTime()
                .clearUpdateTime()
                .build())
        .isEqualTo(definition);
  }

  @Test
  void ignoresWhatOnlyTheServiceGives() {
    Procedure stored =
        TestProcedures.remember(
            procedures,
            Procedure.newBuilder()
                .setName("with output fields")
                .setProcedureId(77_777)
                .setEtag("mine")
                .setCurrentVersion(9)
                .setConfidence(1)
                .setUsageCount(5)
                .build());

    assertThat(stored.getProcedureId()).isNotEqualTo(77_777);
    assertThat(stored.getEtag()).isNotEqualTo("mine");
    assertThat(stored.getCurrentVersion()).isZero();
    assertThat(stored.getConfidence()).isZero();
    assertThat(stored.getUsageCount()).isZero();
  }

  @Test
  void refusesANameThatItsProjectHasAlready() {
    TestProcedures.remember(procedures, "", "taken");

    assertThatThrownBy(() -> TestProcedures.remember(procedures, "", "taken"))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("project 'default' has a procedure named 'taken' already");
    assertThat(TestProcedures.remember(procedures, "", "Taken").getName()).isEqualTo("Taken");
    assertThat(TestProcedures.remember(procedures, "other", "taken").getProject())
        .isEqualTo("other");
  }

  @Test
  void namesSimilarNamesWhenANameIsUnknown() {
    TestProcedures.remember(procedures, "similar", "run_unit_tests");
    TestProcedures.remember(procedures, "similar", "deploy");

    assertThatThrownBy(() -> procedures.get(byName("run_unit_test", "similar")))
        .isInstanceOf(NotFoundException.class)
        .hasMessage(
            "project 'similar' has no procedure named 'run_unit_test'; similar names are 'run_unit_tests'");
    assertThatThrownBy(() -> procedures.get(byName("zzz", "similar")))
        .hasMessageContaining("none of its 2 procedures has a similar name");
    assertThatThrownBy(() -> procedures.get(byName("zzz", "empty")))
        .hasMessageContaining("the project has no procedures");
  }

  @Test
  void namesTheRangeOfIdsWhenAnIdIsUnknown() {
    TestProcedures.remember(procedures, "", "one of several");
    TestProcedures.remember(procedures, "", "another of several");

    assertThatThrownBy(() -> procedures.get(byId(999_999)))
        .isInstanceOf(NotFoundException.class)
        .hasMessageMatching(
            "there is no procedure 999999; there are \\d+, with ids from \\d+ to \\d+")
        .asInstanceOf(type(ServiceException.class))
        .satisfies(e -> assertThat(e.metadata()).containsEntry("procedure_id", "999999"));
  }

  @Test
  void refusesRequestsThatNameNoProcedure() {
    TestProcedures.assertViolations(
        () -> procedures.get(GetProcedureRequest.getDefaultInstance()), "key");
    TestProcedures.assertViolations(() -> procedures.get(byId(0)), "procedure_id");
    TestProcedures.assertViolations(() -> procedures.get(byId(-5)), "procedure_id");
    TestProcedures.assertViolations(() -> procedures.get(byName("")), "name");
    TestProcedures.assertViolations(() -> procedures.get(byName("x", "Not A Project")), "project");
  }

  @Test
  void forgetsAProcedureWithItsName() {
    Procedure stored = TestProcedures.remember(procedures, "", "short-lived");

    procedures.forget(TestProcedures.forget(stored));

    assertThatThrownBy(() -> procedures.get(stored.getProcedureId()))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> procedures.forget(TestProcedures.forget(stored)))
        .isInstanceOf(NotFoundException.class);
    assertThat(TestProcedures.remember(procedures, "", "short-lived").getProcedureId())
        .isGreaterThan(stored.getProcedureId());
  }

  @Test
  void doesNotForgetAProcedureThatRuns() {
    Clock clock = Clock.systemUTC();
    Procedures busy =
        new Procedures(
            database.jdbi(),
            clock,
            new AnsweredRequests(database.jdbi(), clock),
            (handle, procedureId) -> true,
            CodeVersions::remove);
    Procedure stored = TestProcedures.remember(busy, "", "busy");

    assertThatThrownBy(() -> busy.forget(TestProcedures.forget(stored)))
        .isInstanceOf(FailedPreconditionException.class)
        .asInstanceOf(type(ServiceException.class))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("PROCEDURE_RUNNING"));
    assertThat(busy.get(stored.getProcedureId())).isEqualTo(stored);
  }

  @Test
  void answersARepeatedRequestWithoutDoingItAgain() {
    RememberProcedureRequest request =
        RememberProcedureRequest.newBuilder()
            .setProcedure(Procedure.newBuilder().setName("only once"))
            .setRequestId("remember-once")
            .build();
    Procedure first = procedures.remember(request);
    procedures.update(TestProcedures.update(first.toBuilder().setDescription("changed meanwhile")));

    assertThat(procedures.remember(request)).isEqualTo(first);
    assertThatThrownBy(() ->
            procedures.remember(
                request.toBuilder()
                    .setProcedure(Procedure.newBuilder().setName("another"))
                    .build()))
        .isInstanceOf(InvalidArgumentException.class)
        .asInstanceOf(type(ServiceException.class))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("REQUEST_ID_REUSED"));
  }

  @Test
  void doesARequestOnceWhenItsRepeatsArriveTogether() throws Exception {
    RememberProcedureRequest request =
        RememberProcedureRequest.newBuilder()
            .setProcedure(Procedure.newBuilder().setName("only once at a time"))
            .setRequestId("remember-together")
            .build();
    List<Procedure> answers = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Procedure>> calls =
          IntStream.range(0, 16)
              .mapToObj(i -> callers.submit(() -> procedures.remember(request)))
              .toList();
      for (Future<Procedure> call : calls) {
        answers.add(call.get());
      }
    }
    assertThat(answers).hasSize(16).containsOnly(procedures.get(byName("only once at a time")));
  }

  @Test
  void listsProceduresPageByPage() {
    List<Procedure> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(TestProcedures.remember(procedures, "paged", "procedure " + i));
    }
    ListProceduresRequest request =
        ListProceduresRequest.newBuilder().setProject("paged").setPageSize(3).build();

    Paging.Page<Procedure> first = procedures.list(request);
    procedures.forget(TestProcedures.forget(all.get(2)));
    Paging.Page<Procedure> second = procedures.list(after(request, first));
    Paging.Page<Procedure> third =
        procedures.list(after(request, second).toBuilder().setPageSize(1_000_000).build());

    assertThat(first.rows()).isEqualTo(all.subList(0, 3));
    assertThat(second.rows()).isEqualTo(all.subList(3, 6));
    assertThat(third.rows()).isEqualTo(all.subList(6, 7));
    assertThat(third.nextPageToken()).isEmpty();
    TestProcedures.assertViolations(
        () -> procedures.list(after(request, first).toBuilder().setCategory("other").build()),
        "page_token");
    TestProcedures.assertViolations(
        () -> procedures.list(request.toBuilder().setPageToken("!").build()), "page_token");
    TestProcedures.assertViolations(
        () -> procedures.list(request.toBuilder().setPageSize(-1).build()), "page_size");
  }

  private static ListProceduresRequest after(
      ListProceduresRequest request, Paging.Page<Procedure> page) {
    return request.toBuilder().setPageToken(page.nextPageToken()).build();
  }

  private static GetProcedureRequest byId(long id) {
    return GetProcedureRequest.newBuilder().setProcedureId(id).build();
  }

  private static GetProcedureRequest byName(String name) {
    return byName(name, "");
  }

  private static GetProcedureRequest byName(String name, String project) {
    return GetProcedureRequest.newBuilder().setName(name).setProject(project).build();
  }
}
