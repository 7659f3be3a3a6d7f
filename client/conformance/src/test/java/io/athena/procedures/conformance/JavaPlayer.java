package io.athena.procedures.conformance;

import com.google.protobuf.Message;
import io.athena.procedures.client.AthenaClient;
import io.athena.procedures.client.AthenaException;
import io.athena.procedures.v1.ExecuteProcedureRequest;
import io.athena.procedures.v1.SubmitExecutionRequest;
import io.athena.procedures.v1.SubmitExecutionResponse;
import io.athena.procedures.v1.WatchExecutionRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Plays the steps of one scenario with the Java library. */
final class JavaPlayer implements AutoCloseable {
  private static final long LONGEST_CALL_SECONDS = 30;

  private final String address;
  private final String breakingAddress;
  private final String token;
  private final Values values = new Values();
  private final Map<Way, AthenaClient> clients = new HashMap<>();

  /** How a client reaches the server, and how long its calls may take. */
  private record Way(String address, String token, long deadlineSeconds) {}

  JavaPlayer(String address, String breakingAddress, String token) {
    this.address = address;
    this.breakingAddress = breakingAddress;
    this.token = token;
    values.keep("project", StringNode.valueOf("conformance-" + UUID.randomUUID()));
  }

  @Override
  public void close() {
    clients.values().forEach(AthenaClient::close);
  }

  /**
   * Plays steps, one after the other.
   *
   * @throws Mismatch if the service did not do as the scenario says; the message names the step
   */
  void play(Iterable<JsonNode> steps) {
    int number = 0;
    for (JsonNode step : steps) {
      number++;
      try {
        playStep(step);
      } catch (Mismatch | AthenaException e) {
        String title = step.has("call") ? step.get("call").asString() : "remember";
        throw new Mismatch("step %d, %s: %s".formatted(number, title, told(e)), e);
      }
    }
  }

  private static String told(Throwable problem) {
    return problem instanceof AthenaException e
        ? "%s (%s): %s %s".formatted(e.code(), e.reason(), e.getMessage(), e.fieldViolations())
        : String.valueOf(problem.getMessage());
  }

  private void playStep(JsonNode step) {
    if (step.has("remember")) {
      remember(step.get("remember").asString(), step);
      return;
    }
    try {
      if (step.has("conversation")) {
        converse(step);
      } else {
        JsonNode request = values.fillIn(step.path("request"));
        JsonNode answer = Messages.json(call(client(step), nameOf(step), request));
        expectNoFailure(step);
        if (step.has("response")) {
          Values.compare(values.fillIn(step.get("response")), answer, "answer");
        }
        values.keep(step.get("keep"), answer);
      }
    } catch (AthenaException e) {
      compareFailure(step, e);
    }
  }

  private void remember(String name, JsonNode step) {
    ObjectNode procedure =
        JsonNodeFactory.instance.objectNode().put("name", name).put("project", "$project");
    step.path("procedure")
        .properties()
        .forEach(entry -> procedure.set(entry.getKey(), entry.getValue()));
    ObjectNode remember = JsonNodeFactory.instance.objectNode();
    remember.put("call", "ProcedureService.RememberProcedure");
    remember.putObject("request").set("procedure", procedure);
    remember.putObject("keep").put(name, "procedure.procedureId");
    ObjectNode save = JsonNodeFactory.instance.objectNode();
    save.put("call", "ProcedureService.SaveProcedureCode");
    save.putObject("request")
        .put("procedureId", "$" + name)
        .put("code", step.required("code").asString());
    playStep(remember);
    playStep(save);
  }

  private void converse(JsonNode step) {
    try (JavaConversation conversation = open(step)) {
      for (JsonNode turn : step.get("conversation")) {
        take(turn, conversation);
      }
      if (!conversation.left()) {
        conversation.readToEnd();
        expectNoFailure(step);
      }
      if (step.has("output")) {
        JsonNode output = StringNode.valueOf(conversation.output());
        Values.compare(step.get("output"), output, "output");
      }
    }
  }

  private void take(JsonNode turn, JavaConversation conversation) {
    if (turn.has("receive")) {
      JsonNode event = conversation.receive(values.fillIn(turn.get("receive")));
      values.keep(turn.get("keep"), event);
    } else if (turn.has("send")) {
      conversation.send(values.fillIn(turn.get("send")));
    } else if (turn.has("meanwhile")) {
      play(turn.get("meanwhile"));
    } else if (turn.has("leave")) {
      conversation.leave();
    } else {
      throw new Mismatch("there is no turn " + turn);
    }
  }

