// A peer of grpc-go: `wire server`, `wire client <target,target>`. It says and hears the same lines of JSON as those in Node.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	put    = "/probe.v1.ProbeService/Unary"
	get    = "/probe.v1.OtherService/Ping"
	stream = "/probe.v1.ProbeService/ServerStream"
)

// Messages are taken apart by hand, so that no code has to be generated.
type message struct {
	id, action string
	padding    []byte
}

type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	m := v.(*message)
	var b []byte
	if m.id != "" {
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, m.id)
	}
	field := protowire.Number(5)
	if m.action == "" {
		field = 4 // a response's
	} else {
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendString(b, m.action)
	}
	b = protowire.AppendTag(b, field, protowire.BytesType)
	b = protowire.AppendBytes(b, m.padding)
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m := v.(*message)
	b := data.Materialize()
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 || kind != protowire.BytesType {
			return errors.New("not a message of the rig")
		}
		value, size := protowire.ConsumeBytes(b[n:])
		if size < 0 {
			return errors.New("not a message of the rig")
		}
		switch field {
		case 1:
			m.id = string(value)
		case 2:
			m.action = string(value)
		case 4, 5:
			m.padding = value
		}
		b = b[n+size:]
	}
	return nil
}

type action struct {
	SleepMs  int `json:"sleepMs,omitempty"`
	PlaceMs  int `json:"placeMs,omitempty"`
	Bytes    int `json:"bytes,omitempty"`
	Messages int `json:"messages,omitempty"`
	EveryMs  int `json:"everyMs,omitempty"`
}

var said sync.Mutex

func say(event string, more map[string]any) {
	more["event"] = event
	line, _ := json.Marshal(more)
	said.Lock()
	defer said.Unlock()
	fmt.Println(string(line))
}

func main() {
	encoding.RegisterCodecV2(rawCodec{})
	if os.Args[1] == "server" {
		serve(os.Args[2])
	} else {
		client(strings.Split(os.Args[2], ","))
	}
}
