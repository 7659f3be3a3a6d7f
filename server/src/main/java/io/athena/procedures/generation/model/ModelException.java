package io.athena.procedures.generation.model;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A model gave no answer. The message is for people and holds neither key nor prompt. */
public final class ModelException extends Exception {
  private static final long serialVersionUID = 1;

  private final String told;
  private final Kind kind;
  private final transient @Nullable Duration retryAfter;

  /** Why there is none. */
  public enum Kind {
    /** The endpoint does not take the key. */
    KEY_REFUSED(false),
    /** It has no such model. */
    UNKNOWN_MODEL(false),
    /** What answers there does not speak the protocol, or sends one elsewhere. */
    WRONG_ADDRESS(false),
    /** It takes the request for wrong. */
    REQUEST_REFUSED(false),
    /** It has too much to do, or a fault of its own. */
    BUSY(true),
    /** It cannot be reached. */
    OUT_OF_REACH(true),
    /** It said nothing for too long, or took too long. */
    TIMED_OUT(false),
    /** The answer broke off. */
    BROKEN_OFF(true),
    /** It sent far more than it was allowed. */
    TOO_LONG(false),
    /** It was not asked, because the answer could take more than is allowed. */
    OVER_BUDGET(false);

    private final boolean passing;

    Kind(boolean passing) {
      this.passing = passing;
    }

    /** True if asking again soon has a chance. */
    boolean isPassing() {
      return passing;
    }
  }

  /** With what is to be told. */
  public ModelException(Kind kind, String message) {
    this(kind, message, null);
  }

  /** With the time that the endpoint asks to wait, if it does. */
  ModelException(Kind kind, String message, @Nullable Duration retryAfter) {
    super(message);
    this.told = message;
    this.kind = kind;
    this.retryAfter = retryAfter;
  }

  @Override
  public String getMessage() {
    return told;
  }

  /** Why there is none. */
  public Kind kind() {
    return kind;
  }

  /** How long the endpoint asks to wait before it is asked again; empty if it does not say. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
