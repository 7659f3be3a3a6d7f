package io.athena.procedures.auth;

import io.grpc.Context;

/**
 * Who makes a call.
 *
 * @param name as in the file of tokens, or {@code anonymous} where nobody has to say
 */
public record Principal(String name) {
  /** Whoever calls a server that asks for no token. */
  public static final Principal ANONYMOUS = new Principal("anonymous");

  private static final Context.Key<Principal> KEY =
      Context.keyWithDefault("athena-principal", ANONYMOUS);

  /** Who makes the call that is being handled on this thread. */
  public static Principal current() {
    return KEY.get();
  }

  /** The current Context with this principal. */
  Context inContext() {
    return Context.current().withValue(KEY, this);
  }
}
