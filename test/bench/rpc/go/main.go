// The bench's service on grpc-go, as one writes it: it says "listening on <port>", and answers each line of its stdin with what
// the process has used.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	benchv1 "accord-bench/gen/bench/v1"
)

const (
	tooMuch    = 1_000_000_000
	balance    = "2500"
	transferID = "c0ffee00-51b1-4c2a-8d6e-0123456789ab"
	entries    = 500
	bookedAt   = 1_767_225_600
)

type bench struct {
	benchv1.UnimplementedBenchServiceServer
	streamed []*benchv1.ListEntriesResponse
}

func (*bench) Ping(context.Context, *benchv1.PingRequest) (*benchv1.PingResponse, error) {
	return &benchv1.PingResponse{}, nil
}

func (*bench) Transfer(_ context.Context, request *benchv1.TransferRequest) (*benchv1.TransferResponse, error) {
	if amount := request.GetTransfer().GetAmount(); amount == tooMuch {
		return nil, insufficientFunds(strconv.FormatInt(amount, 10))
	}
	return &benchv1.TransferResponse{TransferId: transferID, Transfer: request.Transfer}, nil
}

func (*bench) ImportEntries(_ context.Context, request *benchv1.ImportEntriesRequest) (*benchv1.ImportEntriesResponse, error) {
	return &benchv1.ImportEntriesResponse{BatchId: request.BatchId, Entries: request.Entries}, nil
}

func (own *bench) ListEntries(request *benchv1.ListEntriesRequest, stream grpc.ServerStreamingServer[benchv1.ListEntriesResponse]) error {
	for index := range int(request.Count) {
		if err := stream.Send(own.streamed[index%len(own.streamed)]); err != nil {
			return err
		}
	}
	return nil
}

func (*bench) Watch(_ *benchv1.WatchRequest, stream grpc.ServerStreamingServer[benchv1.WatchResponse]) error {
	<-stream.Context().Done()
	return stream.Context().Err()
}

func insufficientFunds(amount string) error {
	failure := status.New(codes.FailedPrecondition, "Balance "+balance+" is below "+amount)
	detailed, err := failure.WithDetails(&errdetails.ErrorInfo{
		Reason:   "INSUFFICIENT_FUNDS",
		Domain:   "bench.example.com",
		Metadata: map[string]string{"balance": balance, "amount": amount},
	})
	if err != nil {
		return failure.Err()
	}
	return detailed.Err()
}

// The entries of payloads.ts.
func streamedEntries() []*benchv1.ListEntriesResponse {
	all := make([]*benchv1.ListEntriesResponse, entries)
	for index := range all {
		all[index] = &benchv1.ListEntriesResponse{Entry: &benchv1.Entry{
			EntryId:   fmt.Sprintf("entry-%08d-of-batch", index),
			Account:   fmt.Sprintf("NL91ABNA%d", 400_000_000+index*7919),
			Amount:    int64(index*1237 + 1),
			Line:      int32(index),
			Rate:      1 + float64(index)/1000,
			Reversed:  index%5 == 0,
			Text:      fmt.Sprintf("Invoice %d, goods delivered, thank you", 2_026_000+index),
			ValueTime: &timestamppb.Timestamp{Seconds: bookedAt + int64(index)},
		}}
	}
	return all
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	benchv1.RegisterBenchServiceServer(server, &bench{streamed: streamedEntries()})
	fmt.Println("listening on", listener.Addr().(*net.TCPAddr).Port)
	go answerQuestions()
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}

func answerQuestions() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		text, err := json.Marshal(usage())
		if err != nil {
			panic(err)
		}
		fmt.Println(string(text))
	}
	os.Exit(0)
}

func usage() map[string]int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	microseconds := func(time syscall.Timeval) int64 { return int64(time.Sec)*1e6 + int64(time.Usec) }
	return map[string]int64{
		"cpuMicroseconds": microseconds(used.Utime) + microseconds(used.Stime),
		"heapBytes":       int64(memory.HeapAlloc),
		"residentBytes":   residentBytes(),
	}
}

// 0 where there is no /proc.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
