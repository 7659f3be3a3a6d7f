package io.athena.procedures.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The commands there are. */
final class Commands {
  private Commands() {}

  /**
   * The commands that are words of the command line; all of them if none is. Examining the options
   * of every command takes a third of the time of a short one, so those that cannot be meant are
   * left out.
   */
  static Map<String, AthenaCommand> mentionedIn(String... arguments) {
    Map<String, Supplier<AthenaCommand>> mentioned = all();
    mentioned.keySet().retainAll(List.of(arguments));
    Map<String, AthenaCommand> commands = new LinkedHashMap<>();
    (mentioned.isEmpty() ? all() : mentioned)
        .forEach((word, constructor) -> commands.put(word, constructor.get()));
    return commands;
  }

  /** The names of all commands, those included that the launcher itself knows. */
  static List<String> names() {
    List<String> names = new ArrayList<>(all().keySet());
    names.addAll(List.of("serve", "doctor", "test", "bench"));
    return names;
  }

  /** In the order of the help. */
  private static Map<String, Supplier<AthenaCommand>> all() {
    Map<String, Supplier<AthenaCommand>> commands = new LinkedHashMap<>();
    commands.put("quickstart", QuickstartCommand::new);
    commands.put("remember", RememberCommand::new);
    commands.put("list", ListCommand::new);
    commands.put("show", ShowCommand::new);
    commands.put("update", UpdateCommand::new);
    commands.put("forget", ForgetCommand::new);
    commands.put("save", SaveCommand::new);
    commands.put("validate", ValidateCommand::new);
    commands.put("rules", RulesCommand::new);
    commands.put("policy", PolicyCommand::new);
    commands.put("versions", VersionsCommand::new);
    commands.put("diff", DiffCommand::new);
    commands.put("rollback", RollbackCommand::new);
    commands.put("tag", TagCommand::new);
    commands.put("git-url", GitUrlCommand::new);
    commands.put("generate", GenerateCommand::new);
    commands.put("import", ImportCommand::new);
    commands.put("export", ExportCommand::new);
    commands.put("run", RunCommand::new);
    commands.put("stats", StatsCommand::new);
    commands.put("executions", ExecutionsCommand::new);
    commands.put("watch", WatchCommand::new);
    commands.put("artifacts", ArtifactsCommand::new);
    commands.put("artifact", ArtifactCommand::new);
    commands.put("cancel", CancelCommand::new);
    commands.put("recall", RecallCommand::new);
    commands.put("search", SearchCommand::new);
    return commands;
  }
}
