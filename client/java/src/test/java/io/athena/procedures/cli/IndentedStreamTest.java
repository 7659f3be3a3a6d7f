package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class IndentedStreamTest {
  @Test
  void everyLineIsMarkedHoweverItIsCutIntoWrites() throws IOException {
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    IndentedStream stream = new IndentedStream(target, "| ");
    for (String part : new String[] {"on", "e\nt", "", "wo\n\n", "three"}) {
      stream.write(part.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(target.toString(StandardCharsets.UTF_8)).isEqualTo("| one\n| two\n| \n| three");
  }
}
