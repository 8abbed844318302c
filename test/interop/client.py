"""A gRPC client on C-core: does what the lines on its stdin say. Its argument is the path of a descriptor set."""

import sys

import grpc

from commands import serve
from messages import Messages, encode, metadata_to_json

messages = Messages(sys.argv[1])
channels = {}
streams = {}


def connect(channel, target, options=()):
    """Makes a channel; it connects with its first call."""
    channels[channel] = grpc.insecure_channel(target, options=[tuple(option) for option in options])


def ready(channel):
    """Waits for the channel's connection."""
    grpc.channel_ready_future(channels[channel]).result()


def disconnect(channel):
    channels.pop(channel).close()


def call(path, **arguments):
    """Makes a call, and tells everything that came of it. An error is a result like any other."""
    responses = []
    rpc = _start(path, **arguments)
    try:
        for response in rpc if messages.methods[path].server_streaming else [rpc.result()]:
            responses.append(messages.to_json(response))
    except grpc.RpcError as error:
        rpc = error
    trailers = rpc.trailing_metadata() or ()
    details = dict(trailers).get("grpc-status-details-bin")
    return {
        "responses": responses,
        "code": rpc.code().name,
        "details": rpc.details(),
        "headers": metadata_to_json(rpc.initial_metadata()),
        "trailers": metadata_to_json(trailers),
        "status": None if details is None else messages.unpack_status(details),
    }


def open_stream(stream, path, **arguments):
    """Starts a call with a stream of responses, to be read one by one."""
    streams[stream] = _start(path, **arguments)


def read(stream):
    """The next response of a stream, or its end."""
    rpc = streams[stream]
    try:
        return {"response": messages.to_json(next(rpc))}
    except StopIteration:
        pass
    except grpc.RpcError as error:
        rpc = error
    return {"code": rpc.code().name, "details": rpc.details()}


def cancel(stream):
    streams.pop(stream).cancel()


def _start(path, channel, requests, timeout=30, metadata=(), gzip=False):
    method = messages.methods[path]
    kind = "_".join("stream" if streams else "unary" for streams in method[2:])
    callable = getattr(channels[channel], kind)(path, encode, messages.decoder(method.output))
    encoded = [messages.from_json(method.input, fields) for fields in requests]
    options = {
        "timeout": timeout,
        "metadata": [tuple(pair) for pair in metadata],
        "compression": grpc.Compression.Gzip if gzip else None,
    }
    request = iter(encoded) if method.client_streaming else encoded[0]
    return callable(request, **options) if method.server_streaming else callable.future(request, **options)


serve({command.__name__: command for command in (connect, ready, disconnect, call, open_stream, read, cancel)})
