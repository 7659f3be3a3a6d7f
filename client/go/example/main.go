// Command example takes a procedure through its life: go run ./example.
//
// ATHENA_SERVER names the server, by default 127.0.0.1:7070; ATHENA_TOKEN is the token, if it asks for one.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/structpb"

	"athena.dev/procedures/athena"
	pb "athena.dev/procedures/v1"
)

const code = `
import sandbox

def total(items: list = ["pen", "ink"]) -> float:
    """Adds up what items cost, at prices that only the caller knows."""
    total = 0.0
    for item in items:
        try:
            price = sandbox.tools.price(item=item)
        except sandbox.ToolError as error:
            print(error)
        else:
            print(item, price)
            total += price
    return total
`

var prices = map[string]float64{"pen": 1.5, "ink": 4}

// price is a tool of this caller's: what an item costs.
func price(_ context.Context, arguments map[string]any) (any, error) {
	item, _ := arguments["item"].(string)
	cost, ok := prices[item]
	if !ok {
		return nil, athena.ToolError("nobody sells " + item)
	}
	return cost, nil
}

func main() {
	// All of it has a minute; each call may have a shorter time of its own.
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	if err := callTheService(ctx); err != nil {
		log.Fatal(err)
	}
}

func callTheService(ctx context.Context) error {
	channel, err := athena.OpenChannel(
		cmp.Or(os.Getenv("ATHENA_SERVER"), "127.0.0.1:7070"),
		athena.ChannelOptions{Token: os.Getenv("ATHENA_TOKEN")},
	)
	if err != nil {
		return err
	}
	defer channel.Close()
	procedures := pb.NewProcedureServiceClient(channel)
	executions := pb.NewExecutionServiceClient(channel)

	procedureID, err := remember(ctx, procedures)
	if err != nil {
		return err
	}
	if err := runWithTools(ctx, executions, procedureID); err != nil {
		return err
	}
	if err := runInBackground(ctx, executions, procedureID); err != nil {
		return err
	}
	if err := printARefusal(ctx, executions, procedureID); err != nil {
		return err
	}
	stats, err := procedures.GetProcedureStats(ctx, &pb.GetProcedureStatsRequest{ProcedureId: procedureID})
	if err != nil {
		return err
	}
	fmt.Printf("%d runs, %.0f%% with success\n", stats.Total.UsageCount, 100*stats.Total.SuccessRate)
	_, err = procedures.ForgetProcedure(ctx, &pb.ForgetProcedureRequest{ProcedureId: procedureID})
	return err
}

// remember stores a procedure with code. A request id lets a call be repeated without storing twice.
func remember(ctx context.Context, procedures pb.ProcedureServiceClient) (int64, error) {
	remembered, err := procedures.RememberProcedure(ctx, &pb.RememberProcedureRequest{
		Procedure: &pb.Procedure{
			Name:        "total-" + strings.ToLower(rand.Text()),
			Description: "Adds up what items cost",
			Parameters:  []*pb.Parameter{{Name: "items", Type: pb.ParameterType_PARAMETER_TYPE_ARRAY}},
		},
		RequestId: rand.Text(),
	})
	if err != nil {
		return 0, err
	}
	id := remembered.Procedure.ProcedureId
	_, err = procedures.SaveProcedureCode(ctx, &pb.SaveProcedureCodeRequest{ProcedureId: id, Code: code})
	return id, err
}

// runWithTools runs it, and answers its tool calls meanwhile.
func runWithTools(ctx context.Context, executions pb.ExecutionServiceClient, procedureID int64) (err error) {
	parameters, err := structpb.NewStruct(map[string]any{"items": []any{"pen", "ink", "unicorn"}})
	if err != nil {
		return err
	}
	request := &pb.ExecuteProcedureRequest{ProcedureId: procedureID, Parameters: parameters}
	run, err := athena.StartRun(ctx, executions, request, map[string]athena.Tool{"price": price})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	for event, err := range run.Events() {
		if err != nil {
			return err
		}
		show(event)
	}
	return nil
}

// runInBackground submits a run, and watches it from its first event on, through broken connections too.
func runInBackground(ctx context.Context, executions pb.ExecutionServiceClient, procedureID int64) error {
	submitted, err := executions.SubmitExecution(ctx, &pb.SubmitExecutionRequest{
		Execution: &pb.ExecuteProcedureRequest{ProcedureId: procedureID},
	})
	if err != nil {
		return err
	}
	for event, err := range athena.WatchExecution(ctx, executions, submitted.Execution.ExecutionId, 0) {
		if err != nil {
			return err
		}
		show(event)
	}
	return nil
}

// printARefusal asks for what cannot be: a version that there is not.
func printARefusal(ctx context.Context, executions pb.ExecutionServiceClient, procedureID int64) error {
	request := &pb.ExecuteProcedureRequest{ProcedureId: procedureID, Version: "v9"}
	call, err := executions.ExecuteProcedure(ctx, request)
	for err == nil {
		_, err = call.Recv()
	}
	if errors.Is(err, io.EOF) {
		return errors.New("a version that there is not was run")
	}
	refusal, ok := athena.ReadRefusal(err)
	if !ok {
		return err
	}
	fmt.Printf("%s (%s): %s\n", refusal.Code, refusal.Reason, refusal.Message)
	return nil
}

// show prints what a person wants to see.
func show(event *pb.ExecutionEvent) {
	switch event := event.Event.(type) {
	case *pb.ExecutionEvent_Output_:
		fmt.Printf("%s: %q\n", event.Output.Stream, event.Output.Data)
	case *pb.ExecutionEvent_Completed_:
		fmt.Printf("%s: %v\n", event.Completed.Outcome, event.Completed.Result.AsInterface())
	}
}
