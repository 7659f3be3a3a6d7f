package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import java.io.IOException;
import picocli.CommandLine.Command;

/** A command that asks the service for something. */
@Command
abstract class ServiceCommand extends AthenaCommand {
  @Override
  public final Integer call() throws IOException {
    try (AthenaClient client = athena().connect()) {
      return run(client);
    }
  }

  /** Does what the command is for and gives the exit code. */
  abstract int run(AthenaClient client) throws IOException;
}
