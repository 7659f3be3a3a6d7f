package io.athena.procedures.rpc;

import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets a header that is larger than the HPACK table empty the table.
 *
 * <p>{@code Http2Headers.DynamicTable.add} evicts until an entry fits, and never ends if the entry
 * alone is larger than the table (4,096 bytes by default): any caller could keep a thread busy for
 * ever with one long header. RFC 7541 section 4.4 says what is right: such an entry empties the
 * table and is not added. Exactly that is put in front of the method.
 */
record HeaderTableMend() implements HelidonMend {
  private static final String TABLE = "io.helidon.http.http2.Http2Headers$DynamicTable";
  private static final ClassDesc TABLE_TYPE = ClassDesc.of(TABLE);
  private static final ClassDesc NAME_TYPE = ClassDesc.of("io.helidon.http.HeaderName");
  private static final ClassDesc LIST_TYPE = ClassDesc.of("java.util.List");
  private static final ClassDesc CHARSET_TYPE = ClassDesc.of("java.nio.charset.Charset");

  private static final String ADD =
      MethodTypeDesc.of(ConstantDescs.CD_int, NAME_TYPE, ConstantDescs.CD_String)
          .descriptorString();

  /** What the method calls, in order, up to where it gives up. */
  private static final List<String> EXPECTED_CALLS =
      List.of("lowerCase", "length", "getBytes", "add", "evict");

  private static final List<String> EXPECTED_FIELDS =
      List.of("headers Ljava/util/List;", "maxTableSize J", "currentTableSize I");

  @Override
  public String className() {
    return TABLE;
  }

  @Override
  public ClassTransform transform() {
    return ClassTransform.transformingMethodBodies(
        HeaderTableMend::isAdd, CodeTransform.ofStateful(Prefix::new));
  }

  @Override
  public @Nullable String difference(ClassModel table) {
    List<String> fields =
        table.fields().stream()
            .map(field -> field.fieldName().stringValue() + " " + field.fieldType().stringValue())
            .toList();
    List<String> calls =
        table.methods().stream()
            .filter(HeaderTableMend::isAdd)
            .flatMap(method -> method.code().stream())
            .flatMap(HeaderTableMend::calls)
            .limit(EXPECTED_CALLS.size())
            .toList();
    if (fields.containsAll(EXPECTED_FIELDS) && calls.equals(EXPECTED_CALLS)) {
      return null;
    }
    return "Helidon's header table is not the one that this program knows how to mend (its method"
        + " add calls "
        + calls.stream().collect(Collectors.joining(", "))
        + ")";
  }

  private static Stream<String> calls(CodeModel code) {
    return code.elementStream()
        .filter(InvokeInstruction.class::isInstance)
        .map(element -> ((InvokeInstruction) element).name().stringValue());
  }

  private static boolean isAdd(MethodModel method) {
    return method.methodName().equalsString("add") && method.methodType().equalsString(ADD);
  }

  /** {@code if (size > maxTableSize) { headers.clear(); currentTableSize = 0; return 0; }}. */
  private static final class Prefix implements CodeTransform {
    @Override
    public void atStart(CodeBuilder code) {
      Label fits = code.newLabel();
      code.aload(1)
          .invokeinterface(NAME_TYPE, "lowerCase", MethodTypeDesc.of(ConstantDescs.CD_String))
          .invokevirtual(ConstantDescs.CD_String, "length", MethodTypeDesc.of(ConstantDescs.CD_int))
          .aload(2)
          .getstatic(ClassDesc.of("java.nio.charset.StandardCharsets"), "US_ASCII", CHARSET_TYPE)
          .invokevirtual(
              ConstantDescs.CD_String,
              "getBytes",
              MethodTypeDesc.of(ConstantDescs.CD_byte.arrayType(), CHARSET_TYPE))
          .arraylength()
          .iadd()
          .bipush(32)
          .iadd()
          .i2l()
          .aload(0)
          .getfield(TABLE_TYPE, "maxTableSize", ConstantDescs.CD_long)
          .lcmp()
          .ifle(fits)
          .aload(0)
          .getfield(TABLE_TYPE, "headers", LIST_TYPE)
          .invokeinterface(LIST_TYPE, "clear", MethodTypeDesc.of(ConstantDescs.CD_void))
          .aload(0)
          .iconst_0()
          .putfield(TABLE_TYPE, "currentTableSize", ConstantDescs.CD_int)
          .iconst_0()
          .ireturn()
          .labelBinding(fits);
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      code.with(element);
    }
  }
}
