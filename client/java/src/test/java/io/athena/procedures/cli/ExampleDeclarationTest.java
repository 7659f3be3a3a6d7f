package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.v1.Example;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ExampleDeclarationTest {
  private static Example read(String text) {
    return new ExampleDeclaration().convert(text);
  }

  @Test
  void parametersAndResultAreJson() {
    Example example = read("{\"text\": \"a => b\", \"n\": [1, 2]} => {\"x\": \"=>\"}");

    assertThat(example.getParameters().getFieldsOrThrow("text").getStringValue())
        .isEqualTo("a => b");
    assertThat(example.getParameters().getFieldsOrThrow("n").getListValue().getValuesCount())
        .isEqualTo(2);
    assertThat(example.getExpected().getStructValue().getFieldsOrThrow("x").getStringValue())
        .isEqualTo("=>");
  }

  @Test
  void withoutAResultAnyWillDo() {
    assertThat(read("{\"text\": \"a\"}").hasExpected()).isFalse();
    assertThat(read("{} => null").hasExpected()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "text=a", "{\"a\": 1} =>", "=> 1", "[1] => 2", "{\"a\": 1} -> 2"})
  void whatIsNoneSaysWhatOneIs(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("{\"name\": value} => result");
  }
}
