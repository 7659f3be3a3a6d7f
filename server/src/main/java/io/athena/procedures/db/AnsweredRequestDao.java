package io.athena.procedures.db;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jdbi.v3.sqlobject.statement.SqlUpdate;

/** Rows of answered requests. */
interface AnsweredRequestDao {
  /** What became of a request. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared as a whole.
  record Answer(byte[] requestHash, byte[] response) {}

  /** One if the request is the caller's to answer, zero if it was answered after {@code expiry}. */
  @SqlUpdate(
      """
      insert into answered_request (request_id, request_hash, response, create_time)
      values (:requestId, :requestHash, '', :now)
      on conflict (request_id) do update
      set request_hash = excluded.request_hash, create_time = excluded.create_time
      where answered_request.create_time <= :expiry
      """)
  int claim(String requestId, byte[] requestHash, Instant now, Instant expiry);

  @SqlUpdate("update answered_request set response = :response where request_id = :requestId")
  void complete(String requestId, byte[] response);

  @SqlQuery("select request_hash, response from answered_request where request_id = :requestId")
  @RegisterConstructorMapper(Answer.class)
  Answer find(String requestId);

  /** The answer given after {@code expiry}. */
  @SqlQuery(
      """
      select request_hash, response from answered_request
      where request_id = :requestId and create_time > :expiry
      """)
  @RegisterConstructorMapper(Answer.class)
  Optional<Answer> findSince(String requestId, Instant expiry);

  @SqlUpdate("delete from answered_request where create_time <= :expiry")
  int deleteBefore(Instant expiry);
}
