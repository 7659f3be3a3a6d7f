package io.athena.procedures.git;

import io.athena.procedures.git.GitTables.RefChange;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jgit.lib.BatchRefUpdate;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.lib.RefDatabase;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.jspecify.annotations.Nullable;

/**
 * Changes many refs with few statements. Those that are not as their commands expect get
 * LOCK_FAILURE; the others are changed, so whoever wants all or none does it in a transaction and
 * rolls that back. Names are not checked against each other: the names of procedures' refs cannot
 * be in each other's way.
 */
final class DatabaseBatchRefUpdate extends BatchRefUpdate {
  private final GitTables tables;

  DatabaseBatchRefUpdate(RefDatabase refs, GitTables tables) {
    super(refs);
    this.tables = tables;
  }

  @Override
  public void execute(RevWalk walk, ProgressMonitor monitor, @Nullable List<String> options)
      throws IOException {
    Map<String, RefChange> changes = new LinkedHashMap<>();
    for (ReceiveCommand command : getCommands()) {
      changes.put(command.getRefName(), new RefChange(command.getOldId(), command.getNewId()));
    }
    Set<String> changed = tables.change(changes);
    for (ReceiveCommand command : getCommands()) {
      command.setResult(
          changed.contains(command.getRefName())
              ? ReceiveCommand.Result.OK
              : ReceiveCommand.Result.LOCK_FAILURE);
    }
  }
}
