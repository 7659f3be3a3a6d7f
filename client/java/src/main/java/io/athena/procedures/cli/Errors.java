package io.athena.procedures.cli;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Exceptions of the Java runtime in words for people. */
final class Errors {
  private Errors() {}

  static String told(Throwable failure) {
    return switch (failure) {
      case NoSuchFileException e -> "there is no file " + e.getFile();
      case AccessDeniedException e -> "no permission to read or write " + e.getFile();
      case FileSystemException e -> e.getFile() + ": " + reason(e);
      case FileNotFoundException e -> "there is no file " + e.getMessage();
      default -> message(failure);
    };
  }

  private static String reason(FileSystemException failure) {
    @Nullable String reason = failure.getReason();
    return reason == null ? "cannot be read or written" : reason;
  }

  private static String message(Throwable failure) {
    @Nullable String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
