package io.athena.procedures;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;

/** The server's own classes, without tests, stubs and the other modules. */
public final class ServerClasses implements ImportOption {
  @Override
  public boolean includes(Location location) {
    return location.contains("/server/target/classes/");
  }

  /** False for the generated stubs and the sandbox worker, which live under the same root. */
  static boolean ownPackage(String name) {
    return name.startsWith("io.athena.procedures")
        && !name.startsWith("io.athena.procedures.v1")
        && !name.startsWith("io.athena.procedures.sandbox");
  }
}
