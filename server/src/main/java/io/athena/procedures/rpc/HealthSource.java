package io.athena.procedures.rpc;

import java.util.Map;
import java.util.Set;

/** A part of the server that can tell whether it works. Thread-safe. */
public interface HealthSource {
  /** Name in reports, such as {@code database}. */
  String name();

  /**
   * Full names of the gRPC services that cannot serve without it; empty if none can, which makes
   * the whole server not ready.
   */
  Set<String> services();

  /** Its state now. Asked about once a second: must answer within that time. */
  State state();

  /**
   * A state.
   *
   * @param up whether it works
   * @param details values for people, such as why it does not work; no secrets
   */
  record State(boolean up, Map<String, String> details) {
    /** Keeps a copy. */
    public State {
      details = Map.copyOf(details);
    }
  }
}
