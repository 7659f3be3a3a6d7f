package io.athena.procedures.sandbox;

import java.util.Locale;

/** What a worker promises to enforce; each is proved in a slot before the first run. */
enum Guarantee {
  MEMORY,
  PROCESSES,
  CPU_SHARE,
  CPU_TIME,
  WALL_TIME,
  OUTPUT,
  DISK,
  READ_ONLY_ROOT,
  NAMESPACES,
  NETWORK,
  PRIVILEGES,
  SYSTEM_CALLS;

  /** Its name in reports, such as {@code cpu_share}. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
