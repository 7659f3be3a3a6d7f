package io.athena.procedures.generation;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A named value of the function being written.
 *
 * @param spoken how steps may call it, in lower case and singular
 * @param origin the variable of which this is a changed state; null if it is a value of its own
 * @param parameter true if it is the caller's
 * @param from the variable of the same type that it was made of, which it is where the making did
 *     not happen; null if there is none
 */
record Variable(
    String name,
    ValueType type,
    Set<String> spoken,
    @Nullable Variable origin,
    boolean parameter,
    @Nullable Variable from) {

  private static final String URL_ENCODED = "url-encoded";

  Variable(
      String name,
      ValueType type,
      Set<String> spoken,
      @Nullable Variable origin,
      boolean parameter) {
    this(name, type, spoken, origin, parameter, origin);
  }

  /** True for what "URL-encode" has just made, which must not be encoded once more. */
  boolean isUrlEncoded() {
    return spoken.contains(URL_ENCODED)
        && (origin == null || !origin.spoken().contains(URL_ENCODED));
  }

  /** Of the name alone: each state leads to those before it by two ways, which would double. */
  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** The variable of outside whose changed state this is; null if it is a value of its own. */
  @Nullable Variable changedIn(Scope outside) {
    for (Variable before = origin; before != null; before = before.origin()) {
      if (outside.names().containsKey(before.name())) {
        return before;
      }
    }
    return null;
  }
}
