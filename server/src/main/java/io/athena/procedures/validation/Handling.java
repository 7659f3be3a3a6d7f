package io.athena.procedures.validation;

/**
 * How code deals with errors.
 *
 * @param handlers except clauses that do something
 * @param swallowing except clauses that catch everything and do nothing
 * @param refusals errors the code raises itself
 */
record Handling(int handlers, int swallowing, int refusals) {
  static Handling of(Facts facts) {
    int handlers = 0;
    int swallowing = 0;
    for (Facts.Handler handler : facts.handlers()) {
      if (!handler.swallows()) {
        handlers++;
      } else if (handler.isBlanket()) {
        swallowing++;
      }
    }
    int refusals =
        (int)
            facts.raises().stream()
                .filter(
                    each -> !each.text().isEmpty() && !each.text().equals("NotImplementedError"))
                .count();
    return new Handling(handlers + facts.finallies(), swallowing, refusals);
  }

  /** True if errors are handled or told, and none is swallowed unseen. */
  boolean handles() {
    return swallowing == 0 && (handlers > 0 || refusals > 0);
  }
}
