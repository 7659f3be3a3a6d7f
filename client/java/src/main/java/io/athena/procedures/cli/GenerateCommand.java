package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.ResponseStream;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.AttemptStarted;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.Done;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.ExampleRun;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.StepReport;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has code made of a definition. */
@Command(
    name = "generate",
    description = {
      "Make code of a procedure's steps and template, and run its examples on it.",
      "The code goes to standard output; what becomes of each step and example is told on",
      "standard error as it happens. Exit code: 0 if the code does at least one step, 1 if none.",
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} generate word_count --no-llm",
      "  ${ROOT-COMMAND-NAME} generate 3 --save",
      "  ${ROOT-COMMAND-NAME} generate 3 > draft.py",
    })
final class GenerateCommand extends ServiceCommand {
  @Parameters(paramLabel = "ID|NAME", description = "Which procedure.")
  private String idOrName = "";

  @Option(
      names = "--no-llm",
      description = "Use the rules, even if a language model is configured.")
  private boolean noModel;

  @Option(
      names = "--no-fallback",
      description =
          "Fail if no language model is configured or it fails, instead of using the rules.")
  private boolean noFallback;

  @Option(names = "--no-refine", description = "Take code of low confidence as it is.")
  private boolean noRefine;

  @Option(
      names = "--save",
      description = "Save the code as the new current version, unless an example fails on it.")
  private boolean save;

  @Option(
      names = "--instructions",
      paramLabel = "TEXT",
      description = "What the language model is to mind besides the definition.")
  private String instructions = "";

  private long written;
  private volatile boolean isSaved;

  @Override
  int run(AthenaClient client) throws IOException {
    if (noModel && noFallback) {
      throw usage("--no-llm and --no-fallback leave nothing that could make code");
    }
    Procedure procedure = procedure(client, idOrName);
    GenerateProcedureCodeRequest request =
        GenerateProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setUseLlm(!noModel)
            .setAllowFallback(!noFallback)
            .setRefineOnLowConfidence(!noRefine)
            .setInstructions(instructions)
            .setSave(save)
            .build();
    boolean success = false;
    String before = Text.version(procedure.getCurrentVersion());
    InterruptNotice notice =
        new InterruptNotice(
            client,
            terminal(),
            () ->
                !save
                    ? "nothing is saved"
                    : isSaved
                        ? "the code was saved before"
                        : "no code was seen saved; '%s versions %s' tells whether any was after %s"
                            .formatted(Launcher.name(), procedure.getProcedureId(), before));
    try (notice;
        ResponseStream<GenerateProcedureCodeResponse> events =
            client.generateProcedureCode(request)) {
      while (events.hasNext()) {
        GenerateProcedureCodeResponse event = events.next();
        isSaved |= event.getDone().getSaved();
        if (json()) {
          terminal().print(Json.of(event));
        } else {
          show(event, procedure);
        }
        success |= event.getDone().getSuccess();
      }
    } catch (AthenaException e) {
      if (!notice.isInterrupted()) {
        throw e;
      }
      return ExitCodes.INTERRUPTED;
    }
    return success ? ExitCodes.SUCCESS : ExitCodes.FAILURE;
  }

  private void show(GenerateProcedureCodeResponse event, Procedure procedure) throws IOException {
    showWriting(event);
    switch (event.getEventCase()) {
      case ATTEMPT_STARTED -> show(event.getAttemptStarted());
      case NOTE -> terminal().tell(Text.oneLine(event.getNote()));
      case EXAMPLE_RUN -> show(event.getExampleRun());
      case DONE -> show(event.getDone(), procedure);
      case VALIDATION ->
          terminal().tell("quality " + Text.percent(event.getValidation().getQualityScore()));
      // The code follows as a whole.
      case TEXT, EVENT_NOT_SET -> {}
    }
  }

  /** A line that people see grow while the model writes; the code follows as a whole. */
  private void showWriting(GenerateProcedureCodeResponse event) throws IOException {
    if (!terminal().errIsTerminal()) {
      return;
    }
    written = event.hasText() ? written + event.getText().length() : 0;
    terminal().overwrite(written == 0 ? "" : "%,d characters written".formatted(written));
  }

  private void show(AttemptStarted attempt) throws IOException {
    String by =
        attempt.getGenerator().equals("llm") ? "the language model" : attempt.getGenerator();
    terminal()
        .tell(
            "attempt "
                + attempt.getAttempt()
                + " by "
                + by
                + (attempt.getReason().isEmpty() ? "" : ": " + Text.oneLine(attempt.getReason())));
  }

  private void show(ExampleRun example) throws IOException {
    String verdict =
        example.getSkipped()
            ? terminal().styledForErr(Style.WARNING, "skipped")
            : example.getPassed()
                ? terminal().styledForErr(Style.GOOD, "passed")
                : terminal().styledForErr(Style.BAD, "failed");
    terminal()
        .tell(
            "example "
                + (example.getExampleIndex() + 1)
                + " "
                + verdict
                + (example.getMessage().isEmpty()
                    ? ""
                    : ": " + Text.oneLine(example.getMessage())));
  }

  private void show(Done done, Procedure procedure) throws IOException {
    for (StepReport step : done.getStepsList()) {
      String text =
          step.getStepIndex() < procedure.getStepsCount()
              ? procedure.getSteps(step.getStepIndex()).getDescription()
              : "the template";
      String mark =
          step.getCovered()
              ? terminal().styledForErr(Style.GOOD, "done")
              : terminal().styledForErr(Style.BAD, "MISSING");
      terminal()
          .tell(
              "step %d %s: %s  [%s]"
                  .formatted(
                      step.getStepIndex() + 1,
                      mark,
                      Text.shortened(Text.oneLine(text), 70),
                      Text.oneLine(step.getMessage())));
    }
    terminal().out().write(done.getCode().getBytes(StandardCharsets.UTF_8));
    if (!done.getError().isEmpty()) {
      terminal()
          .tell(terminal().styledForErr(Style.BAD, "no success: ") + Text.oneLine(done.getError()));
    }
    terminal()
        .tell(
            "confidence %s (%s) in %s"
                .formatted(
                    Text.percent(done.getConfidence()),
                    Text.oneLine(done.getBasis()),
                    Text.duration(done.getDuration())));
    for (String assumption : done.getAssumptionsList()) {
      terminal().tell("assumed: " + Text.oneLine(assumption));
    }
    if (!done.getModel().isEmpty()) {
      terminal()
          .tell(
              "%s read %,d tokens and wrote %,d"
                  .formatted(
                      Text.oneLine(done.getModel()),
                      done.getInputTokens(),
                      done.getOutputTokens()));
    }
    if (done.getVersion() > 0) {
      terminal().tell("Saved " + Text.version(done.getVersion()) + ".");
    } else if (!save && done.getSuccess()) {
      terminal().tell("Not saved: --save makes it the current version.");
    }
  }
}
