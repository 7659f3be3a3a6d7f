package io.athena.procedures.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ConnectionFailuresTest {
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

    assertThat(ConnectionFailures.toUnavailable(failure))
        .hasValueSatisfying(
            unavailable -> assertThat(unavailable.reason()).isEqualTo("DATABASE_UNAVAILABLE"));
  }

  @Test
  void anyOtherFailureDoesNot() {
    Throwable failure =
        catchThrowable(() -> database.jdbi().useHandle(handle -> handle.execute("select 1 / 0")));

    assertThat(failure).isNotNull();
    assertThat(ConnectionFailures.toUnavailable(failure)).isEmpty();
  }
}
