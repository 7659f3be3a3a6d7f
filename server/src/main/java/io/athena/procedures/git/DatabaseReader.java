package io.athena.procedures.git;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.StoredObjectRepresentationNotAvailableException;
import org.eclipse.jgit.internal.storage.pack.CachedPack;
import org.eclipse.jgit.internal.storage.pack.ObjectReuseAsIs;
import org.eclipse.jgit.internal.storage.pack.ObjectToPack;
import org.eclipse.jgit.internal.storage.pack.PackOutputStream;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.internal.storage.pack.StoredObjectRepresentation;
import org.eclipse.jgit.lib.AbbreviatedObjectId;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.AsyncObjectLoaderQueue;
import org.eclipse.jgit.lib.BitmapIndex.BitmapBuilder;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects. Not thread-safe.
 *
 * <p>A walk asks for one object after the other, and each would cost a statement. After {@link
 * #WALKED} of them {@link ReadAhead} reads many with each.
 */
final class DatabaseReader extends ObjectReader implements ObjectReuseAsIs {
  private static final int WALKED = 16;
  static final int BATCH = 1_000;

  private final GitTables tables;
  private final @Nullable ObjectInserter inserter;
  private final Map<ObjectId, StoredObject> unwritten;
  private final ReadAhead readAhead;
  private int walked;

  DatabaseReader(GitTables tables) {
    this(tables, null, Map.of());
  }

  /** Of an inserter that has objects which are not written yet. */
  DatabaseReader(
      GitTables tables, @Nullable ObjectInserter inserter, Map<ObjectId, StoredObject> unwritten) {
    this.tables = tables;
    this.readAhead = new ReadAhead(tables);
    this.inserter = inserter;
    this.unwritten = unwritten;
  }

  @Override
  public ObjectReader newReader() {
    return new DatabaseReader(tables, inserter, unwritten);
  }

  @Override
  public @Nullable ObjectInserter getCreatedFromInserter() {
    return inserter;
  }

  @Override
  public Collection<ObjectId> resolve(AbbreviatedObjectId id) throws IOException {
    ObjectId first = ObjectId.fromString(padded(id, '0'));
    ObjectId last = ObjectId.fromString(padded(id, 'f'));
    return tables.idsBetween(first, last, BATCH);
  }

  private static String padded(AbbreviatedObjectId id, char digit) {
    String digits = id.name();
    return digits
        + String.valueOf(digit).repeat(ObjectId.zeroId().name().length() - digits.length());
  }

  @Override
  public boolean has(AnyObjectId id) throws IOException {
    return look(id) != null || tables.findHeader(id).isPresent();
  }

  @Override
  public long getObjectSize(AnyObjectId id, int typeHint) throws IOException {
    StoredObject known = look(id);
    if (known != null) {
      return checked(known, typeHint).size();
    }
    Optional<GitDao.Header> header = tables.findHeader(id);
    if (header.isEmpty()) {
      throw missing(id, typeHint);
    }
    requireType(id, header.get().type(), typeHint);
    return header.get().size();
  }

  @Override
  public ObjectLoader open(AnyObjectId id, int typeHint) throws IOException {
    StoredObject known = take(id);
    if (known == null && walked++ >= WALKED) {
      readAhead.readWith(id);
      known = take(id);
    }
    if (known == null) {
      known = tables.find(id).orElse(null);
    }
    if (known == null) {
      throw missing(id, typeHint);
    }
    return loader(checked(known, typeHint));
  }

  /** Opens many, a batch with one statement. */
  @Override
  public <T extends ObjectId> AsyncObjectLoaderQueue<T> open(
      Iterable<T> ids, boolean reportMissing) {
    return new BatchedLoaders<>(this, tables, ids.iterator());
  }

  /** What need not be read; it is the caller's, and the next time it must be. */
  @Nullable StoredObject take(AnyObjectId id) {
    StoredObject known = unwritten.get(id);
    return known == null ? readAhead.take(id) : known;
  }

  private @Nullable StoredObject look(AnyObjectId id) {
    StoredObject known = unwritten.get(id);
    return known == null ? readAhead.look(id) : known;
  }

  private static StoredObject checked(StoredObject object, int typeHint)
      throws IncorrectObjectTypeException {
    requireType(object.id(), object.type(), typeHint);
    return object;
  }

  private static void requireType(AnyObjectId id, int type, int typeHint)
      throws IncorrectObjectTypeException {
    if (typeHint != OBJ_ANY && typeHint != type) {
      throw new IncorrectObjectTypeException(id.copy(), typeHint);
    }
  }

  static MissingObjectException missing(AnyObjectId id, int typeHint) {
    return typeHint == OBJ_ANY
        ? new MissingObjectException(id.copy(), "unknown")
        : new MissingObjectException(id.copy(), typeHint);
  }

  ObjectLoader loader(StoredObject object) throws IOException {
    byte[] content = object.content();
    readAhead.seen(object, content);
    return new ObjectLoader.SmallObject(object.type(), content);
  }

  @Override
  public Set<ObjectId> getShallowCommits() {
    return Set.of();
  }

  @Override
  public void close() {
    readAhead.clear();
    walked = 0;
  }

  // --- Packs for clients: what is stored is what is sent.

  @Override
  public ObjectToPack newObjectToPack(AnyObjectId id, int type) {
    return new PackedRow(id, type);
  }

  @Override
  public void selectObjectRepresentation(
      PackWriter packer, ProgressMonitor monitor, Iterable<ObjectToPack> objects) {
    for (ObjectToPack object : objects) {
      packer.select(object, new Whole());
      monitor.update(1);
    }
  }

  @Override
  public void writeObjects(PackOutputStream out, List<ObjectToPack> list) throws IOException {
    // The walk is over.
    readAhead.clear();
    int written = 0;
    while (written < list.size()) {
      List<ObjectToPack> next = list.subList(written, Math.min(written + BATCH, list.size()));
      GitTables.Batch batch = tables.find(next);
      for (ObjectToPack object : next.subList(0, batch.covered())) {
        ((PackedRow) object).row = batch.rows().get(object);
        out.writeObject(object);
        ((PackedRow) object).row = null;
      }
      written += batch.covered();
    }
  }

  @Override
  public void copyObjectAsIs(PackOutputStream out, ObjectToPack object, boolean validate)
      throws IOException, StoredObjectRepresentationNotAvailableException {
    StoredObject row = ((PackedRow) object).row;
    if (row == null) {
      row = tables.find(object).orElseThrow(() -> missing(object, object.getType()));
    }
    if (validate) {
      row.content();
    }
    out.writeHeader(object, row.size());
    out.write(row.deflated());
  }

  @Override
  public void copyPackAsIs(PackOutputStream out, CachedPack pack) {
    throw new UnsupportedOperationException("there are no packs");
  }

  @Override
  public Collection<CachedPack> getCachedPacksAndUpdate(BitmapBuilder needBitmap) {
    return List.of();
  }

  /** An object on its way into a pack, with its row while it is written. */
  private static final class PackedRow extends ObjectToPack {
    private @Nullable StoredObject row;

    PackedRow(AnyObjectId id, int type) {
      super(id, type);
    }
  }

  /** What a row holds: the whole object in zlib's format. */
  private static final class Whole extends StoredObjectRepresentation {
    @Override
    public int getFormat() {
      return PACK_WHOLE;
    }
  }
}
