package io.athena.procedures.generation.model;

/** A language model that answers a prompt. Thread-safe. */
public interface CodeModel extends AutoCloseable {
  /** Its name, as it is configured. */
  String name();

  /**
   * Asks it, and waits for the whole answer. The call ends when that of the caller does, or with an
   * interrupt.
   *
   * @throws ModelException if there is no whole answer
   */
  Answer ask(Prompt prompt, Progress progress) throws ModelException, InterruptedException;

  /** Ends what is under way and closes connections. */
  @Override
  void close();

  /** What happens meanwhile, told on the thread that asks. */
  interface Progress {
    /** Text of the answer, as it comes. */
    void text(String part);

    /** Something worth knowing, for people. */
    void note(String note);

    /**
     * The answer broke off, and all of its text is void: it is asked for again from the beginning.
     *
     * @throws ModelException if that is not wanted
     */
    void anew(ModelException why) throws ModelException;
  }

  /**
   * An answer.
   *
   * @param model as the endpoint calls it
   * @param usage what it took
   * @param ending how it ended
   */
  record Answer(String text, String model, Usage usage, Ending ending) {}

  /** How an answer ended. */
  enum Ending {
    /** It is complete, perhaps without any text. */
    COMPLETE,
    /** It reached the limit of its length. */
    CUT,
    /** The model, or its endpoint, does not want to answer. */
    REFUSED
  }

  /** Tokens, as the endpoint counts them; 0 where it does not. */
  record Usage(long inputTokens, long outputTokens) {
    /** Nothing. */
    public static final Usage NONE = new Usage(0, 0);

    /** Of both. */
    public Usage plus(Usage other) {
      return new Usage(inputTokens + other.inputTokens, outputTokens + other.outputTokens);
    }
  }
}
