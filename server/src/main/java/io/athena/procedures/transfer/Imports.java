package io.athena.procedures.transfer;

import io.athena.procedures.code.CodeVersions;
import io.athena.procedures.code.JudgedSave;
import io.athena.procedures.code.Origins;
import io.athena.procedures.db.Transactions;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ProcedureRules;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TextRules;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresResponse.ItemError;
import io.athena.procedures.v1.ImportProceduresResponse.ItemFindings;
import io.athena.procedures.v1.Issue;
import io.athena.procedures.v1.SaveProcedureCodeResponse;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Stores many procedures. Thread-safe; an {@link Import} is for one thread. */
public final class Imports {
  private static final int MOST_ITEMS = 10_000;
  private static final int MOST_FINDINGS_IN_DETAIL = 1_000;
  private static final int MOST_ISSUES = 3;
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
    private final List<Item> held = new ArrayList<>();
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
      Item item = judged(items, inProject(message));
      items++;
      if (!options.getAllOrNothing()) {
        storeAlone(item);
        return;
      }
      heldBytes += item.request().getSerializedSize();
      if (heldBytes > MOST_BYTES_AT_ONCE) {
        throw new InvalidArgumentException(
            "procedure", "is too much; an import of all or nothing has at most 64 MiB");
      }
      held.add(item);
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

    /** Judges while the stream goes on, so that the transaction at its end has only to write. */
    private Item judged(int index, ImportProceduresRequest request) {
      try {
        var violations = new Violations();
        ProcedureRules.check(violations, "procedure", request.getProcedure());
        Origins.check(violations, "origin", request.getOrigin());
        violations.throwIfAny();
        JudgedSave save =
            request.getCode().isEmpty()
                ? null
                : versions.judgeOf(request.getProcedure(), request.getCode(), "Import");
        return new Item(index, request, save, "");
      } catch (ServiceException refusal) {
        return new Item(index, request, null, String.valueOf(refusal.getMessage()));
      }
    }

    private void storeAlone(Item item) {
      Attempt attempt = Transactions.inTransaction(jdbi, handle -> store(handle, List.of(item)));
      tell(List.of(item), attempt);
    }

    private Attempt storeHeld(Handle handle) {
      handle.attach(ImportDao.class).enter(options.getProject());
      return store(handle, held);
    }

    /** Definitions and codes of all, or nothing if one is refused. */
    private Attempt store(Handle handle, List<Item> all) {
      List<Stored> stored = new ArrayList<>();
      List<ItemError> errors = new ArrayList<>();
      for (Item item : all) {
        try {
          if (item.refusal().isEmpty()) {
            stored.add(store(handle, item));
          } else {
            errors.add(error(item, item.refusal()));
          }
        } catch (ServiceException refusal) {
          errors.add(error(item, String.valueOf(refusal.getMessage())));
        }
      }
      if (!errors.isEmpty()) {
        handle.rollback();
        return new Attempt(List.of(), errors);
      }
      return new Attempt(stored, List.of());
    }

    private Stored store(Handle handle, Item item) {
      Procedures.Placed placed =
          procedures.put(handle, item.request().getProcedure(), options.getReplaceExisting());
      JudgedSave save = item.save();
      if (save == null) {
        return new Stored(item, placed, false);
      }
      SaveProcedureCodeResponse saved =
          save.saveFor(handle, placed.procedureId(), item.request().getOrigin());
      if (saved.getCreated()
          && saved.getVersion().getVersion() > 1
          && !options.getReplaceExisting()) {
        throw new AlreadyExistsException(
            "PROCEDURE_ALREADY_EXISTS",
            "procedure %d (%s) has other code already; set replace_existing to make this its new version"
                .formatted(
                    placed.procedureId(), TextRules.quote(item.request().getProcedure().getName())),
            Map.of("procedure_id", Long.toString(placed.procedureId())));
      }
      return new Stored(item, placed, saved.getCreated());
    }

    private static ItemError error(Item item, String message) {
      return ItemError.newBuilder()
          .setIndex(item.index())
          .setName(item.request().getProcedure().getName())
          .setMessage(message)
          .build();
    }

    private void tell(List<Item> all, Attempt attempt) {
      attempt.stored().forEach(this::count);
      response.addAllErrors(attempt.errors());
      if (!attempt.errors().isEmpty()) {
        all.forEach(_ -> response.addProcedureIds(0));
        response.setHeldBackCount(
            response.getHeldBackCount() + all.size() - attempt.errors().size());
      }
    }

    private void count(Stored stored) {
      Procedures.Placed placed = stored.placed();
      response.addProcedureIds(placed.procedureId());
      if (placed.isNew()) {
        response.setImportedCount(response.getImportedCount() + 1);
      } else if (placed.isChanged() || stored.codeIsNew()) {
        response.setReplacedCount(response.getReplacedCount() + 1);
      } else {
        response.setUnchangedCount(response.getUnchangedCount() + 1);
      }
      JudgedSave save = stored.item().save();
      if (stored.codeIsNew() && save != null) {
        save.found().ifPresent(report -> tellFindings(stored.item(), report));
      }
    }

    /** What the policy lets pass with a warning is told, lest nobody ever looks. */
    private void tellFindings(Item item, ValidationReport report) {
      List<Issue> issues =
          report.getIssuesList().stream()
              .filter(issue -> issue.getSilencedReason().isEmpty())
              .filter(issue -> issue.getSeverity().compareTo(Severity.SEVERITY_WARNING) >= 0)
              .toList();
      if (issues.isEmpty()) {
        return;
      }
      int errors =
          (int) issues.stream().filter(i -> i.getSeverity() == Severity.SEVERITY_ERROR).count();
      boolean inDetail = response.getFindingsCount() < MOST_FINDINGS_IN_DETAIL;
      response.addFindings(
          ItemFindings.newBuilder()
              .setIndex(item.index())
              .setName(item.request().getProcedure().getName())
              .setErrorCount(errors)
              .setWarningCount(issues.size() - errors)
              .addAllIssues(
                  issues.subList(0, inDetail ? Math.min(MOST_ISSUES, issues.size()) : 0)));
    }

    /** The stream has ended: what became of the items. */
    public ImportProceduresResponse finish() {
      if (options.getAllOrNothing()) {
        tell(held, Transactions.inTransaction(jdbi, this::storeHeld));
      }
      return response.build();
    }
  }

  /**
   * What is to be stored.
   *
   * @param save its code; null if it has none, or is refused
   * @param refusal why it must not be stored; empty if it may
   */
  private record Item(
      int index, ImportProceduresRequest request, @Nullable JudgedSave save, String refusal) {}

  private record Stored(Item item, Procedures.Placed placed, boolean codeIsNew) {}

  private record Attempt(List<Stored> stored, List<ItemError> errors) {}
}
