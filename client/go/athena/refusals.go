package athena

import (
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// FieldViolation is a field of the request that breaks a rule, or a place in code that breaks the policy.
type FieldViolation struct {
	// Field is the path of the field, such as "procedure.parameters[0].name"; or the place, such as "line 3".
	Field string
	// Description says what the rule is; of code, what was found and, in brackets, the rule's id.
	Description string
}

// Refusal is a call that the service refused, or that did not reach it.
//
// What a procedure's own code does wrong is not told so, but as the outcome of its execution.
type Refusal struct {
	// Code is the status of the call.
	Code codes.Code
	// Message is one or more sentences for people.
	Message string
	// Reason is the service's stable reason, such as "ETAG_MISMATCH"; empty if the failure did not come from the service.
	Reason string
	// FieldViolations are the fields that broke a rule.
	FieldViolations []FieldViolation
	// RetryAfter is how long the service asks to wait before the call is repeated; 0 if it does not ask.
	RetryAfter time.Duration
}

// ReadRefusal reads the status of a failed call and its details (google.rpc.Status). It is false if the error, which
// may wrap others, comes from no call.
func ReadRefusal(err error) (Refusal, bool) {
	told, ok := status.FromError(err)
	if !ok || told.Code() == codes.OK {
		return Refusal{}, false
	}
	refusal := Refusal{Code: told.Code(), Message: told.Message()}
	for _, detail := range told.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			refusal.Reason = detail.Reason
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				refusal.FieldViolations = append(refusal.FieldViolations,
					FieldViolation{violation.Field, violation.Description})
			}
		case *errdetails.PreconditionFailure:
			for _, violation := range detail.Violations {
				refusal.FieldViolations = append(refusal.FieldViolations,
					FieldViolation{violation.Subject, fmt.Sprintf("%s [%s]", violation.Description, violation.Type)})
			}
		case *errdetails.RetryInfo:
			refusal.RetryAfter = detail.RetryDelay.AsDuration()
		}
	}
	return refusal, true
}
