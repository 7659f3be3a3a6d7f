package io.athena.procedures.rpc;

import io.athena.procedures.error.UnauthenticatedException;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpMediaType;
import io.helidon.http.Status;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is served over HTTP: health for those who watch the server, its metrics, and what features
 * add.
 */
final class HttpEndpoints {
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpMediaType PROMETHEUS =
      HttpMediaType.create("text/plain; version=0.0.4; charset=utf-8");

  /** Git clients and browsers know Basic only; the password is the token. */
  private static final Header CHALLENGE =
      HeaderValues.create(
          HeaderNames.WWW_AUTHENTICATE, "Bearer", "Basic realm=\"athena\", charset=\"UTF-8\"");

  private final Health health;
  private final PrometheusMeterRegistry metrics;
  private final HttpGuard guard;
  private final StatusMapping statuses;
  private final Map<String, HttpService> features;

  HttpEndpoints(Health health, RpcServer.Parts parts) {
    this.health = health;
    this.metrics = parts.metrics();
    this.guard = parts.httpGuard();
    this.statuses = parts.statuses();
    this.features = parts.http();
  }

  HttpRouting.Builder routing() {
    HttpRouting.Builder routing =
        HttpRouting.builder()
            .addFilter(this::admit)
            .get("/health", (request, response) -> send(response, health.report(), true))
            .get("/health/ready", (request, response) -> send(response, health.report(), true))
            .get("/health/live", (request, response) -> send(response, health.report(), false))
            .get(
                "/metrics",
                (request, response) -> {
                  response.headers().contentType(PROMETHEUS);
                  response.send(metrics.scrape());
                });
    features.forEach(routing::register);
    new HttpFailures(statuses).addTo(routing);
    return routing;
  }

  private void admit(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String path = request.path().path();
    if (!path.equals("/health") && !path.startsWith("/health/")) {
      try {
        guard.admit(request.headers().value(HeaderNames.AUTHORIZATION).orElse(null));
      } catch (UnauthenticatedException e) {
        response.status(Status.UNAUTHORIZED_401);
        response.header(CHALLENGE);
        json(response, Map.of("error", String.valueOf(e.getMessage())));
        return;
      }
    }
    chain.proceed();
  }

  private static void send(ServerResponse response, Health.Report report, boolean readiness) {
    Map<String, Object> checks = new LinkedHashMap<>();
    report
        .checks()
        .forEach((name, state) -> {
          Map<String, Object> check = new LinkedHashMap<>();
          check.put("status", state.up() ? "UP" : "DOWN");
          check.putAll(new java.util.TreeMap<>(state.details()));
          checks.put(name, check);
        });
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", report.ready() ? "UP" : report.stopping() ? "STOPPING" : "DOWN");
    body.put("live", true);
    body.put("ready", report.ready());
    body.put("checks", checks);
    response.status(readiness && !report.ready() ? Status.SERVICE_UNAVAILABLE_503 : Status.OK_200);
    json(response, body);
  }

  private static void json(ServerResponse response, Map<String, ?> body) {
    response.headers().contentType(MediaTypes.APPLICATION_JSON);
    response.send(JSON.writeValueAsBytes(body));
  }
}
