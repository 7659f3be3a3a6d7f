package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.Log;
import io.athena.procedures.v1.ExecutionEvent.Output;
import io.athena.procedures.v1.ExecutionEvent.Progress;
import io.athena.procedures.v1.ExecutionEvent.Started;
import io.athena.procedures.v1.ExecutionEvent.ToolCall;
import io.athena.procedures.v1.InputFile;
import io.athena.procedures.v1.OutputStream;
import io.athena.procedures.v1.ResourceUsage;
import io.athena.sandbox.v1.RunResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * One program in one slot, from its start to the report of its end.
 *
 * <p>Each stream has a thread that reads and delivers; a receiver that does not read stops that
 * thread, then the socket's buffer fills, then the program's own write blocks. {@link #stop} may be
 * called from any thread.
 */
final class Run {
  private static final Logger log = LoggerFactory.getLogger(Run.class);
  private static final int READ_BYTES = 32 * 1024;

  private final Slot slot;
  private final Program program;
  private final RunSink sink;
  private final ScheduledExecutorService timer;
  private final Duration grace;
  private final AtomicReference<@Nullable StopCause> stopped = new AtomicReference<>();
  private final AtomicReference<@Nullable Frame> outcome = new AtomicReference<>();
  private final AtomicReference<String> malformed = new AtomicReference<>("");
  private final AtomicLong outputLeft;
  private final AtomicLong stdoutBytes = new AtomicLong();
  private final AtomicLong stderrBytes = new AtomicLong();
  private final AtomicReference<@Nullable ScheduledFuture<?>> lastResort = new AtomicReference<>();
  private final ToolCalls tools;
  private final Artifacts artifacts;
  private volatile boolean endSeen;

  Run(Slot slot, Program program, RunSink sink, ScheduledExecutorService timer, Duration grace) {
    this.slot = slot;
    this.program = program;
    this.sink = sink;
    this.timer = timer;
    this.grace = grace;
    this.tools = new ToolCalls(slot.control(), program.start().getServesTools());
    this.artifacts = new Artifacts(program.limits().artifactBytes());
    this.outputLeft = new AtomicLong(program.limits().outputBytes());
  }

  /**
   * Lets the program go, in a slot that was made for its limits.
   *
   * @throws IOException if the slot is dead; the program has not run, another slot may be tried
   * @throws IsolationUnavailableException if the slot refuses it
   */
  void begin() throws IOException, IsolationUnavailableException {
    // Closing the slot ends all that is in it, and every wait for it here.
    ScheduledFuture<?> alarm = timer.schedule(slot::close, grace.toMillis(), TimeUnit.MILLISECONDS);
    try {
      IOException broken = null;
      try {
        sendProgram();
      } catch (IOException e) {
        broken = e; // The slot may have ended because it refused; then it has said why.
      }
      Frame answer = slot.control().receive();
      if (answer != null && answer.kind() == FrameKind.REFUSED) {
        String reason = Json.parse(answer.payload()).path("reason").asString("unknown");
        throw new IsolationUnavailableException(
            "a limit of the run cannot be set, so nothing was run: " + reason);
      }
      if (answer != null && answer.kind() == FrameKind.RUNNING) {
        return; // Even if sending broke off: what ended the program then is told by its end.
      }
      throw broken == null ? new IOException("the slot ended before its program started") : broken;
    } finally {
      alarm.cancel(false);
    }
  }

  private void sendProgram() throws IOException {
    slot.control().send(FrameKind.CALL, program.callFrame());
    for (InputFile file : program.start().getInputFilesList()) {
      slot.control().send(FrameKind.FILE, file.getData().toByteArray());
    }
    if (program.start().getStdinClosed()) {
      slot.stdin().shutdownOutput();
    }
  }

  /** Delivers what the program does, until nothing of it is left; then tells how it ended. */
  Completed finish(String workerId) throws InterruptedException {
    long startNanos = System.nanoTime();
    ScheduledFuture<?> alarm =
        timer.schedule(
            () -> stop(StopCause.WALL_TIME),
            program.limits().wallTime().toNanos(),
            TimeUnit.NANOSECONDS);
    try {
      deliver(
          RunResponse.newBuilder().setStarted(Started.newBuilder().setWorkerId(workerId)).build());
      Thread stdout = pump(slot.stdout(), OutputStream.OUTPUT_STREAM_STDOUT, stdoutBytes);
      Thread stderr = pump(slot.stderr(), OutputStream.OUTPUT_STREAM_STDERR, stderrBytes);
      Thread control = Thread.ofVirtual().start(this::readControl);
      Ending ending = awaitEnding();
      endSeen = true;
      cancelLastResort();
      final long nanos = System.nanoTime() - startNanos;
      alarm.cancel(false);
      // The program's ends of these are closed by now, so the threads end when they have delivered
      // what is left.
      stdout.join();
      stderr.join();
      control.join();
      return completed(ending, nanos);
    } finally {
      alarm.cancel(false);
    }
  }

  /** The calls of tools that the program makes. */
  ToolCalls tools() {
    return tools;
  }

  /** Kills the program, once; the first cause is the one that is reported. */
  void stop(StopCause cause) {
    if (!stopped.compareAndSet(null, cause)) {
      return;
    }
    try {
      slot.supervisor().send(FrameKind.KILL, new byte[0]);
    } catch (IOException e) {
      return; // The slot has ended by itself.
    }
    // A slot that cannot be stopped takes its container with it.
    lastResort.set(
        timer.schedule(
            () -> {
              log.warn(
                  "a program could not be stopped within {}; its container is replaced", grace);
              slot.container().destroy();
            },
            grace.toMillis(),
            TimeUnit.MILLISECONDS));
    if (endSeen) {
      cancelLastResort();
    }
  }

  private void cancelLastResort() {
    ScheduledFuture<?> scheduled = lastResort.getAndSet(null);
    if (scheduled != null) {
      scheduled.cancel(false);
    }
  }

  private @Nullable Ending awaitEnding() {
    try {
      Frame frame = slot.supervisor().receive();
      return frame == null || frame.kind() != FrameKind.ENDED ? null : Ending.parse(frame);
    } catch (IOException e) {
      log.warn("a slot was lost: {}", e.toString());
      return null;
    }
  }

  private Completed completed(@Nullable Ending ending, long nanos) {
    Ending.Facts facts = new Ending.Facts(stopped.get(), ending, outcome.get(), malformed.get());
    Completed.Builder completed =
        Outcomes.judge(facts, program.limits()).setDuration(Times.fromNanos(nanos));
    ResourceUsage.Builder usage =
        ResourceUsage.newBuilder()
            .setStdoutBytes(stdoutBytes.get())
            .setStderrBytes(stderrBytes.get());
    if (ending != null) {
      usage
          .setUserCpuTime(Times.fromMicros(ending.userMicros()))
          .setSystemCpuTime(Times.fromMicros(ending.systemMicros()))
          .setPeakMemoryBytes(ending.peakMemory());
    }
    return completed.setUsage(usage).build();
  }

  private Thread pump(ReadableByteChannel channel, OutputStream stream, AtomicLong count) {
    return Thread.ofVirtual().start(() -> pumpUntilEnd(channel, stream, count));
  }

  private void pumpUntilEnd(ReadableByteChannel channel, OutputStream stream, AtomicLong count) {
    ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
    try {
      while (channel.read(buffer.clear()) >= 0) {
        int taken = take(buffer.flip().remaining());
        boolean all = taken == buffer.remaining();
        if (taken > 0) {
          count.addAndGet(taken);
          ByteString data = ByteString.copyFrom(buffer.limit(taken));
          deliver(
              RunResponse.newBuilder()
                  .setOutput(Output.newBuilder().setStream(stream).setData(data))
                  .build());
        }
        if (!all) {
          stop(StopCause.OUTPUT);
          return;
        }
      }
    } catch (IOException e) {
      log.debug("{} ended: {}", stream, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop(StopCause.CANCELLED);
    }
  }

  /** How many of these bytes the limit on output still allows. */
  private int take(int wanted) {
    long before = outputLeft.getAndUpdate(left -> Math.max(0, left - wanted));
    return (int) Math.min(before, wanted);
  }

  private void readControl() {
    try {
      for (Frame frame = slot.control().receive();
          frame != null;
          frame = slot.control().receive()) {
        handle(frame);
      }
    } catch (MalformedFrameException e) {
      malformed.compareAndSet("", String.valueOf(e.getMessage()));
      stop(StopCause.MALFORMED_FRAME);
    } catch (IOException e) {
      log.debug("the control connection ended: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop(StopCause.CANCELLED);
    }
  }

  private void handle(Frame frame) throws MalformedFrameException, InterruptedException {
    switch (frame.kind()) {
      case PROGRESS -> {
        JsonNode event = countedEvent(frame);
        deliver(
            RunResponse.newBuilder()
                .setProgress(
                    Progress.newBuilder()
                        .setFraction(Json.finite(event.path("fraction")))
                        .setMessage(Json.text(event.path("message").asString(""))))
                .build());
      }
      case LOG -> {
        JsonNode event = countedEvent(frame);
        deliver(
            RunResponse.newBuilder()
                .setLog(
                    Log.newBuilder()
                        .setMessage(Json.text(event.path("message").asString("")))
                        .setFields(Json.toStruct(event.path("fields"))))
                .build());
      }
      case TOOL_CALL -> {
        ToolCall call = tools.take(countedEvent(frame));
        if (call != null) {
          deliver(RunResponse.newBuilder().setToolCall(call).build());
        }
      }
      case ARTIFACT -> artifacts.begin(Json.parse(frame.payload()));
      case ARTIFACT_DATA -> deliver(artifacts.piece(frame.payload()));
      case RETURNED, RAISED, UNUSABLE -> {
        if (!outcome.compareAndSet(null, frame)) {
          throw new MalformedFrameException("the program reported its outcome twice");
        }
      }
      case LIMIT, KILL, CALL, FILE, TOOL_RESULT, READY, RUNNING, REFUSED, ENDED, FACTS ->
          throw new MalformedFrameException("a program cannot send frames of kind " + frame.kind());
    }
  }

  private JsonNode countedEvent(Frame frame) throws MalformedFrameException {
    if (take(frame.payload().size()) < frame.payload().size()) {
      stop(StopCause.OUTPUT);
    }
    return Json.parse(frame.payload());
  }

  private void deliver(RunResponse response) throws InterruptedException {
    try {
      sink.send(response);
    } catch (RunSink.CallerGoneException e) {
      stop(StopCause.CANCELLED);
    }
  }
}
