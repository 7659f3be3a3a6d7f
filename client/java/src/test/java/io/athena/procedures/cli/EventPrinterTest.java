package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Value;
import io.athena.procedures.v1.ExecutionEvent;
import io.athena.procedures.v1.ExecutionEvent.Completed;
import io.athena.procedures.v1.ExecutionEvent.Output;
import io.athena.procedures.v1.Failure;
import io.athena.procedures.v1.FailureKind;
import io.athena.procedures.v1.Outcome;
import io.athena.procedures.v1.OutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EventPrinterTest {
  private final CapturedTerminal captured = CapturedTerminal.plain();

  @Test
  void bytesComeOutAsTheyWereWrittenOnTheStreamTheyWereWrittenTo() throws IOException {
    byte[] bytes = {0, (byte) 0xff, '\r', (byte) 0xc3, 27, '['};
    int code =
        print(
            EventPrinter.Form.QUIET,
            output(OutputStream.OUTPUT_STREAM_STDOUT, ByteString.copyFrom(bytes)),
            output(OutputStream.OUTPUT_STREAM_STDERR, ByteString.copyFromUtf8("oops")),
            completed(Outcome.OUTCOME_SUCCESS));
    assertThat(captured.outBytes()).isEqualTo(bytes);
    assertThat(captured.err()).isEqualTo("oops");
    assertThat(code).isEqualTo(ExitCodes.SUCCESS);
  }

  @Test
  void theResultAloneGoesToStandardOutputWhenAskedFor() throws IOException {
    print(
        EventPrinter.Form.RESULT,
        output(OutputStream.OUTPUT_STREAM_STDOUT, ByteString.copyFromUtf8("chatter\n")),
        completed(Outcome.OUTCOME_SUCCESS));
    assertThat(captured.out()).isEqualTo("{\"a\":1}\n");
    assertThat(captured.err()).isEqualTo("chatter\n");
  }

  @Test
  void aFailureIsToldWithItsKindAndItsTraceback() throws IOException {
    ExecutionEvent failed =
        ExecutionEvent.newBuilder()
            .setCompleted(
                Completed.newBuilder()
                    .setOutcome(Outcome.OUTCOME_FAILURE)
                    .setFailure(
                        Failure.newBuilder()
                            .setKind(FailureKind.FAILURE_KIND_EXCEPTION)
                            .setMessage("ValueError: no")
                            .setTraceback("Traceback:\n  line 3\nValueError: no\n")))
            .build();
    int code = print(EventPrinter.Form.FULL, failed);
    assertThat(captured.err())
        .isEqualTo("failure (exception)\nTraceback:\n  line 3\nValueError: no\n");
    assertThat(code).isEqualTo(ExitCodes.FAILURE);
  }

  @Test
  void skippedHasAnExitCodeOfItsOwn() throws IOException {
    assertThat(print(EventPrinter.Form.FULL, completed(Outcome.OUTCOME_SKIPPED)))
        .isEqualTo(ExitCodes.SKIPPED);
  }

  @Test
  void aStreamWithoutAnOutcomeIsAFaultOfTheService() throws IOException {
    assertThat(print(EventPrinter.Form.FULL)).isEqualTo(ExitCodes.SERVICE);
  }

  private int print(EventPrinter.Form form, ExecutionEvent... events) throws IOException {
    Iterator<ExecutionEvent> iterator = List.of(events).iterator();
    return new EventPrinter(captured.terminal(), form).printAll(iterator, event -> {});
  }

  private static ExecutionEvent output(OutputStream stream, ByteString data) {
    return ExecutionEvent.newBuilder()
        .setOutput(Output.newBuilder().setStream(stream).setData(data))
        .build();
  }

  private static ExecutionEvent completed(Outcome outcome) {
    Completed.Builder completed = Completed.newBuilder().setOutcome(outcome);
    if (outcome == Outcome.OUTCOME_SUCCESS) {
      Value.Builder result = Value.newBuilder();
      result.getStructValueBuilder().putFields("a", Value.newBuilder().setNumberValue(1).build());
      completed.setResult(result);
    }
    return ExecutionEvent.newBuilder().setCompleted(completed).build();
  }
}
