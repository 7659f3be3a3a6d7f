package io.athena.procedures.sandbox;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A slot's report of a program's end, made by a process that the program could not reach.
 *
 * @param exitStatus what the program left with; meaningless if {@code signal} is not 0
 * @param signal what ended it, or 0
 * @param userMicros CPU time in user mode of all its processes
 * @param systemMicros CPU time in kernel mode of all its processes
 * @param peakMemory highest memory of all its processes together
 * @param oomKills how often the kernel ended a process of it for want of memory
 * @param processRefusals how often it was refused a process or thread
 */
record Ending(
    int exitStatus,
    int signal,
    long userMicros,
    long systemMicros,
    long peakMemory,
    long oomKills,
    long processRefusals) {
  static Ending parse(Frame frame) throws MalformedFrameException {
    JsonNode report = Json.parse(frame.payload());
    return new Ending(
        report.path("exit_status").asInt(0),
        report.path("signal").asInt(0),
        report.path("user_micros").asLong(0),
        report.path("system_micros").asLong(0),
        report.path("peak_memory").asLong(0),
        report.path("oom_kills").asLong(0),
        report.path("process_refusals").asLong(0));
  }

  /** What is known together about a run that has ended; null where something is missing. */
  record Facts(
      @Nullable StopCause stopped,
      @Nullable Ending ending,
      @Nullable Frame outcome,
      String malformed) {}
}
