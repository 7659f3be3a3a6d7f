package io.athena.procedures.cli;

/** How text stands out on a terminal. */
enum Style {
  BOLD("1"),
  DIM("2"),
  GOOD("32"),
  BAD("1;31"),
  WARNING("33"),
  REMOVED("31"),
  PLACE("36");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  String apply(String text) {
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
