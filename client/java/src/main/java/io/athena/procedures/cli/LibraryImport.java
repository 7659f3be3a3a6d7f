package io.athena.procedures.cli;

import io.athena.procedures.cli.LibraryReader.Item;
import io.athena.procedures.cli.LibraryReader.Unreadable;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ImportProceduresRequest;
import io.athena.procedures.v1.ImportProceduresResponse;
import io.athena.procedures.v1.ImportProceduresResponse.ItemError;
import io.athena.procedures.v1.ImportProceduresResponse.ItemFindings;
import io.athena.procedures.v1.Issue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sends procedures to the service in calls of a hundred, so that any number can be imported and
 * what is stored is known at any time; all or nothing goes in one call. For one thread, but {@link
 * #told} may be called by any.
 */
final class LibraryImport implements LibraryReader.Receiver {
  private static final int ITEMS_OF_A_CALL = 100;
  private static final int BYTES_OF_A_CALL = 4 << 20;
  private static final int ITEMS_BETWEEN_PROGRESS = 1_000;

  /** Of errors, and of notes, that people are shown. */
  private static final int MOST_SHOWN = 20;

  private final AthenaClient client;
  private final Terminal terminal;
  private final boolean json;
  private final ImportProceduresRequest.Options options;
  private final List<Item> waiting = new ArrayList<>();
  private final List<Item> sent = new ArrayList<>();
  private final Map<String, String> placesOfNames = new HashMap<>();
  private final ImportProceduresResponse.Builder total = ImportProceduresResponse.newBuilder();
  private long waitingBytes;
  private int unreadable;
  private int refused;
  private int notes;
  private int onlyWarned;
  private volatile String told = "nothing is stored";
  private volatile int underWay;

  LibraryImport(
      AthenaClient client,
      Terminal terminal,
      boolean json,
      ImportProceduresRequest.Options options) {
    this.client = client;
    this.terminal = terminal;
    this.json = json;
    this.options = options;
  }

  @Override
  public void item(Item item) throws IOException {
    int size = item.request().getSerializedSize();
    if (size > LibraryReader.MOST_BYTES - 1024) {
      unreadable(new Unreadable(item.where(), "it has more than 16 MiB, which no procedure has"));
      return;
    }
    String other = placesOfNames.putIfAbsent(item.request().getProcedure().getName(), item.where());
    if (other != null) {
      note(item.where(), "it has the same name as " + other);
    }
    if (!options.getAllOrNothing()
        && (waiting.size() == ITEMS_OF_A_CALL || waitingBytes + size > BYTES_OF_A_CALL)) {
      send();
    }
    waiting.add(item);
    waitingBytes += size;
  }

  @Override
  public void unreadable(Unreadable one) throws IOException {
    unreadable++;
    refuse(one.where(), "", one.why());
  }

  @Override
  public void note(String where, String note) throws IOException {
    notes++;
    if (notes <= MOST_SHOWN) {
      terminal.tell(
          terminal.styledForErr(Style.WARNING, "note")
              + " "
              + Text.oneLine(where)
              + ": "
              + Text.oneLine(note));
    }
  }

  /**
   * Sends what is left, and tells what came of all; but the JSON of it, if that is wanted, is the
   * caller's to print.
   */
  void finish() throws IOException {
    int heldBack = options.getAllOrNothing() && unreadable > 0 ? waiting.size() : 0;
    if (heldBack == 0 && !waiting.isEmpty()) {
      send();
    }
    heldBack += total.getHeldBackCount();
    if (refused > MOST_SHOWN && !json) {
      terminal.tell("and %,d more refused; --json lists all".formatted(refused - MOST_SHOWN));
    }
    if (notes > MOST_SHOWN) {
      terminal.tell("and %,d more notes".formatted(notes - MOST_SHOWN));
    }
    if (options.getAllOrNothing() && refused > 0) {
      terminal.tell(
          "nothing is stored: %d refused, and so the other %d were held back"
              .formatted(refused, heldBack));
    }
    if (onlyWarned > 0) {
      terminal.tell(
          "the code of %,d has warnings by the policy; '%s validate ID' shows them"
              .formatted(onlyWarned, Launcher.name()));
    }
    if (!json) {
      terminal.print(
          "%d new, %d replaced, %d unchanged, %d refused"
              .formatted(
                  total.getImportedCount(),
                  total.getReplacedCount(),
                  total.getUnchangedCount(),
                  refused));
    }
  }

  /** What came of all, as the service tells it. */
  ImportProceduresResponse total() {
    return total.build();
  }

  boolean isComplete() {
    return refused == 0;
  }

  /** What was sent, in the order of {@link #ids}. */
  List<Item> sent() {
    return sent;
  }

  /** Their procedures; 0 for one that is not stored. */
  List<Long> ids() {
    return total.getProcedureIdsList();
  }

  /** What is stored so far, for people who interrupt. */
  String told() {
    int open = underWay;
    if (open == 0) {
      return told;
    }
    return options.getAllOrNothing()
        ? "whether the %d sent are stored, all of them or none, is not known".formatted(open)
        : "%s; of %d more that were sent it is not known".formatted(told, open);
  }

  private void send() throws IOException {
    List<ImportProceduresRequest> messages = new ArrayList<>();
    messages.add(ImportProceduresRequest.newBuilder().setOptions(options).build());
    waiting.forEach(item -> messages.add(item.request()));
    underWay = waiting.size();
    add(client.importProcedures(messages));
    told =
        "%,d are stored (%,d new, %,d replaced, %,d unchanged), %,d refused"
            .formatted(
                total.getImportedCount() + total.getReplacedCount() + total.getUnchangedCount(),
                total.getImportedCount(),
                total.getReplacedCount(),
                total.getUnchangedCount(),
                refused);
    underWay = 0;
    if (sent.size() % ITEMS_BETWEEN_PROGRESS == 0) {
      terminal.tell("%,d sent: %s".formatted(sent.size(), told));
    }
  }

  private void add(ImportProceduresResponse answer) throws IOException {
    int before = sent.size();
    for (ItemError error : answer.getErrorsList()) {
      Item item = waiting.get(error.getIndex());
      refuse(item.where(), error.getName(), error.getMessage());
      total.addErrors(error.toBuilder().setIndex(before + error.getIndex()));
    }
    total
        .setImportedCount(total.getImportedCount() + answer.getImportedCount())
        .setReplacedCount(total.getReplacedCount() + answer.getReplacedCount())
        .setUnchangedCount(total.getUnchangedCount() + answer.getUnchangedCount())
        .setHeldBackCount(total.getHeldBackCount() + answer.getHeldBackCount())
        .addAllProcedureIds(answer.getProcedureIdsList());
    for (ItemFindings findings : answer.getFindingsList()) {
      total.addFindings(findings.toBuilder().setIndex(before + findings.getIndex()));
      tell(waiting.get(findings.getIndex()), findings);
    }
    sent.addAll(waiting);
    waiting.clear();
    waitingBytes = 0;
  }

  private void tell(Item item, ItemFindings findings) throws IOException {
    if (findings.getErrorCount() == 0) {
      onlyWarned++;
      return;
    }
    int more = findings.getErrorCount() + findings.getWarningCount() - findings.getIssuesCount();
    note(
        item.where() + " (" + findings.getName() + ")",
        "its code breaks the policy, which only warns: "
            + findings.getIssuesList().stream()
                .map(LibraryImport::told)
                .collect(Collectors.joining("; "))
            + (more > 0 ? "; and " + more + " more" : ""));
  }

  private static String told(Issue issue) {
    return (issue.getLine() == 0 ? "" : "line " + issue.getLine() + ": ")
        + issue.getMessage()
        + " ["
        + issue.getRuleId()
        + "]";
  }

  private void refuse(String where, String name, String why) throws IOException {
    refused++;
    if (refused <= MOST_SHOWN || json) {
      terminal.tell(
          "%s %s%s: %s"
              .formatted(
                  terminal.styledForErr(Style.BAD, "refused"),
                  Text.oneLine(where),
                  name.isEmpty() ? "" : " (" + Text.oneLine(name) + ")",
                  Text.oneLine(why)));
    }
  }
}
