package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ResponseStream;
import io.athena.procedures.v1.DownloadArtifactRequest;
import io.athena.procedures.v1.DownloadArtifactResponse;
import io.athena.procedures.v1.ExecutionEvent.Artifact;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches what an execution has left. */
@Command(
    name = "artifact",
    description = {
      "Fetch a file that an execution has left for its caller.",
      "It is written to standard output, or to the file of -o, which then is complete or untouched.",
    },
    footer = {
      "  ${ROOT-COMMAND-NAME} artifact 01939f5e-7d4c-7000-8000-2f1b7c3a9d10 plot.png -o plot.png",
      "  ${ROOT-COMMAND-NAME} artifact 01939f5e-7d4c-7000-8000-2f1b7c3a9d10 rows.csv | head",
    })
final class ArtifactCommand extends ServiceCommand {
  @Parameters(index = "0", paramLabel = "EXECUTION", description = "Which execution.")
  private String executionId = "";

  @Parameters(index = "1", paramLabel = "NAME", description = "The artifact's name.")
  private String name = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write it; with --json it is told what was written.")
  private @Nullable Path output;

  @Override
  int run(AthenaClient client) throws IOException {
    if (json() && output == null) {
      throw usage("with --json the content needs a file of its own: -o FILE");
    }
    DownloadArtifactRequest request =
        DownloadArtifactRequest.newBuilder().setExecutionId(executionId).setName(name).build();
    try (ResponseStream<DownloadArtifactResponse> pieces = client.downloadArtifact(request)) {
      Artifact artifact = pieces.next().getArtifact();
      if (output == null) {
        copy(artifact, pieces, terminal().out());
      } else {
        save(artifact, pieces, output);
      }
    }
    return ExitCodes.SUCCESS;
  }

  private void save(Artifact artifact, ResponseStream<DownloadArtifactResponse> pieces, Path target)
      throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Path partial;
    try {
      partial = Files.createTempFile(folder, ".artifact", ".part");
    } catch (FileSystemException e) {
      throw usage(Errors.told(e), e);
    }
    try {
      try (OutputStream file = Files.newOutputStream(partial)) {
        copy(artifact, pieces, file);
      }
      Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
    if (json()) {
      terminal().print(Json.of(artifact));
    } else {
      terminal().tell("%s, %s".formatted(target, Text.bytes(artifact.getSizeBytes())));
    }
  }

  private static void copy(
      Artifact artifact, ResponseStream<DownloadArtifactResponse> pieces, OutputStream target)
      throws IOException {
    MessageDigest digest = sha256();
    DigestOutputStream digested = new DigestOutputStream(target, digest);
    while (pieces.hasNext()) {
      pieces.next().getData().writeTo(digested);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(artifact.getSha256())) {
      throw new IOException(
          "what arrived has the SHA-256 %s and not %s; fetch it again"
              .formatted(found, artifact.getSha256()));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
