package io.athena.procedures.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the commands that make versions share. */
final class SavingOptions {
  @Option(
      names = "--author",
      paramLabel = "WHO",
      description = "Who, such as 'Ada <ada@example.org>'; else the caller.")
  private String author = "";

  @Mixin private EtagOption etag = new EtagOption();

  /** Empty for the caller. */
  String author() {
    return author;
  }

  /** Empty if any state will do. */
  String etag() {
    return etag.given();
  }
}
