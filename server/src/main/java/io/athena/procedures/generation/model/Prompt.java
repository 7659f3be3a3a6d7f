package io.athena.procedures.generation.model;

import java.util.ArrayList;
import java.util.List;

/**
 * What a model is asked.
 *
 * @param system what is the same in every call, so that endpoints can keep it
 * @param turns user and model in turns; the first and the last are the user's
 */
public record Prompt(String system, List<String> turns) {
  /** Keeps a copy. */
  public Prompt {
    turns = List.copyOf(turns);
  }

  /** The same, after an answer and what there is to say to it. */
  public Prompt answered(String answer, String reply) {
    List<String> all = new ArrayList<>(turns);
    all.add(answer);
    all.add(reply);
    return new Prompt(system, all);
  }
}
