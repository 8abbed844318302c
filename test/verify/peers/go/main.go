// Servers of grpc-go that keep the small contract but for one thing each: verify <violation>… A server for each, each on a port of its
// own; a line "<violation> <port>" is printed for each. Messages are bytes here, so that no code has to be generated.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) ([]byte, error) { return v.([]byte), nil }

func (rawCodec) Unmarshal(data []byte, v any) error {
	for rest := data; len(rest) > 0; {
		_, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			return errors.New("the message can't be decoded")
		}
		rest = rest[n:]
	}
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

type stock struct{ violation string }

// The first field of a request, which is a text in all of them.
func textOf(request []byte) string {
	if len(request) == 0 {
		return ""
	}
	_, _, tag := protowire.ConsumeTag(request)
	text, _ := protowire.ConsumeString(request[tag:])
	return text
}

func text(field protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, field, protowire.BytesType), value)
}

func number(field protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, field, protowire.VarintType), value)
}

func (s stock) raise(ctx context.Context, code codes.Code, reason, message string, keys map[string]string, pushback string) error {
	domain := "stock.example.com"
	if s.violation == "domain" {
		domain = "stock.v1"
	}
	if s.violation == "metadata" {
		keys = map[string]string{"shelf": "3"}
	}
	if s.violation == "status" && reason == "STOCK_BUSY" {
		code = codes.ResourceExhausted
	}
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: keys}}
	if pushback != "" && s.violation != "pushback" {
		_ = grpc.SetTrailer(ctx, metadata.Pairs("grpc-retry-pushback-ms", pushback))
		if pushback != "-1" {
			details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(250 * time.Millisecond)})
		}
	}
	if s.violation == "noinfo" {
		return status.Error(code, message)
	}
	with, err := status.New(code, message).WithDetails(details...)
	if err != nil {
		return err
	}
	return with.Err()
}

func (s stock) getItem(ctx context.Context, request []byte) ([]byte, error) {
	item := textOf(request)
	switch item {
	case "known":
		switch s.violation {
		case "undecodable":
			return []byte{0x0a, 0x7f}, nil
		case "trailers":
			_ = grpc.SetTrailer(ctx, metadata.Pairs("x-hint", strings.Repeat("h", 4000)))
		}
		return append(text(1, item), number(2, 3)...), nil
	case "counted":
		return nil, s.raise(ctx, codes.Aborted, "STOCK_BUSY", "The item is being counted", nil, "250")
	}
	switch s.violation {
	case "undeclared":
		return nil, errors.New("no such item")
	case "leak":
		return nil, status.Error(codes.Internal, "panic: runtime error: invalid memory address\ngoroutine 7 [running]:\nmain.find(0x0)\n\t/src/store.go:12")
	case "retriable":
		return nil, status.Error(codes.Unavailable, "try again")
	}
	return nil, s.raise(ctx, codes.NotFound, "ITEM_NOT_FOUND", "There is no item "+item, map[string]string{"item": item}, "")
}

func (s stock) reserveItem(ctx context.Context, _ []byte) ([]byte, error) {
	return nil, s.raise(ctx, codes.FailedPrecondition, "SOLD_OUT", "None is left", nil, "-1")
}

func (s stock) check(_ context.Context, request []byte) ([]byte, error) {
	if service := textOf(request); s.violation == "health" || service != "stock.v1.StockService" {
		return nil, status.Error(codes.NotFound, "unknown service")
	}
	return number(1, 1), nil
}

type unary func(context.Context, []byte) ([]byte, error)

func method(name string, handle unary) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var request []byte
			if err := decode(&request); err != nil {
				return nil, err
			}
			return handle(ctx, request)
		},
	}
}

func listItems(_ any, stream grpc.ServerStream) error {
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	for _, item := range []string{"known", "counted"} {
		if err := stream.SendMsg(text(1, item)); err != nil {
			return err
		}
	}
	return nil
}

func serve(violation string) (int, error) {
	s := stock{violation}
	limit := 65_536
	if violation == "limit" {
		limit = 1 << 30
	}
	options := []grpc.ServerOption{grpc.ForceServerCodec(rawCodec{}), grpc.MaxRecvMsgSize(limit)}
	if violation == "compressed" {
		options = append(options, grpc.RPCCompressor(grpc.NewGZIPCompressor()))
	}
	server := grpc.NewServer(options...)
	methods := []grpc.MethodDesc{method("GetItem", s.getItem)}
	if violation != "missing" {
		methods = append(methods, method("ReserveItem", s.reserveItem))
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "stock.v1.StockService",
		HandlerType: (*any)(nil),
		Methods:     methods,
		Streams:     []grpc.StreamDesc{{StreamName: "ListItems", Handler: listItems, ServerStreams: true}},
	}, s)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "grpc.health.v1.Health",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{method("Check", s.check)},
	}, s)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func main() {
	for _, violation := range os.Args[1:] {
		port, err := serve(violation)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(violation, port)
	}
	// The pipe that the test holds says when to go.
	_, _ = os.Stdin.Read(make([]byte, 1))
}
