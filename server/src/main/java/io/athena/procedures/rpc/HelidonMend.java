package io.athena.procedures.rpc;

import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import org.jspecify.annotations.Nullable;

/** How one class of Helidon is mended. */
sealed interface HelidonMend permits HeaderTableMend, LateResetMend, PseudoHeaderMend {
  /** The class's binary name. */
  String className();

  /** How the class differs from the one this mend was written for, or null. */
  @Nullable String difference(ClassModel faulty);

  /** What makes it right. */
  ClassTransform transform();
}
