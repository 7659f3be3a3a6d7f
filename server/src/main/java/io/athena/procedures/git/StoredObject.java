package io.athena.procedures.git;

import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.InflaterCache;
import org.eclipse.jgit.lib.ObjectId;

/**
 * An object as its row has it.
 *
 * @param type one of the object types in JGit's {@code Constants}
 * @param size of the content in bytes, at most 2^31 - 1
 * @param deflated the content in zlib's format (RFC 1950), as packs have it, so that sending an
 *     object to a client is a copy
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record StoredObject(ObjectId id, int type, int size, byte[] deflated) {

  static StoredObject of(ObjectId id, int type, byte[] content) {
    return new StoredObject(id, type, content.length, deflate(content));
  }

  private static byte[] deflate(byte[] content) {
    // Fast, because a save waits for it; the best level makes code about a tenth smaller.
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    try {
      deflater.setInput(content);
      deflater.finish();
      var deflated = new ByteArrayOutputStream(content.length / 2 + 64);
      byte[] chunk = new byte[8192];
      while (!deflater.finished()) {
        deflated.write(chunk, 0, deflater.deflate(chunk));
      }
      return deflated.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /**
   * The content itself.
   *
   * @throws CorruptObjectException if the row is damaged
   */
  byte[] content() throws CorruptObjectException {
    return inflate(id, size, deflated);
  }

  static byte[] inflate(ObjectId id, int size, byte[] deflated) throws CorruptObjectException {
    // A walk of a large repository inflates hundreds of thousands; making one costs more than using
    // it.
    Inflater inflater = InflaterCache.get();
    try {
      inflater.setInput(deflated);
      byte[] content = new byte[size];
      int filled = 0;
      while (filled < size) {
        int more = inflater.inflate(content, filled, size - filled);
        if (more == 0) {
          break;
        }
        filled += more;
      }
      // Only a stream read to its end has had its checksum compared.
      if (filled < size || inflater.inflate(new byte[1]) != 0 || !inflater.finished()) {
        throw new CorruptObjectException(id, "its row does not hold " + size + " bytes");
      }
      return content;
    } catch (DataFormatException e) {
      throw new CorruptObjectException("the row of " + id.name() + " is not in zlib's format", e);
    } finally {
      InflaterCache.release(inflater);
    }
  }
}
