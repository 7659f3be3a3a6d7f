package io.athena.procedures.git;

import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;

/** Reads the content of an object from its row, for those who need no repository for that. */
public final class ObjectContent {
  private ObjectContent() {}

  /**
   * The code of a version, which its object holds or, if it is older than the history in git, its
   * own row.
   *
   * @param inRow the code if the version's row has it
   * @param content of the object's row; null only if there is none
   * @param size of the text in bytes of UTF-8
   * @throws IllegalStateException if the object is missing or damaged: an empty program in its
   *     place would run and succeed
   */
  public static String text(@Nullable String inRow, byte @Nullable [] content, int size) {
    if (content == null) {
      if (inRow == null) {
        throw new IllegalStateException("the stored code of a version is missing");
      }
      return inRow;
    }
    try {
      return new String(
          StoredObject.inflate(ObjectId.zeroId(), size, content), StandardCharsets.UTF_8);
    } catch (CorruptObjectException e) {
      throw new IllegalStateException("the stored code of a version is damaged", e);
    }
  }
}
