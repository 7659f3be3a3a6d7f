package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The interpreter that runs in containers.
 *
 * @param executable its real path, without links
 * @param prefix the folder that holds it and its standard library
 * @param version such as {@code "3.11.2"}; empty if it lives in an image and was not asked
 */
record PythonInterpreter(Path executable, Path prefix, String version) {
  private static final String QUESTION =
      "import sys; print(sys.base_prefix, sys.version_info >= (3, 9), sys.implementation.name, sys.version.split()[0], sep='\\n')";

  /**
   * Asks the configured interpreter what it is.
   *
   * @throws IOException if it is missing or not CPython 3.9 or newer
   */
  static PythonInterpreter find(WorkerConfig config) throws IOException {
    Path configured = config.python();
    Path image = config.rootfs();
    if (image != null) {
      // Links of an image are for its own root, and programs of an image are not started on the
      // host.
      Path inside = image.resolve(configured.toString().replaceFirst("^/+", ""));
      if (!Files.exists(inside, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException("the root file system %s has no %s".formatted(image, configured));
      }
      return new PythonInterpreter(configured, Path.of("/usr"), "");
    }
    if (!Files.isExecutable(configured)) {
      throw new IOException(configured + " is not there or cannot be executed");
    }
    Command.Result answer = Command.run(List.of(configured.toString(), "-I", "-S", "-c", QUESTION));
    String[] lines = answer.output().split("\n", -1);
    if (!answer.succeeded() || lines.length != 4) {
      throw new IOException(configured + " does not work: " + answer.output());
    }
    if (!lines[1].equals("True") || !lines[2].equals("cpython")) {
      throw new IOException(
          "%s is %s %s; CPython 3.9 or newer is needed".formatted(configured, lines[2], lines[3]));
    }
    return new PythonInterpreter(configured.toRealPath(), Path.of(lines[0]), lines[3]);
  }
}
