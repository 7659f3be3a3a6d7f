package io.athena.procedures.doctor;

import java.util.Locale;

/**
 * One thing that was looked at.
 *
 * @param name what was looked at, in a word or two
 * @param state how it is
 * @param detail what was found
 * @param remedy the command that mends it; empty where there is nothing to mend
 */
public record Check(String name, State state, String detail, String remedy) {
  /** How something is. */
  public enum State {
    /** As it must be. */
    OK,
    /** Not there, and needed only when somebody asks for it. */
    OFF,
    /** Not as it must be. */
    MISSING
  }

  static Check ok(String name, String detail) {
    return new Check(name, State.OK, detail, "");
  }

  static Check off(String name, String detail, String remedy) {
    return new Check(name, State.OFF, detail, remedy);
  }

  static Check missing(String name, String detail, String remedy) {
    return new Check(name, State.MISSING, detail, remedy);
  }

  /** The check on one line, or on two if there is something to mend. */
  public String forPeople() {
    String line = "%-8s %-16s %s".formatted(state.name().toLowerCase(Locale.ROOT), name, detail);
    return remedy.isEmpty() ? line : line + "\n" + " ".repeat(26) + remedy;
  }
}
