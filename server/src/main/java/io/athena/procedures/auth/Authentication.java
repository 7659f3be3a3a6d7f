package io.athena.procedures.auth;

import io.athena.procedures.error.UnauthenticatedException;
import io.athena.procedures.rpc.HttpGuard;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets in who has a token of the file; everybody where there is no file. Thread-safe. */
public final class Authentication implements ServerInterceptor, HttpGuard {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String SCHEME = "bearer ";

  private final List<TokenFile.Entry> entries;

  private Authentication(List<TokenFile.Entry> entries) {
    this.entries = entries;
  }

  /**
   * By the tokens of a file.
   *
   * @param tokensFile lines {@code name:sha256-hex}; null lets everybody in
   * @throws TokenFileException if the file cannot be used
   */
  public static Authentication of(@Nullable Path tokensFile) throws TokenFileException {
    return new Authentication(tokensFile == null ? List.of() : TokenFile.read(tokensFile));
  }

  @Override
  public <Q, S> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, S> call, Metadata headers, ServerCallHandler<Q, S> next) {
    Principal principal = authenticate(headers.get(AUTHORIZATION));
    return Contexts.interceptCall(principal.inContext(), call, headers, next);
  }

  @Override
  public void admit(@Nullable String authorization) {
    Principal _ = authenticate(authorization);
  }

  private Principal authenticate(@Nullable String authorization) {
    if (entries.isEmpty()) {
      return Principal.ANONYMOUS;
    }
    if (authorization == null) {
      throw new UnauthenticatedException(
          "TOKEN_MISSING",
          "this server asks for a token: send the header 'authorization: Bearer TOKEN'",
          Map.of());
    }
    @Nullable Principal found = null;
    if (authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      byte[] digest = sha256(authorization.substring(SCHEME.length()).strip());
      // All are compared, each in constant time: how long it takes tells nothing.
      for (TokenFile.Entry entry : entries) {
        if (MessageDigest.isEqual(entry.digest(), digest)) {
          found = entry.principal();
        }
      }
    }
    if (found == null) {
      throw new UnauthenticatedException(
          "TOKEN_UNKNOWN", "the token is not among those that this server accepts", Map.of());
    }
    return found;
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
