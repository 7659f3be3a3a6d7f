package io.athena.procedures.sandbox;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.v1.FailureKind;
import io.athena.sandbox.v1.AnalyzeRequest;
import io.athena.sandbox.v1.AnalyzeResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Facts about source, from a real parser in a real container. */
final class AnalyzeTest {
  /** Seats for large sources: see {@link Analyzer}. */
  private static final int MOST_LARGE =
      Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 16);

  /** The compiler compares each keyword with all others, which takes longer than is allowed. */
  private static final String SLOW =
      IntStream.range(0, 400_000).mapToObj(i -> "a" + i + "=1").collect(joining(",", "f(", ")"));

  /** Seconds; less than the analyzer gives any source. */
  private static final int SOON = 8;

  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void tellsWhatSourceReaches() {
    Struct facts =
        facts("from os import system as s\n\ndef run(command):\n    return s(command)\n");

    assertThat(first(facts, "uses")).isEqualTo("os.system");
    assertThat(field(facts, "functions").getListValue().getValues(0).getStructValue())
        .satisfies(function ->
            assertThat(function.getFieldsOrThrow("name").getStringValue()).isEqualTo("run"));
  }

  @Test
  void tellsWhereSourceIsWrong() {
    Struct error = field(facts("x = 1\ndef f(:\n    pass\n"), "error").getStructValue();

    assertThat(error.getFieldsOrThrow("kind").getStringValue()).isEqualTo("SyntaxError");
    assertThat(error.getFieldsOrThrow("at").getListValue().getValues(0).getNumberValue())
        .isEqualTo(2);
  }

  @Test
  void walksPatternsOfEveryKind() {
    Struct facts =
        facts(
            """
            match x:
                case True | False | None: a()
                case {"k": [1, *rest], **more}: b()
                case Point(x=0) as point if point: import after
            """);

    assertThat(facts.containsFields("error")).isFalse();
    assertThat(first(facts, "imports")).isEqualTo("after");
  }

  @Test
  void answersManyAtOnce() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String source = "import module_" + i;
        answers.add(executor.submit(() -> first(facts(source), "imports")));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(answers.get(i).get()).isEqualTo("module_" + i);
      }
    }
  }

  @Test
  void aParserThatNeedsTooMuchMemoryHurtsNobody() {
    // Each empty tuple becomes a node of its own in the tree.
    AnalyzeResponse response = analyze("x = [" + "(),".repeat(2_700_000) + "]");

    assertThat(response.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_MEMORY_LIMIT);
    assertThat(first(facts("import after"), "imports")).isEqualTo("after");
  }

  @Test
  void aSmallSourceDoesNotWaitForLargeOnes() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        Context.CancellableContext callers = Context.current().withCancellation()) {
      for (int i = 0; i < 2 * MOST_LARGE; i++) {
        executor.execute(callers.wrap(AnalyzeTest::examineSlowSource));
      }
      awaitNoSeatForLarge();

      AnalyzeResponse response =
          sandbox
              .stub()
              .withDeadlineAfter(SOON, TimeUnit.SECONDS)
              .analyze(AnalyzeRequest.newBuilder().setCode("import after").build());

      assertThat(first(struct(response.getFacts()), "imports")).isEqualTo("after");
    }
  }

  @Test
  void aCallerWhoGoesAwayFreesTheAnalyzer() throws Exception {
    CountDownLatch gone = new CountDownLatch(MOST_LARGE);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        Context.CancellableContext callers = Context.current().withCancellation()) {
      for (int i = 0; i < MOST_LARGE; i++) {
        executor.execute(
            callers.wrap(() -> {
              examineSlowSource();
              gone.countDown();
            }));
      }
      awaitNoSeatForLarge();

      callers.cancel(null);

      assertThat(gone.await(SOON, TimeUnit.SECONDS)).isTrue();
      assertThat(first(struct(analyzeLarge(SOON).getFacts()), "imports")).isEqualTo("after");
    }
  }

  @Test
  void anAlarmThatWasDismissedNeverRings() throws Exception {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      for (int i = 0; i < 2_000; i++) {
        AtomicBoolean rung = new AtomicBoolean();
        Alarm alarm = Alarm.set(timer, Duration.ofNanos(50_000), () -> rung.set(true));
        Thread.onSpinWait();
        boolean dismissed = alarm.dismiss();
        // What the timer has begun it ends before this.
        timer.submit(() -> {}).get();
        assertThat(rung.get()).isNotEqualTo(dismissed);
        assertThat(alarm.dismiss()).isEqualTo(dismissed);
      }
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void columnsAreCountedInCharactersHoweverLongTheLineIs() {
    String before = "ä = 'ö𝄞'; ".repeat(300);

    Struct facts = facts(before + "import after; x = '" + "ü".repeat(3_000) + "'; import more");

    assertThat(column(facts, 0)).isEqualTo(before.codePointCount(0, before.length()) + 1);
    assertThat(column(facts, 1)).isEqualTo(before.codePointCount(0, before.length()) + 3_000 + 23);
  }

  @Test
  void whatItWillNotReadIsSaid() {
    assertThatThrownBy(() -> analyzeChecked("#".repeat(8 * 1024 * 1024 + 1)))
        .isInstanceOf(StatusException.class)
        .extracting(failure -> Status.fromThrowable(failure).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private static void examineSlowSource() {
    try {
      AnalyzeResponse response = analyzeChecked(SLOW);
      assertThat(response.getFailure().getKind()).isEqualTo(FailureKind.FAILURE_KIND_TIMEOUT);
    } catch (StatusException gone) {
      assertThat(gone.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED);
    }
  }

  /** Where all seats are taken, a source waits to the end of its caller's time. */
  private static void awaitNoSeatForLarge() {
    try {
      while (true) {
        assertThat(analyzeLarge(1).getFailure().getMessage()).isEmpty();
      }
    } catch (StatusException late) {
      assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    }
  }

  private static AnalyzeResponse analyzeLarge(int seconds) throws StatusException {
    return sandbox
        .stub()
        .withDeadlineAfter(seconds, TimeUnit.SECONDS)
        .analyze(
            AnalyzeRequest.newBuilder().setCode("import after\n" + "#".repeat(40 * 1024)).build());
  }

  private static double column(Struct facts, int index) {
    return field(facts, "imports")
        .getListValue()
        .getValues(index)
        .getListValue()
        .getValues(2)
        .getListValue()
        .getValues(1)
        .getNumberValue();
  }

  private static Struct facts(String source) {
    AnalyzeResponse response = analyze(source);
    assertThat(response.getFailure().getMessage()).isEmpty();
    return struct(response.getFacts());
  }

  private static Struct struct(ByteString json) {
    try {
      Struct.Builder struct = Struct.newBuilder();
      JsonFormat.parser().merge(json.toStringUtf8(), struct);
      return struct.build();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static AnalyzeResponse analyze(String source) {
    try {
      return analyzeChecked(source);
    } catch (StatusException e) {
      throw new AssertionError(e);
    }
  }

  private static AnalyzeResponse analyzeChecked(String source) throws StatusException {
    return sandbox.stub().analyze(AnalyzeRequest.newBuilder().setCode(source).build());
  }

  private static Value field(Struct facts, String name) {
    return facts.getFieldsOrThrow(name);
  }

  /** The name in the first of a list of facts. */
  private static String first(Struct facts, String name) {
    return field(facts, name)
        .getListValue()
        .getValues(0)
        .getListValue()
        .getValues(0)
        .getStringValue();
  }
}
