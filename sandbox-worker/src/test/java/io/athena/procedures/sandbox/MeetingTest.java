package io.athena.procedures.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two runs at the same time that do all they can to meet. */
final class MeetingTest {
  /**
   * Each leaves a sign wherever it can, waits until the other has done so too, and looks. What it
   * saw of the other is its result; what it could not even try tells the error.
   */
  private static final String MEET =
      """
      import _multiprocessing, _posixshmem
      SHARED = '/usr/bin/env'
      kept = []
      def sign_of_file(path, name):
          open(path + name, 'w').close()
      def unix(name):
          server = socket.socket(socket.AF_UNIX)
          server.bind(name)
          server.listen()
          kept.append(server)
      def signs(me):
          number = 7000 if me == 'a' else 7001
          return {
              'a file in /tmp': lambda: sign_of_file('/tmp/', me),
              'a file in /dev/shm': lambda: sign_of_file('/dev/shm/', me),
              'a file in the workspace': lambda: sign_of_file('/workspace/', me),
              'an abstract socket': lambda: unix('\\0' + me),
              'a socket in /tmp': lambda: unix('/tmp/socket-' + me),
              'POSIX shared memory': lambda: kept.append(_posixshmem.shm_open('/shm-' + me, os.O_CREAT | os.O_RDWR, mode=0o600)),
              'a POSIX semaphore': lambda: kept.append(_multiprocessing.SemLock(1, 1, 1, '/' + me, False)),
              'a POSIX queue': lambda: check(call(240, me.encode(), 0o102, 0o666, 0)),
              'System V shared memory': lambda: check(call(29, number, 64, 0o1666)),
              'a System V semaphore': lambda: check(call(64, number, 1, 0o1666)),
              'a System V queue': lambda: check(call(68, number, 0o1666)),
              'flock of a shared file': lambda: check(call(73, open_kept(SHARED), 2)),
              'flock of a shared folder': lambda: check(call(73, open_kept('/'), 2)),
              'flock of a shared device': lambda: check(call(73, open_kept('/dev/null'), 2)),
              'a record lock of a shared file': lambda: fcntl.lockf(open_kept(SHARED), fcntl.LOCK_SH),
              'a lease of a shared file': lambda: fcntl.fcntl(open_kept(SHARED), 1024, 0),
              'a key': lambda: check(call(248, b'user', me.encode(), b'x', 1, -4)),
              'the host name': lambda: socket.sethostname(me),
              'its own name': lambda: libc.prctl(15, me.encode(), 0, 0, 0),
              'watching shared files': lambda: check(call(294, 0)),
          }
      def looks(other):
          number = 7000 if other == 'a' else 7001
          return {
              'a file in /tmp': lambda: os.path.exists('/tmp/' + other),
              'a file in /dev/shm': lambda: os.path.exists('/dev/shm/' + other),
              'a file in the workspace': lambda: os.path.exists('/workspace/' + other),
              'an abstract socket': lambda: reach('\\0' + other),
              'a socket in /tmp': lambda: reach('/tmp/socket-' + other),
              'POSIX shared memory': lambda: os.path.exists('/dev/shm/shm-' + other),
              'a POSIX semaphore': lambda: os.path.exists('/dev/shm/sem.' + other),
              'a POSIX queue': lambda: call(240, other.encode(), 0, 0, 0) is None,
              'System V shared memory': lambda: call(29, number, 64, 0) is None,
              'a System V semaphore': lambda: call(64, number, 1, 0) is None,
              'a System V queue': lambda: call(68, number, 0) is None,
              'flock of a shared file': lambda: call(73, open_kept(SHARED), 4 | 2) == 'EAGAIN',
              'flock of a shared folder': lambda: call(73, open_kept('/'), 4 | 2) == 'EAGAIN',
              'flock of a shared device': lambda: call(73, open_kept('/dev/null'), 4 | 2) == 'EAGAIN',
              'a record lock of a shared file': lambda: asked(5) or asked(36),
              'a key': lambda: call(249, b'user', other.encode(), None, -4) is None,
              'the host name': lambda: socket.gethostname() == other,
              'its own name': lambda: any(other + '\\n' == open(p).read() for p in pathlib.Path('/proc').glob('[0-9]*/comm')),
              'processes': lambda: len(list(pathlib.Path('/proc').glob('[0-9]*'))) > 1,
              'users': lambda: any(error(lambda: os.kill(pid, 0)) is None for pid in range(1, 300) if pid != os.getpid()),
          }
      def check(failure):
          if failure: raise OSError(getattr(errno, failure), failure)
      def open_kept(path):
          kept.append(os.open(path, os.O_RDONLY))
          return kept[-1]
      def reach(name):
          try:
              socket.socket(socket.AF_UNIX).connect(name)
              return True
          except OSError:
              return False
      def asked(command):
          lock = bytearray(struct.pack('hhqqi0q', fcntl.F_WRLCK, 0, 0, 0, 0))
          buffer = (ctypes.c_char * len(lock)).from_buffer(lock)
          return call(72, open_kept(SHARED), command, buffer) is None and struct.unpack_from('h', lock)[0] != fcntl.F_UNLCK
      def main(me, other):
          refused = {}
          for name, sign in signs(me).items():
              try:
                  sign()
              except OSError as failure:
                  refused[name] = errno.errorcode[failure.errno]
          print('ready', flush=True)
          sys.stdin.read()
          return {'met': [name for name, look in looks(other).items() if look()], 'refused': refused}
      """;

  private final TestSandbox sandbox = TestSandbox.start();
  private final Bystanders bystanders = new Bystanders(sandbox);

  @AfterEach
  void stop() {
    bystanders.close();
    sandbox.close();
  }

  @Test
  void twoRunsDoNotMeet() {
    TestRun first = start("a", "b");
    TestRun second = start("b", "a");
    first.awaitOutput("ready");
    second.awaitOutput("ready");

    first.closeStdin();
    second.closeStdin();

    for (TestRun run : List.of(first, second)) {
      Struct seen = run.finish().result().getStructValue();
      assertThat(seen.getFieldsOrThrow("met").getListValue().getValuesList())
          .as("%s", run)
          .isEmpty();
      Map<String, String> refused = new TreeMap<>();
      seen.getFieldsOrThrow("refused")
          .getStructValue()
          .getFieldsMap()
          .forEach((name, error) -> refused.put(name, error.getStringValue()));
      assertThat(refused)
          .containsOnlyKeys(
              "a POSIX queue",
              "System V shared memory",
              "a System V semaphore",
              "a System V queue",
              "flock of a shared file",
              "flock of a shared folder",
              "flock of a shared device",
              "a lease of a shared file",
              "a key",
              "the host name",
              "watching shared files");
    }
    bystanders.noticedNothing();
  }

  private TestRun start(String me, String other) {
    return sandbox
        .program(HostileTools.PYTHON + MEET)
        .parameter("me", me)
        .parameter("other", other)
        .open();
  }
}
