package io.athena.procedures.git;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.eclipse.jgit.util.RawParseUtils;

/** What an object refers to. */
final class ObjectLinks {
  private static final byte[] TREE = Constants.encodeASCII("tree ");
  private static final byte[] PARENT = Constants.encodeASCII("parent ");

  /** An id in hexadecimal digits, and the end of its line. */
  private static final int ID_LINE = Constants.OBJECT_ID_STRING_LENGTH + 1;

  private ObjectLinks() {}

  /** A commit's tree and parents, a tree's entries; nothing for a blob. */
  static List<ObjectId> of(StoredObject object) throws IOException {
    return switch (object.type()) {
      case Constants.OBJ_COMMIT -> ofCommit(object.content()).all();
      case Constants.OBJ_TREE -> ofTree(object.content());
      default -> List.of();
    };
  }

  /** What a commit refers to. */
  record Commit(ObjectId tree, List<ObjectId> parents) {
    private List<ObjectId> all() {
      List<ObjectId> all = new ArrayList<>(parents);
      all.addFirst(tree);
      return all;
    }
  }

  /** Of the content of a commit, which begins with lines "tree ID" and "parent ID". */
  static Commit ofCommit(byte[] content) {
    List<ObjectId> parents = new ArrayList<>();
    int line = TREE.length + ID_LINE;
    while (RawParseUtils.match(content, line, PARENT) >= 0) {
      parents.add(ObjectId.fromString(content, line + PARENT.length));
      line += PARENT.length + ID_LINE;
    }
    return new Commit(ObjectId.fromString(content, TREE.length), parents);
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
