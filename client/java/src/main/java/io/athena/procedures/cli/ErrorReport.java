package io.athena.procedures.cli;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.client.FieldViolation;
import io.grpc.Status;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says on standard error what went wrong and what to do, and gives the exit code that tells it. */
final class ErrorReport implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private final Terminal terminal;

  ErrorReport(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] arguments)
      throws IOException {
    CommandLine commandLine = failure.getCommandLine();
    boolean json = Arrays.asList(arguments).contains("--json");
    if (json) {
      terminal.tell(json("USAGE", "", told(failure), List.of()));
      return ExitCodes.USAGE;
    }
    tell(told(failure));
    List<String> meant =
        failure instanceof UnmatchedArgumentException unmatched
            ? Suggestions.forUnmatched(unmatched)
            : List.of();
    terminal.tell(
        meant.isEmpty()
            ? "Try '" + commandLine.getCommandSpec().qualifiedName() + " --help'."
            : "Did you mean " + String.join(" or ", meant) + "?");
    return ExitCodes.USAGE;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine commandLine, ParseResult parseResult) throws IOException {
    Athena athena = commandLine.getCommandSpec().root().userObject() instanceof Athena a ? a : null;
    return switch (failure) {
      case AthenaException e -> report(e, athena);
      case IOException e when String.valueOf(e.getMessage()).contains("Broken pipe") ->
          ExitCodes.BROKEN_PIPE;
      case ServerStartException e -> {
        tell(Errors.told(e));
        yield ExitCodes.SERVICE;
      }
      case IOException e -> {
        tell(Errors.told(e));
        yield ExitCodes.INTERNAL;
      }
      default -> {
        failure.printStackTrace(terminal.errWriter());
        yield ExitCodes.INTERNAL;
      }
    };
  }

  private static String told(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched
        && failure.getCommandLine().getParent() == null
        && !unmatched.getUnmatched().getFirst().startsWith("-")) {
      return "there is no command '" + Text.oneLine(unmatched.getUnmatched().getFirst()) + "'";
    }
    return Errors.told(failure);
  }

  private int report(AthenaException failure, @Nullable Athena athena) throws IOException {
    boolean unreachable = failure.code() == Status.Code.UNAVAILABLE && failure.reason().isEmpty();
    String server = athena == null ? "" : athena.server();
    if (athena != null && athena.json()) {
      String message = unreachable ? unreachable(server, failure) : Errors.told(failure);
      terminal.tell(
          json(failure.code().name(), failure.reason(), message, failure.fieldViolations()));
      return ExitCodes.SERVICE;
    }
    if (unreachable) {
      tell(unreachable(server, failure));
      terminal.tell(
          "Start one with '%s serve', or name another with --server HOST:PORT or ATHENA_SERVER."
              .formatted(Launcher.name()));
      return ExitCodes.SERVICE;
    }
    tell(Text.lines(Errors.told(failure)));
    for (FieldViolation violation : failure.fieldViolations()) {
      // A single violation is the message itself.
      if (!Errors.told(failure).contains(violation.description())) {
        terminal.tell(
            "  " + Text.oneLine(violation.field()) + ": " + Text.oneLine(violation.description()));
      }
    }
    return ExitCodes.SERVICE;
  }

  private static String unreachable(String server, AthenaException failure) {
    return "no service answers at " + server + " (" + Text.oneLine(Errors.told(failure)) + ")";
  }

  private void tell(String message) throws IOException {
    terminal.tell(terminal.styledForErr(Style.BAD, "error:") + " " + message);
  }

  private static String json(
      String code, String reason, String message, List<FieldViolation> violations) {
    ListValue.Builder fields = ListValue.newBuilder();
    for (FieldViolation violation : violations) {
      fields.addValues(
          Value.newBuilder()
              .setStructValue(
                  Struct.newBuilder()
                      .putFields("field", text(violation.field()))
                      .putFields("description", text(violation.description()))));
    }
    Struct.Builder error =
        Struct.newBuilder()
            .putFields("code", text(code))
            .putFields("reason", text(reason))
            .putFields("message", text(message))
            .putFields("fieldViolations", Value.newBuilder().setListValue(fields).build());
    return Json.of(
        Struct.newBuilder().putFields("error", Value.newBuilder().setStructValue(error).build()));
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
