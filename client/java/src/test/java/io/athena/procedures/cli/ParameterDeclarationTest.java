package io.athena.procedures.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.ParameterType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

final class ParameterDeclarationTest {
  private final ParameterDeclaration declaration = new ParameterDeclaration();

  @Test
  void withoutADefaultAParameterIsRequired() {
    Parameter parameter = declaration.convert("path:string");
    assertThat(parameter.getName()).isEqualTo("path");
    assertThat(parameter.getType()).isEqualTo(ParameterType.PARAMETER_TYPE_STRING);
    assertThat(parameter.getRequired()).isTrue();
    assertThat(parameter.hasDefaultValue()).isFalse();
  }

  @Test
  void aDefaultIsReadByTheTypeAndMayHoldAnyCharacter() {
    Parameter number = declaration.convert("top:int=10");
    assertThat(number.getDefaultValue().getNumberValue()).isEqualTo(10);
    assertThat(number.getRequired()).isFalse();
    assertThat(declaration.convert("url:string=http://a/?b=c:d").getDefaultValue().getStringValue())
        .isEqualTo("http://a/?b=c:d");
    assertThat(declaration.convert("name:string=").getDefaultValue().hasStringValue()).isTrue();
  }

  @Test
  void aQuestionMarkLeavesTheParameterToTheCode() {
    Parameter parameter = declaration.convert("group_by:string?");
    assertThat(parameter.getRequired()).isFalse();
    assertThat(parameter.hasDefaultValue()).isFalse();
  }

  @Test
  void withoutATypeAnyValueIsTaken() {
    assertThat(declaration.convert("anything").getType())
        .isEqualTo(ParameterType.PARAMETER_TYPE_UNSPECIFIED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:string", "b:integer=7", "c:object?", "d:any", "e:boolean=true"})
  void isShownInTheFormItIsReadIn(String text) {
    Parameter parameter = declaration.convert(text);
    assertThat(declaration.convert(ParameterDeclaration.of(parameter))).isEqualTo(parameter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":string", "a:colour", "a:int=many", "a?b"})
  void whatIsNoDeclarationIsRefused(String text) {
    assertThatThrownBy(() -> declaration.convert(text)).isInstanceOf(TypeConversionException.class);
  }
}
