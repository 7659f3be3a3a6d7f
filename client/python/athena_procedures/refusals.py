"""Why a call was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status


@dataclass(frozen=True)
class FieldViolation:
    """A field of the request that breaks a rule, or a place in code that breaks the policy."""

    field: str
    """Path of the field, such as ``procedure.parameters[0].name``; or the place, such as ``line 3``."""
    description: str
    """What the rule is; of code, what was found and, in brackets, the rule's id."""


@dataclass(frozen=True)
class Refusal:
    """A call that the service refused, or that did not reach it.

    What a procedure's own code does wrong is not told so, but as the outcome of its execution.
    """

    code: grpc.StatusCode
    """The status of the call."""
    message: str
    """One or more sentences for people."""
    reason: str
    """The service's stable reason, such as ``ETAG_MISMATCH``; empty if the failure did not come from the service."""
    field_violations: tuple[FieldViolation, ...]
    """The fields that broke a rule."""
    retry_after: timedelta | None
    """How long the service asks to wait before the call is repeated."""


def read_refusal(error: grpc.RpcError) -> Refusal:
    """Reads the status of a failed call and its details (``google.rpc.Status``)."""
    if not isinstance(error, grpc.Call):
        raise TypeError(f"{error!r} comes from no call")
    reason = ""
    violations: list[FieldViolation] = []
    retry_after = None
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            reason = info.reason
        elif detail.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad_request = error_details_pb2.BadRequest()
            detail.Unpack(bad_request)
            violations += (FieldViolation(v.field, v.description) for v in bad_request.field_violations)
        elif detail.Is(error_details_pb2.PreconditionFailure.DESCRIPTOR):
            failure = error_details_pb2.PreconditionFailure()
            detail.Unpack(failure)
            violations += (FieldViolation(v.subject, f"{v.description} [{v.type}]") for v in failure.violations)
        elif detail.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry = error_details_pb2.RetryInfo()
            detail.Unpack(retry)
            retry_after = retry.retry_delay.ToTimedelta()
    return Refusal(error.code(), error.details() or "", reason, tuple(violations), retry_after)
