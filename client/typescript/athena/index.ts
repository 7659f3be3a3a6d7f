/**
 * Calls the service for procedures: the generated stubs of `athena.procedures.v1`, and what every caller would otherwise
 * write again.
 */
export { status as Code } from "@grpc/grpc-js";
export { create, fromJson, type JsonObject, type JsonValue, type MessageInitShape, toJson } from "@bufbuild/protobuf";
export { ValueSchema } from "@bufbuild/protobuf/wkt";

export { type Channel, type ChannelOptions, openChannel } from "./channels.js";
export { type CallOptions, type Client, type ClientMethod, createClient } from "./clients.js";
export { type FieldViolation, Refusal } from "./refusals.js";
export { InteractiveRun, type RunOptions, startRun, type Tool, ToolError } from "./runs.js";
export { type StreamCall } from "./streams.js";
export { watchExecution, type WatchOptions } from "./watching.js";

export * from "../stubs/athena/procedures/v1/code_pb.js";
export * from "../stubs/athena/procedures/v1/execution_pb.js";
export * from "../stubs/athena/procedures/v1/execution_service_pb.js";
export * from "../stubs/athena/procedures/v1/procedure_pb.js";
export * from "../stubs/athena/procedures/v1/procedure_service_pb.js";
export * from "../stubs/athena/procedures/v1/validation_pb.js";
