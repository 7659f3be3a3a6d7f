package io.athena.procedures.procedure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.ListProceduresRequest;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.RecallProceduresRequest;
import io.athena.procedures.v1.RememberProcedureRequest;
import io.athena.procedures.v1.Step;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import tools.jackson.databind.json.JsonMapper;

class ProcedurePropertiesTest {
  private static final TestDatabase DATABASE = TestDatabase.create();
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final AtomicInteger PROJECTS = new AtomicInteger();

  private final Procedures procedures = TestProcedures.on(DATABASE);

  @AfterContainer
  static void close() {
    DATABASE.close();
  }

  @Property(tries = 150)
  void aProcedureIsKeptAsItIsOrRefusedWithItsFields(@ForAll("definitions") Procedure definition) {
    Optional<Procedure> stored = rememberIfAllowed(definition);

    if (stored.isPresent()) {
      Procedure read = procedures.get(stored.get().getProcedureId());
      assertThat(read).isEqualTo(stored.get());
      assertThat(Definitions.toJson(read)).isEqualTo(Definitions.toJson(definition));
      assertThat(read.getName()).isEqualTo(definition.getName());
      assertThat(read.getDescription()).isEqualTo(definition.getDescription());
    }
  }

  private Optional<Procedure> rememberIfAllowed(Procedure definition) {
    Procedure inNewProject =
        definition.toBuilder().setProject("p" + PROJECTS.incrementAndGet()).build();
    try {
      return Optional.of(
          procedures.remember(
              RememberProcedureRequest.newBuilder().setProcedure(inNewProject).build()));
    } catch (InvalidArgumentException e) {
      assertThat(e.violations()).isNotEmpty();
      return Optional.empty();
    }
  }

  @Property(tries = 100)
  void anyWordsCanBeAskedFor(@ForAll("texts") String query) {
    var request = RecallProceduresRequest.newBuilder().setQuery(query).build();
    try {
      assertThat(new Recall(DATABASE.jdbi()).recall(request)).isNotNull();
    } catch (InvalidArgumentException e) {
      assertThat(e.violations()).allSatisfy(v -> assertThat(v.field()).isEqualTo("query"));
    }
  }

  @Property(tries = 150)
  void sizeIsThatOfTheShortestJson(@ForAll("values") Value value) throws Exception {
    // Protobuf's printer escapes more than JSON asks for.
    byte[] json = MAPPER.writeValueAsBytes(MAPPER.readTree(JsonFormat.printer().print(value)));
    var exact = new Violations();
    var tooSmall = new Violations();

    ParameterValues.check(exact, "value", value, json.length);
    ParameterValues.check(tooSmall, "value", value, json.length - 1);

    exact.throwIfAny();
    assertThat(catchThrowable(tooSmall::throwIfAny)).hasMessageContaining("bytes as JSON");
  }

  @Property(tries = 25)
  void pagesHoldEveryProcedureOnce(
      @ForAll @IntRange(max = 12) int count, @ForAll @IntRange(min = 1, max = 13) int pageSize) {
    String project = "p" + PROJECTS.incrementAndGet();
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(TestProcedures.remember(procedures, project, "n" + i).getProcedureId());
    }
    List<Long> listed = new ArrayList<>();
    var request =
        ListProceduresRequest.newBuilder().setProject(project).setPageSize(pageSize).build();
    for (String token = "x"; !token.isEmpty(); ) {
      var page = procedures.list(request);
      page.rows().forEach(procedure -> listed.add(procedure.getProcedureId()));
      token = page.nextPageToken();
      request = request.toBuilder().setPageToken(token).build();
      assertThat(page.rows().size()).isLessThanOrEqualTo(pageSize);
    }
    assertThat(listed).isEqualTo(all);
  }

  @Property(tries = 100)
  void aTokenThatNobodyGaveIsRefused(@ForAll String token) {
    if (token.isEmpty()) {
      return;
    }
    var request = ListProceduresRequest.newBuilder().setPageToken(token).build();
    assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> procedures.list(request)))
        .isInstanceOf(InvalidArgumentException.class);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(30),
        Arbitraries.strings().withChars("ab_- '\"\\&|!:*()<>%\n\t{}").ofMaxLength(30),
        Arbitraries.strings().withCharRange('\ud7f0', '\ue010').ofMaxLength(5));
  }

  @Provide
  Arbitrary<Value> values() {
    return values(3);
  }

  private Arbitrary<Value> values(int levels) {
    Arbitrary<Value> plain =
        Arbitraries.oneOf(
            Arbitraries.strings()
                .excludeChars('\0')
                .ofMaxLength(20)
                .filter(ProcedurePropertiesTest::isWellFormed)
                .map(text -> Value.newBuilder().setStringValue(text).build()),
            Arbitraries.longs()
                .between(-1_000_000, 1_000_000)
                .map(number -> Value.newBuilder().setNumberValue(number + 0.5).build()),
            Arbitraries.of(true, false)
                .map(truth -> Value.newBuilder().setBoolValue(truth).build()),
            Arbitraries.just(Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build()));
    if (levels == 0) {
      return plain;
    }
    return Arbitraries.frequencyOf(
        Tuple.of(4, plain),
        Tuple.of(
            1,
            values(levels - 1)
                .list()
                .ofMaxSize(4)
                .map(list ->
                    Value.newBuilder()
                        .setListValue(ListValue.newBuilder().addAllValues(list))
                        .build())),
        Tuple.of(
            1,
            Arbitraries.maps(Arbitraries.strings().alpha().ofMaxLength(5), values(levels - 1))
                .ofMaxSize(4)
                .map(ProcedurePropertiesTest::object)));
  }

  private static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static Value object(Map<String, Value> fields) {
    return Value.newBuilder().setStructValue(Struct.newBuilder().putAllFields(fields)).build();
  }

  @Provide
  Arbitrary<Procedure> definitions() {
    Arbitrary<Step> steps =
        Combinators.combine(texts(), values(2))
            .as((description, argument) ->
                Step.newBuilder()
                    .setDescription(description)
                    .setArguments(Struct.newBuilder().putFields("a", argument))
                    .build());
    Arbitrary<Parameter> parameters =
        Combinators.combine(Arbitraries.of("x", "y", "z", "if", ""), values(2))
            .as((name, value) ->
                Parameter.newBuilder().setName(name).setDefaultValue(value).build());
    return Combinators.combine(
            texts(), texts(), steps.list().ofMaxSize(3), parameters.list().ofMaxSize(2))
        .as((name, description, allSteps, allParameters) ->
            Procedure.newBuilder()
                .setName(name)
                .setDescription(description)
                .addAllSteps(allSteps)
                .addAllParameters(allParameters)
                .build());
  }
}
