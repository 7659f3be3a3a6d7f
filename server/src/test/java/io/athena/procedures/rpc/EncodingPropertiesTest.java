package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.error.InvalidArgumentException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EncodingPropertiesTest {
  @Property(tries = 300)
  void anEncodedMessageHoldsOnlyHarmlessCharactersAndDecodesToItself(@ForAll String text) {
    String encoded = StatusEncoding.encode(text);
    assertThat(encoded).matches("[A-Za-z0-9 .\\-_:/=,%]*");
    String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    assertThat(URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8))
        .isEqualTo(whole);
  }

  @Property(tries = 300)
  void aShortenedTextFitsAndIsWellFormed(
      @ForAll String text, @ForAll @IntRange(min = 10, max = 60) int bytes) {
    String shorter = Details.cut(text, bytes);
    assertThat(shorter.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(bytes);
  }

  @Property(tries = 100)
  void aTimeoutIsANumberAndAUnit(@ForAll @IntRange(min = 0, max = 99_999_999) int number) {
    assertThat(Timeouts.parse(number + "H")).isEqualTo(Duration.ofHours(number));
    assertThat(Timeouts.parse(number + "M")).isEqualTo(Duration.ofMinutes(number));
    assertThat(Timeouts.parse(number + "S")).isEqualTo(Duration.ofSeconds(number));
    assertThat(Timeouts.parse(number + "m")).isEqualTo(Duration.ofMillis(number));
    assertThat(Timeouts.parse(number + "u")).isEqualTo(Duration.ofNanos(number * 1_000L));
    assertThat(Timeouts.parse(number + "n")).isEqualTo(Duration.ofNanos(number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "S", "123456789S", "-1S", "1s", "1 S", "1.5S"})
  void anythingElseIsNoTimeout(String value) {
    assertThatThrownBy(() -> Timeouts.parse(value)).isInstanceOf(InvalidArgumentException.class);
  }
}
