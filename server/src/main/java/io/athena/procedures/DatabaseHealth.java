package io.athena.procedures;

import io.athena.procedures.db.Database;
import io.athena.procedures.rpc.HealthSource;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.JdbiException;

/** Whether the database answers. */
record DatabaseHealth(Database database) implements HealthSource {
  @Override
  public String name() {
    return "database";
  }

  @Override
  public Set<String> services() {
    return Set.of();
  }

  @Override
  public State state() {
    try {
      int one =
          database
              .jdbi()
              .withHandle(handle -> handle.createQuery("SELECT 1").mapTo(Integer.class).one());
      return new State(one == 1, Map.of("where", database.description()));
    } catch (JdbiException e) {
      return new State(
          false, Map.of("where", database.description(), "error", "it does not answer"));
    }
  }
}
