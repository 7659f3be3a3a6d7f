package io.athena.procedures.execution;

import io.athena.procedures.error.InvalidArgumentException;
import java.util.UUID;
import java.util.regex.Pattern;

/** Ids of executions in requests. */
final class Ids {
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Ids() {}

  /**
   * @throws InvalidArgumentException if it is no UUID
   */
  static UUID parse(String executionId) {
    // UUID.fromString takes "1-1-1-1-1" too.
    if (!UUID_FORM.matcher(executionId).matches()) {
      throw new InvalidArgumentException(
          "execution_id",
          "must be a UUID such as 0190b6a0-7e1c-7000-8000-000000000000, as Accepted gave it");
    }
    return UUID.fromString(executionId);
  }
}
