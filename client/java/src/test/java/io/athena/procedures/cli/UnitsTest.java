package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class UnitsTest {
  private final Units.Time time = new Units.Time();
  private final Units.Size size = new Units.Size();

  @Test
  void timesAreReadWithAndWithoutUnit() {
    assertThat(time.convert("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(time.convert("1.5s")).isEqualTo(Duration.ofMillis(1_500));
    assertThat(time.convert("10")).isEqualTo(Duration.ofSeconds(10));
    assertThat(time.convert("2m")).isEqualTo(Duration.ofMinutes(2));
    assertThat(time.convert("1h")).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void sizesArePowersOf1024() {
    assertThat(size.convert("4096")).isEqualTo(4_096);
    assertThat(size.convert("64k")).isEqualTo(65_536);
    assertThat(size.convert("512M")).isEqualTo(536_870_912);
    assertThat(size.convert("1.5GiB")).isEqualTo(1_610_612_736);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1s", "soon", "1y", "999999999999999h", "1e3"})
  void whatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> time.convert(text)).isInstanceOf(TypeConversionException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "big", "1P"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> size.convert(text)).isInstanceOf(TypeConversionException.class);
  }
}
