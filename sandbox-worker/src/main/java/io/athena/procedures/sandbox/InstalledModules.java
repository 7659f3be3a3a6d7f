package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells which modules the interpreter of the containers can import. */
final class InstalledModules {
  private static final Logger log = LoggerFactory.getLogger(InstalledModules.class);

  /** Looks for them as the containers' fork server does, and imports none of them. */
  private static final String QUESTION =
      "import importlib.util, site, sys; sys.path.extend(site.getsitepackages());"
          + " print(*(name for name in sys.argv[1:]"
          + " if importlib.util.find_spec(name.partition('.')[0]) is None))";

  private static final List<String> LIBRARIES = List.of("usr/lib", "usr/local/lib", "usr/lib64");
  private static final List<String> PACKAGES = List.of("dist-packages", "site-packages", "");

  private InstalledModules() {}

  /** Those that are not installed. */
  static List<String> missing(WorkerConfig config, List<String> modules) {
    try {
      Path image = config.rootfs();
      if (image != null) {
        return missingIn(image, modules);
      }
      List<String> command =
          new ArrayList<>(List.of(config.python().toString(), "-I", "-S", "-c", QUESTION));
      command.addAll(modules);
      Command.Result answer = Command.run(command);
      if (answer.succeeded()) {
        String names = answer.output().strip();
        return names.isEmpty() ? List.of() : List.of(names.split(" ", -1));
      }
      log.warn("{} does not tell which modules it has: {}", config.python(), answer.output());
    } catch (IOException e) {
      log.warn("it cannot be told which modules {} has: {}", config.python(), e.toString());
    }
    return modules;
  }

  /** Programs of an image are not started on the host, so its folders have to tell. */
  private static List<String> missingIn(Path image, List<String> modules) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String library : LIBRARIES) {
      Path parent = image.resolve(library);
      if (!Files.isDirectory(parent)) {
        continue;
      }
      try (DirectoryStream<Path> versions = Files.newDirectoryStream(parent, "python3*")) {
        versions.forEach(version -> PACKAGES.forEach(part -> folders.add(version.resolve(part))));
      }
    }
    return modules.stream()
        .filter(module -> {
          String top = module.replaceFirst("\\..*", "");
          return folders.stream()
              .noneMatch(folder ->
                  Files.exists(folder.resolve(top)) || Files.exists(folder.resolve(top + ".py")));
        })
        .toList();
  }
}
