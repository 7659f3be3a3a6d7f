package io.athena.procedures.cli;

import io.athena.procedures.cli.LibraryReader.Item;
import io.athena.procedures.cli.LibraryReader.Receiver;
import io.athena.procedures.cli.LibraryReader.Unreadable;
import io.athena.procedures.v1.ImportProceduresRequest;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads procedures from lines, an object on each, as they come: of a stream of any length it keeps
 * one line. It stops where it is plain that the lines are something else. Not thread-safe.
 */
final class JsonLines {
  /** Lines that cannot be read, before any that can. */
  private static final int MOST_BAD_BEGINNINGS = 20;

  private static final String BYTE_ORDER_MARK = "\ufeff";

  private final String name;
  private final InputStream in;
  private final Receiver receiver;
  private final List<Unreadable> beginnings = new ArrayList<>();
  private boolean isReadable;
  private int number;

  private JsonLines(String name, InputStream in, Receiver receiver) {
    this.name = name;
    this.in = in;
    this.receiver = receiver;
  }

  /**
   * Reads to the end; empty lines are none.
   *
   * @param name of the source, for people
   * @throws IOException if the receiver fails; that the stream breaks is told to it
   */
  static void read(String name, InputStream lines, Receiver receiver) throws IOException {
    new JsonLines(name, new BufferedInputStream(lines, 1 << 16), receiver).read();
  }

  private void read() throws IOException {
    boolean goesOn = true;
    while (goesOn) {
      byte @Nullable [] line = null;
      Unreadable end = null;
      try {
        line = next();
      } catch (IOException e) {
        end = new Unreadable(where(), "it cannot be read any further: " + Errors.told(e));
      }
      goesOn = line != null && take(line);
      if (line == null) {
        tellBeginnings();
      }
      if (end != null) {
        receiver.unreadable(end);
      }
    }
  }

  /** The next line, or as much of it as one byte more than an item can have; null at the end. */
  private byte @Nullable [] next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    number++;
    int next = in.read();
    if (next < 0) {
      return null;
    }
    while (next >= 0 && next != '\n' && line.size() <= LibraryReader.MOST_BYTES) {
      line.write(next);
      next = in.read();
    }
    return line.toByteArray();
  }

  private String where() {
    return name + ", line " + number;
  }

  /** False if no more is to be read. */
  private boolean take(byte[] bytes) throws IOException {
    if (bytes.length > LibraryReader.MOST_BYTES) {
      return stop(where() + ": it has more than 16 MiB, which no procedure has");
    }
    String problem = Utf8.problem(bytes);
    if (number == 1 && problem.startsWith("is ") && !problem.startsWith("is not")) {
      return stop("it " + problem);
    }
    if (!problem.isEmpty()) {
      return bad("it " + problem);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    String line = (number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
    if (line.isBlank()) {
      return true;
    }
    if (!isReadable && beginnings.isEmpty() && isPartOfLarger(line.strip())) {
      return stop(
          "it holds JSON, but not an object on each line; "
              + (line.strip().startsWith("[") ? "jq -c '.[]'" : "jq -c .")
              + " makes that of it");
    }
    ImportProceduresRequest item;
    try {
      item = item(line);
    } catch (BadJsonException e) {
      // Which has only one line.
      return bad(Errors.told(e).replaceFirst("^line 1, ", ""));
    }
    isReadable = true;
    tellBeginnings();
    receiver.item(new Item(where(), item));
    return true;
  }

  /** An array, or an object over several lines. */
  private static boolean isPartOfLarger(String line) {
    return line.startsWith("[") || line.equals("{");
  }

  private static ImportProceduresRequest item(String line) throws BadJsonException {
    ImportProceduresRequest item;
    try {
      item = Json.merge(line, ImportProceduresRequest.newBuilder()).build();
    } catch (BadJsonException e) {
      if (e.wellFormed() && !line.contains("\"procedure\"")) {
        throw hasNone();
      }
      throw e;
    }
    if (!item.hasProcedure()) {
      throw hasNone();
    }
    return item.toBuilder()
        .clearOptions()
        .setProcedure(SkillFolder.definition(item.getProcedure()))
        .build();
  }

  private static BadJsonException hasNone() {
    return new BadJsonException(
        "it has no \"procedure\"; a line is {\"procedure\": {…}, \"code\": \"…\"}", true);
  }

  private boolean bad(String why) throws IOException {
    Unreadable one = new Unreadable(where(), why);
    if (isReadable) {
      receiver.unreadable(one);
      return true;
    }
    beginnings.add(one);
    if (beginnings.size() < MOST_BAD_BEGINNINGS) {
      return true;
    }
    Unreadable first = beginnings.getFirst();
    beginnings.clear();
    return stop(
        "it is not read: none of its first %d lines is a procedure; %s: %s"
            .formatted(
                MOST_BAD_BEGINNINGS, first.where().substring(name.length() + 2), first.why()));
  }

  private boolean stop(String why) throws IOException {
    tellBeginnings();
    receiver.unreadable(new Unreadable(name, why));
    return false;
  }

  private void tellBeginnings() throws IOException {
    for (Unreadable one : beginnings) {
      receiver.unreadable(one);
    }
    beginnings.clear();
  }
}
