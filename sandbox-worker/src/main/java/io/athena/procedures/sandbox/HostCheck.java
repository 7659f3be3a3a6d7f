package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells whether this host can isolate programs, check by check, each with the command that mends
 * it.
 */
public final class HostCheck {
  private static final Pattern KERNEL = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

  private HostCheck() {}

  /**
   * One check.
   *
   * @param name what was checked, in a word or two
   * @param passed whether programs can be run as far as this goes
   * @param detail what was found
   * @param remedy the exact command, or what else to do; empty if passed
   */
  public record Finding(String name, boolean passed, String detail, String remedy) {
    /** The finding as one sentence. */
    public String sentence() {
      return passed ? name + ": " + detail : name + ": " + detail + "; " + remedy;
    }
  }

  /** Makes all checks; takes about a tenth of a second and changes nothing. */
  public static List<Finding> run(WorkerConfig config) {
    return List.of(
        kernel(),
        user(),
        runtime(config),
        userNamespaces(),
        cgroups(),
        python(config),
        runDirectory(config));
  }

  private static Finding kernel() {
    String name = "kernel";
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return failed(
          name,
          "this is no Linux",
          "run the worker on Linux 5.12 or newer, such as in a virtual machine");
    }
    String release = System.getProperty("os.version", "");
    Matcher numbers = KERNEL.matcher(release);
    boolean recent =
        numbers.matches()
            && Integer.parseInt(numbers.group(1)) * 1000 + Integer.parseInt(numbers.group(2))
                >= 5012;
    return recent
        ? passed(name, "Linux " + release)
        : failed(name, "Linux " + release + " is older than 5.12", "install a newer kernel");
  }

  private static Finding user() {
    try {
      Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
      return uid.equals(0)
          ? passed("user", "root")
          : failed("user", "containers can only be set up by root", "start it as root, with sudo");
    } catch (IOException | UnsupportedOperationException e) {
      return failed("user", "cannot be told: " + e, "mount /proc");
    }
  }

  private static Finding runtime(WorkerConfig config) {
    String runtime = config.runtime();
    String remedy = "install it with: apt-get install --yes " + Path.of(runtime).getFileName();
    try {
      Command.Result answer = Command.run(List.of(runtime, "--version"));
      String firstLine = answer.output().lines().findFirst().orElse("");
      return answer.succeeded()
          ? passed("OCI runtime", firstLine)
          : failed("OCI runtime", runtime + " does not work: " + firstLine, remedy);
    } catch (IOException e) {
      return failed("OCI runtime", "'%s' is not installed".formatted(runtime), remedy);
    }
  }

  private static Finding userNamespaces() {
    String name = "user namespaces";
    String remedy = "allow them with: sysctl -w user.max_user_namespaces=10000";
    try {
      // By lines: the kernel gives a number only to who reads all of it at once.
      String most =
          Files.readAllLines(Path.of("/proc/sys/user/max_user_namespaces")).getFirst().strip();
      return most.equals("0")
          ? failed(name, "forbidden on this host", remedy)
          : passed(name, "up to " + most);
    } catch (IOException e) {
      return failed(name, "this kernel has none", "install a kernel with CONFIG_USER_NS");
    }
  }

  private static Finding cgroups() {
    String name = "control groups";
    String remedy = "mount them with: apt-get install --yes cgroupfs-mount && cgroupfs-mount";
    try {
      HostCgroups cgroups = HostCgroups.detect();
      for (Path parent : cgroups.parents()) {
        if (!Files.isWritable(parent)) {
          return failed(
              name,
              parent + " cannot be written",
              "remount it with: mount -o remount,rw " + parent);
        }
      }
      return passed(name, cgroups.version() + " with memory, pids and cpu");
    } catch (IOException e) {
      return failed(name, String.valueOf(e.getMessage()), remedy);
    }
  }

  private static Finding python(WorkerConfig config) {
    try {
      PythonInterpreter python = PythonInterpreter.find(config);
      return passed("Python", "%s %s".formatted(python.executable(), python.version()).strip());
    } catch (IOException e) {
      return failed(
          "Python",
          String.valueOf(e.getMessage()),
          "install it with: apt-get install --yes python3");
    }
  }

  private static Finding runDirectory(WorkerConfig config) {
    String name = "run directory";
    Path directory = config.runDirectory().toAbsolutePath().normalize();
    List<Path> closed = new ArrayList<>();
    try {
      for (Path path = directory; path != null; path = path.getParent()) {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
            && !Files.getPosixFilePermissions(path).contains(PosixFilePermission.OTHERS_EXECUTE)) {
          closed.add(path);
        }
      }
    } catch (IOException e) {
      return failed(name, directory + " cannot be read: " + e, "choose another with --run-dir");
    }
    return closed.isEmpty()
        ? passed(name, directory.toString())
        : failed(
            name,
            "containers' users cannot reach %s through %s".formatted(directory, closed.getFirst()),
            "choose another with --run-dir, or: chmod o+x " + closed.getFirst());
  }

  private static Finding passed(String name, String detail) {
    return new Finding(name, true, detail, "");
  }

  private static Finding failed(String name, String detail, String remedy) {
    return new Finding(name, false, detail, remedy);
  }
}
