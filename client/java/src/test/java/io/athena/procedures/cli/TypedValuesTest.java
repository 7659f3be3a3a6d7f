package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import io.athena.procedures.v1.ParameterType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TypedValuesTest {
  @Test
  void aStringIsTakenAsItStands() {
    assertThat(TypedValues.read("p", ParameterType.PARAMETER_TYPE_STRING, " 42 "))
        .isEqualTo(Value.newBuilder().setStringValue(" 42 ").build());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PARAMETER_TYPE_INTEGER | 9007199254740992  | 9.007199254740992E15",
        "PARAMETER_TYPE_INTEGER | -7                | -7.0",
        "PARAMETER_TYPE_NUMBER  | 2.5               | 2.5",
        "PARAMETER_TYPE_NUMBER  | 1e3               | 1000.0",
      })
  void numbersAreRead(ParameterType type, String text, double expected) {
    assertThat(TypedValues.read("p", type, text).getNumberValue()).isEqualTo(expected);
  }

  @Test
  void arraysAndObjectsAreJson() {
    Value list = TypedValues.read("p", ParameterType.PARAMETER_TYPE_ARRAY, "[1, \"a\", null]");
    assertThat(list.getListValue().getValuesList())
        .extracting(Value::getKindCase)
        .containsExactly(
            Value.KindCase.NUMBER_VALUE, Value.KindCase.STRING_VALUE, Value.KindCase.NULL_VALUE);
    Value object = TypedValues.read("p", ParameterType.PARAMETER_TYPE_OBJECT, "{\"a\": true}");
    assertThat(object.getStructValue().getFieldsOrThrow("a").getBoolValue()).isTrue();
  }

  @Test
  void aParameterOfAnyTypeIsJsonWhereItIsJsonAndTextElsewhere() {
    ParameterType any = ParameterType.PARAMETER_TYPE_UNSPECIFIED;
    assertThat(TypedValues.read("p", any, "true").getBoolValue()).isTrue();
    assertThat(TypedValues.read("p", any, "12").getNumberValue()).isEqualTo(12);
    assertThat(TypedValues.read("p", any, "two words").getStringValue()).isEqualTo("two words");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PARAMETER_TYPE_INTEGER | 1.5              | an integer such as 42",
        "PARAMETER_TYPE_INTEGER | 9007199254740993 | an integer within plus or minus 2^53",
        "PARAMETER_TYPE_INTEGER | -9223372036854775808 | an integer within plus or minus 2^53",
        "PARAMETER_TYPE_NUMBER  | NaN              | a finite number",
        "PARAMETER_TYPE_NUMBER  | many             | a number such as 1.5",
        "PARAMETER_TYPE_BOOLEAN | yes              | true or false",
        "PARAMETER_TYPE_ARRAY   | {}               | an array such as [1, 2]",
        "PARAMETER_TYPE_OBJECT  | [                | an object such as {\"a\": 1}",
      })
  void whatIsNoValueOfTheTypeIsRefusedByNameAndType(
      ParameterType type, String text, String wanted) {
    assertThatThrownBy(() -> TypedValues.read("speed", type, text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parameter 'speed' takes %s, not '%s'", wanted, text);
  }
}
