package io.athena.procedures.rpc;

import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a caller spell the names of pseudo-headers out.
 *
 * <p>Clients built on gRPC's C core (Python, C++, Ruby, PHP) send {@code :path} as a literal name,
 * which RFC 7541 section 6.2 allows; {@code Http2Headers.readHeader} takes it only by its index and
 * ends the connection with PROTOCOL_ERROR. It knows such a name by its first character, with one
 * call of {@code String.charAt}; that call is replaced by {@link #firstCharacter}. Everything after
 * it treats the header as it would treat an indexed one.
 */
public record PseudoHeaderMend() implements HelidonMend {
  private static final String HEADERS = "io.helidon.http.http2.Http2Headers";
  private static final Set<String> OF_REQUESTS =
      Set.of(":method", ":scheme", ":authority", ":path");
  private static final MethodTypeDesc CHARACTER =
      MethodTypeDesc.of(ConstantDescs.CD_char, ConstantDescs.CD_String, ConstantDescs.CD_int);

  @Override
  public String className() {
    return HEADERS;
  }

  @Override
  public @Nullable String difference(ClassModel headers) {
    long tests =
        headers.methods().stream()
            .filter(PseudoHeaderMend::isReadHeader)
            .flatMap(method -> method.code().stream())
            .flatMap(code -> code.elementStream())
            .filter(PseudoHeaderMend::isCharAt)
            .count();
    return tests == 1
        ? null
        : "Helidon's reader of headers is not the one that this program knows how to mend (it looks"
            + " at a character of a name "
            + tests
            + " times)";
  }

  @Override
  public ClassTransform transform() {
    return ClassTransform.transformingMethodBodies(
        PseudoHeaderMend::isReadHeader, PseudoHeaderMend::replace);
  }

  /**
   * The character by which Helidon knows names it refuses; the names that a request may have are
   * told to begin with their second one.
   *
   * <p>Called from Helidon's class, hence public.
   */
  public static char firstCharacter(String name, int index) {
    return name.charAt(OF_REQUESTS.contains(name) ? index + 1 : index);
  }

  private static void replace(CodeBuilder code, CodeElement element) {
    if (isCharAt(element)) {
      code.invokestatic(
          ClassDesc.of(PseudoHeaderMend.class.getName()), "firstCharacter", CHARACTER);
    } else {
      code.with(element);
    }
  }

  private static boolean isCharAt(CodeElement element) {
    return element instanceof InvokeInstruction call
        && call.owner().asInternalName().equals("java/lang/String")
        && call.name().equalsString("charAt");
  }

  private static boolean isReadHeader(MethodModel method) {
    return method.methodName().equalsString("readHeader");
  }
}
