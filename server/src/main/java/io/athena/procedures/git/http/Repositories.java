package io.athena.procedures.git.http;

import java.io.IOException;
import org.eclipse.jgit.lib.Repository;

/** Where repositories are found. */
@FunctionalInterface
public interface Repositories {
  /**
   * Opens the repository of a project, for its caller to close.
   *
   * @throws io.athena.procedures.error.NotFoundException if there is no such project
   */
  Repository open(String project) throws IOException;
}
