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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets in who has a token of the file; everybody where there is no file. Over HTTP the token may
 * also be the password of Basic authentication, whatever the user's name: git clients know no other
 * way. Thread-safe.
 */
public final class Authentication implements ServerInterceptor, HttpGuard {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String BEARER = "bearer ";
  private static final String BASIC = "basic ";

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
    Principal principal = authenticate(headers.get(AUTHORIZATION), Authentication::bearerToken);
    return Contexts.interceptCall(principal.inContext(), call, headers, next);
  }

  @Override
  public void admit(@Nullable String authorization) {
    Principal _ = authenticate(authorization, Authentication::bearerTokenOrPassword);
  }

  private Principal authenticate(
      @Nullable String authorization, Function<String, @Nullable String> scheme) {
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
    @Nullable String token = scheme.apply(authorization);
    if (token != null) {
      byte[] digest = sha256(token);
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

  private static @Nullable String bearerTokenOrPassword(String authorization) {
    @Nullable String credentials = credentials(BASIC, authorization);
    return credentials == null ? bearerToken(authorization) : password(credentials);
  }

  private static @Nullable String bearerToken(String authorization) {
    return credentials(BEARER, authorization);
  }

  /** What follows the name of the scheme; null if it is another scheme. */
  private static @Nullable String credentials(String scheme, String authorization) {
    return authorization.regionMatches(true, 0, scheme, 0, scheme.length())
        ? authorization.substring(scheme.length()).strip()
        : null;
  }

  /** The password of {@code user:password} in Base64 (RFC 7617); null if it is no such thing. */
  private static @Nullable String password(String credentials) {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      // As good as a wrong password: nobody is let in for it.
      return null;
    }
    int colon = pair.indexOf(':');
    return colon < 0 ? null : pair.substring(colon + 1);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
