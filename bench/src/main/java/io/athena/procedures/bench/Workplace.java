package io.athena.procedures.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary folder with what the benchmark needs; gone when closed. */
record Workplace(Path folder) implements AutoCloseable {

  static Workplace create() throws IOException {
    return new Workplace(Files.createTempDirectory("athena-bench"));
  }

  Path dataDirectory() {
    return folder.resolve("data");
  }

  /** Puts one of the timing scripts into the folder. */
  Path script(String name) throws IOException {
    Path target = folder.resolve(name);
    try (InputStream source = Workplace.class.getResourceAsStream(name)) {
      if (source == null) {
        throw new IOException(name + " is missing from the benchmark's jar");
      }
      Files.copy(source, target);
    }
    return target;
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }
}
