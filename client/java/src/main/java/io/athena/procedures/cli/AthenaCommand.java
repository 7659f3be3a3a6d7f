package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.Procedure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What all commands share. */
@Command(
    sortOptions = false,
    optionListHeading = "%nOptions:%n",
    parameterListHeading = "%nArguments:%n",
    footerHeading = "%nExamples:%n")
abstract class AthenaCommand implements Callable<Integer> {
  private static final String BYTE_ORDER_MARK = "\ufeff";

  @ParentCommand
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  private Athena athena;

  @Spec
  @SuppressWarnings("NullAway.Init") // Set by picocli.
  private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  @SuppressWarnings("unused") // Read by picocli.
  private boolean help;

  final Athena athena() {
    return athena;
  }

  final Terminal terminal() {
    return athena.terminal();
  }

  final boolean json() {
    return athena.json();
  }

  /** The procedure of that id, or, if it is no number, of that name in the project. */
  final Procedure procedure(AthenaClient client, String idOrName) {
    GetProcedureRequest.Builder request = GetProcedureRequest.newBuilder();
    if (idOrName.matches("\\d{1,18}")) {
      request.setProcedureId(Long.parseLong(idOrName));
    } else {
      request.setName(idOrName).setProject(athena.project());
    }
    return client.getProcedure(request.build()).getProcedure();
  }

  /**
   * The text of a file, which must be UTF-8; "-" is standard input. A byte order mark is no part of
   * it, as Python has it.
   */
  final String read(Path file) {
    byte[] bytes = readBytes(file);
    int unreadable = Utf8.unreadableByte(bytes);
    if (unreadable > 0) {
      throw usage("%s is not UTF-8: byte %d cannot be read".formatted(file, unreadable));
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
  }

  /** The content of a file; "-" is standard input. */
  final byte[] readBytes(Path file) {
    try {
      return file.toString().equals("-")
          ? terminal().in().readAllBytes()
          : Files.readAllBytes(file);
    } catch (FileSystemException e) {
      throw usage(Errors.told(e), e);
    } catch (IOException e) {
      // Such as "Is a directory", which does not say which.
      throw usage(file + ": " + Errors.told(e), e);
    }
  }

  /** What is wrong with the command line. */
  final ParameterException usage(String message) {
    return usage(message, null);
  }

  final ParameterException usage(String message, @Nullable Throwable cause) {
    return new ParameterException(spec.commandLine(), message, cause);
  }
}
