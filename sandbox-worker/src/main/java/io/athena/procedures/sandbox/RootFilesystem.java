package io.athena.procedures.sandbox;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The container's root: a folder of ours with mount points and a minimal {@code /etc}, on which
 * parts of the host or of an image are mounted read-only. Nothing of the host is copied but links.
 */
final class RootFilesystem {
  /** Of the host only what holds programs and libraries. */
  private static final Set<String> HOST_FOLDERS =
      Set.of("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32");

  /** Of an image all but what is made anew for each slot. */
  private static final Set<String> NOT_FROM_IMAGE =
      Set.of("proc", "sys", "dev", "run", "tmp", "workspace", "athena", "boot", "lost+found");

  private static final List<String> MOUNT_POINTS =
      List.of("proc", "dev", "tmp", "workspace", "athena");
  private static final int FIRST_UID = 1000;
  private static final int UIDS = 512;

  private RootFilesystem() {}

  /** A folder to mount read-only at the given place in the container. */
  record ReadOnlyMount(Path source, String target) {}

  /** Builds the folder and returns what to mount on it. */
  static List<ReadOnlyMount> build(Path root, WorkerConfig config, PythonInterpreter python)
      throws IOException {
    for (String name : MOUNT_POINTS) {
      Files.createDirectories(root.resolve(name));
    }
    List<ReadOnlyMount> mounts = new ArrayList<>();
    Path image = config.rootfs();
    if (image == null) {
      addFolders(Path.of("/"), root, HOST_FOLDERS, Set.of(), mounts);
      writeEtc(root.resolve("etc"));
      copyAlternatives(Path.of("/etc/alternatives"), root.resolve("etc/alternatives"));
      if (!python.prefix().startsWith("/usr")) {
        Files.createDirectories(root.resolve(python.prefix().toString().substring(1)));
        mounts.add(new ReadOnlyMount(python.prefix(), python.prefix().toString()));
      }
    } else {
      addFolders(image, root, Set.of(), NOT_FROM_IMAGE, mounts);
    }
    return mounts;
  }

  private static void addFolders(
      Path source, Path root, Set<String> only, Set<String> except, List<ReadOnlyMount> mounts)
      throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(source)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (except.contains(name) || (!only.isEmpty() && !only.contains(name))) {
          continue;
        }
        Path target = root.resolve(name);
        if (Files.isSymbolicLink(entry)) {
          Files.createSymbolicLink(target, Files.readSymbolicLink(entry));
        } else if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          Files.createDirectories(target);
          mounts.add(new ReadOnlyMount(entry, "/" + name));
        }
      }
    }
  }

  /** Debian's libraries for linear algebra, among others, are found by way of these links. */
  private static void copyAlternatives(Path source, Path target) throws IOException {
    if (!Files.isDirectory(source)) {
      return;
    }
    Files.createDirectories(target);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(source)) {
      for (Path entry : entries) {
        if (Files.isSymbolicLink(entry)) {
          Files.createSymbolicLink(
              target.resolve(entry.getFileName()), Files.readSymbolicLink(entry));
        }
      }
    }
  }

  private static void writeEtc(Path etc) throws IOException {
    Files.createDirectories(etc);
    StringBuilder users = new StringBuilder("root:x:0:0:root:/:/usr/sbin/nologin\n");
    StringBuilder groups = new StringBuilder("root:x:0:\n");
    // Each slot has a uid of its own; to a program its user is always called "sandbox".
    for (int uid = FIRST_UID; uid < FIRST_UID + UIDS; uid++) {
      users.append("sandbox:x:%d:%d::/workspace:/bin/sh%n".formatted(uid, uid));
      groups.append("sandbox:x:%d:%n".formatted(uid));
    }
    Files.writeString(etc.resolve("passwd"), users);
    Files.writeString(etc.resolve("group"), groups);
    Files.writeString(etc.resolve("hosts"), "127.0.0.1 localhost sandbox\n");
    Files.writeString(etc.resolve("nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files\n");
  }
}
