package io.athena.procedures;

/** Starts the server. */
public final class Main {
  private Main() {}

  /** Starts the server. */
  public static void main(String[] arguments) {}
}
