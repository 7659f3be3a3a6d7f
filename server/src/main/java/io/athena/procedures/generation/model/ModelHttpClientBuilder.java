package io.athena.procedures.generation.model;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import java.time.Duration;

/** How LangChain4j asks for an HTTP client. Times are watched by whoever waits for the answer. */
final class ModelHttpClientBuilder implements HttpClientBuilder {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  @Override
  public Duration connectTimeout() {
    return CONNECT;
  }

  @Override
  public HttpClientBuilder connectTimeout(Duration timeout) {
    return this;
  }

  @Override
  public Duration readTimeout() {
    return Duration.ZERO;
  }

  @Override
  public HttpClientBuilder readTimeout(Duration timeout) {
    return this;
  }

  @Override
  public HttpClient build() {
    return new ModelHttpClient(CONNECT);
  }
}
