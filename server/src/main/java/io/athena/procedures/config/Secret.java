package io.athena.procedures.config;

/** Text that no log, message or dump may show: only who asks for it by name gets it. */
public final class Secret {
  private final String value;

  /** Of a text that is not empty. */
  public Secret(String value) {
    this.value = value;
  }

  /** The text itself. */
  public String reveal() {
    return value;
  }

  /** A text without this one in it. */
  public String removedFrom(String text) {
    return text.replace(value, "[key]");
  }

  @Override
  public String toString() {
    return "[secret]";
  }
}
