package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An OCI bundle: the folder from which the runtime makes a container. */
final class Bundle {
  /** Above systemd's range for containers, and so above what accounts and other containers use. */
  private static final int FIRST_UID_OF_ALL = 0x70000000;

  private static final int UIDS = 65536;
  private static final int UID_RANGES = 2048;

  private Bundle() {}

  /**
   * Writes a bundle whose first process is the interpreter.
   *
   * @param number counts the worker's containers
   * @param groupName name of the container's control group, which is made here
   * @param arguments the interpreter's
   */
  static void write(
      Container.Environment environment,
      int number,
      Path folder,
      String groupName,
      List<String> arguments)
      throws IOException {
    int firstUid =
        FIRST_UID_OF_ALL + Math.floorMod(environment.uidOffset() + number, UID_RANGES) * UIDS;
    Path root = folder.resolve("rootfs");
    List<RootFilesystem.ReadOnlyMount> mounts =
        RootFilesystem.build(root, environment.config(), environment.python());
    RunDirectory.makeReadable(folder);
    Path socketDirectory = Files.createDirectory(folder.resolve("run"));
    Files.setAttribute(socketDirectory, "unix:uid", firstUid);
    Files.setAttribute(socketDirectory, "unix:gid", firstUid);
    Map<String, Path> groups = environment.cgroups().delegate(groupName, firstUid);
    List<String> command = new ArrayList<>();
    command.add(environment.python().executable().toString());
    command.addAll(arguments);
    OciConfig.Parts parts =
        new OciConfig.Parts(
            mounts,
            environment.runDirectory().library(),
            socketDirectory,
            groups,
            environment.cgroups().runtimePath(groupName),
            environment.cgroups().cpuShares(),
            firstUid,
            command);
    Files.write(folder.resolve("config.json"), OciConfig.write(parts));
  }
}
