package io.athena.procedures.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.BundleWriter;

/** A repository of the database as the ordinary git sees it: a mirror on disk. */
public record Mirror(Path folder) {

  /** Writes a bundle of the whole repository and has git clone it. */
  public static Mirror of(Repository repository, Path folder) throws IOException {
    Path bundle = folder.resolveSibling(folder.getFileName() + ".bundle");
    BundleWriter writer = new BundleWriter(repository);
    for (Ref ref : repository.getRefDatabase().getRefsByPrefix("")) {
      writer.include(ref.getName(), ref.getObjectId());
    }
    try (OutputStream out = Files.newOutputStream(bundle)) {
      writer.writeBundle(NullProgressMonitor.INSTANCE, out);
    }
    git(
        bundle.resolveSibling("."),
        "clone",
        "-q",
        "--mirror",
        bundle.toString(),
        folder.toString());
    return new Mirror(folder);
  }

  /** Runs git in the mirror; what it prints. */
  public String git(String... arguments) throws IOException {
    return git(folder, arguments);
  }

  /** Fails unless git finds nothing to say about the mirror. */
  public void assertSound() throws IOException {
    assertThat(git("fsck", "--full", "--strict", "--no-progress")).isEmpty();
  }

  private static String git(Path folder, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor()).describedAs("%s: %s", command, output).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while git ran", e);
    }
    return output;
  }
}
