package io.athena.procedures.cli;

import io.athena.procedures.v1.Example;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a procedure consists of, as options. */
final class DefinitionOptions {
  @Option(
      names = "--step",
      paramLabel = "TEXT",
      description = "A step, in words; once for each, in order.")
  private List<String> steps = new ArrayList<>();

  @Option(names = "--category", paramLabel = "TEXT", description = "Free text to group by.")
  private @Nullable String category;

  @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
  private @Nullable String description;

  @Option(
      names = "--parameter",
      paramLabel = "NAME:TYPE[=DEFAULT]",
      converter = ParameterDeclaration.class,
      description =
          "What a run takes; once for each. Types: string, integer, number, boolean, array, object,"
              + " any. NAME:TYPE must be given, NAME:TYPE? may be left out.")
  private List<Parameter> parameters = new ArrayList<>();

  @Option(
      names = "--example",
      paramLabel = "JSON",
      converter = ExampleDeclaration.class,
      description =
          "What a run must give, such as '{\"text\": \"a\"} => \"A!\"'; once for each. Generated code is tried"
              + " on them, and confidence rests on them.")
  private List<Example> examples = new ArrayList<>();

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "Code or text with {{variables}}, from which code can be generated.")
  private @Nullable String template;

  @Option(
      names = "--trigger",
      paramLabel = "TEXT",
      description = "When an agent should think of it.")
  private @Nullable String trigger;

  /** Puts what was given into the procedure and names the fields it set. */
  List<String> applyTo(Procedure.Builder procedure) {
    List<String> fields = new ArrayList<>();
    if (!steps.isEmpty()) {
      procedure.clearSteps();
      steps.forEach(step -> procedure.addSteps(Step.newBuilder().setDescription(step)));
      fields.add("steps");
    }
    if (category != null) {
      procedure.setCategory(category);
      fields.add("category");
    }
    if (description != null) {
      procedure.setDescription(description);
      fields.add("description");
    }
    if (!parameters.isEmpty()) {
      procedure.clearParameters().addAllParameters(parameters);
      fields.add("parameters");
    }
    if (!examples.isEmpty()) {
      procedure.clearExamples().addAllExamples(examples);
      fields.add("examples");
    }
    if (template != null) {
      procedure.setTemplate(template);
      fields.add("template");
    }
    if (trigger != null) {
      procedure.setTriggerPattern(trigger);
      fields.add("trigger_pattern");
    }
    return fields;
  }
}
