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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets a caller cancel a stream that has just ended.
 *
 * <p>A cancel may cross the end of its stream on the wire; RFC 9113 section 5.1 wants such a
 * RST_STREAM ignored. {@code Http2Connection.rstStream} ignores it only for the newest stream of
 * the connection; for any other it ends the connection with PROTOCOL_ERROR, and with it every call
 * that runs there. It tells the cases apart by the beginning of an exception's message, with one
 * call of {@code String.startsWith}; that call is replaced by {@link #isLate}.
 */
public record LateResetMend() implements HelidonMend {
  private static final String CONNECTION = "io.helidon.webserver.http2.Http2Connection";
  private static final MethodTypeDesc TEST =
      MethodTypeDesc.of(ConstantDescs.CD_boolean, ConstantDescs.CD_String, ConstantDescs.CD_String);

  @Override
  public String className() {
    return CONNECTION;
  }

  @Override
  public @Nullable String difference(ClassModel connection) {
    List<String> tests =
        connection.methods().stream()
            .filter(LateResetMend::isRstStream)
            .flatMap(method -> method.code().stream())
            .flatMap(code -> code.elementStream())
            .filter(LateResetMend::isStartsWith)
            .map(Object::toString)
            .toList();
    return tests.size() == 1
        ? null
        : "Helidon's treatment of RST_STREAM is not the one that this program knows how to mend (it"
            + " tests the beginning of a message "
            + tests.size()
            + " times)";
  }

  @Override
  public ClassTransform transform() {
    return ClassTransform.transformingMethodBodies(
        LateResetMend::isRstStream, LateResetMend::replace);
  }

  /**
   * Whether an exception that came of a RST_STREAM means no more than that its stream is gone.
   *
   * <p>Called from Helidon's class, hence public.
   *
   * @param message the exception's
   * @param expected what Helidon compares it with
   */
  public static boolean isLate(String message, String expected) {
    return message.startsWith(expected)
        // Newer streams are open.
        || message.contains("was never created and has lower ID than last")
        // No newer stream is open: Helidon made this one anew before it looked at it.
        || message.startsWith("Received RST_STREAM for stream");
  }

  private static void replace(CodeBuilder code, CodeElement element) {
    if (isStartsWith(element)) {
      code.invokestatic(ClassDesc.of(LateResetMend.class.getName()), "isLate", TEST);
    } else {
      code.with(element);
    }
  }

  private static boolean isStartsWith(CodeElement element) {
    return element instanceof InvokeInstruction call
        && call.owner().asInternalName().equals("java/lang/String")
        && call.name().equalsString("startsWith")
        && call.type().equalsString("(Ljava/lang/String;)Z");
  }

  private static boolean isRstStream(MethodModel method) {
    return method.methodName().equalsString("rstStream") && method.methodType().equalsString("()V");
  }
}
