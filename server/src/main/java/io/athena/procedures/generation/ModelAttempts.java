package io.athena.procedures.generation;

import io.athena.procedures.generation.AnswerReader.UnreadableAnswerException;
import io.athena.procedures.generation.model.CodeModel;
import io.athena.procedures.generation.model.CodeModel.Answer;
import io.athena.procedures.generation.model.CodeModel.Usage;
import io.athena.procedures.generation.model.ModelException;
import io.athena.procedures.generation.model.Prompt;
import io.athena.procedures.v1.GenerateProcedureCodeRequest;
import io.athena.procedures.v1.GenerateProcedureCodeResponse;
import io.athena.procedures.v1.GenerateProcedureCodeResponse.AttemptStarted;
import io.athena.procedures.v1.Procedure;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Has a model write code, and write it again while there is something to tell it. Thread-safe.
 *
 * <p>A round of refinement follows an answer whose confidence is below 0.7, if there is something
 * to act on: more examples would be needed to be surer of code in which nothing is wrong.
 */
final class ModelAttempts {
  static final String GENERATOR = "llm";

  private static final double GOOD_ENOUGH = 0.7;
  private static final int MOST_REFINEMENTS = 3;

  private final CodeModel model;
  private final ModelBudget budget;
  private final Prompts prompts = new Prompts();
  private final PolicyText policies;
  private final CandidateJudge judge;

  ModelAttempts(CodeModel model, ModelBudget budget, PolicyText policies, CandidateJudge judge) {
    this.model = model;
    this.budget = budget;
    this.policies = policies;
    this.judge = judge;
  }

  /**
   * What came of it.
   *
   * @param best the code with the best evidence; null if there is none
   * @param attempts how many there were
   * @param model as its endpoint calls it; empty if there was no answer
   * @param failure why the last attempt gave no answer; null if it gave one
   * @param problem what is wrong with the last answer; empty if it could be read
   */
  record Outcome(
      @Nullable Candidate best,
      int attempts,
      String model,
      Usage usage,
      @Nullable ModelException failure,
      String problem) {}

  Outcome run(
      Procedure procedure,
      GenerateProcedureCodeRequest request,
      Consumer<GenerateProcedureCodeResponse> events)
      throws InterruptedException {
    return new Conversation(procedure, request, events).hold();
  }

  /** One generation. */
  private final class Conversation implements CodeModel.Progress {
    private final Procedure procedure;
    private final int mostAnswers;
    private final Consumer<GenerateProcedureCodeResponse> events;
    private Prompt prompt;
    private @Nullable Candidate best;
    private int attempts;
    private int answers;
    private final TokenEstimate told = new TokenEstimate();
    private String answeredBy = "";
    private Usage usage = Usage.NONE;
    private long spent;

    Conversation(
        Procedure procedure,
        GenerateProcedureCodeRequest request,
        Consumer<GenerateProcedureCodeResponse> events) {
      this.procedure = procedure;
      this.mostAnswers = 1 + (request.getRefineOnLowConfidence() ? MOST_REFINEMENTS : 0);
      this.events = events;
      this.prompt =
          prompts.first(procedure, policies.of(procedure.getProject()), request.getInstructions());
    }

    Outcome hold() throws InterruptedException {
      String reason = "";
      while (true) {
        if (!allowed()) {
          return overBudget();
        }
        start(reason);
        try {
          Answer answer = model.ask(prompt, this);
          answers++;
          count(answer);
          if (answer.ending() == CodeModel.Ending.REFUSED) {
            return ended(null, "the model does not want to answer");
          }
          Feedback feedback = judge(answer).orElse(null);
          if (feedback == null || answers == mostAnswers) {
            return ended(null, feedback == null || best != null ? "" : feedback.summary());
          }
          if (!answer.text().isBlank()) {
            // Of nothing there is nothing to mend: the same is asked again.
            prompt = prompt.answered(answer.text(), Prompts.reply(feedback));
          }
          reason = feedback.summary();
        } catch (ModelException failure) {
          if (best != null) {
            note(failure.getMessage() + "; what there is stays");
          }
          return ended(failure, "");
        }
      }
    }

    private boolean allowed() {
      return budget.allows(spent, TokenEstimate.of(prompt));
    }

    private void start(String reason) {
      attempts++;
      told.clear();
      events.accept(
          GenerateProcedureCodeResponse.newBuilder()
              .setAttemptStarted(
                  AttemptStarted.newBuilder()
                      .setAttempt(attempts)
                      .setGenerator(GENERATOR)
                      .setReason(reason))
              .build());
    }

    /**
     * Nothing is known of an answer that broke off but what of it came: the same is asked again.
     */
    @Override
    public void anew(ModelException why) throws ModelException {
      spent += TokenEstimate.of(prompt) + told.tokens();
      if (!allowed()) {
        throw new ModelException(
            ModelException.Kind.OVER_BUDGET, why.getMessage() + "; " + budgetProblem());
      }
      start(why.getMessage());
    }

    /** What there is to tell the model about its answer; empty if it is to be left at that. */
    private Optional<Feedback> judge(Answer answer) throws InterruptedException {
      if (answer.text().isBlank()) {
        return Optional.of(
            Feedback.ofUnreadable(
                answer.ending() == CodeModel.Ending.CUT
                    ? "the answer reached the limit of its length (generation.max-output-tokens)"
                        + " before it had any text, as a model's does that thinks first"
                    : "the answer is empty"));
      }
      if (answer.ending() == CodeModel.Ending.CUT) {
        return Optional.of(
            Feedback.ofUnreadable(
                "the answer reached the limit of its length and was cut; it must be shorter"));
      }
      Draft draft;
      try {
        draft = AnswerReader.read(procedure, answer.text());
      } catch (UnreadableAnswerException e) {
        return Optional.of(Feedback.ofUnreadable(e.why()));
      }
      Candidate candidate = judge.examine(procedure, attempts, GENERATOR, draft, events);
      best = Candidate.better(best, candidate);
      return candidate.confidence() >= GOOD_ENOUGH
          ? Optional.empty()
          : Feedback.of(procedure, candidate);
    }

    private void count(Answer answer) {
      answeredBy = answer.model();
      usage = usage.plus(answer.usage());
      spent +=
          answer.usage().inputTokens() > 0
              ? answer.usage().inputTokens() + answer.usage().outputTokens()
              : TokenEstimate.of(prompt) + TokenEstimate.of(answer.text());
    }

    private String budgetProblem() {
      return "the budget of %,d tokens (generation.max-tokens) does not allow for %s: %,d are used, the question has about %,d and the answer at most %,d"
          .formatted(
              budget.maxTokens(),
              attempts == 0 ? "an answer" : "another answer",
              spent,
              TokenEstimate.of(prompt),
              budget.maxOutputTokens());
    }

    private Outcome overBudget() {
      String problem = budgetProblem();
      if (best == null) {
        return ended(new ModelException(ModelException.Kind.OVER_BUDGET, problem), "");
      }
      note(problem);
      return ended(null, "");
    }

    private Outcome ended(@Nullable ModelException failure, String problem) {
      return new Outcome(best, attempts, answeredBy, usage, failure, problem);
    }

    @Override
    public void text(String part) {
      told.add(part);
      events.accept(GenerateProcedureCodeResponse.newBuilder().setText(part).build());
    }

    @Override
    public void note(String note) {
      events.accept(GenerateProcedureCodeResponse.newBuilder().setNote(note).build());
    }
  }
}
