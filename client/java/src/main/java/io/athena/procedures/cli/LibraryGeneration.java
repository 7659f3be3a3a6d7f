package io.athena.procedures.cli;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.cli.LibraryReader.Item;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.ResponseStream;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes code for the procedures of an import: for those that have none, and for those whose code
 * was generated of another definition. Code that a person wrote is not replaced. For one thread.
 */
final class LibraryGeneration {
  private final AthenaClient client;
  private final Terminal terminal;
  private final boolean json;
  private final boolean useModel;
  private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
  private final ListValue.Builder generations = ListValue.newBuilder();
  private final Set<String> tools = new TreeSet<>();
  private int examplesSkipped;

  /** What became of a procedure. */
  private enum Outcome {
    /** Code that does all steps. */
    GENERATED,
    /** Code that does some. */
    INCOMPLETE,
    /** No code was saved. */
    FAILED,
    /** The code that there was is still the current one. */
    KEPT
  }

  LibraryGeneration(AthenaClient client, Terminal terminal, boolean json, boolean useModel) {
    this.client = client;
    this.terminal = terminal;
    this.json = json;
    this.useModel = useModel;
  }

  /**
   * Generates, and tells what becomes of each.
   *
   * @param ids the items' procedures; 0 for one that is not stored
   */
  void generate(List<Item> items, List<Long> ids) throws IOException {
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i) > 0) {
        generate(items.get(i), ids.get(i));
      }
    }
    String report =
        "%d generated, %d with steps missing, %d not generated, %d kept"
            .formatted(
                count(Outcome.GENERATED),
                count(Outcome.INCOMPLETE),
                count(Outcome.FAILED),
                count(Outcome.KEPT));
    if (examplesSkipped > 0) {
      report +=
          "\n%d examples were not run: their code calls tools (%s), which only the caller of a run serves; try it with '%s run NAME --tool %s=COMMAND'"
              .formatted(
                  examplesSkipped,
                  Text.oneLine(String.join(", ", tools)),
                  Launcher.name(),
                  Text.oneLine(tools.stream().findFirst().orElse("NAME")));
    }
    if (json) {
      terminal.tell(report);
    } else {
      terminal.print(report);
    }
  }

  /** True if there is whole code for all. */
  boolean isComplete() {
    return count(Outcome.INCOMPLETE) + count(Outcome.FAILED) == 0;
  }

  /** What came of the import, with what came of each generation as "generations". */
  Struct report(ImportProceduresResponse imported) {
    Struct.Builder report = Struct.newBuilder();
    try {
      Json.merge(Json.of(imported), report);
    } catch (BadJsonException e) {
      throw new IllegalStateException("what was printed as JSON is none", e);
    }
    return report
        .putFields("generations", Value.newBuilder().setListValue(generations).build())
        .build();
  }

  private int count(Outcome outcome) {
    return counts.getOrDefault(outcome, 0);
  }

  private void generate(Item item, long id) throws IOException {
    Procedure procedure = item.request().getProcedure();
    String reason = "";
    try {
      int current = currentVersion(id);
      if (current > 0) {
        CodeVersion version = version(id, current);
        String kept = whyKept(item, version);
        if (!kept.isEmpty() || !version.getDefinitionChanged()) {
          keep(procedure, id, version, kept);
          return;
        }
        reason =
            "its definition has changed since %s was generated of it"
                .formatted(Text.version(current));
        terminal.tell(
            "%s: %s; it is generated anew".formatted(Text.oneLine(procedure.getName()), reason));
      }
      end(procedure, id, reason, generate(id));
    } catch (AthenaException e) {
      add(
          Outcome.FAILED,
          procedure,
          id,
          Struct.newBuilder()
              .putFields("reason", text(reason))
              .putFields("error", text(Errors.told(e))));
      terminal.tell(Text.oneLine(procedure.getName()) + ": " + Text.oneLine(Errors.told(e)));
    }
  }

  /** Why code stays although it may not do what the definition says; empty if it does not stay. */
  private static String whyKept(Item item, CodeVersion version) {
    if (isEdited(item)) {
      return "its code was edited since it was exported, and stays";
    }
    return version.getDefinitionChanged() && version.getOrigin().getGenerator().isEmpty()
        ? "its definition has changed, but %s was not generated, and stays"
            .formatted(Text.version(version.getVersion()))
        : "";
  }

  private static boolean isEdited(Item item) {
    String exported = item.request().getOrigin().getCodeSha256();
    return !exported.isEmpty()
        && !item.request().getCode().isEmpty()
        && !exported.equals(sha256(item.request().getCode()));
  }

  private static String sha256(String code) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(code.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private void keep(Procedure procedure, long id, CodeVersion version, String why)
      throws IOException {
    add(
        Outcome.KEPT,
        procedure,
        id,
        Struct.newBuilder()
            .putFields("reason", text(why.isEmpty() ? "it has code already" : why))
            .putFields("version", number(version.getVersion()))
            .putFields("confidence", number(version.getConfidence())));
    if (!why.isEmpty()) {
      terminal.tell(
          "%s: %s; '%s generate %d --save' makes code of the steps instead"
              .formatted(Text.oneLine(procedure.getName()), why, Launcher.name(), id));
    }
  }

  private void end(Procedure procedure, long id, String reason, Done done) throws IOException {
    boolean whole = done.getEvidence().getStepCoverage() == 1.0;
    examplesSkipped += done.getEvidence().getExamplesSkipped();
    tools.addAll(done.getToolsList());
    ListValue.Builder missing = ListValue.newBuilder();
    for (StepReport step : done.getStepsList()) {
      if (!step.getCovered()) {
        missing.addValues(Value.newBuilder().setStructValue(missing(procedure, step)));
      }
    }
    Struct.Builder facts =
        Struct.newBuilder()
            .putFields("reason", text(reason))
            .putFields("version", number(done.getVersion()))
            .putFields("confidence", number(done.getConfidence()))
            .putFields("basis", text(done.getBasis()))
            .putFields("generator", text(done.getGenerator()))
            .putFields("stepsDone", number(done.getStepsCount() - missing.getValuesCount()))
            .putFields("stepsMissing", Value.newBuilder().setListValue(missing).build())
            .putFields("examplesPassed", number(done.getEvidence().getExamplesPassed()))
            .putFields("examplesFailed", number(done.getEvidence().getExamplesFailed()))
            .putFields("examplesSkipped", number(done.getEvidence().getExamplesSkipped()))
            .putFields("error", text(done.getError()));
    add(
        !done.getSuccess() ? Outcome.FAILED : whole ? Outcome.GENERATED : Outcome.INCOMPLETE,
        procedure,
        id,
        facts);
    terminal.tell(
        "%s: confidence %s (%s)%s"
            .formatted(
                Text.oneLine(procedure.getName()),
                Text.percent(done.getConfidence()),
                Text.oneLine(done.getBasis()),
                done.getError().isEmpty() ? "" : "; " + Text.oneLine(done.getError())));
  }

  private static Struct missing(Procedure procedure, StepReport step) {
    int index = step.getStepIndex();
    return Struct.newBuilder()
        .putFields("step", number(index + 1))
        .putFields(
            "description",
            text(
                index < procedure.getStepsCount()
                    ? procedure.getSteps(index).getDescription()
                    : "the template"))
        .putFields("message", text(step.getMessage()))
        .build();
  }

  /** Adds to the report, where ids are texts, as in all JSON of the API. */
  private void add(Outcome outcome, Procedure procedure, long id, Struct.Builder facts) {
    counts.merge(outcome, 1, Integer::sum);
    generations.addValues(
        Value.newBuilder()
            .setStructValue(
                Struct.newBuilder()
                    .putFields("procedureId", text(Long.toString(id)))
                    .putFields("name", text(procedure.getName()))
                    .putFields("outcome", text(outcome.name()))
                    .putAllFields(facts.getFieldsMap())));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private int currentVersion(long id) {
    return client
        .getProcedure(GetProcedureRequest.newBuilder().setProcedureId(id).build())
        .getProcedure()
        .getCurrentVersion();
  }

  private CodeVersion version(long id, int version) {
    return client
        .getProcedureVersion(
            GetProcedureVersionRequest.newBuilder()
                .setProcedureId(id)
                .setVersion(Integer.toString(version))
                .build())
        .getVersion();
  }

  private Done generate(long id) {
    Done done = Done.getDefaultInstance();
    try (ResponseStream<GenerateProcedureCodeResponse> events =
        client.generateProcedureCode(
            GenerateProcedureCodeRequest.newBuilder()
                .setProcedureId(id)
                .setUseLlm(useModel)
                .setAllowFallback(true)
                .setRefineOnLowConfidence(true)
                .setSave(true)
                .build())) {
      while (events.hasNext()) {
        GenerateProcedureCodeResponse event = events.next();
        done = event.hasDone() ? event.getDone() : done;
      }
    }
    return done;
  }
}
