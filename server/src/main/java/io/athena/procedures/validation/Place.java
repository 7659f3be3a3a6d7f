package io.athena.procedures.validation;

/**
 * Where in the source. Lines and columns count from 1, columns in characters; the end column is the
 * one after the last character. Zeros where the whole is meant.
 */
record Place(int line, int column, int endLine, int endColumn) {
  static final Place WHOLE = new Place(0, 0, 0, 0);

  /** A whole line, of which no column is told. */
  static Place line(int line) {
    return new Place(line, 0, line, 0);
  }

  boolean covers(int wanted) {
    return line <= wanted && wanted <= endLine;
  }
}
