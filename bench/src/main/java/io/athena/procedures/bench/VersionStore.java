package io.athena.procedures.bench;

import java.io.IOException;

/** Something that keeps versions of one procedure's code, numbered from 1. */
interface VersionStore extends AutoCloseable {
  String name();

  /** Saves code as the next version, durably. */
  void save(String code) throws IOException;

  /** Reads number, commit, author, message, time and tags of the newest versions; how many. */
  int list(int most) throws IOException;

  /** The code of a version. */
  String get(int version) throws IOException;

  /** A unified diff. */
  String diff(int from, int to) throws IOException;

  /** Makes the code of a version current again, as the next version, durably. */
  void rollback(int version) throws IOException;

  @Override
  void close() throws IOException;
}
