package io.athena.procedures.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.error.OverloadedException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

final class ProjectSharesTest {
  @Test
  void aProjectThatHasItsShareUnderWayKeepsNobodyElseWaiting() {
    ProjectShares shares = new ProjectShares(1, Duration.ofMillis(1));
    String answer =
        shares.within(
            "busy",
            () -> {
              assertThatThrownBy(() -> shares.within("busy", () -> "no"))
                  .isInstanceOf(OverloadedException.class)
                  .hasMessageContaining("project 'busy' has 1 pieces of code under examination");
              return shares.within("other", () -> "yes");
            });
    assertThat(answer).isEqualTo("yes");
    assertThat(shares.within("busy", () -> "again")).isEqualTo("again");
  }

  @Test
  void whatWaitsHasItsTurnWhenAnotherEnds() throws Exception {
    ProjectShares shares = new ProjectShares(1, Duration.ofMinutes(1));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> waiting =
          shares.within("p", () -> threads.submit(() -> shares.within("p", () -> "later")));
      assertThat(waiting.get()).isEqualTo("later");
    }
  }

  @Test
  void aFailureGivesItsPlaceBack() {
    ProjectShares shares = new ProjectShares(1, Duration.ofMillis(1));
    assertThatThrownBy(() ->
            shares.within(
                "p",
                () -> {
                  throw new IllegalArgumentException("broken");
                }))
        .hasMessage("broken");
    assertThat(shares.within("p", () -> "works")).isEqualTo("works");
  }
}
