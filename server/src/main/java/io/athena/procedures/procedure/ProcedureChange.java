package io.athena.procedures.procedure;

import com.google.protobuf.Descriptors.FieldDescriptor;
import io.athena.procedures.error.Violations;
import io.athena.procedures.v1.Procedure;
import io.athena.procedures.v1.UpdateProcedureRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which fields of a procedure get which values. */
final class ProcedureChange {
  private static final List<String> FIXED = List.of("project", "created_by");

  private final Procedure wanted;
  private final Set<FieldDescriptor> fields;

  private ProcedureChange(Procedure wanted, Set<FieldDescriptor> fields) {
    this.wanted = wanted;
    this.fields = fields;
  }

  /** Reads the mask, and notes what is wrong with it. */
  static ProcedureChange of(UpdateProcedureRequest request, Violations violations) {
    Set<FieldDescriptor> fields = new LinkedHashSet<>();
    for (int i = 0; i < request.getUpdateMask().getPathsCount(); i++) {
      String path = request.getUpdateMask().getPaths(i);
      FieldDescriptor field = Procedure.getDescriptor().findFieldByName(path);
      if (Definitions.CHANGEABLE.contains(path)) {
        fields.add(field);
      } else {
        violations.check(
            false,
            "update_mask.paths[" + i + "]",
            TextRules.quote(path)
                + (field == null ? " is not a top-level field of Procedure" : " cannot be changed")
                + "; those that can are "
                + String.join(", ", Definitions.CHANGEABLE));
      }
    }
    if (request.getUpdateMask().getPathsCount() == 0) {
      request.getProcedure().getAllFields().keySet().stream()
          .filter(field -> Definitions.CHANGEABLE.contains(field.getName()))
          .forEach(fields::add);
    }
    return new ProcedureChange(request.getProcedure(), fields);
  }

  /** Of every field that can be changed. */
  static ProcedureChange ofAll(Procedure definition) {
    Set<FieldDescriptor> fields = new LinkedHashSet<>();
    Definitions.CHANGEABLE.forEach(
        name -> fields.add(Procedure.getDescriptor().findFieldByName(name)));
    return new ProcedureChange(
        definition.toBuilder().clearProject().clearCreatedBy().build(), fields);
  }

  /** True if a procedure has other values. */
  boolean changes(Procedure stored) {
    return fields.stream()
        .anyMatch(field -> !wanted.getField(field).equals(stored.getField(field)));
  }

  /** The procedure with the new values; notes fixed fields that the request would change. */
  Procedure applyTo(Procedure stored, Violations violations) {
    for (String name : FIXED) {
      FieldDescriptor field = Procedure.getDescriptor().findFieldByName(name);
      Object given = wanted.getField(field);
      violations.check(
          given.equals(field.getDefaultValue()) || given.equals(stored.getField(field)),
          "procedure." + name,
          "is fixed when the procedure is remembered; leave it empty");
    }
    Procedure.Builder changed = stored.toBuilder();
    for (FieldDescriptor field : fields) {
      changed.setField(field, wanted.getField(field));
    }
    return changed.build();
  }
}
