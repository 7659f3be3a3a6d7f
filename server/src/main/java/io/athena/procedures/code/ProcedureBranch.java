package io.athena.procedures.code;

import io.athena.procedures.git.GitRepositories;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.BatchRefUpdate;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TreeFormatter;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.ReceiveCommand;
import org.jdbi.v3.core.Handle;

/**
 * The history of one procedure in its project's repository: the branch {@code procedures/<id>},
 * whose commits hold {@code main.py} and {@code procedure.json}, and its tags. For the time of a
 * transaction that has locked the procedure; not thread-safe.
 */
final class ProcedureBranch {
  private static final String CODE_FILE = "main.py";
  private static final String DEFINITION_FILE = "procedure.json";

  private final Repository repository;
  private final String branch;
  private final String tagPrefix;

  ProcedureBranch(Handle handle, String project, long procedureId) {
    repository = GitRepositories.in(handle, project);
    branch = Constants.R_HEADS + "procedures/" + procedureId;
    tagPrefix = Constants.R_TAGS + "procedures/" + procedureId + "/";
  }

  /** What a version is in git: its commit, and the blob with its code. */
  record Written(ObjectId commit, ObjectId code) {}

  /**
   * Adds a commit with this code.
   *
   * @param parent commit of the version before; the zero id for the first
   * @param version its number
   * @param definition what to keep of the procedure beside its code
   * @throws IllegalStateException if the branch does not end with {@code parent}
   */
  Written append(
      ObjectId parent,
      int version,
      byte[] code,
      byte[] definition,
      PersonIdent author,
      String message)
      throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId codeId = inserter.insert(Constants.OBJ_BLOB, code);
      TreeFormatter tree = new TreeFormatter();
      tree.append(CODE_FILE, FileMode.REGULAR_FILE, codeId);
      tree.append(
          DEFINITION_FILE, FileMode.REGULAR_FILE, inserter.insert(Constants.OBJ_BLOB, definition));
      ObjectId commit = commit(inserter, parent, inserter.insert(tree), author, message);
      inserter.flush();
      moveTo(parent, commit, version);
      return new Written(commit, codeId);
    }
  }

  /**
   * Adds a commit with the tree of an earlier one.
   *
   * @throws IllegalStateException if the branch does not end with {@code parent}
   */
  ObjectId restore(
      ObjectId parent, int version, ObjectId target, PersonIdent author, String message)
      throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId tree = repository.parseCommit(target).getTree().copy();
      ObjectId commit = commit(inserter, parent, tree, author, message);
      inserter.flush();
      moveTo(parent, commit, version);
      return commit;
    }
  }

  private static ObjectId commit(
      ObjectInserter inserter, ObjectId parent, ObjectId tree, PersonIdent author, String message)
      throws IOException {
    CommitBuilder commit = new CommitBuilder();
    commit.setTreeId(tree);
    if (!parent.equals(ObjectId.zeroId())) {
      commit.setParentId(parent);
    }
    commit.setAuthor(author);
    commit.setCommitter(author);
    // As git itself ends messages.
    commit.setMessage(message.endsWith("\n") ? message : message + "\n");
    return inserter.insert(commit);
  }

  private void moveTo(ObjectId parent, ObjectId commit, int version) throws IOException {
    change(
        List.of(
            new ReceiveCommand(parent, commit, branch),
            new ReceiveCommand(ObjectId.zeroId(), commit, tagPrefix + "v" + version)));
  }

  /**
   * Makes a tag, or moves it.
   *
   * @param before the commit it is at; the zero id if there is no such tag
   */
  void tag(String tag, ObjectId before, ObjectId commit) throws IOException {
    change(List.of(new ReceiveCommand(before, commit, tagPrefix + tag)));
  }

  /** Removes a tag that is at {@code commit}. */
  void untag(String tag, ObjectId commit) throws IOException {
    change(List.of(new ReceiveCommand(commit, ObjectId.zeroId(), tagPrefix + tag)));
  }

  /** Removes the branch and all tags. */
  void remove() throws IOException {
    List<ReceiveCommand> removals = new ArrayList<>();
    Ref tip = repository.exactRef(branch);
    if (tip != null) {
      removals.add(new ReceiveCommand(tip.getObjectId(), ObjectId.zeroId(), branch));
    }
    for (Ref tag : repository.getRefDatabase().getRefsByPrefix(tagPrefix)) {
      removals.add(new ReceiveCommand(tag.getObjectId(), ObjectId.zeroId(), tag.getName()));
    }
    change(removals);
  }

  private void change(List<ReceiveCommand> commands) throws IOException {
    BatchRefUpdate update = repository.getRefDatabase().newBatchUpdate();
    update.addCommand(commands);
    try (RevWalk walk = new RevWalk(repository)) {
      update.execute(walk, NullProgressMonitor.INSTANCE);
    }
    for (ReceiveCommand command : commands) {
      if (command.getResult() != ReceiveCommand.Result.OK) {
        // The procedure is locked, so nobody came first: git and the rows disagree.
        throw new IllegalStateException(
            "%s of project %s is not at %s, as its rows say"
                .formatted(
                    command.getRefName(), repository.getIdentifier(), command.getOldId().name()));
      }
    }
  }
}