  private JavaConversation open(JsonNode step) {
    AthenaClient client = client(step);
    JsonNode request = values.fillIn(step.required("request"));
    return switch (nameOf(step)) {
      case "ExecuteProcedure" ->
          JavaConversation.listening(client.executeProcedure(runOf(request)), 0);
      case "RunProcedure" ->
          JavaConversation.talking(
              client.runProcedure(runOf(request.has("start") ? request.get("start") : request)),
              step.path("tools"));
      case "WatchExecution" -> {
        WatchExecutionRequest watch =
            Messages.parse(request, WatchExecutionRequest.getDefaultInstance());
        long after = watch.getAfterSequence();
        yield JavaConversation.listening(
            client.watchExecution(watch.getExecutionId(), after), after);
      }
      default -> throw new Mismatch("there is no conversation in " + step.get("call"));
    };
  }

  private static ExecuteProcedureRequest runOf(JsonNode request) {
    return Messages.parse(request, ExecuteProcedureRequest.getDefaultInstance());
  }

  /** Calls the library's method of that name, with the request of that name. */
  private static Message call(AthenaClient client, String name, JsonNode request) {
    if (name.equals("SubmitExecution")) {
      SubmitExecutionRequest submission =
          Messages.parse(request, SubmitExecutionRequest.getDefaultInstance());
      return SubmitExecutionResponse.newBuilder()
          .setExecution(client.submitExecution(submission.getExecution()))
          .build();
    }
    String method = name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    Method found =
        Arrays.stream(AthenaClient.class.getMethods())
            .filter(m -> m.getName().equals(method))
            .filter(m -> m.getParameterCount() == 1)
            .filter(m -> m.getParameterTypes()[0].getSimpleName().equals(name + "Request"))
            .findFirst()
            .orElseThrow(() -> new Mismatch("the library has no " + method));
    try {
      Message defaults =
          (Message) found.getParameterTypes()[0].getMethod("getDefaultInstance").invoke(null);
      return (Message) found.invoke(client, Messages.parse(request, defaults));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof AthenaException refusal) {
        throw refusal;
      }
      throw new Mismatch(method + " failed", e);
    } catch (ReflectiveOperationException e) {
      throw new Mismatch("the library's " + method + " cannot be called", e);
    }
  }

  private static String nameOf(JsonNode step) {
    String call = step.required("call").asString();
    return call.substring(call.indexOf('.') + 1);
  }

  private static void expectNoFailure(JsonNode step) {
    if (step.has("fails")) {
      throw new Mismatch("expected " + step.get("fails") + ", but the call ended well");
    }
  }

  /** Throws the failure again unless the step expects it. */
  private void compareFailure(JsonNode step, AthenaException failure) {
    if (!step.has("fails")) {
      throw failure;
    }
    ObjectNode told = JsonMapper.shared().createObjectNode();
    told.put("code", failure.code().name())
        .put("message", failure.getMessage())
        .put("reason", failure.reason());
    ArrayNode violations = told.putArray("fieldViolations");
    failure
        .fieldViolations()
        .forEach(violation ->
            violations
                .addObject()
                .put("field", violation.field())
                .put("description", violation.description()));
    if (failure.retryDelay() != null) {
      told.put("retryAfterSeconds", failure.retryDelay().toMillis() / 1000.0);
    }
    Values.compare(values.fillIn(step.get("fails")), told, "fails");
  }

  private AthenaClient client(JsonNode step) {
    Way way =
        new Way(
            step.has("resumed") ? breakingAddress : address,
            step.has("token") ? step.get("token").asString() : token,
            step.has("deadlineSeconds")
                ? step.get("deadlineSeconds").asLong()
                : LONGEST_CALL_SECONDS);
    return clients.computeIfAbsent(way, JavaPlayer::connect);
  }

  private static AthenaClient connect(Way way) {
    return AthenaClient.builder()
        .address(way.address())
        .token(way.token())
        // The library gives streams no time of their own.
        .intercept(
            new ClientInterceptor() {
              @Override
              public <Q, R> ClientCall<Q, R> interceptCall(
                  MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
                return next.newCall(
                    method, options.withDeadlineAfter(way.deadlineSeconds(), TimeUnit.SECONDS));
              }
            })
        .build();
  }
}
