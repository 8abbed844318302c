package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

type order struct {
	Order      string
	IsRefusing bool
}

func serve(given string) {
	var init struct{ Address string }
	if err := json.Unmarshal([]byte(given), &init); err != nil {
		panic(err)
	}
	var isRefusing atomic.Bool
	places := make(chan struct{}, 8)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(64<<20), grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		var request message
		if err := s.RecvMsg(&request); err != nil {
			return err
		}
		var do action
		_ = json.Unmarshal([]byte(request.action), &do)
		method, _ := grpc.MethodFromServerStream(s)
		if method != stream {
			refuses := isRefusing.Load()
			if strings.HasPrefix(request.id, "put-") || strings.HasPrefix(request.id, "get-") {
				say("began", map[string]any{"id": request.id, "isRefused": refuses, "at": time.Now().UnixMilli()})
			}
			if refuses {
				return status.Error(codes.Unavailable, "This server was told to refuse")
			}
			do.Messages, do.EveryMs = 1, 0
		}
		time.Sleep(time.Duration(do.SleepMs) * time.Millisecond)
		if do.PlaceMs > 0 {
			places <- struct{}{}
			time.Sleep(time.Duration(do.PlaceMs) * time.Millisecond)
			<-places
		}
		for range do.Messages {
			if err := s.SendMsg(&message{padding: make([]byte, do.Bytes)}); err != nil {
				return err
			}
			time.Sleep(time.Duration(do.EveryMs) * time.Millisecond)
		}
		return nil
	}))
	listener, err := net.Listen("tcp", init.Address)
	if err != nil {
		panic(err)
	}
	go func() {
		if err := server.Serve(listener); err != nil {
			panic(err)
		}
	}()
	say("ready", map[string]any{"port": listener.Addr().(*net.TCPAddr).Port, "at": time.Now().UnixMilli()})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			panic(err)
		}
		if o.Order == "stop" {
			server.GracefulStop()
			return
		}
		isRefusing.Store(o.IsRefusing)
		say("refusing", map[string]any{"isRefusing": o.IsRefusing})
	}
}
