package io.athena.procedures.sandbox;

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
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Facts about source, from a real parser in a real container. */
final class AnalyzeTest {
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
  void whatItWillNotReadIsSaid() {
    assertThatThrownBy(() -> analyzeChecked("#".repeat(8 * 1024 * 1024 + 1)))
        .isInstanceOf(StatusException.class)
        .extracting(failure -> Status.fromThrowable(failure).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
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
