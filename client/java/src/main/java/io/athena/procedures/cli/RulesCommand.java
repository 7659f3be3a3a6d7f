package io.athena.procedures.cli;

import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.v1.ListValidationRulesRequest;
import io.athena.procedures.v1.ListValidationRulesResponse;
import io.athena.procedures.v1.Severity;
import io.athena.procedures.v1.ValidationRule;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists rules. */
@Command(
    name = "rules",
    description = "List the rules that code is examined by.",
    footer = {
      "  athena rules",
      "  athena rules --policy strict",
    })
final class RulesCommand extends ServiceCommand {
  @Option(
      names = "--policy",
      paramLabel = "NAME",
      description = "As grave as this policy takes them: \"default\" or \"strict\".")
  private String policy = "";

  @Override
  int run(AthenaClient client) throws IOException {
    ListValidationRulesResponse rules =
        client.listValidationRules(
            ListValidationRulesRequest.newBuilder()
                .setPolicy(policy)
                .setProject(athena().project())
                .build());
    if (json()) {
      for (ValidationRule rule : rules.getRulesList()) {
        terminal().print(Json.of(rule));
      }
      return ExitCodes.SUCCESS;
    }
    Table table = new Table("RULE", "SEVERITY", "CATEGORY", "WHAT IT FINDS");
    for (ValidationRule rule : rules.getRulesList()) {
      table.row(
          rule.getRuleId(),
          rule.getSeverity() == Severity.SEVERITY_UNSPECIFIED
              ? "off"
              : word(rule.getSeverity(), "SEVERITY_"),
          word(rule.getCategory(), "ISSUE_CATEGORY_"),
          rule.getSummary());
    }
    table.print(terminal());
    return ExitCodes.SUCCESS;
  }

  private static String word(Enum<?> value, String prefix) {
    return Text.enumName(value, prefix).toLowerCase(Locale.ROOT);
  }
}
