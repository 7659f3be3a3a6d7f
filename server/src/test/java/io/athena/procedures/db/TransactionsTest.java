package io.athena.procedures.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TransactionsTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final AtomicInteger attempts = new AtomicInteger();

  @Test
  void bothOfTwoThatWaitForEachOtherEnd() throws Exception {
    CyclicBarrier bothHaveTheirFirst = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> one = threads.submit(() -> lockBoth(bothHaveTheirFirst, 1, 2));
      Future<Integer> other = threads.submit(() -> lockBoth(bothHaveTheirFirst, 2, 1));

      assertThat(one.get()).isEqualTo(1);
      assertThat(other.get()).isEqualTo(2);
    }
    assertThat(attempts).hasValue(3);
  }

  private int lockBoth(CyclicBarrier bothHaveTheirFirst, int first, int second) {
    return Transactions.inTransaction(
        database.jdbi(),
        handle -> {
          lock(handle, first);
          if (attempts.incrementAndGet() <= 2) {
            await(bothHaveTheirFirst);
          }
          lock(handle, second);
          return first;
        });
  }

  private static void lock(Handle handle, int number) {
    handle
        .createQuery("select pg_advisory_xact_lock(:n)::text")
        .bind("n", number)
        .mapTo(String.class)
        .one();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException("the other one did not come", e);
    }
  }

  @Test
  void noOtherFailureIsTriedAgain() {
    assertThatThrownBy(() ->
            Transactions.inTransaction(
                database.jdbi(),
                handle -> {
                  attempts.incrementAndGet();
                  return handle.execute("select 1 / 0");
                }))
        .hasMessageContaining("division by zero");
    assertThat(attempts).hasValue(1);
  }
}
