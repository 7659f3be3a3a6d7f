package io.athena.procedures.generation.model;

import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import java.time.Duration;

/**
 * How LangChain4j asks for an HTTP client: it gets the one that its owner closes. Times are watched
 * by whoever waits for the answer.
 */
record ModelHttpClientBuilder(ModelHttpClient client) implements HttpClientBuilder {
  @Override
  public Duration connectTimeout() {
    return Duration.ZERO;
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
    return client;
  }
}
