package io.athena.procedures.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The processes of a server: its own, PostgreSQL's, and those of its containers. */
record ServerTree(long server, long postmaster) {
  /** Clock ticks of /proc/PID/stat: USER_HZ, which is 100 on all that Linux runs Java on. */
  private static final double MILLIS_PER_TICK = 10;

  /** What a process is there for. */
  enum Kind {
    SERVER("server (JVM)"),
    POSTGRES("PostgreSQL"),
    RUNTIME("runc"),
    ZYGOTE("zygote, the warm interpreter"),
    NURSERY("nursery, which makes inits"),
    /** Shares the memory of the nursery. */
    INIT("inits of slots"),
    PROGRAM("slots"),
    /** What a slot's program started. */
    CHILD("children of slots");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  record Member(Kind kind, long pid) {}

  static ServerTree of(ServerProcess server) throws IOException {
    return new ServerTree(server.pid(), server.postmasterPid());
  }

  /** Those that live now. */
  List<Member> members() {
    List<Member> members = new ArrayList<>();
    members.add(new Member(Kind.SERVER, server));
    Set<String> slots = new HashSet<>();
    descendants(server).sorted().forEach(pid -> add(members, slots, pid));
    Stream.concat(Stream.of(postmaster), descendants(postmaster))
        .forEach(pid -> members.add(new Member(Kind.POSTGRES, pid)));
    return members;
  }

  /** Sums of PSS, each process's share of what is shared counted in, in MiB by kind. */
  Map<Kind, Double> memory() {
    Map<Kind, Double> sums = new TreeMap<>();
    for (Member member : members()) {
      if (member.kind != Kind.INIT && member.kind != Kind.CHILD) {
        sums.merge(member.kind, pssMebibytes(member.pid), Double::sum);
      }
    }
    return sums;
  }

  /**
   * CPU time in milliseconds by kind, of slots and their inits also that of those that have ended.
   */
  Map<Kind, Double> cpu() {
    Map<Kind, Double> sums = new TreeMap<>();
    for (Member member : members()) {
      String[] stat = stat(member.pid);
      if (stat.length > 0) {
        sums.merge(member.kind, millis(stat, 11) + millis(stat, 12), Double::sum);
        if (member.kind == Kind.ZYGOTE) {
          sums.merge(Kind.PROGRAM, millis(stat, 13) + millis(stat, 14), Double::sum);
        }
      }
    }
    return sums;
  }

  /** PSS of one process in MiB; 0 if it has ended. */
  static double pssMebibytes(long pid) {
    return mebibytes(read(pid, "smaps_rollup"), "Pss:");
  }

  /** The most that a process had in memory, in MiB; 0 if it has ended. */
  static double peakMebibytes(long pid) {
    return mebibytes(read(pid, "status"), "VmHWM:");
  }

  private static double mebibytes(String file, String key) {
    return file.lines()
        .filter(line -> line.startsWith(key))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .sum();
  }

  private static Stream<Long> descendants(long root) {
    return ProcessHandle.of(root).stream()
        .flatMap(ProcessHandle::descendants)
        .map(ProcessHandle::pid);
  }

  private static void add(List<Member> members, Set<String> slots, long pid) {
    List<String> ids = namespaceIds(pid);
    switch (ids.size()) {
      case 0 -> {} // It has ended meanwhile.
      case 1 -> members.add(new Member(Kind.RUNTIME, pid));
      case 2 -> members.add(new Member(ids.get(1).equals("1") ? Kind.ZYGOTE : Kind.NURSERY, pid));
      default -> members.add(new Member(inSlot(slots, pid, ids), pid));
    }
  }

  /** The first in a process namespace, after its init, is the program; the rest it has started. */
  private static Kind inSlot(Set<String> slots, long pid, List<String> ids) {
    if (ids.get(2).equals("1")) {
      return Kind.INIT;
    }
    return slots.add(processNamespace(pid)) ? Kind.PROGRAM : Kind.CHILD;
  }

  /** Empty if the process has ended meanwhile, or is just ending. */
  private static String processNamespace(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "ns", "pid")).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** A process has an id in each process namespace that it is in: the container's and a slot's. */
  private static List<String> namespaceIds(long pid) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith("NSpid:"))
        .flatMap(line -> Stream.of(line.substring("NSpid:".length()).strip().split("\\s+")))
        .toList();
  }

  /** The fields behind the name of the program, which may have spaces in it. */
  private static String[] stat(long pid) {
    String stat = read(pid, "stat");
    return stat.isEmpty()
        ? new String[0]
        : stat.substring(stat.lastIndexOf(')') + 2).strip().split(" ", -1);
  }

  private static double millis(String[] stat, int field) {
    return Long.parseLong(stat[field]) * MILLIS_PER_TICK;
  }

  /** Empty if the process has ended meanwhile. */
  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      if (!Files.exists(Path.of("/proc", Long.toString(pid)))) {
        return "";
      }
      throw new java.io.UncheckedIOException(e);
    }
  }
}
