package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.athena.sandbox.v1.RunResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class RunningTest {
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void anImportedFunctionIsNotTheEntryPoint() {
    TestRun module =
        sandbox.program("from subprocess import run\ndef work():\n    return 'own'").run();
    TestRun script = sandbox.program("from asyncio import run, gather as main\nresult = 5").run();
    TestRun assigned =
        sandbox.program("import functools\nmain = functools.partial(lambda: 'assigned')").run();

    assertThat(module.result().getStringValue()).isEqualTo("own");
    assertThat(script.result().getNumberValue()).isEqualTo(5);
    assertThat(assigned.result().getStringValue()).isEqualTo("assigned");
  }

  @Test
  void aFunctionsReturnValueIsTheResult() {
    TestRun run =
        sandbox
            .program("def procedure(a, b=2):\n    print('hello')\n    return {'sum': a + b}")
            .parameter("a", 40)
            .run();

    assertThat(run.result().getStructValue().getFieldsOrThrow("sum").getNumberValue())
        .isEqualTo(42);
    assertThat(run.stdout()).isEqualTo("hello\n");
    assertThat(run.stderr()).isEmpty();
    assertThat(run.events().getFirst().getStarted().getWorkerId()).isEqualTo(sandbox.worker().id());
  }

  @Test
  void whatTheRunUsedIsReported() {
    TestRun run =
        sandbox.run(
            """
            import sys
            def main():
                block = bytearray(50_000_000)
                sum(range(3_000_000))
                print('12345')
                print('123', file=sys.stderr)
            """);

    run.result();
    var usage = run.completed().getUsage();
    assertThat(usage.getStdoutBytes()).isEqualTo(6);
    assertThat(usage.getStderrBytes()).isEqualTo(4);
    assertThat(usage.getPeakMemoryBytes()).isBetween(50_000_000L, 100_000_000L);
    assertThat(Times.toNanos(usage.getUserCpuTime())).isPositive();
    assertThat(Times.toNanos(run.completed().getDuration())).isPositive();
  }

  @Test
  void parametersArriveWithTheirTypes() {
    Value list =
        Value.newBuilder()
            .setListValue(ListValue.newBuilder().addValues(Value.newBuilder().setBoolValue(true)))
            .build();
    TestRun run =
        sandbox
            .program("def main(**all):\n    return repr(all)")
            .parameter("text", "grüße 🎈")
            .parameter("whole", 3)
            .parameter("part", 2.5)
            .parameter("flags", list)
            .run();

    assertThat(run.result().getStringValue())
        .contains("'text': 'grüße 🎈'", "'whole': 3,", "'part': 2.5", "'flags': [True]");
  }

  @Test
  void outputArrivesWhileTheProgramRuns() {
    TestRun run =
        sandbox
            .program(
                """
                import sys
                def main():
                    for line in sys.stdin:
                        print('got', line.strip())
                    return 'done'
                """)
            .open();

    run.stdin("one\n");
    run.awaitOutput("got one");
    run.stdin("two\n");
    run.awaitOutput("got two");
    run.closeStdin();

    assertThat(run.finish().result().getStringValue()).isEqualTo("done");
  }

  @Test
  void bytesOfAnyKindPassUnchanged() {
    TestRun run =
        sandbox.run(
            "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 1000)\nsys.stderr.buffer.write(b'\\xff\\xfe')");

    run.result();
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    assertThat(run.stdoutBytes().size()).isEqualTo(256_000);
    assertThat(run.stdoutBytes().substring(255_744)).isEqualTo(ByteString.copyFrom(all));
  }

  @Test
  void theLastOutputIsDeliveredBeforeTheEnd() {
    TestRun run =
        sandbox.run("import os\nos.write(1, b'x' * 300_000)\nos.write(1, b'end')\nos._exit(7)");

    assertThat(run.stdout()).hasSize(300_003).endsWith("end");
    assertThat(run.completed().getFailure().getExitCode()).isEqualTo(7);
  }

  @Test
  void aScriptFindsItsParametersAndSetsItsResult() {
    TestRun run =
        sandbox.program("result = [__name__, parameters['n'] * 2]").parameter("n", 21).run();

    List<Value> result = run.result().getListValue().getValuesList();
    assertThat(result.get(0).getStringValue()).isEqualTo("__main__");
    assertThat(result.get(1).getNumberValue()).isEqualTo(42);
  }

  @Test
  void theFunctionNamedLikeTheProcedureComesFirstThenMainThenRunThenTheOnlyOne() {
    assertThat(
            resultOf("def run(): return 'r'\ndef main(): return 'm'\ndef procedure(): return 'p'"))
        .isEqualTo("p");
    assertThat(resultOf("def run(): return 'r'\ndef main(): return 'm'")).isEqualTo("m");
    assertThat(resultOf("def run(): return 'r'\ndef other(): return 'o'")).isEqualTo("r");
    assertThat(
            resultOf("from os.path import join\ndef _helper(): return 1\ndef other(): return 'o'"))
        .isEqualTo("o");
  }

  @Test
  void aModuleIsNotItsOwnMainProgramSoNothingRunsTwice() {
    TestRun run =
        sandbox.run("def main():\n    print('once')\nif __name__ == '__main__':\n    main()");

    run.result();
    assertThat(run.stdout()).isEqualTo("once\n");
  }

  @Test
  void anAsynchronousFunctionIsAwaited() {
    assertThat(
            resultOf(
                "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    return 'awaited'"))
        .isEqualTo("awaited");
  }

  @Test
  void aDecoratedFunctionIsStillTheEntryPoint() {
    assertThat(
            resultOf(
                """
                import functools
                def _twice(f):
                    @functools.wraps(f)
                    def g(*args, **kwargs):
                        return f(*args, **kwargs) * 2
                    return g
                @_twice
                def work():
                    return 'ab'
                """))
        .isEqualTo("abab");
  }

  @Test
  void progressAndLogEntriesAreEventsInTheirOrder() {
    TestRun run =
        sandbox.run(
            """
            import sandbox
            def main():
                sandbox.progress(0.5, 'half')
                sandbox.log('found', count=3, names=['a'])
                sandbox.progress(1)
            """);

    run.result();
    List<RunResponse> events = run.events();
    assertThat(events).hasSize(5);
    assertThat(events.get(1).getProgress().getFraction()).isEqualTo(0.5);
    assertThat(events.get(1).getProgress().getMessage()).isEqualTo("half");
    assertThat(events.get(2).getLog().getMessage()).isEqualTo("found");
    assertThat(events.get(2).getLog().getFields().getFieldsOrThrow("count").getNumberValue())
        .isEqualTo(3);
    assertThat(events.get(3).getProgress().getFraction()).isEqualTo(1);
  }

  @Test
  void inputFilesAreInTheWorkspaceAndCanBeImported() {
    TestRun run =
        sandbox
            .program(
                """
                import os, sandbox, helper
                def main():
                    text = (sandbox.workspace / 'data/in.txt').read_text()
                    return [text, helper.VALUE, os.getcwd(), open('data/in.txt').read()]
                """)
            .input("data/in.txt", "from the caller")
            .input("helper.py", "VALUE = 'imported'")
            .run();

    assertThat(run.result().getListValue().getValuesList())
        .extracting(Value::getStringValue)
        .containsExactly("from the caller", "imported", "/workspace", "from the caller");
  }

  @Test
  void theInterpreterLooksFreshlyStarted() {
    TestRun run =
        sandbox
            .program(
                """
                import os, sys, socket, getpass
                def main():
                    return {
                        'argv': sys.argv, 'cwd': os.getcwd(), 'environment': sorted(os.environ),
                        'host': socket.gethostname(), 'user': getpass.getuser(),
                        'internal': [name for name in sys.modules if 'athena' in name],
                        'path': [each for each in sys.path if 'athena' in each], 'first': sys.path[0],
                        'streams': [sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno()],
                        'encoding': sys.stdout.encoding, 'descriptors': sorted(map(int, os.listdir('/proc/self/fd')))[:4],
                    }
                """)
            .fileName("word_statistics.py")
            .run();

    Struct fields = run.result().getStructValue();
    assertThat(fields.getFieldsOrThrow("argv").getListValue().getValues(0).getStringValue())
        .isEqualTo("word_statistics.py");
    assertThat(fields.getFieldsOrThrow("environment").getListValue().getValuesList())
        .extracting(Value::getStringValue)
        .isSubsetOf("HOME", "LANG", "PATH", "TMPDIR", "LC_CTYPE");
    assertThat(fields.getFieldsOrThrow("host").getStringValue()).isEqualTo("sandbox");
    assertThat(fields.getFieldsOrThrow("user").getStringValue()).isEqualTo("sandbox");
    assertThat(fields.getFieldsOrThrow("internal").getListValue().getValuesList()).isEmpty();
    assertThat(fields.getFieldsOrThrow("path").getListValue().getValuesList()).isEmpty();
    assertThat(fields.getFieldsOrThrow("first").getStringValue()).isEqualTo("/workspace");
    assertThat(fields.getFieldsOrThrow("encoding").getStringValue()).isEqualTo("utf-8");
  }

  @Test
  void twoRunsDrawDifferentRandomNumbers() {
    String code = "import random, uuid\ndef main(): return [random.random(), str(uuid.uuid4())]";

    assertThat(sandbox.run(code).result()).isNotEqualTo(sandbox.run(code).result());
  }

  @Test
  void theEndWaitsForThreadsAndCallsExitHandlersLikePython() {
    TestRun run =
        sandbox.run(
            """
            import atexit, sys, threading
            gate = threading.Event()
            def late():
                gate.wait()
                print('from the thread')
            def main():
                atexit.register(print, 'at exit')
                threading.Thread(target=late).start()
                sys.stdout.write('unfinished line')
                gate.set()
            """);

    run.result();
    assertThat(run.stdout()).contains("unfinished line", "from the thread").endsWith("at exit\n");
  }

  @Test
  void aForkedProcessThatReturnsIsNotASecondOutcome() {
    TestRun run =
        sandbox.run(
            """
            import os
            def main():
                child = os.fork()
                if child == 0:
                    return 'child'
                os.waitpid(child, 0)
                return 'parent'
            """);

    assertThat(run.result().getStringValue()).isEqualTo("parent");
  }

  private static String resultOf(String code) {
    return sandbox.run(code).result().getStringValue();
  }
}
