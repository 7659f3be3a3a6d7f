package io.athena.procedures.generation;

import io.athena.procedures.error.FailedPreconditionException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.error.UnavailableException;
import io.athena.procedures.generation.model.ModelException;
import java.util.Map;

/** What the failure of a model is to a caller who does not want the rules instead. */
final class ModelRefusals {
  private static final String ADVICE =
      "; or set allow_fallback to have the code made by rules, or leave use_llm out";

  private ModelRefusals() {}

  static FailedPreconditionException notConfigured() {
    return new FailedPreconditionException(
        "MODEL_NOT_CONFIGURED",
        "no language model is configured: name one in the setting generation.model" + ADVICE,
        Map.of("setting", "generation.model"));
  }

  static ServiceException of(ModelException failure) {
    return switch (failure.kind()) {
      case KEY_REFUSED ->
          precondition(
              "MODEL_KEY_REFUSED",
              failure,
              "; put the right one into the file that generation.api-key-file names, or into"
                  + " ATHENA_GENERATION_API_KEY",
              "generation.api-key-file");
      case UNKNOWN_MODEL ->
          precondition(
              "MODEL_UNKNOWN",
              failure,
              "; mend generation.model or generation.base-url",
              "generation.model");
      case WRONG_ADDRESS ->
          precondition(
              "MODEL_ADDRESS_WRONG",
              failure,
              "; mend generation.base-url, or generation.provider if the endpoint speaks as the"
                  + " other does",
              "generation.base-url");
      case REQUEST_REFUSED ->
          precondition(
              "MODEL_REQUEST_REFUSED",
              failure,
              "; if it knows no JSON schemas, set generation.answer-format to prompt",
              "generation.answer-format");
      case OVER_BUDGET ->
          precondition(
              "MODEL_BUDGET_EXCEEDED",
              failure,
              "; make the definition shorter, or raise the setting",
              "generation.max-tokens");
      case TOO_LONG ->
          precondition(
              "MODEL_ANSWER_TOO_LONG",
              failure,
              "; its endpoint does not keep to the length it is told: mend it, name another in"
                  + " generation.base-url, or raise generation.max-output-tokens",
              "generation.max-output-tokens");
      case BUSY, OUT_OF_REACH, TIMED_OUT, BROKEN_OFF -> unavailable(failure);
    };
  }

  private static UnavailableException unavailable(ModelException failure) {
    String message = failure.getMessage() + "; repeat the call";
    return failure
        .retryAfter()
        .map(wait ->
            new UnavailableException(
                "MODEL_UNAVAILABLE", message + " after that" + ADVICE, Map.of(), wait))
        .orElseGet(() -> new UnavailableException("MODEL_UNAVAILABLE", message + ADVICE, Map.of()));
  }

  private static FailedPreconditionException precondition(
      String reason, ModelException failure, String advice, String setting) {
    return new FailedPreconditionException(
        reason, failure.getMessage() + advice + ADVICE, Map.of("setting", setting));
  }
}
