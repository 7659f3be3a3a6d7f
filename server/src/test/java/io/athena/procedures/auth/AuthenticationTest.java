package io.athena.procedures.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.athena.procedures.error.UnauthenticatedException;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.procedures.v1.GetExecutionRequest;
import io.athena.procedures.v1.GetExecutionResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthenticationTest {
  /** Of "open sesame". */
  private static final String DIGEST =
      "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

  @TempDir private Path directory;

  private Path tokens(String text) throws Exception {
    return Files.writeString(directory.resolve("tokens"), text);
  }

  private Authentication authentication() throws Exception {
    return Authentication.of(
        tokens("# who may call\n\nci:" + "0".repeat(64) + "\nalice : " + DIGEST + "\n"));
  }

  @Test
  void aKnownTokenPasses() throws Exception {
    Authentication authentication = authentication();
    assertThatCode(() -> authentication.admit("Bearer open sesame")).doesNotThrowAnyException();
    assertThatCode(() -> authentication.admit("bearer open sesame")).doesNotThrowAnyException();
  }

  /** "anyone:open sesame" and ":open sesame". */
  @ParameterizedTest
  @ValueSource(strings = {"Basic YW55b25lOm9wZW4gc2VzYW1l", "basic Om9wZW4gc2VzYW1l"})
  void overHttpAKnownTokenMayBeThePassword(String authorization) throws Exception {
    Authentication authentication = authentication();
    assertThatCode(() -> authentication.admit(authorization)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer open",
        "Basic not Base64!",
        "Basic YW55b25lOm9wZW4=",
        "Basic",
        "Bearer ",
        "Basic b3BlbiBzZXNhbWU=",
        "open sesame",
        "Bearer open sesame2"
      })
  void anythingElseDoesNot(String authorization) throws Exception {
    Authentication authentication = authentication();
    assertThatThrownBy(() -> authentication.admit(authorization))
        .isInstanceOf(UnauthenticatedException.class)
        .hasMessageNotContaining("sesame");
  }

  @Test
  void noTokenIsToldHowToSendOne() throws Exception {
    Authentication authentication = authentication();
    assertThatThrownBy(() -> authentication.admit(null))
        .isInstanceOf(UnauthenticatedException.class)
        .hasMessageContaining("authorization: Bearer TOKEN");
  }

  @Test
  void withoutAFileEverybodyPassesAsAnonymous() throws Exception {
    assertThat(principalOf(Authentication.of(null), null)).isEqualTo(Principal.ANONYMOUS);
  }

  @Test
  void theCallersNameIsInTheContextOfItsCall() throws Exception {
    assertThat(principalOf(authentication(), "Bearer open sesame"))
        .isEqualTo(new Principal("alice"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nobody\n", "alice:secret-token\n", "alice\n", ":" + DIGEST + "\n"})
  void aFileThatCannotBeUsedIsRefusedWithoutItsContent(String text) throws Exception {
    Path file = tokens(text);
    TokenFileException failure =
        catchThrowableOfType(TokenFileException.class, () -> Authentication.of(file));
    assertThat(failure).hasMessageContaining(file.toString()).hasMessageNotContaining("secret");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Authentication.of(directory.resolve("missing")))
        .isInstanceOf(TokenFileException.class)
        .hasMessageContaining("missing");
  }

  private static Principal principalOf(
      Authentication authentication, @org.jspecify.annotations.Nullable String authorization)
      throws Exception {
    AtomicReference<Principal> seen = new AtomicReference<>();
    String name = InProcessServerBuilder.generateName();
    Server server =
        InProcessServerBuilder.forName(name)
            .addService(
                ServerInterceptors.intercept(
                    new ExecutionServiceGrpc.ExecutionServiceImplBase() {
                      @Override
                      public void getExecution(
                          GetExecutionRequest request,
                          StreamObserver<GetExecutionResponse> answer) {
                        seen.set(Principal.current());
                        answer.onNext(GetExecutionResponse.getDefaultInstance());
                        answer.onCompleted();
                      }
                    },
                    authentication))
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    try {
      Metadata headers = new Metadata();
      if (authorization != null) {
        headers.put(
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
      }
      GetExecutionResponse _ =
          ExecutionServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .getExecution(GetExecutionRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
    return seen.get();
  }
}
