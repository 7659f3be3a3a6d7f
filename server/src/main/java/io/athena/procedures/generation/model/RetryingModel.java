package io.athena.procedures.generation.model;

import io.athena.procedures.error.UnavailableException;
import io.grpc.Context;
import java.time.Duration;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * Asks again when an endpoint is busy or failing, after the time that it names, or else after a
 * pause that doubles each time, of which a random half is left out so that callers do not come back
 * all at once. Where the answer had begun, whoever reads it is told that it begins anew.
 */
final class RetryingModel implements CodeModel {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** An endpoint that asks for more is as good as away. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  private static final Duration LOOK_AROUND = Duration.ofMillis(100);

  private final CodeModel model;
  private final int retries;
  private final Duration firstPause;
  private final DoubleSupplier random;

  /**
   * Around a model.
   *
   * @param random gives numbers from 0.0 to 1.0
   */
  RetryingModel(CodeModel model, int retries, Duration firstPause, DoubleSupplier random) {
    this.model = model;
    this.retries = retries;
    this.firstPause = firstPause;
    this.random = random;
  }

  @Override
  public String name() {
    return model.name();
  }

  @Override
  public Answer ask(Prompt prompt, Progress progress) throws ModelException, InterruptedException {
    Duration pause = firstPause;
    for (int tries = 0; true; tries++) {
      Watched watched = new Watched(progress);
      try {
        return model.ask(prompt, watched);
      } catch (ModelException failure) {
        Duration wait = failure.retryAfter().orElse(jittered(pause));
        if (tries == retries || !failure.kind().isPassing() || wait.compareTo(LONGEST_WAIT) > 0) {
          throw withWait(failure);
        }
        progress.note(
            "%s; it is asked again in %.1f s (%d of %d)"
                .formatted(failure.getMessage(), wait.toMillis() / 1000.0, tries + 1, retries));
        pause(wait);
        if (watched.hasText || failure.kind() == ModelException.Kind.BROKEN_OFF) {
          progress.anew(failure);
        }
        pause =
            pause.compareTo(LONGEST_PAUSE.dividedBy(2)) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }

  /** Whoever gives up says when another try has a chance. */
  private static ModelException withWait(ModelException failure) {
    return failure
        .retryAfter()
        .filter(wait -> !wait.isZero())
        .map(wait ->
            new ModelException(
                failure.kind(),
                failure.getMessage() + "; it asks to be left alone for " + told(wait),
                wait))
        .orElse(failure);
  }

  private static String told(Duration wait) {
    long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    long minutes = (seconds + 59) / 60;
    return minutes < 120 ? minutes + " min" : "%d h %d min".formatted(minutes / 60, minutes % 60);
  }

  private Duration jittered(Duration pause) {
    return Duration.ofNanos((long) (pause.toNanos() * (1 - random.getAsDouble() / 2)));
  }

  private static void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      Thread.sleep(Duration.ofNanos(Math.min(left, LOOK_AROUND.toNanos())));
      if (Context.current().isCancelled()) {
        throw new UnavailableException("CALLER_GONE", "the caller went away", Map.of());
      }
    }
  }

  private static final class Watched implements Progress {
    private final Progress progress;
    private boolean hasText;

    Watched(Progress progress) {
      this.progress = progress;
    }

    @Override
    public void text(String part) {
      hasText = true;
      progress.text(part);
    }

    @Override
    public void note(String note) {
      progress.note(note);
    }

    @Override
    public void anew(ModelException why) throws ModelException {
      progress.anew(why);
    }
  }
}
