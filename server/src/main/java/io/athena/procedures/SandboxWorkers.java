package io.athena.procedures;

import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.SandboxConfig;
import io.athena.procedures.rpc.HealthSource;
import io.athena.procedures.sandbox.EnvironmentConfig;
import io.athena.procedures.sandbox.PoolConfig;
import io.athena.procedures.sandbox.SandboxWorker;
import io.athena.procedures.sandbox.WorkerConfig;
import io.athena.procedures.v1.ExecutionServiceGrpc;
import io.athena.sandbox.v1.GetLoadRequest;
import io.athena.sandbox.v1.GetLoadResponse;
import io.athena.sandbox.v1.SandboxServiceGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The sandbox workers: one in this process, or those of other machines. */
final class SandboxWorkers implements AutoCloseable, HealthSource {
  private static final Pattern ADDRESS = Pattern.compile("\\S+:[0-9]{1,5}");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final int MAX_MESSAGE = 64 * 1024 * 1024;

  private final Resources resources = new Resources();
  private final Map<String, Channel> channels = new LinkedHashMap<>();

  private SandboxWorkers() {}

  /** Starts or connects; does not wait until a program could run. */
  static SandboxWorkers start(SandboxConfig config, Clock clock)
      throws ConfigException, IOException {
    SandboxWorkers workers = new SandboxWorkers();
    try {
      if (config.workers().isEmpty()) {
        workers.embed(config, clock);
      } else {
        for (String address : config.workers()) {
          workers.connect(address, config);
        }
      }
      return workers;
    } catch (ConfigException | IOException e) {
      workers.close();
      throw e;
    }
  }

  /** Channels by the worker's name. */
  Map<String, Channel> channels() {
    return Map.copyOf(channels);
  }

  /** Lets the metrics tell how many slots wait for a run; each reading asks the workers. */
  void observe(MeterRegistry metrics) {
    channels.forEach((worker, channel) ->
        Gauge.builder("athena.sandbox.slots.ready", channel, asked -> load(asked).getReadySlots())
            .description("slots that wait for a run, by worker")
            .tag("worker", worker)
            .register(metrics));
  }

  @Override
  public String name() {
    return "sandbox";
  }

  @Override
  public Set<String> services() {
    return Set.of(ExecutionServiceGrpc.SERVICE_NAME);
  }

  @Override
  public State state() {
    Map<String, String> details = new TreeMap<>();
    boolean anyUp = false;
    for (Map.Entry<String, Channel> worker : channels.entrySet()) {
      GetLoadResponse load = load(worker.getValue());
      String problem = load.getUnavailableReason();
      anyUp |= problem.isEmpty();
      details.put(worker.getKey(), problem.isEmpty() ? "UP" : problem);
      load.getEnforcedMap()
          .forEach((limit, how) -> details.put(worker.getKey() + " enforces " + limit, how));
    }
    return new State(anyUp, details);
  }

  @Override
  public void close() {
    resources.close();
  }

  /** What a worker says of itself; of one that does not answer, that it does not. */
  private static GetLoadResponse load(Channel channel) {
    try {
      return SandboxServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(800, TimeUnit.MILLISECONDS)
          .getLoad(GetLoadRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      return GetLoadResponse.newBuilder().setUnavailableReason(e.getStatus().toString()).build();
    }
  }

  /** The configuration of the worker in this process. */
  static WorkerConfig workerConfig(SandboxConfig config) throws ConfigException {
    PoolConfig pool = PoolConfig.defaults();
    if (config.maxConcurrentRuns() > 0) {
      pool = pool.withMaxConcurrentRuns(config.maxConcurrentRuns());
    }
    WorkerConfig worker =
        WorkerConfig.defaults()
            .withRunDirectory(config.runDirectory())
            .withRuntime(config.runtime())
            .withPython(config.python())
            .withEnvironments(environments(config))
            .withPool(pool);
    Path rootfs = config.rootfs();
    return rootfs == null ? worker : worker.withRootfs(rootfs);
  }

  private static List<EnvironmentConfig> environments(SandboxConfig config) throws ConfigException {
    try {
      return config.environments().stream().map(EnvironmentConfig::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new ConfigException("sandbox.environments: " + e.getMessage(), e);
    }
  }

  private void embed(SandboxConfig config, Clock clock) throws ConfigException, IOException {
    SandboxWorker embedded = resources.add(SandboxWorker.start(workerConfig(config), clock));
    ExecutorService threads =
        resources.add(
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("sandbox-", 0).factory()));
    String name = InProcessServerBuilder.generateName();
    Server server =
        InProcessServerBuilder.forName(name)
            .executor(threads)
            .addService(embedded.service())
            .build()
            .start();
    resources.add(() -> {
      server.shutdownNow();
      server.awaitTermination(5, TimeUnit.SECONDS);
    });
    ManagedChannel channel =
        InProcessChannelBuilder.forName(name)
            .executor(threads)
            .maxInboundMessageSize(MAX_MESSAGE)
            .build();
    resources.add(channel::shutdownNow);
    channels.put(embedded.id(), channel);
  }

  private void connect(String address, SandboxConfig config) throws ConfigException {
    if (!ADDRESS.matcher(address).matches()) {
      throw new ConfigException("sandbox.workers has '" + address + "', which is not host:port");
    }
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + address)
            .maxInboundMessageSize(MAX_MESSAGE)
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .keepAliveWithoutCalls(true);
    secure(builder, config);
    ManagedChannel channel = builder.build();
    resources.add(channel::shutdownNow);
    channels.put(address, channel);
  }

  private static void secure(NettyChannelBuilder builder, SandboxConfig config)
      throws ConfigException {
    Path tokenFile = config.workersTokenFile();
    Path certificate = config.workersCertificate();
    try {
      if (tokenFile != null) {
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + Files.readString(tokenFile).strip());
        builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
      }
      if (certificate == null) {
        builder.usePlaintext();
      } else {
        builder.sslContext(GrpcSslContexts.forClient().trustManager(certificate.toFile()).build());
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "sandbox.workers-token-file or sandbox.workers-certificate cannot be used: " + e);
    }
  }
}
