package io.athena.procedures.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.BundleWriter;

/** A repository of the database as the ordinary git sees it: a mirror on disk. */
public record Mirror(Path folder) {

  /** Writes a bundle of the whole repository and has git clone it. */
  public static Mirror of(Repository repository, Path folder) throws IOException {
    List<Ref> refs = repository.getRefDatabase().getRefsByPrefix("");
    Path parent = folder.resolveSibling(".");
    if (refs.isEmpty()) {
      Git.in(parent, "init", "-q", "--bare", folder.toString());
      return new Mirror(folder);
    }
    Path bundle = folder.resolveSibling(folder.getFileName() + ".bundle");
    BundleWriter writer = new BundleWriter(repository);
    refs.forEach(ref -> writer.include(ref.getName(), ref.getObjectId()));
    try (OutputStream out = Files.newOutputStream(bundle)) {
      writer.writeBundle(NullProgressMonitor.INSTANCE, out);
    }
    Git.in(parent, "clone", "-q", "--mirror", bundle.toString(), folder.toString());
    return new Mirror(folder);
  }

  /** Runs git in the mirror; what it prints. */
  public String git(String... arguments) throws IOException {
    return Git.in(folder, arguments);
  }

  /** Fails unless git finds nothing to say about the mirror, but that it is empty. */
  public void assertSound() throws IOException {
    boolean empty = git("for-each-ref").isEmpty();
    assertThat(git("fsck", "--full", "--strict", "--no-progress").lines())
        .filteredOn(line -> !(empty && line.startsWith("notice: ")))
        .isEmpty();
  }
}
