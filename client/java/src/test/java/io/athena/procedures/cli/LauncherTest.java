package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.cli.FakeMachine.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LauncherTest {
  @TempDir private Path directory;
  private FakeMachine machine;

  @BeforeEach
  void setUp() throws IOException {
    machine = new FakeMachine(directory);
  }

  @Test
  void withoutAJdkItNamesTheCommandThatInstallsOne() throws Exception {
    machine.program("apt-get", "exit 1");
    Outcome outcome = machine.run("list");
    assertThat(outcome.said())
        .contains("a JDK 25 or newer is missing")
        .contains("sudo apt-get install -y openjdk-25-jdk-headless");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void aJdkThatIsTooOldIsNone() throws Exception {
    machine.jdk("17.0.15");
    assertThat(machine.run("list").said()).contains("a JDK 25 or newer is missing");
  }

  @Test
  void withoutMavenItNamesTheCommandThatInstallsIt() throws Exception {
    machine.jdk("25.0.1").program("apt-get", "exit 1");
    Outcome outcome = machine.run("list");
    assertThat(outcome.said())
        .contains("Maven 3.8 or newer is missing", "apt-get install -y maven");
    assertThat(outcome.exitCode()).isEqualTo(1);
  }

  @Test
  void aMavenThatIsTooOldIsNone() throws Exception {
    machine.jdk("25.0.1").program("mvn", "echo 'Apache Maven 3.6.3'");
    assertThat(machine.run("list").said()).contains("Maven 3.8 or newer is missing");
  }

  @Test
  void rootGetsWhatIsMissingInstalledAfterThePackageListsAreFetched() throws Exception {
    machine.userIs(0).maven("");
    Path lists = directory.resolve("lists");
    machine.program("apt-cache", "[ -e " + lists + " ]");
    machine.program(
        "apt-get",
        """
        echo "apt-get $*" >> %1$s/apt
        case $1 in
          update) touch %2$s ;;
          install) %3$s ;;
        esac
        """
            .formatted(directory, lists, "eval \"$(cat " + directory + "/make-jdk)\""));
    Files.writeString(directory.resolve("make-jdk"), machine.jdkScript("25"));
    Outcome outcome = machine.run("list");
    assertThat(Files.readAllLines(directory.resolve("apt")))
        .containsExactly(
            "apt-get update -qq",
            "apt-get install -y -qq --no-install-recommends openjdk-25-jdk-headless");
    assertThat(outcome.said()).contains("Installing openjdk-25-jdk-headless").contains("java ");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() throws Exception {
    machine.jdk("17.0.15").jdk("26-ea").maven("");
    Outcome first = machine.run("list", "--json");
    assertThat(first.said()).contains("Building for the first time");
    assertThat(first.said().lines().toList().getLast())
        .startsWith("java ")
        .endsWith("client/java/target/athena-client-1.jar list --json");
    Outcome second = machine.run("list");
    assertThat(second.said().lines()).hasSize(1);
    assertThat(machine.builtTimes()).isEqualTo(1);
  }

  @Test
  void aChangedSourceIsBuilt() throws Exception {
    machine.jdk("25").maven("");
    machine.run("list");
    Path source = machine.repository().resolve("client/java/src/main/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
    assertThat(machine.run("list").said()).contains("Building what changed");
    assertThat(machine.builtTimes()).isEqualTo(2);
  }

  @Test
  void aBuildThatFailsSaysWhereToReadAndNothingIsRun() throws Exception {
    machine.jdk("25").maven("echo '[ERROR] A.java:[1,1] class expected'; exit 1");
    Outcome outcome = machine.run("list");
    assertThat(outcome.said())
        .contains("A.java:[1,1] class expected")
        .contains("the build failed")
        .contains("target/launcher/maven.log")
        .doesNotContain("java -");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(machine.run("list").exitCode()).isEqualTo(1);
  }

  @Test
  void itWorksThroughSymbolicLinksFromAnyDirectory() throws Exception {
    machine.jdk("25").maven("");
    Path inner = Files.createSymbolicLink(machine.repository().resolve("link"), Path.of("athena"));
    Path outer = Files.createSymbolicLink(directory.resolve("a link"), inner);
    Outcome outcome = Outcome.of(machine.start(outer, Map.of(), "list"));
    assertThat(outcome.said()).contains("-jar " + machine.repository().toRealPath() + "/client/");
  }

  @Test
  void theCommandKnowsWhatTheUserTyped() throws Exception {
    machine.jdk("25").maven("");
    Path launcher = machine.repository().resolve("athena");
    Map<String, String> onPath = Map.of("PATH", machine.repository() + ":" + machine.programs());
    assertThat(machine.run("list").said()).contains("-Dathena.command=" + launcher + " ");
    assertThat(
            Outcome.of(machine.start(Path.of("repository/../repository/athena"), Map.of(), "list"))
                .said())
        .contains("-Dathena.command=repository/../repository/athena ");
    assertThat(Outcome.of(machine.start(launcher, onPath, "list")).said())
        .contains("-Dathena.command=athena ");
  }

  @Test
  void javaReadsArgumentsAsUtf8WhateverTheLocale() throws Exception {
    machine.jdk("25").maven("");
    Path launcher = machine.repository().resolve("athena");
    Outcome outcome =
        Outcome.of(machine.start(launcher, Map.of("LC_ALL", "C", "JAVA_SHOWS", "LC_ALL"), "list"));
    assertThat(outcome.said()).contains("LC_ALL=C.UTF-8");
  }

  @Test
  void theExitCodeIsThatOfTheCommand() throws Exception {
    machine.jdk("25").maven("");
    Path launcher = machine.repository().resolve("athena");
    Outcome outcome = Outcome.of(machine.start(launcher, Map.of("JAVA_EXIT", "3"), "run", "a"));
    assertThat(outcome.exitCode()).isEqualTo(3);
  }

  @Test
  void serveStartsTheServer() throws Exception {
    machine.jdk("25").maven("").program("python3", "").program("runc", "");
    assertThat(machine.run("serve", "--port", "0").said())
        .contains("server/target/athena-server-1.jar serve --port 0");
  }

  @Test
  void twoThatStartTogetherBuildOnce() throws Exception {
    Path secondIsThere = directory.resolve("second");
    machine.jdk("25").maven("until [ -e " + secondIsThere + " ]; do sleep 0.05; done");
    Path launcher = machine.repository().resolve("athena");
    Process first = machine.start(launcher, Map.of(), "list");
    Process second = machine.start(launcher, Map.of(), "list");
    Files.createFile(secondIsThere);
    assertThat(Outcome.of(first).exitCode()).isZero();
    assertThat(Outcome.of(second).exitCode()).isZero();
    assertThat(machine.builtTimes()).isEqualTo(1);
  }

  @Test
  void theCacheOfAFastStartIsMadeOnceAndAnewWhenAJarChanges() throws Exception {
    machine.jdk("25").maven("");
    assertThat(machine.run("list").said())
        .contains("Preparing a fast start of the client")
        .containsPattern("java .* -XX:AOTCache=\\S+/target/launcher/client.aot ");
    assertThat(machine.run("list").said()).doesNotContain("Preparing");
    Path jar = machine.repository().resolve("client/java/target/athena-client-1.jar");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(2)));
    assertThat(machine.run("list").said()).contains("Preparing a fast start of the client");
  }

  @Test
  void testTakesNoArguments() throws Exception {
    assertThat(machine.run("test", "everything").exitCode()).isEqualTo(2);
    assertThat(machine.run("test", "--help").said()).startsWith("Usage: athena test");
  }

  @Test
  void testTellsWhatWasSkippedAndWhy() throws Exception {
    machine
        .jdk("25")
        .maven(
            """
            mkdir -p server/target/surefire-reports
            cat > server/target/surefire-reports/TEST-some.ImageTest.xml <<'XML'
            <testsuite name="some.ImageTest" tests="3" errors="0" skipped="2" failures="0">
              <testcase name="runs" classname="some.ImageTest"/>
              <testcase name="isSmall" classname="some.ImageTest">
                <skipped message="System property [image] &lt;&quot;&gt; does not exist"/>
              </testcase>
              <testcase name="go" classname="some.ImageTest">
                <skipped type="org.opentest4j.TestAbortedException"><![CDATA[org.opentest4j.TestAbortedException: Go is missing
            at some.ImageTest]]></skipped>
              </testcase>
            </testsuite>
            XML
            """)
        .program("python3", "")
        .program("runc", "")
        .program("node", "")
        .program("npm", "exit 1");
    assertThat(machine.run("test").said())
        .contains(
            """

            Skipped:
              shellcheck: not installed
              ImageTest.go: Go is missing
              ImageTest.isSmall: System property [image] <"> does not exist
            """)
        .containsPattern("1 passed, \\d failed, 3 skipped\n");
  }
}
