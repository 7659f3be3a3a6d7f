package io.athena.procedures.db;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/**
 * A statement with named arguments that runs without Jdbi's mapping, which looks at the interface,
 * the arguments and the columns anew for each call and so takes longer than a small statement does.
 * Only for what every run needs; all else is said in DAO interfaces. Thread-safe.
 */
public final class DirectStatement {
  /** Not the casts, which have two colons. */
  private static final Pattern NAME = Pattern.compile("(?<!:):([a-z]\\w*)");

  private final String sql;
  private final Map<String, List<Integer>> positions;

  /** Reads one row. */
  @FunctionalInterface
  public interface RowReader<R> {
    /** What the row stands for. */
    R read(ResultSet row) throws SQLException;
  }

  /** Gives a statement its arguments, all of them each time. */
  @FunctionalInterface
  public interface Binder {
    /** Binds each by its name. */
    void bind(Arguments arguments) throws SQLException;
  }

  private DirectStatement(String sql, Map<String, List<Integer>> positions) {
    this.sql = sql;
    this.positions = positions;
  }

  /**
   * Prepares a text once for all executions.
   *
   * @param named with arguments such as {@code :procedureId}; colons in quotes are not told apart
   */
  public static DirectStatement of(String named) {
    Map<String, List<Integer>> positions = new LinkedHashMap<>();
    StringBuilder sql = new StringBuilder();
    Matcher names = NAME.matcher(named);
    int count = 0;
    while (names.find()) {
      count++;
      positions.computeIfAbsent(names.group(1), _ -> new ArrayList<>()).add(count);
      names.appendReplacement(sql, "?");
    }
    names.appendTail(sql);
    return new DirectStatement(sql.toString(), positions);
  }

  /** The first row of its result. */
  public <R> Optional<R> first(Handle handle, Binder binder, RowReader<R> reader) {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      binder.bind(new Arguments(statement, positions));
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
      }
    } catch (SQLException failure) {
      throw new UnableToExecuteStatementException(failure, null);
    }
  }

  /**
   * Runs it once for each element, all in one round trip, and reads what all of them return. Of
   * several elements the caller makes a transaction.
   *
   * @param returned the column that the statement returns
   */
  public <T, R> List<R> all(
      Handle handle,
      List<T> elements,
      Function<T, Binder> binder,
      String returned,
      RowReader<R> reader) {
    if (elements.size() == 1) {
      return first(handle, binder.apply(elements.getFirst()), reader).stream().toList();
    }
    try (PreparedStatement statement =
        handle.getConnection().prepareStatement(sql, new String[] {returned})) {
      addAll(statement, elements, binder);
      statement.executeBatch();
      List<R> read = new ArrayList<>();
      try (ResultSet rows = statement.getGeneratedKeys()) {
        while (rows.next()) {
          read.add(reader.read(rows));
        }
      }
      return read;
    } catch (SQLException failure) {
      throw new UnableToExecuteStatementException(failure, null);
    }
  }

  /** Runs it once for each element, all in one round trip: how many rows each one changed. */
  public <T> int[] counts(Handle handle, List<T> elements, Function<T, Binder> binder) {
    try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
      addAll(statement, elements, binder);
      return statement.executeBatch();
    } catch (SQLException failure) {
      throw new UnableToExecuteStatementException(failure, null);
    }
  }

  private <T> void addAll(PreparedStatement statement, List<T> elements, Function<T, Binder> binder)
      throws SQLException {
    for (T element : elements) {
      binder.apply(element).bind(new Arguments(statement, positions));
      statement.addBatch();
    }
  }

  /** The arguments of one execution. The driver refuses one that lacks some. */
  public static final class Arguments {
    private final PreparedStatement statement;
    private final Map<String, List<Integer>> positions;

    private Arguments(PreparedStatement statement, Map<String, List<Integer>> positions) {
      this.statement = statement;
      this.positions = positions;
    }

    /** {@code text}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, @Nullable String value) throws SQLException {
      return set(name, position -> statement.setString(position, value));
    }

    /** {@code int}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, int value) throws SQLException {
      return set(name, position -> statement.setInt(position, value));
    }

    /** {@code bigint}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, @Nullable Long value) throws SQLException {
      return set(name, position -> statement.setObject(position, value, Types.BIGINT));
    }

    /** {@code boolean}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, boolean value) throws SQLException {
      return set(name, position -> statement.setBoolean(position, value));
    }

    /** {@code uuid}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, @Nullable UUID value) throws SQLException {
      return set(name, position -> statement.setObject(position, value, Types.OTHER));
    }

    /** {@code timestamptz}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, @Nullable Instant value) throws SQLException {
      return set(
          name,
          position ->
              statement.setObject(
                  position,
                  value == null ? null : value.atOffset(ZoneOffset.UTC),
                  Types.TIMESTAMP_WITH_TIMEZONE));
    }

    /** {@code bytea}. */
    @CanIgnoreReturnValue
    public Arguments bind(String name, ByteString value) throws SQLException {
      return set(name, position -> statement.setBytes(position, value.toByteArray()));
    }

    /**
     * An array.
     *
     * @param type of its elements, as the database calls it
     */
    @CanIgnoreReturnValue
    public Arguments bind(String name, String type, Object[] elements) throws SQLException {
      return set(
          name,
          position ->
              statement.setArray(
                  position, statement.getConnection().createArrayOf(type, elements)));
    }

    private Arguments set(String name, Setter setter) throws SQLException {
      List<Integer> at = positions.get(name);
      if (at == null) {
        throw new IllegalArgumentException("the statement has no argument :" + name);
      }
      for (int position : at) {
        setter.set(position);
      }
      return this;
    }

    private interface Setter {
      void set(int position) throws SQLException;
    }
  }
}
