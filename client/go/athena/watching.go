package athena

import (
	"context"
	"errors"
	"io"
	"iter"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "athena.dev/procedures/v1"
)

const (
	watchAttempts = 6
	firstPause    = 100 * time.Millisecond
	longestPause  = 5 * time.Second
)

// WatchExecution gives each event of an execution once, to Completed, going on after the last one seen when a
// connection breaks. Events up to afterSequence are left out.
//
// An error is the last thing it gives: the service refused the call (see ReadRefusal), the context ended, or six calls
// in succession broke without having brought an event. The pauses between those grow from 0.1 s to 5 s.
func WatchExecution(
	ctx context.Context, client pb.ExecutionServiceClient, executionID string, afterSequence int64,
) iter.Seq2[*pb.ExecutionEvent, error] {
	return func(yield func(*pb.ExecutionEvent, error) bool) {
		for failures := 0; ; {
			request := &pb.WatchExecutionRequest{ExecutionId: executionID, AfterSequence: afterSequence}
			done := false
			err := watchOnce(ctx, client, request, func(event *pb.ExecutionEvent) bool {
				afterSequence = event.Sequence
				failures = 0
				done = !yield(event, nil) || event.GetCompleted() != nil
				return !done
			})
			if done {
				return
			}
			failures++
			if failures == watchAttempts || !isBroken(err) {
				yield(nil, err)
				return
			}
			if err := pause(ctx, failures); err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// watchOnce reads one stream to its end, or until take says that it is enough. Heartbeats are left out.
func watchOnce(
	ctx context.Context, client pb.ExecutionServiceClient, request *pb.WatchExecutionRequest,
	take func(*pb.ExecutionEvent) bool,
) error {
	ctx, end := context.WithCancel(ctx)
	defer end() // Also ends the call.
	stream, err := client.WatchExecution(ctx, request)
	if err != nil {
		return err
	}
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return errNoOutcome
		}
		if err != nil {
			return err
		}
		if response.Event.GetHeartbeat() == nil && !take(response.Event) {
			return nil
		}
	}
}

var errNoOutcome = errors.New("the service ended the stream without telling an outcome")

func isBroken(err error) bool {
	return errors.Is(err, errNoOutcome) || status.Code(err) == codes.Unavailable
}

func pause(ctx context.Context, failures int) error {
	longest := min(firstPause<<(failures-1), longestPause)
	select {
	case <-time.After(longest/2 + rand.N(longest/2)):
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}
