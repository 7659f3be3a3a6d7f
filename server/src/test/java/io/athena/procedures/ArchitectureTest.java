package io.athena.procedures;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.athena.procedures.rpc.HelidonMends;
import io.athena.procedures.rpc.LateResetMend;
import io.athena.procedures.rpc.PseudoHeaderMend;
import java.time.Clock;
import java.time.Instant;
import org.jdbi.v3.core.argument.ArgumentFactory;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.mapper.RowMapper;

/** The rules that keep a change to one feature in one package. */
@AnalyzeClasses(packages = "io.athena.procedures", importOptions = ServerClasses.class)
final class ArchitectureTest {
  private static final String ROOT = "io.athena.procedures";

  @ArchTest
  static final ArchRule theEdgeKnowsNoFeature =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".rpc..")
          .should()
          .dependOnClassesThat(ownPackagesBesides("rpc", "config", "error"))
          .because("features are bound to the edge by Application, and not the other way round");

  @ArchTest
  static final ArchRule theDatabaseKnowsNoFeature =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".db..")
          .should()
          .dependOnClassesThat(ownPackagesBesides("db", "error"))
          .because("features bring their own statements");

  @ArchTest
  static final ArchRule settingsAndErrorsKnowNothingElse =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + ".config..", ROOT + ".error..")
          .should()
          .dependOnClassesThat(ownPackagesBesides("config", "error"));

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheProgramPutsPartsTogether =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT)
          .should()
          .dependOnClassesThat(resideInAPackage(ROOT));

  @ArchTest
  static final ArchRule whatIsPublicIsUsedByAnotherPackage =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .areNotInterfaces()
          .and()
          .haveModifier(JavaModifier.PUBLIC)
          .and()
          .doNotBelongToAnyOf(
              Main.class, HelidonMends.class, LateResetMend.class, PseudoHeaderMend.class)
          .and()
          .areNotAssignableTo(RowMapper.class)
          .and()
          .areNotAssignableTo(ColumnMapper.class)
          .and()
          .areNotAssignableTo(ArgumentFactory.class)
          .and()
          .resideOutsideOfPackage(ROOT + ".error..")
          .should(beUsedByAnotherPackage());

  @ArchTest
  static final ArchRule classesAreFinal =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .areNotInterfaces()
          .and()
          .doNotHaveModifier(JavaModifier.ABSTRACT)
          .should()
          .haveModifier(JavaModifier.FINAL);

  @ArchTest
  static final ArchRule timeComesFromAnInjectedClock =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT)
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Clock.class, "systemUTC");

  @ArchTest
  static final ArchRule exceptionsSayWhatTheyAre =
      noClasses()
          .that()
          .areNotAssignableTo(RuntimeException.class)
          .should()
          .callConstructor(RuntimeException.class)
          .orShould()
          .callConstructor(RuntimeException.class, String.class)
          .orShould()
          .callConstructor(RuntimeException.class, String.class, Throwable.class)
          .orShould()
          .callConstructor(RuntimeException.class, Throwable.class);

  @ArchTest
  static final ArchRule onlyTheProgramWritesToStandardOutput =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT)
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  private static DescribedPredicate<JavaClass> ownPackagesBesides(String... allowed) {
    return DescribedPredicate.describe(
        "are of another package of the server than " + String.join(", ", allowed),
        type -> {
          if (!ServerClasses.ownPackage(type.getPackageName())) {
            return false;
          }
          for (String name : allowed) {
            if (type.getPackageName().startsWith(ROOT + "." + name)) {
              return false;
            }
          }
          return true;
        });
  }

  private static ArchCondition<JavaClass> beUsedByAnotherPackage() {
    return new ArchCondition<>("be used by another package, or not be public") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        boolean used =
            type.getDirectDependenciesToSelf().stream()
                .anyMatch(
                    use -> !use.getOriginClass().getPackageName().equals(type.getPackageName()));
        if (!used) {
          events.add(
              SimpleConditionEvent.violated(
                  type, type.getName() + " is public, and only its own package uses it"));
        }
      }
    };
  }
}
