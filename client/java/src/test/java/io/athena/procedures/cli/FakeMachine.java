package io.athena.procedures.cli;

import io.athena.procedures.system.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A machine for the launcher: a repository with nothing but the launcher in it, a directory of
 * programs that is all of its PATH, and a place for JDKs.
 */
final class FakeMachine {
  private static final List<String> TOOLS =
      List.of(
          "bash",
          "sh",
          "cat",
          "dirname",
          "readlink",
          "find",
          "head",
          "sed",
          "awk",
          "sort",
          "tee",
          "mkdir",
          "rmdir",
          "mv",
          "touch",
          "flock",
          "env",
          "chmod",
          "sleep",
          "rm",
          "mktemp");

  private final Path root;
  private final Path repository;
  private final Path programs;
  private final Path jdks;

  FakeMachine(Path root) throws IOException {
    this.root = root;
    repository = Files.createDirectories(root.resolve("repository"));
    programs = Files.createDirectories(root.resolve("programs"));
    jdks = Files.createDirectories(root.resolve("jdks"));
    Files.createDirectories(root.resolve("home"));
    for (String tool : TOOLS) {
      program(tool, "exec /usr/bin/" + tool + " \"$@\"");
    }
    String launcher = Files.readString(Repository.root().resolve("athena"));
    write(repository.resolve("athena"), launcher.replace("/usr/lib/jvm", jdks.toString()));
    for (String source : List.of("pom.xml", "client/java/pom.xml", "client/java/src/main/A.java")) {
      Files.createDirectories(repository.resolve(source).getParent());
      Files.writeString(repository.resolve(source), "");
    }
    userIs(1000);
  }

  Path repository() {
    return repository;
  }

  Path programs() {
    return programs;
  }

  Path root() {
    return root;
  }

  /** Lets the launcher find a program that does what the script says. */
  FakeMachine program(String name, String script) throws IOException {
    write(programs.resolve(name), "#!/bin/bash\n" + script);
    return this;
  }

  FakeMachine userIs(int uid) throws IOException {
    return program("id", "echo " + uid);
  }

  /** A JDK whose java tells how it was called. */
  FakeMachine jdk(String version) throws IOException, InterruptedException {
    int made = new ProcessBuilder("bash", "-c", jdkScript(version)).inheritIO().start().waitFor();
    if (made != 0) {
      throw new IOException("the script that makes a JDK ended with " + made);
    }
    return this;
  }

  /** A shell script that makes such a JDK. */
  String jdkScript(String version) {
    Path home = jdks.resolve("jdk-" + version);
    return """
    mkdir -p %1$s/bin
    echo 'JAVA_VERSION="%2$s"' > %1$s/release
    cat > %1$s/bin/java <<'JAVA'
    #!/bin/bash
    for argument in "$@"; do
      case $argument in -XX:AOTCacheOutput=*) echo cache > "${argument#*=}"; exit 0 ;; esac
    done
    echo "java $*"
    [ -n "$JAVA_SHOWS" ] && echo "$JAVA_SHOWS=${!JAVA_SHOWS}"
    exit "${JAVA_EXIT:-0}"
    JAVA
    echo > %1$s/bin/javac
    chmod +x %1$s/bin/java %1$s/bin/javac
    """
        .formatted(home, version);
  }

  /** A Maven that makes the jars and counts how often it was asked to. */
  FakeMachine maven(String before) throws IOException {
    return program(
        "mvn",
        """
        if [ "$1" = -v ]; then echo "Apache Maven 3.9.9"; exit 0; fi
        echo build >> "%s"
        %s
        for module in client/java/target/athena-client server/target/athena-server bench/target/athena-bench; do
          mkdir -p "${module%%/*}/lib"
          echo jar > "$module-1.jar"
        done
        """
            .formatted(builds(), before));
  }

  long builtTimes() throws IOException {
    return Files.exists(builds()) ? Files.readAllLines(builds()).size() : 0;
  }

  Process start(Path launcher, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(root.toFile()).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", programs.toString());
    builder.environment().put("HOME", root.resolve("home").toString());
    builder.environment().putAll(environment);
    return builder.start();
  }

  Outcome run(String... arguments) throws IOException, InterruptedException {
    return Outcome.of(start(repository.resolve("athena"), Map.of(), arguments));
  }

  /** What a launcher said, on either stream, and its exit code. */
  record Outcome(String said, int exitCode) {
    static Outcome of(Process process) throws IOException, InterruptedException {
      try (InputStream output = process.getInputStream()) {
        String said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(said, process.waitFor());
      }
    }
  }

  private Path builds() {
    return root.resolve("builds");
  }

  private static void write(Path file, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
