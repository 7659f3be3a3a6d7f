package io.athena.procedures.sandbox;

import com.google.protobuf.ByteString;

/** One message of a slot. */
record Frame(FrameKind kind, ByteString payload) {}
