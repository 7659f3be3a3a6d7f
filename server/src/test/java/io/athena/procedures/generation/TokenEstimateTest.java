package io.athena.procedures.generation;

import static org.assertj.core.api.Assertions.assertThat;

import io.athena.procedures.generation.model.Prompt;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TokenEstimateTest {
  @Test
  void aTokenIsThreeCharactersOfAsciiOrTwoBytesOfOthers() {
    assertThat(TokenEstimate.of("")).isZero();
    assertThat(TokenEstimate.of("def shout")).isEqualTo(3);
    assertThat(TokenEstimate.of("καλημέρα")).isEqualTo(8);
    assertThat(TokenEstimate.of("你好世界")).isEqualTo(6);
    assertThat(TokenEstimate.of("🙂🙂")).isEqualTo(4);
    assertThat(TokenEstimate.of(new Prompt("abc", List.of("你好", "abc", "def")))).isEqualTo(6);
  }

  @Test
  void piecesCountAsTheWhole() {
    var pieces = new TokenEstimate();
    "def shout 🙂 你好".chars().forEach(c -> pieces.add(Character.toString(c)));

    assertThat(pieces.tokens()).isEqualTo(TokenEstimate.of("def shout 🙂 你好"));
  }
}
