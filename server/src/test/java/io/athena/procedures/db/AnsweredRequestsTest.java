package io.athena.procedures.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.v1.GetProcedureRequest;
import io.athena.procedures.v1.GetProcedureResponse;
import io.athena.procedures.v1.Procedure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AnsweredRequestsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private static final GetProcedureRequest REQUEST =
      GetProcedureRequest.newBuilder().setProcedureId(1).build();

  private final MovableClock clock = new MovableClock();
  private final AnsweredRequests answeredRequests = new AnsweredRequests(database.jdbi(), clock);
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void workIsDoneOnceForARequestId() {
    assertThat(answer("once", REQUEST)).isEqualTo(1);
    assertThat(answer("once", REQUEST)).isEqualTo(1);
    assertThat(calls).hasValue(1);
  }

  @Test
  void workIsDoneEveryTimeWithoutARequestId() {
    assertThat(answer("", REQUEST)).isEqualTo(1);
    assertThat(answer("", REQUEST)).isEqualTo(2);
  }

  @Test
  void anotherRequestCannotTakeTheRequestId() {
    answer("mine", REQUEST);

    assertThatThrownBy(() -> answer("mine", REQUEST.toBuilder().setProcedureId(2).build()))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> assertThat(e.reason()).isEqualTo("REQUEST_ID_REUSED"));
    assertThat(calls).hasValue(1);
  }

  @Test
  void aFailedRequestMayBeTriedAgain() {
    assertThatThrownBy(() ->
            answeredRequests.answer(
                "fails",
                REQUEST,
                GetProcedureResponse.getDefaultInstance(),
                handle -> {
                  throw new FailedPreconditionException("REASON", "message", Map.of());
                }))
        .isInstanceOf(FailedPreconditionException.class);

    assertThat(answer("fails", REQUEST)).isEqualTo(1);
  }

  @Test
  void anAnswerIsForgottenAfterADay() {
    answer("daily", REQUEST);
    clock.move(Duration.ofHours(23));
    assertThat(answer("daily", REQUEST)).isEqualTo(1);

    clock.move(Duration.ofHours(2));

    assertThat(answer("daily", REQUEST)).isEqualTo(2);
    answer("another", REQUEST);
    clock.move(Duration.ofHours(25));
    answer("last", REQUEST);
    assertThat(
            database.jdbi().<Integer, RuntimeException>withHandle(AnsweredRequestsTest::countOld))
        .as("answers that were cleaned away with the last one's")
        .isZero();
  }

  private static int countOld(Handle handle) {
    return handle
        .createQuery(
            "select count(*) from answered_request where request_id in ('daily', 'another')")
        .mapTo(Integer.class)
        .one();
  }

  private long answer(String requestId, GetProcedureRequest request) {
    return answeredRequests
        .answer(
            requestId,
            request,
            GetProcedureResponse.getDefaultInstance(),
            handle ->
                GetProcedureResponse.newBuilder()
                    .setProcedure(Procedure.newBuilder().setProcedureId(calls.incrementAndGet()))
                    .build())
        .getProcedure()
        .getProcedureId();
  }

  private static final class MovableClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void move(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return Clock.fixed(now, zone);
    }
  }
}
