package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.v1.Procedure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        "{\"a=b\":\"<a href='x'> && c = d\",\"e\":\"\\\\u003d\\n\\\\\"}",
      })
  void aValueComesOutAsItCameIn(String json) throws BadJsonException {
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
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``         | line 1, column 1: expected a value, but the text ends
          two words  | line 1, column 1: expected a value, not 'two words'
          {bad       | line 1, column 2: expected a name in double quotes, not 'bad'
          {"a" 1}    | line 1, column 6: expected ':', not '1}'
          {"a": 1    | line 1, column 8: expected ',' or '}', but the text ends
          [1,]       | line 1, column 4: expected a value, not ']'
          [1 2]      | line 1, column 4: expected ',' or ']', not '2]'
          {} {}      | line 1, column 4: expected the end, not '{}'
          'a'        | line 1, column 1: expected a value, not ''a''
          "a         | line 1, column 3: expected '"', but the text ends
          "\\x"    | line 1, column 3: expected an escape: one of " \\ / b f n r t u, not 'x"'
          "\\u12g4"| line 1, column 6: expected four hexadecimal digits, not 'g4"'
          tru        | line 1, column 1: expected a value, not 'tru'
          01         | line 1, column 2: expected the end, not '1'
          -          | line 1, column 2: expected a digit, but the text ends
          1.         | line 1, column 3: expected a digit, but the text ends
          NaN        | line 1, column 1: expected a value, not 'NaN'
          """)
  void whatIsNotJsonIsRefusedWithItsPlace(String text, String complaint) {
    assertThatThrownBy(() -> Json.value(text))
        .isInstanceOfSatisfying(BadJsonException.class, e -> assertThat(e.wellFormed()).isFalse())
        .hasMessage(complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ["a\\ud800"]       | column 4: an unpaired surrogate is half a character
          "\\udc00"          | column 2: an unpaired surrogate is half a character
          "\\ud800\\ud800" | column 2: an unpaired surrogate is half a character
          {"\\ud800": 1}     | column 3: an unpaired surrogate is half a character
          9007199254740993     | column 1: 9007199254740993 is more than a number holds exactly
          -1e999               | column 1: -1e999 is too large for a number
          {"a": 1, "a": 2}     | column 10: the name "a" stands twice in one object
          """)
  void whatWouldBeChangedOnTheWayIsRefused(String text, String complaint) {
    assertThatThrownBy(() -> Json.value(text))
        .isInstanceOfSatisfying(BadJsonException.class, e -> assertThat(e.wellFormed()).isTrue())
        .hasMessageStartingWith("line 1, " + complaint);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"parameters": [{}, {"type": "string"}]} | parameters[1].type must be one of PARAMETER_TYPE_UNSPECIFIED, PARAMETER_TYPE_STRING, PARAMETER_TYPE_INTEGER, PARAMETER_TYPE_NUMBER, PARAMETER_TYPE_BOOLEAN, PARAMETER_TYPE_ARRAY, PARAMETER_TYPE_OBJECT, but is "string"
          {"parameters": [{"required": "yes"}]}    | parameters[0].required must be true or false, but is "yes"
          {"steps": "Reverse"}                     | steps must be a list, but is "Reverse"
          {"steps": ["Reverse"]}                   | steps[0] must be an object with description, action, arguments, but is "Reverse"
          {"steps": [{"descripton": "Reverse"}]}   | steps[0].descripton is unknown; perhaps it should be description
          {"steps": [{"x": "Reverse"}]}            | steps[0].x is unknown; there are description, action, arguments
          {"steps": [{"arguments": 1}]}            | steps[0].arguments must be an object, but is 1
          {"name": {"x": 1}}                       | name must be a text, but is {"x":1}
          []                                       | it must be an object with procedureId,
          """)
  void whatIsNotAsTheApiHasItIsNamed(String text, String complaint) {
    assertThatThrownBy(() -> Json.merge(text, Procedure.newBuilder()))
        .hasMessageStartingWith(complaint);
  }

  @Test
  void theLineIsCounted() {
    assertThatThrownBy(() -> Json.value("{\n  \"a\": 1,\n  b\n}"))
        .hasMessage("line 3, column 3: expected a name in double quotes, not 'b'");
  }

  @Test
  void pairedSurrogatesAreOneCharacter() throws BadJsonException {
    assertThat(Json.value("\"\\ud83d\\ude00 \uD83D\uDE00\"").getStringValue())
        .isEqualTo("\uD83D\uDE00 \uD83D\uDE00");
  }

  @ParameterizedTest
  @ValueSource(ints = {60, 100_000})
  void deepNestingIsRefusedInOneShortLine(int levels) {
    assertThatThrownBy(() -> Json.value("[".repeat(levels) + "]".repeat(levels)))
        .hasMessage("line 1, column 49: it is nested more than 48 levels deep");
  }

  @Test
  void asDeepAsTheServiceAllowsIsRead() throws BadJsonException {
    String deep = "[".repeat(32) + "]".repeat(32);
    assertThat(Json.of(Json.value(deep))).isEqualTo(deep);
  }
}
