package io.athena.procedures.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;

/** What an object refers to. */
final class References {
  private References() {}

  /** A commit's tree and parents, a tree's entries; nothing for a blob. */
  static List<ObjectId> of(StoredObject object) throws IOException {
    return switch (object.type()) {
      case Constants.OBJ_COMMIT -> ofCommit(RevCommit.parse(object.content()));
      case Constants.OBJ_TREE -> ofTree(object.content());
      default -> List.of();
    };
  }

  private static List<ObjectId> ofCommit(RevCommit commit) {
    List<ObjectId> references = new ArrayList<>();
    references.add(commit.getTree().copy());
    for (RevCommit parent : commit.getParents()) {
      references.add(parent.copy());
    }
    return references;
  }

  private static List<ObjectId> ofTree(byte[] content) {
    List<ObjectId> references = new ArrayList<>();
    CanonicalTreeParser entries = new CanonicalTreeParser();
    for (entries.reset(content); !entries.eof(); entries.next()) {
      references.add(entries.getEntryObjectId());
    }
    return references;
  }
}
