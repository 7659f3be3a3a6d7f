package io.athena.procedures.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The mends that replace one call in one method: when they leave the method alone. */
final class RewritingMendsTest {
  static Stream<Arguments> mends() {
    return Stream.of(
        Arguments.of(Named.of("LateResetMend", new LateResetMend()), "rstStream", "startsWith"),
        Arguments.of(Named.of("PseudoHeaderMend", new PseudoHeaderMend()), "readHeader", "charAt"));
  }

  @ParameterizedTest
  @MethodSource("mends")
  void theClassOfThisHelidonIsTheOneItKnows(HelidonMend mend) throws IOException {
    assertThat(mend.difference(faulty(mend))).isNull();
  }

  @ParameterizedTest
  @MethodSource("mends")
  void aClassWithoutTheMethodIsLeftAlone(HelidonMend mend, String method) throws IOException {
    ClassModel other =
        changed(
            mend,
            ClassTransform.dropping(part ->
                part instanceof MethodModel model && model.methodName().equalsString(method)));
    assertIsLeftAlone(mend, other, "0 times");
  }

  @ParameterizedTest
  @MethodSource("mends")
  void aMethodThatMakesTheCallTwiceIsLeftAlone(HelidonMend mend, String method, String called)
      throws IOException {
    CodeTransform twice =
        (code, element) -> {
          if (element instanceof InvokeInstruction call
              && call.owner().asInternalName().equals("java/lang/String")
              && call.name().equalsString(called)) {
            // Receiver and argument once more, for a call whose answer is dropped.
            code.dup2().with(call).pop();
          }
          code.with(element);
        };
    ClassModel other =
        changed(
            mend,
            ClassTransform.transformingMethodBodies(
                model -> model.methodName().equalsString(method), twice));
    assertIsLeftAlone(mend, other, "2 times");
  }

  @ParameterizedTest
  @MethodSource("mends")
  void whatItHasMendedItDoesNotMendAgain(HelidonMend mend) throws IOException {
    assertIsLeftAlone(mend, changed(mend, mend.transform()), "0 times");
  }

  private static void assertIsLeftAlone(HelidonMend mend, ClassModel other, String found) {
    assertThat(mend.difference(other))
        .contains("not the one that this program knows how to mend")
        .contains(found);
  }

  private static ClassModel changed(HelidonMend mend, ClassTransform transform) throws IOException {
    ClassFile classFile = ClassFile.of();
    return classFile.parse(classFile.transformClass(faulty(mend), transform));
  }

  private static ClassModel faulty(HelidonMend mend) throws IOException {
    String file = "/" + mend.className().replace('.', '/') + ".class";
    try (InputStream bytes =
        Objects.requireNonNull(RewritingMendsTest.class.getResourceAsStream(file), file)) {
      return ClassFile.of().parse(bytes.readAllBytes());
    }
  }
}
