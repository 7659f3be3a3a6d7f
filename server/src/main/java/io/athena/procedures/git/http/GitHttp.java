package io.athena.procedures.git.http;

import io.athena.procedures.config.ServerConfig;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.eclipse.jgit.lib.Repository;

/**
 * Serves repositories to git clients under {@code /git/PROJECT.git}, by the smart HTTP protocol,
 * version 2 and before (gitprotocol-http, gitprotocol-v2). Only reading is there: a push is refused
 * with a message that says what to do instead. What a request and its answer take of memory does
 * not grow with the repository's content, but only with the number of its objects. Thread-safe.
 */
public final class GitHttp implements HttpService {
  /** The path to register it at. */
  public static final String PATH = "/git";

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final HeaderName GIT_PROTOCOL = HeaderNames.create("Git-Protocol");
  private static final String REQUEST_TYPE = "application/x-git-upload-pack-request";

  private final Repositories repositories;
  private final ServerConfig.Git limits;
  private final Places places;
  private final MeterRegistry metrics;

  /** Of the repositories, within the limits. */
  public GitHttp(Repositories repositories, ServerConfig.Git limits, MeterRegistry metrics) {
    this(repositories, limits, PATIENCE, metrics);
  }

  GitHttp(
      Repositories repositories,
      ServerConfig.Git limits,
      Duration patience,
      MeterRegistry metrics) {
    this.repositories = repositories;
    this.limits = limits;
    this.places = new Places(limits.maxConcurrentFetches(), patience);
    this.metrics = metrics;
    metrics.gauge("athena.git.requests.active", places, Places::taken);
  }

  @Override
  public void routing(HttpRules rules) {
    rules.any(this::handle);
  }

  /**
   * Takes no more requests, and lets those under way end.
   *
   * @return false if some had not ended within the limit
   */
  public boolean drain(Duration limit) throws InterruptedException {
    return places.drain(limit);
  }

  private void handle(ServerRequest request, ServerResponse response) throws IOException {
    GitTarget target =
        GitTarget.of(
            request.prologue().method(),
            request.path().absolute().path(),
            request.query().first("service").orElse(""));
    if (target.service() == GitTarget.Service.UPLOAD_PACK) {
      requireRequestType(request);
    }
    Timer.Sample sample = Timer.start(metrics);
    String outcome = "refused";
    try (Places.Place _ = places.take();
        Watch watch = new Watch(limits.stallTimeout(), limits.maxFetchDuration());
        Repository repository = repositories.open(target.project())) {
      outcome = "failed";
      Exchange exchange = new Exchange(repository, target.project(), versions(request), watch);
      switch (target.service()) {
        case ADVERTISEMENT -> exchange.advertise(response);
        case UPLOAD_PACK ->
            exchange.upload(request.content().inputStream(), limits.maxRequestSize(), response);
      }
      outcome = "ok";
    } finally {
      sample.stop(
          Timer.builder("athena.git.requests")
              .description("Requests of git clients")
              .tag("service", target.service().name().toLowerCase(Locale.ROOT))
              .tag("outcome", outcome)
              .register(metrics));
    }
  }

  private static void requireRequestType(ServerRequest request) {
    String type =
        request.headers().contentType().map(media -> media.mediaType().text()).orElse("nothing");
    if (!type.equals(REQUEST_TYPE)) {
      throw new HttpException(
          "the request's Content-Type must be " + REQUEST_TYPE + ", as that of git clients is",
          Status.UNSUPPORTED_MEDIA_TYPE_415);
    }
  }

  /** What the client proposes, such as {@code version=2}. */
  private static List<String> versions(ServerRequest request) {
    return request
        .headers()
        .value(GIT_PROTOCOL)
        .map(value -> List.of(value.split(":", -1)))
        .orElse(List.of());
  }
}
