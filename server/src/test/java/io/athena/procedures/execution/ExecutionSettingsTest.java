package io.athena.procedures.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.error.Violations;
import io.athena.procedures.sandbox.RunLimits;
import io.athena.procedures.v1.ExecutionLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ExecutionSettingsTest {
  @Test
  void defaultsAreTheDocumentedOnes() {
    ExecutionSettings settings = ExecutionSettings.defaults();

    assertThat(settings.heartbeat()).isEqualTo(Duration.ofSeconds(15));
    assertThat(settings.storage().outputBytes()).isEqualTo(1 << 20);
    assertThat(settings.storage().events()).isEqualTo(10_000);
    assertThat(settings.storage().flushInterval()).isEqualTo(Duration.ofMillis(200));
    assertThat(settings.queuedRuns()).isEqualTo(2);
    assertThat(settings.sharing().heartbeat()).isEqualTo(Duration.ofSeconds(5));
    assertThat(settings.sharing().deadAfter()).isEqualTo(Duration.ofSeconds(30));
    assertThat(settings.sharing().soleServer()).isTrue();
    assertThat(settings.storage().keepFor()).isZero();
  }

  @Test
  void defaultLimitsAreTheDocumentedOnes() {
    ExecutionSettings settings = ExecutionSettings.defaults();
    ExecutionLimits limits =
        new LimitPolicy(settings.defaultLimits(), settings.maximumLimits())
            .apply(ExecutionLimits.getDefaultInstance(), new Violations());

    assertThat(limits.getWallTime().getSeconds()).isEqualTo(30);
    assertThat(limits.getCpuTime().getSeconds()).isEqualTo(30);
    assertThat(limits.getMemoryBytes()).isEqualTo(256L << 20);
    assertThat(limits.getOutputBytes()).isEqualTo(16L << 20);
    assertThat(limits.getProcesses()).isEqualTo(64);
    assertThat(limits.getDiskBytes()).isEqualTo(64L << 20);
    assertThat(limits.getArtifactBytes()).isEqualTo(64L << 20);
    // Of the slots that workers keep ready.
    assertThat(RunLimits.USUAL)
        .returns(limits.getMemoryBytes(), RunLimits::memoryBytes)
        .returns(limits.getProcesses(), RunLimits::processes)
        .returns(limits.getDiskBytes(), RunLimits::diskBytes);
  }

  @Test
  void projectsHaveNoLimitUntilOneIsSet() {
    ExecutionSettings.Sharing.Places places = ExecutionSettings.defaults().sharing().places();
    assertThat(places.most()).isZero();
    assertThat(places.mostWaiting()).isEqualTo(256);
    assertThat(places.longestWait()).isEqualTo(Duration.ofSeconds(30));
  }
}
