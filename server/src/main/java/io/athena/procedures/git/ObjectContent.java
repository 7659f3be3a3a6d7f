package io.athena.procedures.git;

import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.ObjectId;

/** Reads the content of an object from its row, for those who need no repository for that. */
public final class ObjectContent {
  private ObjectContent() {}

  /**
   * The text that an object holds.
   *
   * @param content of the row
   * @param size of the text in bytes of UTF-8
   * @throws IllegalStateException if the row is damaged
   */
  public static String text(byte[] content, int size) {
    try {
      return new String(
          StoredObject.inflate(ObjectId.zeroId(), size, content), StandardCharsets.UTF_8);
    } catch (CorruptObjectException e) {
      throw new IllegalStateException("the stored code of a version is damaged", e);
    }
  }
}
