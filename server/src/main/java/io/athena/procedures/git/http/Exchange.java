package io.athena.procedures.git.http;

import io.athena.procedures.error.ServiceException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.eclipse.jgit.errors.PackProtocolException;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.ServiceMayNotContinueException;
import org.eclipse.jgit.transport.UploadPack;
import org.eclipse.jgit.transport.UploadPackInternalServerErrorException;
import org.eclipse.jgit.transport.WantNotValidException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request of a git client and its answer. */
final class Exchange {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);
  private static final String SERVICE = "git-upload-pack";
  private static final int READ_BUFFER = 16 * 1024;

  private final Repository repository;
  private final String project;
  private final List<String> versions;
  private final Watch watch;

  Exchange(Repository repository, String project, List<String> versions, Watch watch) {
    this.repository = repository;
    this.project = project;
    this.versions = versions;
    this.watch = watch;
  }

  /** Answers with the refs, or in version 2 with what the server can do. */
  void advertise(ServerResponse response) throws IOException {
    Answer answer = new Answer(response, watch, "application/x-git-upload-pack-advertisement");
    try (UploadPack pack = uploadPack()) {
      pack.sendAdvertisedRefs(new PacketLineOutRefAdvertiser(new PacketLineOut(answer)), SERVICE);
      answer.complete();
    } catch (IOException | RuntimeException failure) {
      if (answer.begun()) {
        throw lost(failure, answer.clientGone());
      }
      throw failure;
    }
  }

  /** Answers a request for refs or objects. */
  void upload(InputStream request, long mostBytes, ServerResponse response) throws IOException {
    RequestBody body = new RequestBody(request, watch, mostBytes);
    Answer answer = new Answer(response, watch, "application/x-git-upload-pack-result");
    try (UploadPack pack = uploadPack()) {
      pack.upload(new BufferedInputStream(body, READ_BUFFER), answer, null);
      answer.complete();
    } catch (IOException | RuntimeException failure) {
      if (watch.verdict() != null || answer.clientGone() || body.clientGone()) {
        throw lost(failure, true);
      }
      if (answer.begun()) {
        // JGit has told the client within the answer that it fails, and the client believes that.
        log.error("a fetch of project {} failed half-way", project, failure);
        answer.complete();
        return;
      }
      tell(failure, body, answer);
    }
  }

  private UploadPack uploadPack() {
    // Objects are sent as they are stored: searching for deltas would cost more than it saves.
    PackConfig packing = new PackConfig();
    packing.setDeltaCompress(false);
    packing.setThreads(1);
    UploadPack pack = new UploadPack(repository);
    pack.setBiDirectionalPipe(false);
    pack.setExtraParameters(versions);
    pack.setPackConfig(packing);
    // Whatever is there may be asked for by its id. To hold each request against the refs, all of
    // them would have to be read, and a client whose branch goes meanwhile would get nothing.
    pack.setRequestPolicy(UploadPack.RequestPolicy.ANY);
    return pack;
  }

  /** Answers for a failure before anything was sent. */
  private void tell(Exception failure, RequestBody body, Answer answer) throws IOException {
    HttpException problem = body.problem();
    if (problem != null) {
      throw problem;
    }
    Throwable cause =
        failure instanceof UploadPackInternalServerErrorException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    switch (cause) {
      // A client may well ask for what has just gone; JGit's words to it wait in the answer.
      case WantNotValidException _ -> answer.complete();
      case ServiceMayNotContinueException _ -> answer.complete();
      // JGit knows of no depth from the client's own boundary on.
      case UnsupportedOperationException _ ->
          refuse(answer, "--deepen is not supported by this server; use --depth or --unshallow");
      case PackProtocolException _ -> throw notUnderstood(cause);
      // Thrown by JGit for ids and numbers that are none.
      case IllegalArgumentException _ -> throw notUnderstood(cause);
      case ServiceException known -> throw known;
      case RuntimeException unknown -> throw unknown;
      default -> throw new IOException("a fetch of project " + project + " failed", cause);
    }
  }

  private static void refuse(Answer answer, String message) throws IOException {
    answer.discard();
    new PacketLineOut(answer).writeString("ERR " + message + "\n");
    answer.complete();
  }

  private static HttpException notUnderstood(Throwable cause) {
    return new HttpException(
        "the request is not of git's protocol: " + cause.getMessage(),
        Status.BAD_REQUEST_400,
        cause,
        true);
  }

  /** Ends the connection: what was sent is no whole answer, and must not pass for one. */
  private CloseConnectionException lost(Exception failure, boolean byTheClient) {
    String verdict = watch.verdict();
    if (verdict == null && !byTheClient) {
      log.error("a request for project {} failed half-way", project, failure);
    } else {
      log.info(
          "a request for project {} ended early: {}",
          project,
          verdict == null ? "the client is gone" : verdict);
    }
    return new CloseConnectionException("the answer ends early", failure);
  }
}
