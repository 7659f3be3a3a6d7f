package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Containers from a folder with an image's root file system, which the property {@code
 * athena.rootfs} names; without it this does not run. The commands are in the module's README.
 */
@EnabledIfSystemProperty(named = "athena.rootfs", matches = "/.+")
final class RootfsTest {
  private static final Path ROOTFS = Path.of(System.getProperty("athena.rootfs", "/"));
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start(config -> config.withRootfs(ROOTFS));
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void programsRunOnTheImageAndEverythingIsProvedOfIt() throws IOException {
    Path marker = Files.writeString(ROOTFS.resolve("etc/athena-rootfs-test"), "of the image");
    try {
      TestRun run = sandbox.run("def main(): return open('/etc/athena-rootfs-test').read()");

      assertThat(run.result().getStringValue()).isEqualTo("of the image");
      assertThat(sandbox.load().getEnforcedMap()).containsKey(Guarantee.READ_ONLY_ROOT.key());
      assertThat(sandbox.load().getPythonVersion()).matches("3\\.\\d+\\..+");
    } finally {
      Files.delete(marker);
    }
  }

  @Test
  void theHostsFilesAreNotThere() {
    TestRun run =
        sandbox.run(
            "import os\ndef main(): return os.stat('/usr/bin/python3').st_ino == %d"
                .formatted(inode()));

    assertThat(run.result().getBoolValue()).isFalse();
  }

  private static long inode() {
    try {
      return (long) Files.getAttribute(Path.of("/usr/bin/python3"), "unix:ino");
    } catch (IOException e) {
      throw new AssertionError("the host has a Python", e);
    }
  }
}
