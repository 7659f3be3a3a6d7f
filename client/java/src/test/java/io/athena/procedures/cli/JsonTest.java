package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.athena.procedures.v1.Procedure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[1,-2,3.5,0],\"b\":\"4.0, \\\"5.0\\\"\",\"c\":{\"d\":null}}",
        "7",
        "10.05",
        "\"1.0\"",
        "[true,false,\"\\\\\",1]",
      })
  void aValueComesOutAsItCameIn(String json) throws InvalidProtocolBufferException {
    assertThat(Json.of(Json.value(json))).isEqualTo(json);
  }

  @Test
  void namesAreInLowerCamelCaseAndNothingIsLeftOut() {
    assertThat(Json.of(Procedure.newBuilder().setProcedureId(3).build()))
        .contains("\"procedureId\":\"3\"")
        .contains("\"usageCount\":\"0\"")
        .contains("\"steps\":[]")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "{a: 1}", "[1,]", "{} {}", "'a'", "[", "\"a"})
  void whatIsNotJsonIsRefused(String text) {
    assertThatThrownBy(() -> Json.value(text)).isInstanceOf(InvalidProtocolBufferException.class);
  }
}
