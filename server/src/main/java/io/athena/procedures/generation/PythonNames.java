package io.athena.procedures.generation;

import java.util.Set;

/** Names in the code that is made. */
final class PythonNames {
  /** What a variable must not be called: keywords, and what the code of the catalogue uses. */
  static final Set<String> TAKEN =
      Set.of(
          ("False None True and as assert async await break class continue def del elif else except"
                  + " finally for from global if import in is lambda nonlocal not or pass raise return"
                  + " try while with yield match case type"
                  + " abs all any bool bytes chr dict divmod enumerate filter float format frozenset"
                  + " getattr hash hex id input int isinstance iter len list map max min next object"
                  + " open ord pow print range repr reversed round set sorted str sum tuple vars zip"
                  + " Exception ValueError KeyError TypeError NotImplementedError OSError"
                  + " ast base64 binascii calendar collections csv datetime hashlib html io itertools"
                  + " json math operator os pathlib random re statistics string sys tarfile tools sandbox"
                  + " unittest urllib zipfile Any Counter Path date timedelta parameters")
              .split(" "));

  private PythonNames() {}

  /** A parameter's name where the code of the steps is, which uses the taken ones itself. */
  static String inside(String parameter) {
    return TAKEN.contains(parameter) ? parameter + "_" : parameter;
  }

  /** The function of a procedure: its name if Python takes it, else {@code main}. */
  static String function(String name) {
    return name.matches("[A-Za-z][A-Za-z0-9_]{0,99}") && !TAKEN.contains(name) ? name : "main";
  }
}
