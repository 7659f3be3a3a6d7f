"""What every caller of the generated stubs would otherwise write again.

The stubs of ``athena.procedures.v1`` are the client. Here is only what goes around them: a channel with a token,
reading why a call was refused, a run whose tools the caller serves, and watching an execution through broken
connections.
"""

from athena_procedures.channels import open_channel
from athena_procedures.refusals import FieldViolation, Refusal, read_refusal
from athena_procedures.runs import InteractiveRun, Tool, ToolError
from athena_procedures.watching import watch_execution

__all__ = [
    "FieldViolation",
    "InteractiveRun",
    "Refusal",
    "Tool",
    "ToolError",
    "open_channel",
    "read_refusal",
    "watch_execution",
]
