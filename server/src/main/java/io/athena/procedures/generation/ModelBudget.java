package io.athena.procedures.generation;

/**
 * What one generation may take.
 *
 * @param maxTokens read and written, in all of its attempts
 * @param maxOutputTokens written in one
 */
public record ModelBudget(int maxTokens, int maxOutputTokens) {
  /** True if another attempt stays within it, whatever its answer is. */
  boolean allows(long spent, long prompt) {
    return spent + prompt + maxOutputTokens <= maxTokens;
  }
}
