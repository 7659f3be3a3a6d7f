package io.athena.procedures.execution;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.v1.Parameter;
import io.athena.procedures.v1.Procedure;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;

/** Finds what a call wants to run. */
final class ProcedureDefinitions {
  private final AdmissionDao dao;

  /** A procedure with the version to run and what it takes. */
  record Resolved(AdmissionDao.Target target, List<Parameter> parameters) {}

  ProcedureDefinitions(Jdbi jdbi) {
    this.dao = jdbi.onDemand(AdmissionDao.class);
  }

  /**
   * @param version as callers name it; empty for the current one
   */
  Resolved resolve(long procedureId, String version) {
    int number = version.isEmpty() ? 0 : number(version);
    AdmissionDao.Target target = dao.target(procedureId, number);
    if (target == null) {
      throw new NotFoundException(
          "PROCEDURE_NOT_FOUND",
          "there is no procedure " + procedureId,
          Map.of("procedure_id", Long.toString(procedureId)));
    }
    if (number > 0 && target.version() == 0) {
      throw new NotFoundException(
          "VERSION_NOT_FOUND",
          "procedure " + procedureId + " has no version '" + version + "'",
          Map.of("procedure_id", Long.toString(procedureId), "version", version));
    }
    return new Resolved(target, parse(target.definition()).getParametersList());
  }

  /** The code of a version; empty for version 0, or if it is gone. */
  String code(long procedureId, int version) {
    if (version == 0) {
      return "";
    }
    AdmissionDao.Target target = dao.target(procedureId, version);
    return target == null ? "" : target.code();
  }

  private static int number(String version) {
    try {
      int number = Integer.parseInt(version.startsWith("v") ? version.substring(1) : version);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      // Falls through.
    }
    throw new InvalidArgumentException("version", "'" + version + "' is no version");
  }

  private static Procedure parse(String definition) {
    Procedure.Builder procedure = Procedure.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(definition, procedure);
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a stored procedure cannot be read", damaged);
    }
    return procedure.build();
  }
}
