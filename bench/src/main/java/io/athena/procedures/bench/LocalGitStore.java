package io.athena.procedures.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jgit.diff.DiffAlgorithm;
import org.eclipse.jgit.diff.DiffAlgorithm.SupportedAlgorithm;
import org.eclipse.jgit.diff.DiffFormatter;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.lib.TreeFormatter;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * The baseline: JGit on a bare repository on the local disk, opened once, that flushes objects and
 * refs to the disk as git does with {@code core.fsync=all}. It does the same in git as the service
 * does: a commit of two files, a branch and a tag.
 */
final class LocalGitStore implements VersionStore {
  private static final String BRANCH = "refs/heads/procedures/1";
  private static final String TAGS = "refs/tags/procedures/1/v";
  private static final PersonIdent AUTHOR = new PersonIdent("bench", "");

  private final Repository repository;
  private final String definition;
  private int versions;

  LocalGitStore(Path folder, String definition) throws IOException {
    this.definition = definition;
    repository = new FileRepositoryBuilder().setGitDir(folder.toFile()).setBare().build();
    repository.create(true);
    StoredConfig config = repository.getConfig();
    config.setBoolean("core", null, "fsyncObjectFiles", true);
    config.setBoolean("core", null, "fsyncRefFiles", true);
    config.save();
  }

  @Override
  public String name() {
    return "JGit, local bare repository, fsync";
  }

  @Override
  public void save(String code) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      TreeFormatter tree = new TreeFormatter();
      tree.append("main.py", FileMode.REGULAR_FILE, blob(inserter, code));
      tree.append("procedure.json", FileMode.REGULAR_FILE, blob(inserter, definition));
      commit(inserter, inserter.insert(tree), "Save version " + (versions + 1) + "\n");
    }
  }

  private static ObjectId blob(ObjectInserter inserter, String text) throws IOException {
    return inserter.insert(Constants.OBJ_BLOB, text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void rollback(int version) throws IOException {
    try (ObjectInserter inserter = repository.newObjectInserter()) {
      ObjectId tree = repository.parseCommit(target(TAGS + version)).getTree();
      commit(inserter, tree, "Roll back to v" + version + "\n");
    }
  }

  private void commit(ObjectInserter inserter, ObjectId tree, String message) throws IOException {
    CommitBuilder commit = new CommitBuilder();
    commit.setTreeId(tree);
    ObjectId parent = versions == 0 ? ObjectId.zeroId() : target(BRANCH);
    if (versions > 0) {
      commit.setParentId(parent);
    }
    commit.setAuthor(AUTHOR);
    commit.setCommitter(AUTHOR);
    commit.setMessage(message);
    ObjectId id = inserter.insert(commit);
    inserter.flush();
    versions++;
    move(BRANCH, parent, id);
    move(TAGS + versions, ObjectId.zeroId(), id);
  }

  private void move(String name, ObjectId from, ObjectId to) throws IOException {
    RefUpdate update = repository.updateRef(name);
    update.setExpectedOldObjectId(from);
    update.setNewObjectId(to);
    update.disableRefLog();
    RefUpdate.Result result = update.update();
    if (result != RefUpdate.Result.NEW && result != RefUpdate.Result.FAST_FORWARD) {
      throw new IOException(name + ": " + result);
    }
  }

  @Override
  public int list(int most) throws IOException {
    Map<ObjectId, String> tags = new HashMap<>();
    for (Ref tag : repository.getRefDatabase().getRefsByPrefix("refs/tags/procedures/1/")) {
      tags.merge(tag.getObjectId(), tag.getName(), (one, other) -> one + " " + other);
    }
    int listed = 0;
    int characters = 0;
    try (RevWalk walk = new RevWalk(repository)) {
      walk.markStart(walk.parseCommit(target(BRANCH)));
      for (RevCommit commit : walk) {
        characters +=
            commit.getFullMessage().length() + tags.getOrDefault(commit.getId(), "").length();
        if (++listed == most) {
          break;
        }
      }
    }
    return characters == 0 ? 0 : listed;
  }

  @Override
  public String get(int version) throws IOException {
    RevCommit commit = repository.parseCommit(target(TAGS + version));
    try (TreeWalk file = TreeWalk.forPath(repository, "main.py", commit.getTree())) {
      byte[] code = repository.open(file.getObjectId(0)).getBytes();
      return new String(code, StandardCharsets.UTF_8);
    }
  }

  private ObjectId target(String ref) throws IOException {
    Ref found = repository.exactRef(ref);
    ObjectId target = found == null ? null : found.getObjectId();
    if (target == null) {
      throw new IOException(ref + " is not there");
    }
    return target;
  }

  @Override
  public String diff(int from, int to) throws IOException {
    var text = new ByteArrayOutputStream();
    try (DiffFormatter formatter = new DiffFormatter(text)) {
      formatter.setRepository(repository);
      formatter.setDiffAlgorithm(DiffAlgorithm.getAlgorithm(SupportedAlgorithm.HISTOGRAM));
      formatter.format(
          repository.parseCommit(target(TAGS + from)).getTree(),
          repository.parseCommit(target(TAGS + to)).getTree());
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    repository.close();
  }
}
