package io.athena.procedures.conformance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;

/** The checkout that the tests run in. */
final class Repository {
  private Repository() {}

  static Path root() {
    Path module = Path.of("").toAbsolutePath();
    return Stream.iterate(module, Objects::nonNull, Path::getParent)
        .filter(directory -> Files.exists(directory.resolve("athena")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no launcher above " + module));
  }

  static Path client(String folder) {
    return root().resolve("client").resolve(folder);
  }
}
