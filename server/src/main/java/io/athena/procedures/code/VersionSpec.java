package io.athena.procedures.code;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version as callers name it. */
sealed interface VersionSpec {
  /** Whichever is current. */
  record Current() implements VersionSpec {}

  /** By number, from 1. */
  record Numbered(int number) implements VersionSpec {}

  /** By a tag or the hash of a commit. */
  record Named(String name) implements VersionSpec {}

  /** Ten digits would be more versions than a column holds. */
  Pattern NUMBER = Pattern.compile("v?([1-9][0-9]{0,8})");

  /** The hash of a commit, whole or so many of its first digits that git would show them. */
  Pattern HASH = Pattern.compile("[0-9a-fA-F]{7,40}");

  /** Too few digits of a hash to be taken for one. */
  Pattern SHORT_HASH = Pattern.compile("[0-9a-fA-F]{4,6}");

  /** Reads "", "3", "v3", or any other name. */
  static VersionSpec parse(String text) {
    if (text.isEmpty()) {
      return new Current();
    }
    Matcher number = NUMBER.matcher(text);
    return number.matches() ? new Numbered(Integer.parseInt(number.group(1))) : new Named(text);
  }
}
