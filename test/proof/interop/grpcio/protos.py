"""The code of grpc.testing's protos: generated, and laid beside grpcio's own package, which has the same name."""

import importlib
import os

import grpc

grpc.__path__.append(os.path.join(os.environ["PROTOS"], "grpc"))

empty_pb2 = importlib.import_module("grpc.testing.empty_pb2")
messages_pb2 = importlib.import_module("grpc.testing.messages_pb2")
test_pb2_grpc = importlib.import_module("grpc.testing.test_pb2_grpc")
