package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class HeaderTableMendTest {
  private static ClassModel table() throws IOException {
    try (InputStream bytes =
        Objects.requireNonNull(
            HeaderTableMendTest.class.getResourceAsStream(
                "/io/helidon/http/http2/Http2Headers$DynamicTable.class"))) {
      return ClassFile.of().parse(bytes.readAllBytes());
    }
  }

  private static ClassModel without(ClassTransform transform) throws IOException {
    ClassFile classFile = ClassFile.of();
    return classFile.parse(classFile.transformClass(table(), transform));
  }

  @Test
  void theTableOfThisHelidonIsTheOneItKnows() throws IOException {
    assertThat(new HeaderTableMend().difference(table())).isNull();
  }

  @Test
  void aTableThatWorksOtherwiseIsLeftAlone() throws IOException {
    ClassModel otherMethod =
        without(
            ClassTransform.dropping(part ->
                part instanceof MethodModel method && method.methodName().equalsString("add")));
    assertThat(new HeaderTableMend().difference(otherMethod))
        .contains("not the one that this program knows how to mend");
    ClassModel otherField =
        without(
            ClassTransform.dropping(part ->
                part instanceof FieldModel field
                    && field.fieldName().equalsString("maxTableSize")));
    assertThat(new HeaderTableMend().difference(otherField))
        .contains("not the one that this program knows how to mend");
  }
}
