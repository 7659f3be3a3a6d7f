package io.athena.procedures.validation;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.db.Times;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.procedure.ProcedureRules;
import io.athena.procedures.v1.GetValidationPolicyRequest;
import io.athena.procedures.v1.ListValidationRulesRequest;
import io.athena.procedures.v1.ListValidationRulesResponse;
import io.athena.procedures.v1.SetValidationPolicyRequest;
import io.athena.procedures.v1.ValidationPolicy;
import io.athena.procedures.v1.ValidationRule;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The policies that projects' code is held to. Thread-safe, also across servers. */
public final class ProjectPolicies {
  private static final String OWN = "project";
  private static final int MOST_CHARS = 256 * 1024;
  private static final int MOST_KEPT = 100;

  private final Jdbi jdbi;
  private final Clock clock;
  private final Supplier<String> caller;
  private final Policies builtIn = Policies.builtIn();

  /** By document: reading one takes longer than getting it. */
  private final Map<String, Policy> read = new ConcurrentHashMap<>();

  /** By revision of a project's own policy, which is never used twice. */
  private final Map<Long, Holding> byRevision = new ConcurrentHashMap<>();

  /**
   * On a database with the server's schema.
   *
   * @param caller gives the name of whoever makes the call that this thread serves
   */
  public ProjectPolicies(Jdbi jdbi, Clock clock, Supplier<String> caller) {
    this.jdbi = jdbi;
    this.clock = clock;
    this.caller = caller;
  }

  /**
   * The policy of that name, or, if the name is empty, that of the project.
   *
   * @throws InvalidArgumentException if there is none of that name
   */
  Policy of(String name, String project) {
    if (!name.isEmpty() && !name.equals(OWN)) {
      return builtIn.of(name, "policy");
    }
    return jdbi.withExtension(PolicyDao.class, dao -> dao.find(orDefault(project)))
        .map(row -> parsed(row.document()))
        .orElseGet(() -> builtIn.of("", "policy"));
  }

  /**
   * The same, without waiting for the database.
   *
   * @throws InvalidArgumentException at once if there is none of that name
   */
  Aside<Policy> lookUp(String name, String project) {
    return name.isEmpty() || name.equals(OWN)
        ? Aside.begin(() -> of(name, project))
        : Aside.known(of(name, project));
  }

  /**
   * A policy that holds for a project.
   *
   * @param judge tells it, together with the rules that this server knows, from all others
   */
  record Holding(Policy policy, String judge) {}

  /**
   * The policy that holds for a project now.
   *
   * @param revision of the project's own policy a moment ago, 0 if it had none: then the database
   *     need not be asked again
   */
  Holding holding(String project, long revision) {
    if (revision == 0) {
      return new Holding(builtIn.of("", "policy"), builtIn.fingerprint() + ".0");
    }
    Holding known = byRevision.get(revision);
    if (known != null) {
      return known;
    }
    PolicyDao.Row row =
        jdbi.withExtension(PolicyDao.class, dao -> dao.find(orDefault(project))).orElse(null);
    if (row == null) {
      return holding(project, 0);
    }
    if (byRevision.size() > MOST_KEPT) {
      byRevision.clear();
    }
    return byRevision.computeIfAbsent(
        row.revision(),
        number -> new Holding(parsed(row.document()), builtIn.fingerprint() + "." + number));
  }

  private Policy parsed(String document) {
    if (read.size() > MOST_KEPT) {
      read.clear();
    }
    return read.computeIfAbsent(
        document,
        text -> {
          // What was stored was checked then. Rules that have gone since are no reason to fail now.
          return builtIn.read(
              OWN, JsonMapper.shared().readTree(text), new Violations(), "document");
        });
  }

  /**
   * Lists the rules as a policy takes them.
   *
   * @throws InvalidArgumentException if there is no such policy
   */
  public ListValidationRulesResponse list(ListValidationRulesRequest request) {
    checkProject(request.getProject());
    Policy policy = of(request.getPolicy(), request.getProject());
    ListValidationRulesResponse.Builder response =
        ListValidationRulesResponse.newBuilder().setPolicy(policy.name());
    for (Rule rule : Rules.all()) {
      response.addRules(
          ValidationRule.newBuilder()
              .setRuleId(rule.id())
              .setCategory(rule.category())
              .setSeverity(policy.severity(rule))
              .setSummary(rule.summary())
              .setDocumentation(rule.page())
              .setCanBeSilenced(rule.canBeSilenced()));
    }
    return response.build();
  }

  /** The policy of a project in few words, for who writes its code. */
  public String text(String project) {
    return PolicyDigest.of(of("", project));
  }

  /** Gives the policy of a project. */
  public ValidationPolicy get(GetValidationPolicyRequest request) {
    checkProject(request.getProject());
    String project = orDefault(request.getProject());
    ValidationPolicy.Builder policy = ValidationPolicy.newBuilder().setProject(project);
    PolicyDao.Row row = jdbi.withExtension(PolicyDao.class, dao -> dao.find(project)).orElse(null);
    if (row == null) {
      return policy
          .setName(Policies.DEFAULT)
          .setDocument(struct("{\"extends\": \"default\"}"))
          .build();
    }
    return policy
        .setName(OWN)
        .setDocument(struct(row.document()))
        .setUpdateTime(Times.toProto(row.updateTime()))
        .setUpdatedBy(row.updatedBy())
        .build();
  }

  /**
   * Gives a project a policy of its own; an empty document takes it away.
   *
   * @throws InvalidArgumentException naming all that is wrong with the document
   */
  public ValidationPolicy set(SetValidationPolicyRequest request) {
    checkProject(request.getProject());
    String project = orDefault(request.getProject());
    if (request.getDocument().getFieldsCount() == 0) {
      jdbi.useExtension(PolicyDao.class, dao -> dao.remove(project));
    } else {
      String document = checked(request.getDocument());
      jdbi.useExtension(
          PolicyDao.class, dao -> dao.put(project, document, Times.now(clock), caller.get()));
    }
    return get(GetValidationPolicyRequest.newBuilder().setProject(project).build());
  }

  private String checked(Struct struct) {
    String text = json(struct);
    Violations violations = new Violations();
    violations.check(
        text.length() <= MOST_CHARS,
        "document",
        "has %,d characters of JSON; at most %,d are allowed".formatted(text.length(), MOST_CHARS));
    violations.throwIfAny();
    JsonNode document = JsonMapper.shared().readTree(text);
    builtIn.read(OWN, document, violations, "document");
    violations.throwIfAny();
    return text;
  }

  private static void checkProject(String project) {
    Violations violations = new Violations();
    ProcedureRules.checkProject(violations, "project", project);
    violations.throwIfAny();
  }

  static String orDefault(String project) {
    return project.isEmpty() ? ProcedureRules.DEFAULT_PROJECT : project;
  }

  private static String json(Struct struct) {
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(struct);
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidArgumentException(
          "document", "cannot be written as JSON: " + e.getMessage());
    }
  }

  private static Struct struct(String json) {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(json, struct);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a stored policy cannot be read", e);
    }
    return struct.build();
  }
}
