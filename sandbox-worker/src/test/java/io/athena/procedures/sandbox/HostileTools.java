package io.athena.procedures.sandbox;

/** What hostile programs of the tests begin with. */
final class HostileTools {
  /**
   * Name of the process and of all its children, by which the host would find one that got away.
   */
  static final String PROCESS_NAME = "hostile-program";

  /**
   * {@code call} makes a system call by number and returns the error's name, or {@code None} if it
   * succeeded; {@code error} does the same for any Python; {@code child} runs a function in a
   * forked process and returns how that ended.
   */
  static final String PYTHON =
      """
      import ctypes, errno, fcntl, mmap, os, pathlib, resource, signal, socket, struct, subprocess, sys, time
      libc = ctypes.CDLL(None, use_errno=True)
      libc.prctl(15, b'%s', 0, 0, 0)
      def call(number, *arguments):
          result = libc.syscall(ctypes.c_long(number), *[
              ctypes.c_long(each) if isinstance(each, int) else each for each in arguments])
          return errno.errorcode[ctypes.get_errno()] if result == -1 else None
      def error(action):
          try:
              action()
          except OSError as failure:
              return errno.errorcode[failure.errno]
      def child(action):
          pid = os.fork()
          if pid == 0:
              try:
                  action()
              finally:
                  os._exit(0)
          status = os.waitpid(pid, 0)[1]
          return f'signal {os.WTERMSIG(status)}' if os.WIFSIGNALED(status) else f'exit {os.WEXITSTATUS(status)}'
      """
          .formatted(PROCESS_NAME);

  private HostileTools() {}

  /** A program whose result is the value of an expression. */
  static String returning(String expression) {
    return PYTHON + "def main():\n    return " + expression;
  }
}
