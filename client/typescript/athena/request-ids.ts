import { randomUUID } from "node:crypto";

import { clone, type DescMessage, type Message, type MessageShape } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";

/**
 * Gives a request the request_id by which the service recognises a repetition: itself, or the run that it asks for. The
 * request itself if it has one, or takes none.
 */
export function identified<D extends DescMessage>(schema: D, request: MessageShape<D>): MessageShape<D> {
  const own = schema.fields.find((field) => field.name === "request_id");
  if (own) {
    if (reflect(schema, request).isSet(own)) {
      return request;
    }
    const copy = clone(schema, request);
    reflect(schema, copy).set(own, randomUUID());
    return copy;
  }
  const run = schema.fields.find((field) => field.name === "execution" && field.fieldKind === "message");
  const holder = reflect(schema, request);
  if (run?.fieldKind === "message" && holder.isSet(run)) {
    const execution: Message = holder.get(run).message;
    const copy = clone(schema, request);
    reflect(schema, copy).set(run, reflect(run.message, identified(run.message, execution)));
    return copy;
  }
  return request;
}
