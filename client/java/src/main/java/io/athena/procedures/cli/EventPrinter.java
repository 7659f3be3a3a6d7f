package io.athena.procedures.cli;

import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.OutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Shows the events of an execution as they come: the program's own bytes on the streams it wrote
 * them to, everything else on standard error.
 */
final class EventPrinter {
  private static final int BRIEF_RESULT = 160;

  private final Terminal terminal;
  private final Form form;
  private boolean lineOpen;

  /** What is shown. */
  enum Form {
    /** Everything, for people. */
    FULL,
    /** The same with long results cut. */
    BRIEF,
    /** The program's output only. */
    QUIET,
    /** Nothing but the result on standard output; the program's output goes to standard error. */
    RESULT,
    /** Every event as JSON. */
    JSON
  }

  EventPrinter(Terminal terminal, Form form) {
    this.terminal = terminal;
    this.form = form;
  }

  /** Shows everything up to the end and gives the exit code that tells the outcome. */
  int printAll(Iterator<ExecutionEvent> events, Consumer<ExecutionEvent> listener)
      throws IOException {
    Completed completed = Completed.getDefaultInstance();
    while (events.hasNext()) {
      ExecutionEvent event = events.next();
      listener.accept(event);
      print(event);
      if (event.getEventCase() == ExecutionEvent.EventCase.COMPLETED) {
        completed = event.getCompleted();
      }
    }
    return exitCode(completed.getOutcome());
  }

  private static int exitCode(Outcome outcome) {
    return switch (outcome) {
      case OUTCOME_SUCCESS -> ExitCodes.SUCCESS;
      case OUTCOME_FAILURE -> ExitCodes.FAILURE;
      case OUTCOME_SKIPPED -> ExitCodes.SKIPPED;
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> ExitCodes.SERVICE;
    };
  }

  private void print(ExecutionEvent event) throws IOException {
    if (form == Form.JSON) {
      terminal.print(Json.of(event));
      return;
    }
    switch (event.getEventCase()) {
      case OUTPUT -> printOutput(event.getOutput());
      case PROGRESS ->
          tell(
              Text.percent(event.getProgress().getFraction())
                  + " "
                  + Text.oneLine(event.getProgress().getMessage()));
      case LOG ->
          tell(
              Text.oneLine(event.getLog().getMessage())
                  + (event.getLog().getFields().getFieldsCount() == 0
                      ? ""
                      : " " + Json.of(event.getLog().getFields())));
      case TOOL_CALL -> tell("tool call " + Text.oneLine(event.getToolCall().getName()));
      case ARTIFACT ->
          tell(
              "artifact "
                  + Text.oneLine(event.getArtifact().getName())
                  + ", "
                  + Text.bytes(event.getArtifact().getSizeBytes()));
      case COMPLETED -> printCompleted(event.getCompleted());
      case ACCEPTED, STARTED, HEARTBEAT, EVENT_NOT_SET -> {}
    }
  }

  private void printOutput(ExecutionEvent.Output output) throws IOException {
    boolean toOut = output.getStream() == OutputStream.OUTPUT_STREAM_STDOUT && form != Form.RESULT;
    output.getData().writeTo(toOut ? terminal.out() : terminal.err());
    int size = output.getData().size();
    if (size > 0 && (toOut ? terminal.outIsTerminal() : terminal.errIsTerminal())) {
      lineOpen = output.getData().byteAt(size - 1) != '\n';
    }
  }

  private void printCompleted(Completed completed) throws IOException {
    if (form == Form.RESULT && completed.getOutcome() == Outcome.OUTCOME_SUCCESS) {
      terminal.print(Json.of(completed.getResult()));
    }
    if (form == Form.QUIET) {
      return;
    }
    String measured =
        completed.hasDuration()
            ? " in "
                + Text.duration(completed.getDuration())
                + (completed.getUsage().getPeakMemoryBytes() == 0
                    ? ""
                    : ", " + Text.bytes(completed.getUsage().getPeakMemoryBytes()) + " of memory")
            : "";
    switch (completed.getOutcome()) {
      case OUTCOME_SUCCESS -> {
        if (form != Form.RESULT) {
          tellStyled(Style.GOOD, "success", measured);
        }
        if (form != Form.RESULT && completed.hasResult()) {
          String result = Json.of(completed.getResult());
          tell("result: " + (form == Form.BRIEF ? Text.shortened(result, BRIEF_RESULT) : result));
        }
      }
      case OUTCOME_FAILURE -> {
        tellStyled(Style.BAD, "failure", measured + " (" + kind(completed.getFailure()) + ")");
        printFailure(completed.getFailure());
      }
      case OUTCOME_SKIPPED ->
          tellStyled(
              Style.WARNING,
              "skipped",
              ": the procedure has no code yet; give it some with '%s generate ID --save' or '%s save ID FILE'"
                  .formatted(Launcher.name(), Launcher.name()));
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED -> tell("ended without an outcome");
    }
  }

  private void printFailure(Failure failure) throws IOException {
    if (failure.getTraceback().isBlank()) {
      tell(Text.lines(failure.getMessage()));
    } else {
      tell(Text.lines(failure.getTraceback()).stripTrailing());
    }
  }

  private static String kind(Failure failure) {
    return Text.enumName(failure.getKind(), "FAILURE_KIND_")
        .toLowerCase(Locale.ROOT)
        .replace('_', ' ');
  }

  private void tellStyled(Style style, String word, String rest) throws IOException {
    tell(terminal.styledForErr(style, word) + rest);
  }

  /** A line of the command's own; never on the same line as what the program wrote. */
  private void tell(String line) throws IOException {
    if (form == Form.QUIET) {
      return;
    }
    if (lineOpen) {
      terminal.tell("");
      lineOpen = false;
    }
    terminal.tell(line);
  }
}
