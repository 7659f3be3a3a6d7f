package io.athena.procedures.rpc;

import org.jspecify.annotations.Nullable;

/** Decides who may read what is served over HTTP, health apart. */
@FunctionalInterface
public interface HttpGuard {
  /**
   * Lets the request pass, or not.
   *
   * @param authorization value of the request's Authorization header, or null
   * @throws io.athena.procedures.error.UnauthenticatedException if it may not pass
   */
  void admit(@Nullable String authorization);
}
