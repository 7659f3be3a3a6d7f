package io.athena.procedures.execution;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets calls of this server with the same request_id be admitted one after another. Thread-safe.
 */
final class Turns {
  private final Map<String, CompletableFuture<Void>> begun = new ConcurrentHashMap<>();

  /** Waits until no other call holds the id, and holds it; {@link #done} must follow. */
  CompletableFuture<Void> await(String requestId) {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    while (true) {
      CompletableFuture<Void> other = begun.putIfAbsent(requestId, turn);
      if (other == null) {
        return turn;
      }
      other.join();
    }
  }

  /** Gives the id up. Does nothing if that was done already. */
  void done(String requestId, CompletableFuture<Void> turn) {
    begun.remove(requestId, turn);
    turn.complete(null);
  }
}
