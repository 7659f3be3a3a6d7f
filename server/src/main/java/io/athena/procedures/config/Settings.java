package io.athena.procedures.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** All settings there are, with their defaults. */
final class Settings {
  private Settings() {}

  /** Every setting, in the order in which people should read them. */
  static List<Setting> all(Map<String, String> environment) {
    return List.of(
        new Setting(
            "server.bind",
            "127.0.0.1",
            "address to listen on; beyond loopback only with tokens-file"),
        new Setting(
            "server.port", "7070", "port of gRPC and, on Helidon, HTTP; 0 takes any free one"),
        new Setting(
            "server.http-port", "7071", "port of HTTP when gRPC is on Netty; 0 takes any free one"),
        new Setting(
            "server.data-dir",
            dataDirectory(environment),
            "where the embedded database keeps its files"),
        new Setting("server.grpc.transport", "helidon", "helidon or netty"),
        new Setting("server.grpc.max-message-size", "16MiB", "largest request message"),
        new Setting(
            "server.grpc.max-concurrent-calls",
            "1000",
            "calls under way at once; more are refused with RetryInfo"),
        new Setting(
            "server.grpc.max-call-duration",
            "24h",
            "longest life of a call, whatever deadline its caller gave"),
        new Setting(
            "server.grpc.keepalive-time",
            "20s",
            "silence of a client after which it is asked whether it lives"),
        new Setting(
            "server.grpc.keepalive-timeout",
            "20s",
            "time it has to answer before its calls are ended"),
        new Setting(
            "server.grpc.flow-control-timeout",
            "90s",
            "how long a client may refuse to read before its call breaks"),
        new Setting(
            "server.git.max-concurrent-fetches",
            "8",
            "requests of git clients answered at once; more wait for 10 s and are then refused"),
        new Setting(
            "server.git.max-request-size",
            "64MiB",
            "largest request of a git client, unpacked; a mirror of 300,000 refs needs it"),
        new Setting(
            "server.git.stall-timeout",
            "60s",
            "how long a git client may neither send nor read before it is cut off"),
        new Setting(
            "server.git.max-fetch-duration",
            "1h",
            "longest time an answer to a git client may take"),
        new Setting(
            "server.shutdown.announce",
            "0s",
            "time between reporting NOT_SERVING and refusing calls"),
        new Setting("server.shutdown.limit", "20s", "time running calls have to end on shutdown"),
        new Setting(
            "server.auth.tokens-file", "", "file of accepted bearer tokens: lines name:sha256-hex"),
        new Setting(
            "server.tls.certificate", "", "PEM file of the certificate chain; empty for no TLS"),
        new Setting("server.tls.private-key", "", "PEM file of the PKCS#8 private key"),
        new Setting(
            "database.url",
            "",
            "a PostgreSQL server, postgresql://USER:PASSWORD@HOST/DATABASE; empty runs one in data-dir"),
        new Setting(
            "executions.keep-for",
            "365d",
            "age at which finished executions are removed with their events; 0s keeps them"),
        new Setting(
            "executions.max-concurrent-per-project",
            "0",
            "runs of one project at a time on this server; 0 sets no limit"),
        new Setting(
            "executions.max-waiting-per-project",
            "256",
            "calls of a project that may wait for one of them to end; more are refused with RetryInfo"),
        new Setting(
            "executions.longest-wait", "30s", "how long such a call waits before it is refused"),
        new Setting(
            "generation.model",
            "",
            "name of the language model that writes code; empty for none, then rules do"),
        new Setting(
            "generation.provider",
            "anthropic",
            "whose protocol the model's endpoint speaks: anthropic or openai"),
        new Setting(
            "generation.base-url",
            "",
            "where the endpoint is, such as http://127.0.0.1:11434/v1; empty is the provider's own"),
        new Setting(
            "generation.api-key-file",
            "",
            "file that holds the key; or the key is in the environment, ATHENA_GENERATION_API_KEY"),
        new Setting(
            "generation.answer-format",
            "schema",
            "schema: the endpoint holds the model to a JSON schema; prompt: the prompt alone asks for JSON"),
        new Setting(
            "generation.max-output-tokens", "8192", "longest answer of the model, in tokens"),
        new Setting(
            "generation.max-tokens",
            "200000",
            "tokens, read and written, after which one generation asks the model no more"),
        new Setting("generation.stall-timeout", "60s", "how long the model may say nothing"),
        new Setting("generation.call-timeout", "10m", "longest time of one answer"),
        new Setting(
            "generation.retries",
            "3",
            "how often an endpoint that is busy or failing is asked again"),
        new Setting(
            "sandbox.workers",
            "",
            "host:port of sandbox workers, with commas; empty runs one in this process"),
        new Setting("sandbox.workers-token-file", "", "file with the token that they ask for"),
        new Setting(
            "sandbox.workers-certificate",
            "",
            "PEM file of the certificate by which theirs are known; empty for no TLS"),
        new Setting("sandbox.runtime", "runc", "OCI runtime of this process' worker"),
        new Setting("sandbox.python", "/usr/bin/python3", "interpreter inside the containers"),
        new Setting(
            "sandbox.rootfs",
            "",
            "root file system of the containers; empty takes the host's /usr"),
        new Setting(
            "sandbox.run-dir",
            "/run/athena-sandbox",
            "where containers keep their sockets; tmpfs is best"),
        new Setting(
            "sandbox.max-concurrent-runs", "0", "programs at once; 0 takes a number by processors"),
        new Setting(
            "sandbox.environments",
            "data=numpy+pandas",
            "environments beside python, as NAME=MODULE+MODULE with commas; one whose modules are"
                + " not installed is not offered"));
  }

  private static String dataDirectory(Map<String, String> environment) {
    String base = environment.getOrDefault("XDG_DATA_HOME", "");
    if (base.isEmpty()) {
      base = environment.getOrDefault("HOME", ".") + "/.local/share";
    }
    return Path.of(base, "athena").toString();
  }
}
