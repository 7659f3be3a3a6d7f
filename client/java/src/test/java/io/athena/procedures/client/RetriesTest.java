package io.athena.procedures.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.util.Durations;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RetriesTest {
  private final Retries retries = new Retries(3, Duration.ofSeconds(30));

  /** Fails with one status after the other, then answers. */
  private static final class Service implements Retries.Call<String> {
    private final Queue<Status> failures;
    private int calls;

    Service(Status... failures) {
      this.failures = new ArrayDeque<>(Arrays.asList(failures));
    }

    @Override
    public String attempt() throws io.grpc.StatusException {
      calls++;
      Status failure = failures.poll();
      if (failure != null) {
        throw failure.asException();
      }
      return "answer";
    }
  }

  @Test
  void anUnavailableServiceIsAskedAgain() {
    Service service = new Service(Status.UNAVAILABLE, Status.UNAVAILABLE);
    assertThat(retries.repeatedly(service)).isEqualTo("answer");
    assertThat(service.calls).isEqualTo(3);
  }

  @Test
  void itIsNotAskedForever() {
    Service service = new Service(Status.UNAVAILABLE, Status.UNAVAILABLE, Status.UNAVAILABLE);
    assertThatThrownBy(() -> retries.repeatedly(service))
        .isInstanceOfSatisfying(
            AthenaException.class, e -> assertThat(e.code()).isEqualTo(Status.Code.UNAVAILABLE));
    assertThat(service.calls).isEqualTo(3);
  }

  @Test
  void whatMightHappenTwiceIsAskedOnce() {
    Service service = new Service(Status.UNAVAILABLE);
    assertThatThrownBy(() -> retries.once(service)).isInstanceOf(AthenaException.class);
    assertThat(service.calls).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"OK", "UNAVAILABLE"})
  void aDecisionOfTheServiceIsFinal(Status.Code code) {
    Service service = new Service(code.toStatus());
    assertThatThrownBy(() -> retries.repeatedly(service))
        .isInstanceOfSatisfying(AthenaException.class, e -> assertThat(e.code()).isEqualTo(code));
    assertThat(service.calls).isEqualTo(1);
  }

  @Test
  void whatKeptFailingIsToldRatherThanThatTimeRanOut() {
    Service service =
        new Service(
            Status.UNAVAILABLE.withDescription("the database is lost"), Status.DEADLINE_EXCEEDED);
    assertThatThrownBy(() -> retries.repeatedly(service)).hasMessage("the database is lost");
  }

  @Test
  void whatAsksForMoreTimeThanThereIsIsNotWaitedFor() {
    com.google.rpc.Status status =
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.UNAVAILABLE.value())
            .setMessage("the model is busy")
            .addDetails(
                Any.pack(RetryInfo.newBuilder().setRetryDelay(Durations.fromHours(24)).build()))
            .build();
    int[] calls = {0};
    assertThatThrownBy(() ->
            retries.repeatedly(() -> {
              calls[0]++;
              throw StatusProto.toStatusException(status);
            }))
        .isInstanceOfSatisfying(
            AthenaException.class, e -> assertThat(e.retryDelay()).isEqualTo(Duration.ofHours(24)));
    assertThat(calls[0]).isEqualTo(1);
  }
}
