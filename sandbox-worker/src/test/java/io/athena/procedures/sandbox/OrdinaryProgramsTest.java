package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Python's library does elsewhere it does in the sandbox: isolation must not be felt by those
 * who mean well.
 */
final class OrdinaryProgramsTest {
  private static TestSandbox sandbox;

  @BeforeAll
  static void start() {
    sandbox = TestSandbox.start();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void theLibraryWorks(String what, String code) {
    TestRun run = sandbox.run(code);

    assertThat(run.result().getStringValue()).as("%s: %s", what, run).isEqualTo("ok");
  }

  static Stream<Arguments> theLibraryWorks() {
    return Stream.of(
        arguments(
            "a child process",
            """
            import subprocess, sys
            def main():
                return subprocess.run([sys.executable, '-c', 'print("ok")'], capture_output=True, text=True).stdout.strip()
            """),
        arguments(
            "a shell pipeline",
            "import subprocess\ndef main(): return subprocess.check_output('echo ko | rev', shell=True, text=True).strip()"),
        arguments(
            "a pool of processes",
            """
            import multiprocessing
            def _double(n): return n * 2
            def main():
                with multiprocessing.get_context('fork').Pool(3) as pool:
                    return 'ok' if pool.map(_double, range(50)) == list(range(0, 100, 2)) else 'wrong'
            """),
        arguments(
            "a process pool executor",
            """
            import concurrent.futures
            def _double(n): return n * 2
            def main():
                with concurrent.futures.ProcessPoolExecutor(2) as pool:
                    return 'ok' if sum(pool.map(_double, range(10))) == 90 else 'wrong'
            """),
        arguments(
            "shared memory",
            """
            from multiprocessing import shared_memory
            def main():
                block = shared_memory.SharedMemory(create=True, size=100)
                block.buf[:2] = b'ok'
                text = bytes(block.buf[:2]).decode()
                block.close()
                block.unlink()
                return text
            """),
        arguments(
            "a thread pool",
            """
            import concurrent.futures
            def main():
                with concurrent.futures.ThreadPoolExecutor(8) as pool:
                    return 'ok' if sum(pool.map(len, ['a'] * 100)) == 100 else 'wrong'
            """),
        arguments(
            "asyncio with a child process and timers",
            """
            import asyncio
            async def main():
                process = await asyncio.create_subprocess_exec('echo', 'ok', stdout=asyncio.subprocess.PIPE)
                text, _ = await process.communicate()
                await asyncio.gather(*(asyncio.sleep(0.001) for _ in range(10)))
                return text.decode().strip()
            """),
        arguments(
            "a database file",
            """
            import sqlite3
            def main():
                with sqlite3.connect('data.db') as db:
                    db.execute('create table t(x)')
                    db.executemany('insert into t values (?)', [(n,) for n in range(100)])
                    return 'ok' if db.execute('select sum(x) from t').fetchone()[0] == 4950 else 'wrong'
            """),
        arguments(
            "temporary files and archives",
            """
            import pathlib, tarfile, tempfile, zipfile
            def main():
                with tempfile.TemporaryDirectory() as folder:
                    path = pathlib.Path(folder, 'a.txt')
                    path.write_text('ok')
                    with tarfile.open('a.tar.gz', 'w:gz') as archive:
                        archive.add(path, 'a.txt')
                with tarfile.open('a.tar.gz') as archive:
                    return archive.extractfile('a.txt').read().decode()
            """),
        arguments(
            "unit tests found by name",
            """
            import io, pathlib, unittest
            def main():
                pathlib.Path('test_it.py').write_text(
                    'import unittest\\nclass T(unittest.TestCase):\\n  def test_a(self): pass\\n  def test_b(self): self.fail()')
                result = unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.discover('.'))
                return 'ok' if (result.testsRun, len(result.failures)) == (2, 1) else 'wrong'
            """),
        arguments(
            "data classes, pickling and type hints of the module itself",
            """
            import copy, dataclasses, pickle, typing
            @dataclasses.dataclass
            class Point:
                x: int
                y: 'int' = 0
            def main():
                p = pickle.loads(pickle.dumps(Point(1)))
                return 'ok' if p == copy.deepcopy(Point(1)) and typing.get_type_hints(Point)['y'] is int else 'wrong'
            """),
        arguments(
            "logging, warnings and the local time",
            """
            import datetime, logging, time, warnings, zoneinfo
            def main():
                logging.basicConfig(level=logging.INFO)
                logging.info('to standard error')
                warnings.warn('too')
                return 'ok' if time.tzname[0] == 'UTC' and datetime.datetime.now().year > 2000 else time.tzname[0]
            """),
        arguments(
            "signals and timers",
            """
            import signal
            def main():
                seen = []
                signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
                signal.setitimer(signal.ITIMER_REAL, 0.01)
                signal.pause()
                return 'ok' if seen else 'wrong'
            """),
        arguments(
            "a Unix socket server",
            """
            import socketserver, socket, threading
            class Handler(socketserver.StreamRequestHandler):
                def handle(self): self.wfile.write(self.rfile.readline())
            def main():
                with socketserver.ThreadingUnixStreamServer('server.sock', Handler) as server:
                    threading.Thread(target=server.serve_forever, daemon=True).start()
                    with socket.socket(socket.AF_UNIX) as client:
                        client.connect('server.sock')
                        client.sendall(b'ok\\n')
                        answer = client.makefile().readline().strip()
                    server.shutdown()
                    return answer
            """),
        arguments(
            "locks on files",
            """
            import fcntl
            def main():
                with open('l', 'w') as file, open('l', 'r+') as again, open('m', 'w') as other:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    try:
                        fcntl.flock(again, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        fcntl.flock(file, fcntl.LOCK_UN)
                        fcntl.flock(again, fcntl.LOCK_SH)
                        fcntl.lockf(other, fcntl.LOCK_EX)
                        return 'ok'
            """),
        arguments(
            "leaving by the names that the site module adds",
            "result = 'ok' if callable(exit) and callable(quit) else 'wrong'"),
        arguments(
            "exceptions of exception groups and notes",
            "import sys\ndef main():\n    return 'ok' if sys.version_info < (3, 11) or eval(\"ExceptionGroup('a', [ValueError()])\") else 'wrong'"));
  }
}
