package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"

	deskv1 "accord-proof/connect-clients/gen/proof/desk/v1"
)

// More than the contract lets a request have.
const oversize = 100_000

func declaredError(ctx context.Context, t *target) error {
	_, err := reserve(ctx, t, "Middlemarch", "dorothea")
	return onLoan(err, "Middlemarch")
}

func declaredErrorBadRequest(ctx context.Context, t *target) error {
	_, err := reserve(ctx, t, "Middlemarch", "")
	failure, wrong := asError(err)
	if wrong != nil {
		return wrong
	}
	badRequest, wrong := detail[*errdetails.BadRequest](failure)
	if wrong != nil {
		return wrong
	}
	violations := badRequest.GetFieldViolations()
	if err := wanted("how many violations", len(violations), 1); err != nil {
		return err
	}
	return errors.Join(
		wanted("code", failure.Code(), connect.CodeInvalidArgument),
		wanted("field", violations[0].GetField(), "reader"),
		wanted("description", violations[0].GetDescription(), "must not be empty"),
	)
}

func declaredErrorInStream(ctx context.Context, t *target) error {
	stream, err := t.client().Browse(ctx, connect.NewRequest(&deskv1.BrowseRequest{Books: 4}))
	if err != nil {
		return err
	}
	books := 0
	for stream.Receive() {
		books++
	}
	return errors.Join(wanted("how many books", books, 3), onLoan(stream.Err(), "the fourth"))
}

func undeclaredError(ctx context.Context, t *target) error {
	_, err := reserve(ctx, t, "burnt", "dorothea")
	failure, wrong := asError(err)
	if wrong != nil {
		return wrong
	}
	said := fmt.Sprintf("%s %v", failure, failure.Meta())
	for _, detail := range failure.Details() {
		said += string(detail.Bytes())
	}
	return errors.Join(
		wanted("code", failure.Code(), connect.CodeInternal),
		wanted("whether the secret is told", strings.Contains(said, "hunter2"), false),
		wanted("whether the handler's message is told", strings.Contains(said, "secret"), false),
	)
}

func unknownMethod(ctx context.Context, t *target) error {
	url := t.baseURL + "/proof.desk.v1.DeskService/Burn"
	client := connect.NewClient[deskv1.FindRequest, deskv1.Book](t.httpClient(), url, t.options(nil)...)
	_, err := client.CallUnary(ctx, find("Middlemarch"))
	return wanted("code", connect.CodeOf(err), connect.CodeUnimplemented)
}

func oversizeRequest(ctx context.Context, t *target) error {
	return exhausts(t.client().Find(ctx, find(strings.Repeat("x", oversize))))
}

// It is small until it is inflated.
func oversizeRequestGzip(ctx context.Context, t *target) error {
	return exhausts(t.client(connect.WithSendGzip()).Find(ctx, find(strings.Repeat("x", oversize))))
}

func oversizeResponse(ctx context.Context, t *target) error {
	return exhausts(t.client().Find(ctx, find("too long")))
}

func exhausts(_ *connect.Response[deskv1.Book], err error) error {
	if got := connect.CodeOf(err); err == nil || got != connect.CodeResourceExhausted {
		return fmt.Errorf("it comes to %v", err)
	}
	return nil
}

func reserve(ctx context.Context, t *target, title, reader string) (*connect.Response[deskv1.Book], error) {
	return t.client().Reserve(ctx, connect.NewRequest(&deskv1.ReserveRequest{Title: title, Reader: reader}))
}

// onLoan holds an error against what the proto declares.
func onLoan(err error, title string) error {
	failure, wrong := asError(err)
	if wrong != nil {
		return wrong
	}
	info, noInfo := detail[*errdetails.ErrorInfo](failure)
	retry, noRetry := detail[*errdetails.RetryInfo](failure)
	return errors.Join(
		noInfo,
		noRetry,
		wanted("code", failure.Code(), connect.CodeFailedPrecondition),
		wanted("message", failure.Message(), title+" is on loan"),
		wanted("reason", info.GetReason(), "ON_LOAN"),
		wanted("domain", info.GetDomain(), "desk.example.com"),
		wanted("metadata", info.GetMetadata(), map[string]string{"title": title}),
		wanted("retry delay", retry.GetRetryDelay().AsDuration(), 2*time.Second),
	)
}

func asError(err error) (*connect.Error, error) {
	var failure *connect.Error
	if !errors.As(err, &failure) {
		return nil, fmt.Errorf("no error of Connect's: %v", err)
	}
	if !connect.IsWireError(err) {
		return nil, fmt.Errorf("the client's own error: %w", err)
	}
	return failure, nil
}

// detail finds the detail that is a T.
func detail[T proto.Message](failure *connect.Error) (T, error) {
	var none T
	for _, each := range failure.Details() {
		message, err := each.Value()
		if err != nil {
			return none, err
		}
		if found, ok := message.(T); ok {
			return found, nil
		}
	}
	return none, fmt.Errorf("no %T among the details", none)
}
