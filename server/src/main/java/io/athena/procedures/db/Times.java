package io.athena.procedures.db;

import com.google.protobuf.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Points in time as the database and the API have them. */
public final class Times {
  private Times() {}

  /** Now, to the microsecond: what the database can keep. */
  public static Instant now(Clock clock) {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /** As the API has it. */
  public static Timestamp toProto(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
