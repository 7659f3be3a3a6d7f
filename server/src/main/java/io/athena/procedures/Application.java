package io.athena.procedures;

import com.fasterxml.uuid.Generators;
import io.athena.procedures.api.ProcedureApi;
import io.athena.procedures.auth.Authentication;
import io.athena.procedures.auth.Principal;
import io.athena.procedures.auth.TokenFileException;
import io.athena.procedures.code.HistoryMaintenance;
import io.athena.procedures.code.HistoryUpgrade;
import io.athena.procedures.code.RunVerdicts;
import io.athena.procedures.config.ConfigException;
import io.athena.procedures.config.Configuration;
import io.athena.procedures.config.ServerConfig;
import io.athena.procedures.db.Database;
import io.athena.procedures.db.DatabaseFailures;
import io.athena.procedures.db.DatabaseStartException;
import io.athena.procedures.execution.ActiveExecutions;
import io.athena.procedures.execution.ExecutionFeature;
import io.athena.procedures.execution.ExecutionSettings;
import io.athena.procedures.execution.ExecutionStatistics;
import io.athena.procedures.execution.SandboxClient;
import io.athena.procedures.generation.ModelBudget;
import io.athena.procedures.generation.model.CodeModel;
import io.athena.procedures.generation.model.LanguageModels;
import io.athena.procedures.git.GitRepositories;
import io.athena.procedures.git.http.GitHttp;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.rpc.HelidonMends;
import io.athena.procedures.rpc.ListenException;
import io.athena.procedures.rpc.RpcServer;
import io.athena.procedures.rpc.StatusMapping;
import io.athena.procedures.validation.ProjectPolicies;
import io.athena.procedures.validation.RunPolicy;
import io.grpc.BindableService;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts of a running server, put together. */
final class Application implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Application.class);

  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final Duration DEAD_AFTER = Duration.ofSeconds(30);

  /** As long as git itself keeps what nobody refers to. */
  private static final Duration KEEP_UNREACHABLE = Duration.ofDays(14);

  private static final Duration BETWEEN_MAINTENANCE = Duration.ofHours(6);

  private final RpcServer server;
  private final ExecutionFeature executions;
  private final GitHttp git;
  private final Database database;
  private final Duration drainLimit;
  private final Resources resources;

  private Application(
      RpcServer server,
      ExecutionFeature executions,
      GitHttp git,
      Database database,
      Duration drainLimit,
      Resources resources) {
    this.server = server;
    this.executions = executions;
    this.git = git;
    this.database = database;
    this.drainLimit = drainLimit;
    this.resources = resources;
  }

  /** Starts everything, or nothing: what was opened before a failure is closed again. */
  static Application start(Configuration configuration, Clock clock)
      throws ConfigException,
          TokenFileException,
          DatabaseStartException,
          ListenException,
          IOException,
          InterruptedException {
    Resources resources = new Resources();
    boolean started = false;
    try {
      Application application = start(configuration, clock, resources);
      started = true;
      return application;
    } finally {
      if (!started) {
        resources.close();
      }
    }
  }

  private static Application start(Configuration configuration, Clock clock, Resources resources)
      throws ConfigException,
          TokenFileException,
          DatabaseStartException,
          ListenException,
          IOException,
          InterruptedException {
    ServerConfig config = configuration.server();
    requireSafeTransport(config);
    Authentication authentication = Authentication.of(config.tokensFile());
    PrometheusMeterRegistry metrics = metrics();
    resources.add(metrics::close);
    // Its containers start in the background while the database does.
    SandboxWorkers sandboxes = resources.add(SandboxWorkers.start(configuration.sandbox(), clock));
    Database database = resources.add(database(configuration));
    HistoryUpgrade.upgradeAll(database.jdbi());
    resources
        .add(new HistoryMaintenance(database.jdbi(), KEEP_UNREACHABLE))
        .start(BETWEEN_MAINTENANCE);
    Supplier<String> caller = () -> Principal.current().name();
    ProjectPolicies policies = new ProjectPolicies(database.jdbi(), clock, caller);
    ExecutionFeature executions = executions(configuration, database, sandboxes, policies, clock);
    metrics.gauge("athena.executions.running", executions, ExecutionFeature::running);
    sandboxes.observe(metrics);
    Optional<CodeModel> model =
        LanguageModels.of(configuration.generation(), new SecureRandom()::nextDouble);
    model.ifPresent(resources::add);
    ProcedureApi procedures =
        ProcedureApi.on(
            database.jdbi(),
            clock,
            caller,
            policies,
            ActiveExecutions::exist,
            new ExecutionStatistics(database.jdbi())::addTo,
            sandboxes.channels().values(),
            executions.trialRuns(),
            model,
            new ModelBudget(
                configuration.generation().maxTokens(),
                configuration.generation().maxOutputTokens()));
    GitHttp git = new GitHttp(new GitRepositories(database.jdbi())::open, config.git(), metrics);
    List<BindableService> services = List.of(procedures, executions.service());
    RpcServer.Parts parts =
        new RpcServer.Parts(
            services,
            List.of(authentication),
            Map.of(GitHttp.PATH, git),
            authentication,
            List.of(new DatabaseHealth(database), sandboxes),
            new StatusMapping(
                failure -> DatabaseFailures.toServiceException(failure).orElse(null),
                new SecureRandom()::nextLong),
            metrics);
    RpcServer server = listen(config, parts, executions);
    resources.add(server);
    // Closed before the transport: callers of runs that are ended then are told so.
    resources.add(executions);
    return new Application(server, executions, git, database, config.shutdown().limit(), resources);
  }

  /** Port of gRPC. */
  int port() {
    return server.port();
  }

  /** Port of HTTP. */
  int httpPort() {
    return server.httpPort();
  }

  /** Lets calls and runs end, up to the limit, then stops everything, last opened first. */
  @Override
  public void close() {
    Thread drainingRuns = Thread.ofVirtual().name("drain-runs").start(this::drainRuns);
    Thread drainingGit = Thread.ofVirtual().name("drain-git").start(this::drainGit);
    server.drain();
    try {
      drainingRuns.join();
      drainingGit.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    database.giveUpIfGone();
    resources.close();
  }

  private void drainRuns() {
    try {
      if (!executions.drain(drainLimit)) {
        log.warn("{} runs are ended by the shutdown", executions.running());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void drainGit() {
    try {
      if (!git.drain(drainLimit)) {
        log.warn("git clients are cut off by the shutdown");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void requireSafeTransport(ServerConfig config) throws ConfigException {
    String problem = HelidonMends.problem();
    if (config.grpc().transport() == ServerConfig.Transport.HELIDON && problem != null) {
      throw new ConfigException(
          "Helidon cannot be used: "
              + problem
              + "; start the server with java -jar, or with --transport netty");
    }
  }

  private static RpcServer listen(
      ServerConfig config, RpcServer.Parts parts, ExecutionFeature executions)
      throws ListenException {
    boolean listening = false;
    try {
      RpcServer server = RpcServer.start(config, parts);
      listening = true;
      return server;
    } finally {
      if (!listening) {
        executions.close();
      }
    }
  }

  private static Database database(Configuration configuration) throws DatabaseStartException {
    String url = configuration.database().url();
    return url == null
        ? Database.embedded(configuration.server().dataDirectory())
        : Database.external(url);
  }

  private static ExecutionFeature executions(
      Configuration configuration,
      Database database,
      SandboxWorkers sandboxes,
      ProjectPolicies policies,
      Clock clock)
      throws InterruptedException {
    ExecutionSettings settings =
        ExecutionSettings.defaults()
            .withKeepFor(configuration.executions().keepFor())
            .withPlaces(
                new ExecutionSettings.Sharing.Places(
                    configuration.executions().mostOfProject(),
                    configuration.executions().mostWaitingOfProject(),
                    configuration.executions().longestWait()));
    if (configuration.database().url() != null) {
      // Other servers may use the same database: only silence tells that one of them has died.
      settings = settings.shared(HEARTBEAT, DEAD_AFTER);
    }
    return ExecutionFeature.start(
        database.jdbi(),
        new SandboxClient(sandboxes.channels()),
        new RunPolicy(
            sandboxes.channels().values(),
            policies,
            id -> database.jdbi().withHandle(handle -> Procedures.get(handle, id)),
            new RunVerdicts(database.jdbi())),
        settings,
        clock,
        Generators.timeBasedEpochGenerator()::generate);
  }

  private static PrometheusMeterRegistry metrics() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    List<MeterBinder> binders =
        List.of(
            new JvmMemoryMetrics(),
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new FileDescriptorMetrics());
    binders.forEach(binder -> binder.bindTo(registry));
    return registry;
  }
}
