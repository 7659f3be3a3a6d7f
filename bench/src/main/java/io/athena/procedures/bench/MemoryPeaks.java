package io.athena.procedures.bench;

import io.athena.procedures.bench.ServerTree.Kind;
import io.athena.procedures.bench.ServerTree.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The most memory that each kind of process has had in its life, as the kernel keeps it (VmHWM:
 * resident, shared pages included), in MiB: the largest process of its kind. The client is this
 * process, in which the servers of the baselines are, too. The worker is part of the server's.
 */
record MemoryPeaks(Map<String, Double> mebibytes) {
  private static final Set<Kind> LASTING =
      EnumSet.of(Kind.SERVER, Kind.POSTGRES, Kind.RUNTIME, Kind.ZYGOTE, Kind.NURSERY);

  static MemoryPeaks of(ServerProcess server) throws IOException {
    Map<String, Double> peaks = new TreeMap<>();
    for (Member member : ServerTree.of(server).members()) {
      if (LASTING.contains(member.kind())) {
        peaks.merge(member.kind().label(), ServerTree.peakMebibytes(member.pid()), Math::max);
      }
    }
    peaks.put("client (JVM)", ServerTree.peakMebibytes(ProcessHandle.current().pid()));
    return new MemoryPeaks(peaks);
  }

  List<Figure> figures(MemoryPeaks before) {
    List<Figure> figures = new ArrayList<>();
    mebibytes.forEach((name, now) -> {
      String sooner = "%.0f before".formatted(before.mebibytes.getOrDefault(name, 0.0));
      figures.add(new Figure("most memory: %s (%s)".formatted(name, sooner), now, "MiB"));
    });
    return figures;
  }
}
