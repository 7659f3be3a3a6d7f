package io.athena.procedures.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.execution.RealWorker;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeOrigin;
import io.athena.procedures.v1.ExportProceduresRequest;
import io.athena.procedures.v1.ExportProceduresResponse;
import io.athena.procedures.v1.ForgetProcedureRequest;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresRequest.Options;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresResponse.ItemError;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.Validation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Libraries that come in and go out, on a real database and with a real parser. */
final class TransferTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final String SOUND = "def run():\n    return 1\n";
  private static final String OTHER = "def run():\n    return 2\n";
  private static final String BROKEN = "def run(:\n";

  private static RealWorker worker;
  private static Procedures procedures;
  private static CodeVersions versions;
  private static Imports imports;

  @BeforeAll
  static void open() throws Exception {
    worker = new RealWorker();
    procedures = TestProcedures.on(database);
    Clock clock = Clock.systemUTC();
    versions =
        new CodeVersions(
            database.jdbi(),
            clock,
            new AnsweredRequests(database.jdbi(), clock),
            () -> "the importer",
            new Validation(
                List.of(worker.channel()),
                new ProjectPolicies(database.jdbi(), clock, () -> "tester"),
                procedures::get,
                clock));
    imports = new Imports(database.jdbi(), procedures, versions);
  }

  @AfterAll
  static void close() throws IOException {
    worker.close();
  }

  @Test
  void allOrNothingIsNothingIfOneCodeMustNotBeSaved() {
    List<ImportProceduresRequest> items =
        List.of(item("one", SOUND), item("two", BROKEN), item("", SOUND), item("four", ""));

    ImportProceduresResponse response =
        run(Options.newBuilder().setProject("nothing").setAllOrNothing(true), items);

    assertThat(response.getErrorsList()).extracting(ItemError::getIndex).containsExactly(1, 2);
    assertThat(response.getErrors(0).getMessage()).contains("does not parse");
    assertThat(response.getErrors(1).getMessage()).contains("name");
    assertThat(response.getProcedureIdsList()).containsExactly(0L, 0L, 0L, 0L);
    assertThat(response.getImportedCount()).isZero();
    assertThat(response.getHeldBackCount()).isEqualTo(2);
    assertThat(stored("nothing")).isEmpty();
  }

  @Test
  void allOfAllOrNothingHaveTheirCode() {
    ImportProceduresResponse response =
        run(
            Options.newBuilder().setProject("all").setAllOrNothing(true),
            List.of(item("one", SOUND), item("two", "x = 1\n"), item("three", "")));

    assertThat(response.getErrorsList()).isEmpty();
    assertThat(response.getImportedCount()).isEqualTo(3);
    assertThat(response.getProcedureIdsList()).doesNotContain(0L);
    assertThat(stored("all"))
        .extracting(Procedure::getCurrentVersion)
        .containsExactlyInAnyOrder(1, 1, 0);
  }

  @Test
  void anItemIsStoredWithItsCodeOrNotAtAll() {
    ImportProceduresResponse response =
        run(
            Options.newBuilder().setProject("single"),
            List.of(item("one", BROKEN), item("two", SOUND)));

    assertThat(response.getErrorsList())
        .singleElement()
        .satisfies(error -> {
          assertThat(error.getIndex()).isZero();
          assertThat(error.getName()).isEqualTo("one");
        });
    assertThat(response.getProcedureIdsList()).hasSize(2).startsWith(0L);
    assertThat(stored("single")).extracting(Procedure::getName).containsExactly("two");
  }

  @Test
  void codeThatDiffersIsReplacedOnlyIfAsked() {
    Options.Builder options = Options.newBuilder().setProject("replacing");
    run(options, List.of(item("one", "")));
    ImportProceduresResponse added = run(options, List.of(item("one", SOUND)));
    ImportProceduresResponse kept = run(options, List.of(item("one", "x = 2\n")));
    ImportProceduresResponse same = run(options, List.of(item("one", SOUND)));
    ImportProceduresResponse replaced =
        run(options.setReplaceExisting(true), List.of(item("one", "x = 2\n")));

    assertThat(added.getReplacedCount()).isEqualTo(1);
    assertThat(kept.getErrors(0).getMessage()).contains("other code", "replace_existing");
    assertThat(same.getUnchangedCount()).isEqualTo(1);
    assertThat(replaced.getReplacedCount()).isEqualTo(1);
    assertThat(stored("replacing"))
        .singleElement()
        .extracting(Procedure::getCurrentVersion)
        .isEqualTo(2);
  }

  @Test
  void aThousandOfWhichEveryTenthIsBadLeaveTheOthersAndCanBeRepeated() {
    List<ImportProceduresRequest> items = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      items.add(item(i % 20 == 9 ? "" : "p" + i, i % 20 == 19 ? BROKEN : i % 2 == 0 ? SOUND : ""));
    }
    Options.Builder options = Options.newBuilder().setProject("thousand");

    // As if the first import had been interrupted.
    Imports.Import interrupted = imports.begin();
    interrupted.take(ImportProceduresRequest.newBuilder().setOptions(options).build());
    items.subList(0, 300).forEach(interrupted::take);
    ImportProceduresResponse second = run(options, items);
    ImportProceduresResponse third = run(options, items);

    assertThat(second.getErrorsCount()).isEqualTo(100);
    assertThat(second.getUnchangedCount()).isEqualTo(270);
    assertThat(second.getImportedCount()).isEqualTo(630);
    assertThat(third.getErrorsCount()).isEqualTo(100);
    assertThat(third.getUnchangedCount()).isEqualTo(900);
    assertThat(third.getProcedureIdsList()).isEqualTo(second.getProcedureIdsList());
  }

  @Test
  void importsThatMeetEachOtherBothEndWell() throws Exception {
    List<ImportProceduresRequest> items = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      items.add(item("p" + i, ""));
    }
    Options.Builder options = Options.newBuilder().setProject("meeting").setAllOrNothing(true);
    run(options, items);
    options.setReplaceExisting(true);
    CountDownLatch both = new CountDownLatch(2);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<ImportProceduresResponse>> responses = new ArrayList<>();
      for (String description : List.of("one", "other")) {
        List<ImportProceduresRequest> mine =
            items.stream().map(item -> described(item, description)).toList();
        responses.add(
            threads.submit(() -> {
              Imports.Import begun = begin(options);
              (description.equals("one") ? mine : mine.reversed()).forEach(begun::take);
              both.countDown();
              both.await();
              return begun.finish();
            }));
      }
      for (Future<ImportProceduresResponse> response : responses) {
        assertThat(response.get().getReplacedCount()).isEqualTo(100);
        assertThat(response.get().getProcedureIdsCount()).isEqualTo(100);
      }
    }
    assertThat(stored("meeting")).extracting(Procedure::getDescription).hasSize(100);
    assertThat(stored("meeting").stream().map(Procedure::getDescription).distinct()).hasSize(1);
  }

  @Test
  void whatIsForgottenDuringAnExportIsLeftOut() {
    ImportProceduresResponse imported =
        run(
            Options.newBuilder().setProject("forgetting"),
            List.of(item("one", SOUND), item("two", SOUND), item("three", SOUND)));
    List<String> names = new ArrayList<>();

    new Exports(procedures, versions)
        .export(
            ExportProceduresRequest.newBuilder().setProject("forgetting").build(),
            exported -> {
              if (names.isEmpty()) {
                procedures.forget(
                    ForgetProcedureRequest.newBuilder()
                        .setProcedureId(imported.getProcedureIds(1))
                        .build());
              }
              names.add(exported.getProcedure().getName());
            });

    assertThat(names).containsExactly("one", "three");
  }

  @Test
  void anExportThatIsImportedIsTheSameExportAgain() {
    run(
        Options.newBuilder().setProject("here"),
        List.of(
            described(item("one", SOUND), "It's \"quoted\"\n\tand 𝐱"),
            item("two", "result = '\\u00e9\\r\\n'\r\n"),
            item("three", "")));

    List<ExportProceduresResponse> first = export("here");
    run(
        Options.newBuilder().setProject("there").setAllOrNothing(true),
        first.stream()
            .map(exported ->
                ImportProceduresRequest.newBuilder()
                    .setProcedure(exported.getProcedure())
                    .setCode(exported.getCode())
                    .build())
            .toList());

    assertThat(export("there"))
        .map(TransferTest::own)
        .isEqualTo(first.stream().map(TransferTest::own).toList());
  }

  @Test
  void whatIsToldOfCodeLowersConfidenceAndNeverRaisesIt() {
    assertThat(confidenceOf("third", told(1.0 / 3, 1.0 / 6))).isCloseTo(1.0 / 6, within(1e-9));
    assertThat(confidenceOf("failed", told(1, 0.32))).isCloseTo(0.32, within(1e-9));
    assertThat(confidenceOf("boasting", told(1, 0.99))).isEqualTo(0.5);
    assertThat(confidenceOf("partly", told(0.5, 0.99))).isCloseTo(0.25, within(1e-9));
    assertThat(confidenceOf("other", told(0.1, 0.01).toBuilder().setCodeSha256("0").build()))
        .isEqualTo(0.5);
    assertThat(
            run(
                    Options.newBuilder().setProject("told"),
                    List.of(item("odd", SOUND).toBuilder().setOrigin(told(2, -1)).build()))
                .getErrors(0)
                .getMessage())
        .contains("origin.step_coverage", "origin.confidence", "within 0.0 to 1.0");
  }

  @Test
  void aVersionIsWorthTheSameWhereverItIsHandedOn() {
    run(
        Options.newBuilder().setProject("first"),
        List.of(item("one", SOUND).toBuilder().setOrigin(told(0.6, 0.2)).build()));
    for (String[] way : new String[][] {{"first", "second"}, {"second", "third"}}) {
      run(
          Options.newBuilder().setProject(way[1]),
          export(way[0]).stream().map(TransferTest::again).toList());
    }

    CodeOrigin origin = export("third").getFirst().getOrigin();

    assertThat(origin.getStepCoverage()).isEqualTo(0.6);
    assertThat(origin.getConfidence()).isCloseTo(0.2, within(1e-9));
    assertThat(origin.getDefinitionId())
        .isEqualTo(export("first").getFirst().getOrigin().getDefinitionId());
  }

  @Test
  void generatedCodeOfAnOldDefinitionDoesNotReplaceThatOfTheNewOne() {
    Options.Builder options = Options.newBuilder().setProject("outdated").setReplaceExisting(true);
    run(options, List.of(item("one", SOUND)));
    CodeOrigin origin =
        told(1, 0.5).toBuilder()
            .setCodeSha256(sha256(OTHER))
            .setGenerator("rules")
            .setDefinitionId("another")
            .build();

    ImportProceduresResponse response =
        run(options, List.of(item("one", OTHER).toBuilder().setOrigin(origin).build()));

    assertThat(response.getUnchangedCount()).isEqualTo(1);
    assertThat(export("outdated").getFirst().getCode()).isEqualTo(SOUND);
  }

  @Test
  void faultsThatThePolicyLetsPassAreTold() {
    ImportProceduresResponse response =
        run(
            Options.newBuilder().setProject("warned"),
            List.of(
                item("sound", SOUND),
                item("shell", "import os\n\n\ndef run():\n    os.system('ls')\n")));

    assertThat(response.getFindingsList().stream().filter(one -> one.getErrorCount() > 0))
        .singleElement()
        .satisfies(findings -> {
          assertThat(findings.getIndex()).isEqualTo(1);
          assertThat(findings.getName()).isEqualTo("shell");
          assertThat(findings.getIssues(0).getRuleId()).isEqualTo("shell-command");
          assertThat(findings.getIssues(0).getLine()).isEqualTo(5);
        });
  }

  private static CodeOrigin told(double coverage, double confidence) {
    return CodeOrigin.newBuilder()
        .setCodeSha256(sha256(SOUND))
        .setStepCoverage(coverage)
        .setConfidence(confidence)
        .build();
  }

  private static String sha256(String code) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(code.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double confidenceOf(String name, CodeOrigin origin) {
    run(
        Options.newBuilder().setProject("told"),
        List.of(item(name, SOUND).toBuilder().setOrigin(origin).build()));
    return stored("told").stream()
        .filter(one -> one.getName().equals(name))
        .findFirst()
        .orElseThrow()
        .getConfidence();
  }

  private static ImportProceduresRequest again(ExportProceduresResponse exported) {
    return ImportProceduresRequest.newBuilder()
        .setProcedure(exported.getProcedure())
        .setCode(exported.getCode())
        .setOrigin(exported.getOrigin())
        .build();
  }

  private static ExportProceduresResponse own(ExportProceduresResponse exported) {
    ExportProceduresResponse.Builder own = exported.toBuilder();
    own.getProcedureBuilder()
        .clearProcedureId()
        .clearProject()
        .clearEtag()
        .clearCreateTime()
        .clearUpdateTime()
        .clearCurrentCommitId();
    return own.build();
  }

  private static List<ExportProceduresResponse> export(String project) {
    List<ExportProceduresResponse> all = new ArrayList<>();
    new Exports(procedures, versions)
        .export(ExportProceduresRequest.newBuilder().setProject(project).build(), all::add);
    return all;
  }

  private static ImportProceduresRequest item(String name, String code) {
    return ImportProceduresRequest.newBuilder()
        .setProcedure(Procedure.newBuilder().setName(name).setCreatedBy("somebody"))
        .setCode(code)
        .build();
  }

  private static ImportProceduresRequest described(
      ImportProceduresRequest item, String description) {
    ImportProceduresRequest.Builder described = item.toBuilder();
    described.getProcedureBuilder().setDescription(description);
    return described.build();
  }

  private static Imports.Import begin(Options.Builder options) {
    Imports.Import begun = imports.begin();
    begun.take(ImportProceduresRequest.newBuilder().setOptions(options).build());
    return begun;
  }

  private static ImportProceduresResponse run(
      Options.Builder options, List<ImportProceduresRequest> items) {
    Imports.Import begun = begin(options);
    items.forEach(begun::take);
    return begun.finish();
  }

  private static List<Procedure> stored(String project) {
    return procedures
        .list(ListProceduresRequest.newBuilder().setProject(project).setPageSize(1_000).build())
        .rows();
  }
}
