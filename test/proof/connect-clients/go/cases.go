package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"connectrpc.com/connect"

	deskv1 "accord-proof/connect-clients/gen/proof/desk/v1"
)

type testCase struct {
	name string
	run  func(context.Context, *target) error
}

var cases = []testCase{
	{"unary", unary},
	{"unary_json", unaryJSON},
	{"unary_get", unaryGet},
	{"server_stream", serverStream},
	{"client_stream", clientStream},
	{"bidi_stream", bidiStream},
	{"headers_and_trailers", headersAndTrailers},
	{"gzip_unary", gzipUnary},
	{"gzip_stream", gzipStream},
	{"declared_error", declaredError},
	{"declared_error_bad_request", declaredErrorBadRequest},
	{"declared_error_in_stream", declaredErrorInStream},
	{"undeclared_error", undeclaredError},
	{"unknown_method", unknownMethod},
	{"deadline", deadline},
	{"cancel_unary", cancelUnary},
	{"cancel_stream", cancelStream},
	{"oversize_request", oversizeRequest},
	{"oversize_request_gzip", oversizeRequestGzip},
	{"oversize_response", oversizeResponse},
}

func find(title string) *connect.Request[deskv1.FindRequest] {
	return connect.NewRequest(&deskv1.FindRequest{Title: title})
}

func wanted(what string, got, want any) error {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		return fmt.Errorf("%s is %v, not %v", what, got, want)
	}
	return nil
}

func unary(ctx context.Context, t *target) error {
	return finds(ctx, t)
}

// finds holds an answer against what was asked for.
func finds(ctx context.Context, t *target, options ...connect.ClientOption) error {
	answer, err := t.client(options...).Find(ctx, find("Middlemarch"))
	if err != nil {
		return err
	}
	return errors.Join(wanted("title", answer.Msg.GetTitle(), "Middlemarch"), wanted("pages", answer.Msg.GetPages(), 880))
}

func unaryJSON(ctx context.Context, t *target) error {
	if t.protocol == "grpc" {
		return notApplicable{"gRPC is binary, as is said in docs/web.md"}
	}
	return errors.Join(
		finds(ctx, t, connect.WithProtoJSON()),
		wanted("whether the answer is JSON", strings.HasSuffix(t.seen.response.Header.Get("Content-Type"), "json"), true),
	)
}

func unaryGet(ctx context.Context, t *target) error {
	if t.protocol != "connect" {
		return notApplicable{"only Connect has GET"}
	}
	return errors.Join(
		finds(ctx, t, connect.WithHTTPGet()),
		wanted("the request's method", t.seen.request.Method, http.MethodGet),
	)
}

func serverStream(ctx context.Context, t *target) error {
	stream, err := t.client().Browse(ctx, connect.NewRequest(&deskv1.BrowseRequest{Books: 3}))
	if err != nil {
		return err
	}
	books := 0
	for stream.Receive() {
		books++
	}
	return errors.Join(stream.Err(), wanted("how many books", books, 3))
}

func clientStream(ctx context.Context, t *target) error {
	stream := t.client().Return(ctx)
	for range 3 {
		if err := stream.Send(&deskv1.Book{Title: "Middlemarch"}); err != nil {
			return err
		}
	}
	answer, err := stream.CloseAndReceive()
	if err != nil {
		return err
	}
	return wanted("how many books", answer.Msg.GetBooks(), 3)
}

// Each answer is awaited before the next request is sent.
func bidiStream(ctx context.Context, t *target) error {
	if !t.isHTTP2 {
		return notApplicable{"connect-go has bidi streams over HTTP/2 alone"}
	}
	stream := t.client().Exchange(ctx)
	for _, title := range []string{"Middlemarch", "Effi Briest"} {
		if err := stream.Send(&deskv1.FindRequest{Title: title}); err != nil {
			return err
		}
		book, err := stream.Receive()
		if err != nil {
			return err
		}
		if err := wanted("title", book.GetTitle(), title); err != nil {
			return err
		}
	}
	if err := stream.CloseRequest(); err != nil {
		return err
	}
	if _, err := stream.Receive(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("the stream ends with %v", err)
	}
	return stream.CloseResponse()
}

func headersAndTrailers(ctx context.Context, t *target) error {
	request := find("Middlemarch")
	request.Header().Set("x-reader", "dorothea")
	answer, err := t.client().Find(ctx, request)
	if err != nil {
		return err
	}
	seal, err := connect.DecodeBinaryHeader(answer.Trailer().Get("x-desk-seal-bin"))
	return errors.Join(
		err,
		wanted("header", answer.Header().Get("x-desk"), "dorothea"),
		wanted("trailer", answer.Trailer().Get("x-desk-closes"), "18:00"),
		wanted("binary trailer", seal, []byte{0, 255, 1}),
	)
}

func gzipUnary(ctx context.Context, t *target) error {
	title := strings.Repeat("Middlemarch ", 500)
	answer, err := t.client(connect.WithSendGzip()).Find(ctx, find(title))
	if err != nil {
		return err
	}
	name := "Content-Encoding"
	if t.protocol != "connect" {
		name = "Grpc-Encoding"
	}
	return errors.Join(bothGzip(t, name), wanted("title", answer.Msg.GetTitle(), title))
}

func gzipStream(ctx context.Context, t *target) error {
	stream, err := t.client(connect.WithSendGzip()).Browse(ctx, connect.NewRequest(&deskv1.BrowseRequest{Books: 3}))
	if err != nil {
		return err
	}
	length := 0
	for stream.Receive() {
		length += len(stream.Msg().GetText())
	}
	name := "Connect-Content-Encoding"
	if t.protocol != "connect" {
		name = "Grpc-Encoding"
	}
	return errors.Join(stream.Err(), bothGzip(t, name), wanted("whether there is text", length > 3*1024, true))
}

func bothGzip(t *target, name string) error {
	return errors.Join(
		wanted("the request's "+name, t.seen.request.Header.Get(name), "gzip"),
		wanted("the response's "+name, t.seen.response.Header.Get(name), "gzip"),
	)
}

func deadline(ctx context.Context, t *target) error {
	title := "deadline by " + t.name()
	short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err := t.client().Bind(short, find(title))
	return errors.Join(wanted("code", connect.CodeOf(err), connect.CodeDeadlineExceeded), endsInHandler(ctx, t, title))
}

func cancelUnary(ctx context.Context, t *target) error {
	title := "cancelled by " + t.name()
	short, cancel := context.WithCancel(ctx)
	time.AfterFunc(300*time.Millisecond, cancel)
	_, err := t.client().Bind(short, find(title))
	return errors.Join(wanted("code", connect.CodeOf(err), connect.CodeCanceled), endsInHandler(ctx, t, title))
}

func cancelStream(ctx context.Context, t *target) error {
	title := "stream cancelled by " + t.name()
	short, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := t.client().Follow(short, find(title))
	if err != nil {
		return err
	}
	if !stream.Receive() {
		return fmt.Errorf("no book comes: %w", stream.Err())
	}
	cancel()
	if stream.Receive() {
		return errors.New("a second book comes")
	}
	return errors.Join(wanted("code", connect.CodeOf(stream.Err()), connect.CodeCanceled), endsInHandler(ctx, t, title))
}

// endsInHandler waits until the handler of the call that had the title was told to end.
func endsInHandler(ctx context.Context, t *target, title string) error {
	for {
		answer, err := t.client().WasCancelled(ctx, find(title))
		if err != nil {
			return fmt.Errorf("the handler wasn't told: %w", err)
		}
		if answer.Msg.GetCancelled() {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
}
