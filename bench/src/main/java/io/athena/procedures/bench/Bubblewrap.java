package io.athena.procedures.bench;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * bubblewrap, with all namespaces that it knows, a read-only system, no capabilities and a private
 * /tmp; without limits on memory and processes, and without a seccomp filter, which it leaves to
 * its callers.
 */
final class Bubblewrap {
  static final String NAME = "bubblewrap of the same program";

  private Bubblewrap() {}

  static boolean isInstalled() {
    for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      if (Files.isExecutable(Path.of(place, "bwrap"))) {
        return true;
      }
    }
    return false;
  }

  static List<String> command(List<String> program) {
    List<String> command = new ArrayList<>(List.of("bwrap", "--unshare-all", "--die-with-parent"));
    command.addAll(List.of("--cap-drop", "ALL", "--new-session", "--ro-bind", "/usr", "/usr"));
    for (String folder : List.of("lib", "lib64", "bin")) {
      command.addAll(List.of("--symlink", "usr/" + folder, "/" + folder));
    }
    command.addAll(List.of("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--"));
    command.addAll(program);
    return command;
  }
}
