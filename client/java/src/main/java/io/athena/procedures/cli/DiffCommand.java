package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.DiffProcedureVersionsResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares versions. */
@Command(
    name = "diff",
    description = {
      "Show what changed from one version of a procedure's code to another, as a unified diff.",
      "A version is its number (v3 or 3), a tag, or the first 7 or more digits of its commit."
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} diff word_statistics          # the current version and the one before",
      "  ${ROOT-COMMAND-NAME} diff word_statistics v1       # v1 and the current one",
      "  ${ROOT-COMMAND-NAME} diff 3 stable v7 > changes.patch",
    })
final class DiffCommand extends ServiceCommand {
  @Parameters(index = "0", paramLabel = "ID|NAME", description = "Of which procedure.")
  private String idOrName = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FROM",
      description = "The older version; else the one before TO.")
  private String from = "";

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "TO",
      description = "The newer version; else the current one.")
  private String to = "";

  @Option(
      names = {"-U", "--context"},
      paramLabel = "LINES",
      description = "Unchanged lines around each change, 0 to 100; default 3.")
  private @Nullable Integer context;

  @Override
  int run(AthenaClient client) throws IOException {
    DiffProcedureVersionsRequest.Builder request =
        DiffProcedureVersionsRequest.newBuilder()
            .setProcedureId(procedure(client, idOrName).getProcedureId())
            .setFromVersion(from)
            .setToVersion(to);
    if (context != null) {
      request.setContextLines(context);
    }
    DiffProcedureVersionsResponse diff = client.diffProcedureVersions(request.build());
    if (json()) {
      terminal().print(Json.of(diff));
      return ExitCodes.SUCCESS;
    }
    print(diff.getDiff());
    String versions =
        Text.version(diff.getFromVersion().getVersion())
            + " to "
            + Text.version(diff.getToVersion().getVersion());
    terminal()
        .tell(
            diff.getDiff().isEmpty()
                ? versions + ": no difference"
                : "%s: %s added, %s removed"
                    .formatted(
                        versions, lines(diff.getLinesAdded()), lines(diff.getLinesRemoved())));
    return ExitCodes.SUCCESS;
  }

  /**
   * As it is for a file or a program. On a terminal in colour, and without the control characters
   * by which code could steer it.
   */
  private void print(String diff) throws IOException {
    if (!terminal().outIsTerminal()) {
      terminal().out().write(diff.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      return;
    }
    boolean head = true;
    for (String line : Text.lines(diff).lines().toList()) {
      head = head && !line.startsWith("@@");
      Style style = style(line, head);
      terminal().print(style == null ? line : terminal().styled(style, line));
    }
  }

  private static @Nullable Style style(String line, boolean head) {
    if (head) {
      return Style.BOLD;
    }
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+' -> Style.GOOD;
      case '-' -> Style.REMOVED;
      case '@' -> Style.PLACE;
      case '\\' -> Style.DIM;
      default -> null;
    };
  }

  private static String lines(int count) {
    return count == 1 ? "1 line" : count + " lines";
  }
}
