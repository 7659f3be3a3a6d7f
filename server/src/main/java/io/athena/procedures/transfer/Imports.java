package io.athena.procedures.transfer;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ProcedureRules;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresResponse.ItemError;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Stores many procedures. Thread-safe; an {@link Import} is for one thread. */
public final class Imports {
  private static final int MOST_ITEMS = 10_000;
  private static final long MOST_BYTES_AT_ONCE = 64L << 20;

  private final Jdbi jdbi;
  private final Procedures procedures;
  private final CodeVersions versions;

  /** With the features that keep what is imported. */
  public Imports(Jdbi jdbi, Procedures procedures, CodeVersions versions) {
    this.jdbi = jdbi;
    this.procedures = procedures;
    this.versions = versions;
  }

  /** Begins one. */
  public Import begin() {
    return new Import();
  }

  /** One stream of procedures. */
  public final class Import {
    private final ImportProceduresResponse.Builder response = ImportProceduresResponse.newBuilder();
    private final List<ImportProceduresRequest> held = new ArrayList<>();
    private ImportProceduresRequest.Options options =
        ImportProceduresRequest.Options.getDefaultInstance();
    private int messages;
    private int items;
    private long heldBytes;

    private Import() {}

    /**
     * Takes a message of the stream.
     *
     * @throws InvalidArgumentException if it breaks a rule of the stream; what is wrong with an
     *     item is kept for the response
     */
    public void take(ImportProceduresRequest message) {
      if (message.hasOptions()) {
        takeOptions(message.getOptions());
      }
      messages++;
      if (!message.hasProcedure()) {
        if (!message.hasOptions()) {
          throw new InvalidArgumentException("procedure", "is missing");
        }
        return;
      }
      if (items == MOST_ITEMS) {
        throw new InvalidArgumentException(
            "procedure", "is one too many; an import has at most " + MOST_ITEMS);
      }
      ImportProceduresRequest item = inProject(message);
      if (options.getAllOrNothing()) {
        heldBytes += item.getSerializedSize();
        if (heldBytes > MOST_BYTES_AT_ONCE) {
          throw new InvalidArgumentException(
              "procedure", "is too much; an import of all or nothing has at most 64 MiB");
        }
        held.add(item);
      } else {
        store(items, item);
      }
      items++;
    }

    private void takeOptions(ImportProceduresRequest.Options given) {
      if (messages > 0) {
        throw new InvalidArgumentException("options", "can be given in the first message only");
      }
      var violations = new Violations();
      ProcedureRules.checkProject(violations, "options.project", given.getProject());
      violations.throwIfAny();
      options = given;
    }

    private ImportProceduresRequest inProject(ImportProceduresRequest item) {
      return item.toBuilder()
          .setProcedure(item.getProcedure().toBuilder().setProject(options.getProject()))
          .build();
    }

    private void store(int index, ImportProceduresRequest item) {
      try {
        Procedures.Placed placed = jdbi.inTransaction(handle -> put(handle, item));
        count(placed, saveCode(index, item, placed.procedureId()));
      } catch (ServiceException refusal) {
        addError(index, item, String.valueOf(refusal.getMessage()));
        response.addProcedureIds(0);
      }
    }

    private Procedures.Placed put(Handle handle, ImportProceduresRequest item) {
      return procedures.put(handle, item.getProcedure(), options.getReplaceExisting());
    }

    /** True if that made a new version. */
    private boolean saveCode(int index, ImportProceduresRequest item, long procedureId) {
      if (item.getCode().isEmpty()) {
        return false;
      }
      try {
        return versions
            .save(
                SaveProcedureCodeRequest.newBuilder()
                    .setProcedureId(procedureId)
                    .setCode(item.getCode())
                    .setMessage("Import")
                    .build())
            .getCreated();
      } catch (ServiceException refusal) {
        addError(index, item, "the definition is stored, the code is not: " + refusal.getMessage());
        return false;
      }
    }

    private void count(Procedures.Placed placed, boolean codeIsNew) {
      response.addProcedureIds(placed.procedureId());
      if (placed.isNew()) {
        response.setImportedCount(response.getImportedCount() + 1);
      } else if (placed.isChanged() || codeIsNew) {
        response.setReplacedCount(response.getReplacedCount() + 1);
      } else {
        response.setUnchangedCount(response.getUnchangedCount() + 1);
      }
    }

    private void addError(int index, ImportProceduresRequest item, String message) {
      response.addErrors(
          ItemError.newBuilder()
              .setIndex(index)
              .setName(item.getProcedure().getName())
              .setMessage(message));
    }

    /** The stream has ended: what became of the items. */
    public ImportProceduresResponse finish() {
      if (options.getAllOrNothing()) {
        List<Procedures.Placed> placed = jdbi.inTransaction(this::storeAll);
        for (int i = 0; i < placed.size(); i++) {
          count(placed.get(i), saveCode(i, held.get(i), placed.get(i).procedureId()));
        }
      }
      return response.build();
    }

    private List<Procedures.Placed> storeAll(Handle handle) {
      List<Procedures.Placed> placed = new ArrayList<>();
      for (int i = 0; i < held.size(); i++) {
        try {
          placed.add(put(handle, held.get(i)));
        } catch (ServiceException refusal) {
          addError(i, held.get(i), String.valueOf(refusal.getMessage()));
        }
      }
      if (response.getErrorsCount() > 0) {
        handle.rollback();
        return List.of();
      }
      return placed;
    }
  }
}
