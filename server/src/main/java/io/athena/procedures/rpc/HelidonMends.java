package io.athena.procedures.rpc;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mends faults of Helidon 4.5.0 in this process, each by rewriting one method, and only if its
 * class looks as it did when the mend was written.
 *
 * <p>The server's manifest names it as {@code Launcher-Agent-Class}, so {@code java -jar} runs it
 * before {@code main}; as {@code -javaagent} it works as well.
 */
public final class HelidonMends {
  private static final List<HelidonMend> MENDS =
      List.of(new HeaderTableMend(), new LateResetMend(), new PseudoHeaderMend());

  private static volatile State state = new NotRun();

  private sealed interface State {}

  private record NotRun() implements State {}

  private record Mended() implements State {}

  private record Failed(String reason) implements State {}

  private HelidonMends() {}

  /** Called by the launcher of {@code java -jar}. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    mend(instrumentation);
  }

  /** Called for {@code -javaagent}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    mend(instrumentation);
  }

  /** Why Helidon must not be used, or null if it is mended. */
  public static @Nullable String problem() {
    return switch (state) {
      case Mended() -> null;
      case NotRun() ->
          "the program was not started with java -jar, so Helidon's faults are not mended";
      case Failed(String reason) -> reason;
    };
  }

  private static void mend(Instrumentation instrumentation) {
    if (state instanceof Mended) {
      return;
    }
    for (HelidonMend mend : MENDS) {
      String problem = apply(mend, instrumentation);
      if (problem != null) {
        state = new Failed(problem);
        return;
      }
    }
    state = new Mended();
  }

  /** Why it could not be applied, or null if it was. */
  private static @Nullable String apply(HelidonMend mend, Instrumentation instrumentation) {
    Transformer transformer = new Transformer(mend);
    try {
      Class<?> faulty = Class.forName(mend.className(), false, HelidonMends.class.getClassLoader());
      instrumentation.addTransformer(transformer, true);
      instrumentation.retransformClasses(faulty);
      if (transformer.problem == null && !transformer.transformed) {
        return mend.className() + " was not loaded from the place that it was looked for";
      }
      return transformer.problem;
    } catch (ClassNotFoundException | UnmodifiableClassException | LinkageError e) {
      return mend.className() + " cannot be mended: " + e;
    } finally {
      instrumentation.removeTransformer(transformer);
    }
  }

  private static final class Transformer implements ClassFileTransformer {
    private final HelidonMend mend;
    private boolean transformed;
    private @Nullable String problem;

    Transformer(HelidonMend mend) {
      this.mend = mend;
    }

    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        String name,
        @Nullable Class<?> type,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      if (!name.equals(mend.className().replace('.', '/'))) {
        return null;
      }
      ClassFile classFile = ClassFile.of();
      ClassModel faulty = classFile.parse(bytes);
      problem = mend.difference(faulty);
      if (problem != null) {
        return null;
      }
      byte[] mended = classFile.transformClass(faulty, mend.transform());
      transformed = true;
      return mended;
    }
  }
}
