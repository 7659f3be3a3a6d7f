package io.athena.procedures.bench;

import com.google.protobuf.Value;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.ExecutionStream;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.ExecutionLimits;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lets a program write much, and reads all of it, none of it, or leaves. */
@Command(
    name = "output",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures 1 GiB of a program's output through to a gRPC client, each byte compared, beside the",
      "same bytes through a pipe, through plain gRPC, and through both; the memory of each process;",
      "and what a client costs that does not read or goes away. Takes about a minute."
    })
final class OutputBenchmark implements Callable<Integer> {
  private static final String PIPE = "bare process and pipe";
  private static final String SENDING = "plain gRPC that only sends";
  private static final String BASELINE = "bare process, pipe and plain gRPC";
  private static final String SERVICE = "ExecuteProcedure";
  private static final long MEBIBYTE = 1 << 20;
  private static final int MOST_MEBIBYTES = 2048;

  @Mixin private final Frame frame = new Frame();

  @Option(
      names = "--mebibytes",
      defaultValue = "1024",
      description = "How much each program writes, up to 2048 (default: 1024).")
  private int mebibytes;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (mebibytes < 1 || mebibytes > MOST_MEBIBYTES) {
      throw new ParameterException(spec.commandLine(), "--mebibytes must be from 1 to 2048");
    }
    return frame.run("athena bench output", this::measure);
  }

  private Report measure(Frame.Stage stage) throws IOException, InterruptedException {
    Flood flood = new Flood(mebibytes * MEBIBYTE / Flood.BLOCK);
    Path script = stage.workplace().script("flood.py");
    ProcessBuilder program =
        new ProcessBuilder(
            stage.python().toString(), "-I", "-S", script.toString(), "" + flood.blocks());
    ExecuteProcedureRequest request = save(stage.client(), script, flood);
    AtomicLong programMemory = new AtomicLong();
    try (PlainServer piping = new PlainServer(() -> program.start().getInputStream());
        PlainServer sending = new PlainServer(flood::open);
        AthenaClient toPiping = AthenaClient.builder().address(piping.address()).build();
        AthenaClient toSending = AthenaClient.builder().address(sending.address()).build()) {
      MemoryPeaks before = MemoryPeaks.of(stage.server());
      List<Report.Row> rows =
          stage
              .rounds()
              .measure(
                  List.of(
                      turn(BASELINE, () -> read(toPiping, request, flood)),
                      turn(
                          PIPE,
                          () -> {
                            try (InputStream pipe = program.start().getInputStream()) {
                              flood.check(pipe);
                            }
                          }),
                      turn(SENDING, () -> read(toSending, request, flood)),
                      turn(
                          SERVICE, () -> programMemory.set(read(stage.client(), request, flood)))));
      List<Figure> figures = new ArrayList<>();
      for (Report.Row row : rows) {
        figures.add(
            new Figure(row.name(), mebibytes * 1e3 / row.series().percentileMillis(0.5), "MiB/s"));
      }
      figures.addAll(MemoryPeaks.of(stage.server()).figures(before));
      figures.add(
          new Figure(
              "most memory: the program, as its control group counts",
              programMemory.get() / (double) MEBIBYTE,
              "MiB"));
      stage.tell("not reading, and going away");
      IdleReader idle = IdleReader.measure(stage, request);
      figures.addAll(idle.figures());
      return new Report(Machine.here(stage.python()), BASELINE, rows, figures, bars(rows, idle));
    }
  }

  private static Rounds.Turn turn(String name, Callers.Call transfer) {
    return Rounds.Turn.of(new FloodCase(name, transfer), 1, 1);
  }

  /** Every transfer has been compared by then: one that differs ends the measurement. */
  private static List<Bar> bars(List<Report.Row> rows, IdleReader idle) {
    double plain = Report.find(rows, BASELINE, 1).series().percentileMillis(0.5);
    double service = Report.find(rows, SERVICE, 1).series().percentileMillis(0.5);
    return List.of(
        Bar.atLeast("speed of ExecuteProcedure over " + BASELINE, plain / service, 0.5, ""),
        Bar.atMost("a client goes away: its run has ended after", idle.secondsToEnd(), 1, "s"));
  }

  private static long read(AthenaClient client, ExecuteProcedureRequest request, Flood flood)
      throws IOException {
    try (ExecutionStream events = client.executeProcedure(request)) {
      return flood.check(events);
    }
  }

  private static ExecuteProcedureRequest save(AthenaClient client, Path script, Flood flood)
      throws IOException {
    Procedure procedure =
        client.rememberProcedure(
            Procedure.newBuilder()
                .setName("flood")
                .setCategory("benchmark")
                .addParameters(
                    Parameter.newBuilder()
                        .setName("count")
                        .setType(ParameterType.PARAMETER_TYPE_INTEGER)
                        .setRequired(true))
                .build());
    client.saveProcedureCode(
        SaveProcedureCodeRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setCode(Files.readString(script))
            .build());
    ExecuteProcedureRequest.Builder request =
        ExecuteProcedureRequest.newBuilder()
            .setProcedureId(procedure.getProcedureId())
            .setLimits(
                ExecutionLimits.newBuilder()
                    .setOutputBytes(MOST_MEBIBYTES * MEBIBYTE)
                    .setWallTime(com.google.protobuf.Duration.newBuilder().setSeconds(600)));
    request
        .getParametersBuilder()
        .putFields("count", Value.newBuilder().setNumberValue((double) flood.blocks()).build());
    return request.build();
  }
}
