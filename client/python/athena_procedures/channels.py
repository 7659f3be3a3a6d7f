"""Channels to the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import grpc

_MAX_MESSAGE_BYTES = 64 << 20
_OPTIONS = [
    ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    # A peer that vanished without a word is noticed, also while a silent program runs.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
]


def open_channel(
    address: str, *, token: str | None = None, tls: bool = False, trusted_certificates: bytes | None = None
) -> grpc.Channel:
    """Opens a channel for the generated stubs; it connects with the first call.

    Args:
        address: ``host:port``, or any target that gRPC knows.
        token: Sent as bearer token with every call.
        tls: Speaks TLS; otherwise plain text, as on a loopback or in a mesh.
        trusted_certificates: PEM; with TLS, the only certificates to trust. Without, gRPC's own roots.
    """
    if tls:
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(trusted_certificates), _OPTIONS)
    else:
        channel = grpc.insecure_channel(address, _OPTIONS)
    # Not call credentials: gRPC sends those over TLS only.
    return channel if token is None else grpc.intercept_channel(channel, _BearerToken(token))


class _CallDetails(NamedTuple):
    """What gRPC reads of a call; its own class is not public."""

    method: str
    timeout: float | None
    metadata: list[tuple[str, str | bytes]]
    credentials: grpc.CallCredentials | None
    wait_for_ready: bool | None
    compression: grpc.Compression | None


class _BearerToken(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    def __init__(self, token: str) -> None:
        self._header = ("authorization", f"Bearer {token}")

    def intercept_unary_unary(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return continuation(self._with_token(client_call_details), request)

    def intercept_unary_stream(self, continuation: Callable[..., Any], client_call_details: Any, request: Any) -> Any:
        return continuation(self._with_token(client_call_details), request)

    def intercept_stream_unary(
        self, continuation: Callable[..., Any], client_call_details: Any, request_iterator: Any
    ) -> Any:
        return continuation(self._with_token(client_call_details), request_iterator)

    def intercept_stream_stream(
        self, continuation: Callable[..., Any], client_call_details: Any, request_iterator: Any
    ) -> Any:
        return continuation(self._with_token(client_call_details), request_iterator)

    def _with_token(self, details: Any) -> _CallDetails:
        return _CallDetails(
            details.method,
            details.timeout,
            [*(details.metadata or ()), self._header],
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )
