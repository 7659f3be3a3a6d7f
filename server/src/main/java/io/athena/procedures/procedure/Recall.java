package io.athena.procedures.procedure;

import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RecallProceduresResponse.Match;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;

/** Finds procedures by words, forgiving inflection and typing errors. Thread-safe. */
public final class Recall {
  private static final int DEFAULT_LIMIT = 10;
  private static final int LARGEST_LIMIT = 100;

  /** More words than this make a query slow and its answer no better. */
  private static final int MOST_WORDS = 50;

  /** The same characters that the database's schema takes for separators. */
  private static final Pattern SEPARATORS = Pattern.compile("[\\s!-/:-@\\[-`{-~]+");

  private static final Pattern CAMEL_CASE = Pattern.compile("([a-z0-9])([A-Z])");

  private final Jdbi jdbi;

  /** On a database with the server's schema. */
  public Recall(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Gives what matches, best first.
   *
   * @throws InvalidArgumentException if the query is empty or longer than 1,000 characters, or the
   *     limit is not within 0 to 100
   */
  public List<Match> recall(RecallProceduresRequest request) {
    var violations = new Violations();
    TextRules.check(violations, "query", request.getQuery(), 1_000);
    violations.check(!request.getQuery().isBlank(), "query", "must not be empty");
    ProcedureRules.checkProject(violations, "project", request.getProject());
    violations.check(
        request.getLimit() >= 0 && request.getLimit() <= LARGEST_LIMIT,
        "limit",
        "must be within 1 to %d; 0 means %d".formatted(LARGEST_LIMIT, DEFAULT_LIMIT));
    violations.throwIfAny();
    String[] words = words(request.getQuery());
    if (words.length == 0) {
      return List.of();
    }
    String project =
        request.getProject().isEmpty() ? ProcedureRules.DEFAULT_PROJECT : request.getProject();
    int limit = request.getLimit() == 0 ? DEFAULT_LIMIT : request.getLimit();
    return jdbi.inTransaction(handle -> {
      RecallDao dao = handle.attach(RecallDao.class);
      dao.forgiveTypingErrors();
      return dao.recall(String.join(" ", words), words, project, limit);
    });
  }

  private static String[] words(String query) {
    String split = CAMEL_CASE.matcher(query).replaceAll("$1 $2");
    return Arrays.stream(SEPARATORS.split(split.toLowerCase(Locale.ROOT)))
        .filter(word -> !word.isEmpty())
        .distinct()
        .limit(MOST_WORDS)
        .toArray(String[]::new);
  }
}
