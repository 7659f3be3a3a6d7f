package io.athena.procedures.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads a list over as many pages as it takes. */
final class Pages {
  private static final int PAGE_SIZE = 500;

  private Pages() {}

  /** What the service gives for a page. */
  record Page<T>(List<T> items, String nextToken) {}

  /** Where a page begins and how much it may hold. */
  record Request(int size, String token) {}

  /** The first {@code limit} items; all of them if it is 0. */
  static <T> List<T> read(int limit, Function<Request, Page<T>> service) {
    List<T> items = new ArrayList<>();
    String token = "";
    do {
      int missing = limit == 0 ? PAGE_SIZE : Math.min(PAGE_SIZE, limit - items.size());
      Page<T> page = service.apply(new Request(missing, token));
      items.addAll(page.items());
      token = page.nextToken();
    } while (!token.isEmpty() && (limit == 0 || items.size() < limit));
    return items;
  }
}
