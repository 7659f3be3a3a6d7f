package io.athena.procedures.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.athena.procedures.error.AbortedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DatabaseFailuresTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  @Test
  void aLostConnectionMakesTheServiceUnavailable() {
    Throwable failure =
        catchThrowable(() ->
            database
                .jdbi()
                .useHandle(handle ->
                    handle
                        .createQuery("select pg_terminate_backend(pg_backend_pid())")
                        .mapTo(Boolean.class)
                        .one()));

    assertThat(DatabaseFailures.toUnavailable(failure))
        .hasValueSatisfying(
            unavailable -> assertThat(unavailable.reason()).isEqualTo("DATABASE_UNAVAILABLE"));
  }

  @Test
  void anyOtherFailureDoesNot() {
    Throwable failure =
        catchThrowable(() -> database.jdbi().useHandle(handle -> handle.execute("select 1 / 0")));

    assertThat(failure).isNotNull();
    assertThat(DatabaseFailures.toUnavailable(failure)).isEmpty();
  }

  @Test
  void aTransactionThatMetOthersIsTheCallersToRepeat() {
    Throwable failure =
        catchThrowable(() ->
            database
                .jdbi()
                .useHandle(handle ->
                    handle.execute(
                        "do $$ begin raise exception 'met' using errcode = '40P01'; end $$")));

    assertThat(DatabaseFailures.isPassing(failure)).isTrue();
    assertThat(DatabaseFailures.toUnavailable(failure)).isEmpty();
    assertThat(DatabaseFailures.toServiceException(failure))
        .hasValueSatisfying(told -> assertThat(told).isInstanceOf(AbortedException.class));
  }
}
