package io.athena.procedures.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;

/**
 * Where a command reads and writes. Writing is unbuffered, so that what is written is seen at once,
 * and fails with an IOException when the reader has gone.
 */
final class Terminal {
  private final InputStream in;
  private final OutputStream out;
  private final OutputStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;
  private final boolean colorWanted;

  Terminal(
      InputStream in,
      OutputStream out,
      OutputStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      boolean colorWanted) {
    this.in = in;
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.colorWanted = colorWanted;
  }

  /**
   * That of this process. Java cannot tell whether one stream alone is a terminal, so the launcher
   * tells it by the system properties {@code athena.stdout.terminal} and {@code
   * athena.stderr.terminal}.
   */
  static Terminal ofProcess() {
    String noColor = System.getenv("NO_COLOR");
    return new Terminal(
        System.in,
        new FileOutputStream(FileDescriptor.out),
        new FileOutputStream(FileDescriptor.err),
        Boolean.getBoolean("athena.stdout.terminal"),
        Boolean.getBoolean("athena.stderr.terminal"),
        (noColor == null || noColor.isEmpty()) && !"dumb".equals(System.getenv("TERM")));
  }

  /** The same with a mark before every line. */
  Terminal indented(String mark) {
    return new Terminal(
        in,
        new IndentedStream(out, mark),
        new IndentedStream(err, mark),
        outIsTerminal,
        errIsTerminal,
        colorWanted);
  }

  InputStream in() {
    return in;
  }

  OutputStream out() {
    return out;
  }

  OutputStream err() {
    return err;
  }

  boolean outIsTerminal() {
    return outIsTerminal;
  }

  boolean errIsTerminal() {
    return errIsTerminal;
  }

  /** Writes one line to standard output. */
  void print(String line) throws IOException {
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Writes one line to standard error. */
  void tell(String line) throws IOException {
    err.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes in place of the line under way on standard error, which shows nothing if it is empty.
   */
  void overwrite(String line) throws IOException {
    err.write(("\r\u001b[K" + line).getBytes(StandardCharsets.UTF_8));
    err.flush();
  }

  /** The text in the style, where standard output shows colour. */
  String styled(Style style, String text) {
    return outIsTerminal && colorWanted ? style.apply(text) : text;
  }

  /** The text in the style, where standard error shows colour. */
  String styledForErr(Style style, String text) {
    return errIsTerminal && colorWanted ? style.apply(text) : text;
  }

  ColorScheme colorScheme() {
    return CommandLine.Help.defaultColorScheme(outIsTerminal && colorWanted ? Ansi.ON : Ansi.OFF);
  }

  PrintWriter outWriter() {
    return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), true);
  }

  PrintWriter errWriter() {
    return new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
  }
}
