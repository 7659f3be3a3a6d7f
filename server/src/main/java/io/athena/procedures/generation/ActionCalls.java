package io.athena.procedures.generation;

import com.google.protobuf.Value;
import io.athena.procedures.v1.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Steps that name their action and its arguments, which are taken literally: an action of the
 * catalogue with its slots, or else a tool of the caller's.
 */
final class ActionCalls {
  private final Catalogue catalogue;

  ActionCalls(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  @Nullable Made call(Step step, Scope before, Needs problems) {
    Scope scope = before.copy();
    Needs needs = new Needs();
    Map<String, Expr> arguments = new HashMap<>();
    Action action = catalogue.action(step.getAction());
    for (Map.Entry<String, Value> argument : step.getArguments().getFieldsMap().entrySet()) {
      SlotType slot = action == null ? null : action.inputs().get(argument.getKey());
      Syntax syntax = slot == null ? Syntax.TEXT : slot.syntax();
      Expr value = argument(argument.getValue(), scope, needs, syntax);
      if (value == null) {
        problems.problem(String.valueOf(needs.problem()));
        return null;
      }
      arguments.put(argument.getKey(), value);
    }
    return action == null
        ? tool(step, arguments, scope, needs)
        : known(action, arguments, scope, needs, problems);
  }

  private @Nullable Made known(
      Action action, Map<String, Expr> arguments, Scope scope, Needs needs, Needs problems) {
    for (String name : arguments.keySet()) {
      if (!action.inputs().containsKey(name)) {
        problems.problem(
            "the action "
                + action.name()
                + " has no argument '"
                + name
                + "'; it has "
                + String.join(", ", action.inputs().keySet()));
        return null;
      }
    }
    References references = new References(catalogue, Words.of("", Map.of()), scope, needs, false);
    Filled filled = new Filling(references, action).fill(Map.of(), arguments);
    if (filled == null) {
      problems.problem(
          "the action "
              + action.name()
              + " needs "
              + String.join(", ", action.inputs().keySet())
              + ", and not all of them are given or made by earlier steps");
      return null;
    }
    return StepCompiler.made(filled, scope, needs);
  }

  private static Made tool(Step step, Map<String, Expr> arguments, Scope scope, Needs needs) {
    List<String> given = new ArrayList<>(List.of(PythonText.literal(step.getAction())));
    List<String> odd = new ArrayList<>();
    arguments.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(argument -> {
          if (argument.getKey().matches("[A-Za-z_][A-Za-z0-9_]*")
              && !PythonNames.TAKEN.contains(argument.getKey())
              && !argument.getKey().equals("name")) {
            given.add(argument.getKey() + "=" + argument.getValue().code());
          } else {
            odd.add(PythonText.literal(argument.getKey()) + ": " + argument.getValue().code());
          }
        });
    if (!odd.isEmpty()) {
      given.add("**{" + String.join(", ", odd) + "}");
    }
    needs.addTool(step.getAction());
    Variable out =
        new Variable(
            scope.freshName("answer"),
            ValueType.ANY,
            Set.of("answer", "response", "output", "result"),
            null,
            false);
    scope.add(out);
    return new Made(
        List.of(out.name() + " = tools.call(" + String.join(", ", given) + ")"),
        out,
        "tool " + step.getAction(),
        "",
        needs,
        scope);
  }

  /** A literal; a text that is one variable is that variable, and one that holds some is filled. */
  private static @Nullable Expr argument(Value value, Scope scope, Needs needs, Syntax syntax) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> {
        Matcher alone = Words.VARIABLE.matcher(value.getStringValue());
        if (alone.matches()) {
          Variable variable = Templates.variable(alone.group(1), scope, needs);
          boolean isMadeCommand = syntax == Syntax.COMMAND && !ForOthers.isGiven(variable, needs);
          yield variable == null || isMadeCommand ? null : Expr.of(variable);
        }
        yield Templates.text(value.getStringValue(), scope, needs, syntax);
      }
      case LIST_VALUE -> {
        List<String> elements = new ArrayList<>();
        for (Value element : value.getListValue().getValuesList()) {
          Expr code = argument(element, scope, needs, Syntax.TEXT);
          if (code == null) {
            yield null;
          }
          elements.add(code.code());
        }
        yield Expr.atom("[" + String.join(", ", elements) + "]", ValueType.LIST);
      }
      case STRUCT_VALUE -> {
        List<String> fields = new ArrayList<>();
        for (Map.Entry<String, Value> field : value.getStructValue().getFieldsMap().entrySet()) {
          Expr code = argument(field.getValue(), scope, needs, Syntax.TEXT);
          if (code == null) {
            yield null;
          }
          fields.add(PythonText.literal(field.getKey()) + ": " + code.code());
        }
        yield Expr.atom("{" + String.join(", ", fields) + "}", ValueType.RECORD);
      }
      case NUMBER_VALUE -> Expr.atom(PythonText.literal(value), ValueType.NUMBER);
      case BOOL_VALUE -> Expr.atom(PythonText.literal(value), ValueType.BOOLEAN);
      case NULL_VALUE, KIND_NOT_SET -> Expr.atom("None", ValueType.ANY);
    };
  }
}
