package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.athena.procedures.db.Paging;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.InvalidArgumentException.Violation;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ListProcedureVersionsRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.SearchProceduresByConfidenceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CodeVersionsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);
  private final CodeVersions codeVersions = TestCodeVersions.on(database);

  @Test
  void saveMakesTheNextVersionCurrent() {
    Procedure procedure = TestProcedures.remember(procedures, "", "saved");

    SaveProcedureCodeResponse first = save(procedure, "print(1)\n");
    SaveProcedureCodeResponse second =
        codeVersions.save(
            request(procedure, "print('zwölf 🐍')\r\n")
                .setAuthor("ada")
                .setMessage("Say more")
                .setEtag(first.getEtag())
                .build());

    assertThat(first.getCreated()).isTrue();
    assertThat(first.getVersion().getVersion()).isEqualTo(1);
    assertThat(first.getVersion().getMessage()).isEqualTo("Save version 1");
    assertThat(first.getVersion().getAuthor()).isEqualTo("the caller");
    assertThat(first.getVersion().getCurrent()).isTrue();
    assertThat(first.getVersion().getConfidence()).isEqualTo(0.5);
    assertThat(second.getVersion().getVersion()).isEqualTo(2);
    assertThat(second.getVersion().getMessage()).isEqualTo("Say more");
    assertThat(second.getVersion().getAuthor()).isEqualTo("ada");
    Procedure now = procedures.get(procedure.getProcedureId());
    assertThat(now.getCurrentVersion()).isEqualTo(2);
    assertThat(now.getConfidence()).isEqualTo(0.5);
    assertThat(now.getEtag()).isEqualTo(second.getEtag()).isNotEqualTo(first.getEtag());
    assertThat(get(procedure, "").getCode()).isEqualTo("print('zwölf 🐍')\r\n");
    assertThat(get(procedure, "").getSizeBytes()).isEqualTo(22);
    assertThat(get(procedure, "v1").getCode()).isEqualTo("print(1)\n");
    assertThat(get(procedure, "1").getCurrent()).isFalse();
    assertThat(get(procedure, "1").getSha256())
        .isEqualTo("cc42155088fca5730758db72b2a5bca33112a941dfaa2d43098ec422ce4ea213");
  }

  @Test
  void saveOfTheCurrentCodeMakesNoVersion() {
    Procedure procedure = TestProcedures.remember(procedures, "", "saved twice");
    SaveProcedureCodeResponse first = save(procedure, "print(1)");

    SaveProcedureCodeResponse again = save(procedure, "print(1)");

    assertThat(again.getCreated()).isFalse();
    assertThat(again.getVersion()).isEqualTo(first.getVersion());
    assertThat(again.getEtag()).isEqualTo(first.getEtag());
    save(procedure, "print(2)");
    assertThat(save(procedure, "print(1)").getVersion().getVersion()).isEqualTo(3);
  }

  @Test
  void saveRefusesToBuryWhatTheCallerHasNotSeen() {
    Procedure procedure = TestProcedures.remember(procedures, "", "with etag");
    save(procedure, "print(1)");

    assertThatThrownBy(() ->
            codeVersions.save(request(procedure, "print(2)").setEtag(procedure.getEtag()).build()))
        .isInstanceOf(AbortedException.class)
        .asInstanceOf(type(ServiceException.class))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("ETAG_MISMATCH"));
    assertThat(get(procedure, "").getVersion()).isEqualTo(1);
  }

  @Test
  void saveOfARepeatedRequestMakesOneVersion() {
    Procedure procedure = TestProcedures.remember(procedures, "", "saved with request_id");
    SaveProcedureCodeRequest request = request(procedure, "a").setRequestId("save-once").build();
    SaveProcedureCodeResponse first = codeVersions.save(request);
    save(procedure, "b");

    assertThat(codeVersions.save(request)).isEqualTo(first);
    assertThat(get(procedure, "").getCode()).isEqualTo("b");
  }

  @Test
  void saveRefusesCodeAndWordsThatBreakRules() {
    Procedure procedure = TestProcedures.remember(procedures, "", "bad code");

    assertViolations(request(procedure, ""), "code");
    assertViolations(request(procedure, "a\0b"), "code");
    assertViolations(request(procedure, "x = '\ud800'"), "code");
    assertViolations(request(procedure, "ü".repeat(524_289)), "code");
    assertViolations(request(procedure, "a").setMessage("m".repeat(10_001)), "message");
    assertViolations(request(procedure, "a").setAuthor("m".repeat(201)), "author");
    assertViolations(request(procedure, "a").setAuthor("Ada\nCommitter: Eve"), "author");
    assertViolations(request(procedure, "\ufeffa"), "code");
    assertViolations(request(procedure, "a").setRequestId("ä"), "request_id");
    assertViolations(
        request(procedure, "").setProcedureId(-1).setAuthor("\0"),
        "procedure_id",
        "code",
        "author");
    assertThat(save(procedure, "ü".repeat(524_288)).getCreated()).isTrue();
  }

  @Test
  void concurrentSaversGetVersionsWithoutGaps() throws Exception {
    Procedure procedure = TestProcedures.remember(procedures, "", "busy");
    List<Integer> versions = new ArrayList<>();
    try (ExecutorService savers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<SaveProcedureCodeResponse>> saves =
          IntStream.rangeClosed(1, 16)
              .mapToObj(i -> savers.submit(() -> save(procedure, "print(" + i + ")")))
              .toList();
      for (Future<SaveProcedureCodeResponse> save : saves) {
        versions.add(save.get().getVersion().getVersion());
      }
    }

    assertThat(versions)
        .containsExactlyInAnyOrderElementsOf(IntStream.rangeClosed(1, 16).boxed().toList());
    assertThat(procedures.get(procedure.getProcedureId()).getCurrentVersion()).isEqualTo(16);
  }

  @Test
  void versionsAreListedNewestFirstWithoutCode() {
    Procedure procedure = TestProcedures.remember(procedures, "", "listed");
    for (int i = 1; i <= 5; i++) {
      save(procedure, "print(" + i + ")");
    }
    ListProcedureVersionsRequest request =
        ListProcedureVersionsRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setPageSize(2)
            .build();

    Paging.Page<CodeVersion> page = codeVersions.list(request);
    List<CodeVersion> all = new ArrayList<>(page.rows());
    while (!page.nextPageToken().isEmpty()) {
      page = codeVersions.list(request.toBuilder().setPageToken(page.nextPageToken()).build());
      all.addAll(page.rows());
    }

    assertThat(all).extracting(CodeVersion::getVersion).containsExactly(5, 4, 3, 2, 1);
    assertThat(all).extracting(CodeVersion::getCode).containsOnly("");
    assertThat(all)
        .extracting(CodeVersion::getCurrent)
        .containsExactly(true, false, false, false, false);
  }

  @Test
  void aMissingVersionIsToldWithThoseThereAre() {
    Procedure procedure = TestProcedures.remember(procedures, "", "missing versions");
    long id = procedure.getProcedureId();

    assertThatThrownBy(() -> get(procedure, ""))
        .isInstanceOf(NotFoundException.class)
        .hasMessage("procedure " + id + " has no code yet; save some with SaveProcedureCode");
    save(procedure, "a");
    assertThatThrownBy(() -> get(procedure, "v9"))
        .hasMessage("procedure " + id + " has no version 'v9'; it has v1 only");
    save(procedure, "b");
    for (String unknown :
        List.of("v9", "0", "-1", "abc1234", "v", " 1", "99999999999999999999", "v01")) {
      assertThatThrownBy(() -> get(procedure, unknown))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("procedure %d has no version '%s'; it has v1 to v2", id, unknown);
    }
  }

  @Test
  void nothingIsSavedForAProcedureThatIsNotThere() {
    Procedure unknown = Procedure.newBuilder().setProcedureId(999_999).build();

    assertThatThrownBy(() -> save(unknown, "a"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("there is no procedure 999999");
    assertThatThrownBy(() -> get(unknown, "")).isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() ->
            codeVersions.list(
                ListProcedureVersionsRequest.newBuilder().setProcedureId(999_999).build()))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void proceduresAreFoundByConfidenceHighestFirst() {
    String project = "by-confidence";
    TestProcedures.remember(procedures, project, "without code");
    double[] confidences = {0.5, 0.9, 0.5, 0.1, 0.7};
    for (int i = 0; i < confidences.length; i++) {
      Procedure procedure = TestProcedures.remember(procedures, project, "p" + i);
      save(procedure, "old");
      setConfidence(procedure, 1, 1.0);
      save(procedure, "new");
      setConfidence(procedure, 2, confidences[i]);
    }
    SearchProceduresByConfidenceRequest request =
        SearchProceduresByConfidenceRequest.newBuilder()
            .setProject(project)
            .setMinConfidence(0.5)
            .setPageSize(1)
            .build();

    List<String> names = new ArrayList<>();
    Paging.Page<Procedure> page = procedures.searchByConfidence(request);
    page.rows().forEach(procedure -> names.add(procedure.getName()));
    while (!page.nextPageToken().isEmpty()) {
      page =
          procedures.searchByConfidence(
              request.toBuilder().setPageToken(page.nextPageToken()).build());
      page.rows().forEach(procedure -> names.add(procedure.getName()));
    }

    assertThat(names).containsExactly("p1", "p4", "p0", "p2");
    for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() ->
              procedures.searchByConfidence(request.toBuilder().setMinConfidence(wrong).build()))
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("min_confidence: must be within 0.0 to 1.0");
    }
  }

  @Test
  void usageIsCountedOverAllVersions() {
    Procedure procedure = TestProcedures.remember(procedures, "", "used");
    save(procedure, "a");
    save(procedure, "b");
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                update version_stats
                set success_count = version, failure_count = 1, skipped_count = 5
                where procedure_id = ?
                """,
                procedure.getProcedureId()));

    Procedure used = procedures.get(procedure.getProcedureId());

    assertThat(used.getUsageCount()).isEqualTo(5);
    assertThat(used.getSuccessRate()).isEqualTo(3 / 5.0);
  }

  @Test
  void runsWithoutCodeSayNothingOfTheCodeThatComesLater() {
    Procedure procedure = TestProcedures.remember(procedures, "", "run before it had code");
    Procedure other = TestProcedures.remember(procedures, "", "not run");
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                insert into version_stats (procedure_id, version, skipped_count, failure_count, confidence)
                values (?, 0, 1, 1, 0)
                """,
                procedure.getProcedureId()));

    double confidence = save(procedure, "print(1)").getVersion().getConfidence();

    assertThat(confidence).isPositive();
    assertThat(confidence).isEqualTo(save(other, "print(1)").getVersion().getConfidence());
  }

  @Test
  void aVersionWhoseObjectIsMissingIsNotAnEmptyProgram() {
    Procedure procedure = TestProcedures.remember(procedures, "", "damaged");
    save(procedure, "print('damaged')");
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                delete from git_object where object_id = (
                  select code_object from code_version where procedure_id = ?)
                """,
                procedure.getProcedureId()));

    assertThatThrownBy(() -> new Codes(database.jdbi()).resolve(procedure.getProcedureId(), ""))
        .hasMessageContaining("missing");
  }

  private static void setConfidence(Procedure procedure, int version, double confidence) {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                update version_stats set confidence = ? where procedure_id = ? and version = ?
                """,
                confidence,
                procedure.getProcedureId(),
                version));
  }

  private SaveProcedureCodeResponse save(Procedure procedure, String code) {
    return codeVersions.save(request(procedure, code).build());
  }

  private static SaveProcedureCodeRequest.Builder request(Procedure procedure, String code) {
    return SaveProcedureCodeRequest.newBuilder()
        .setProcedureId(procedure.getProcedureId())
        .setCode(code);
  }

  private CodeVersion get(Procedure procedure, String version) {
    return codeVersions.get(
        GetProcedureVersionRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setVersion(version)
            .build());
  }

  private void assertViolations(SaveProcedureCodeRequest.Builder request, String... fields) {
    assertThatThrownBy(() -> codeVersions.save(request.build()))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> assertThat(e.violations()).extracting(Violation::field).containsExactly(fields));
  }
}
