"""The protos under test, from a descriptor set: Debian's protoc is older than the options that they carry."""

import base64
from collections import namedtuple

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

Method = namedtuple("Method", "input output client_streaming server_streaming")


class Messages:
    """The messages and methods of a descriptor set. In the lines that tests write and read, messages are JSON."""

    def __init__(self, path):
        files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as file:
            files.ParseFromString(file.read())
        self._pool = descriptor_pool.DescriptorPool()
        self._factory = message_factory.MessageFactory(self._pool)
        # By their paths on the wire: /ledger.v1.LedgerService/Transfer.
        self.methods = {}
        for file in files.file:
            self._pool.Add(file)
            for service in file.service:
                for method in service.method:
                    self.methods[f"/{file.package}.{service.name}/{method.name}"] = Method(
                        method.input_type.lstrip("."),
                        method.output_type.lstrip("."),
                        method.client_streaming,
                        method.server_streaming,
                    )

    def make(self, name):
        return self._factory.GetPrototype(self._pool.FindMessageTypeByName(name))()

    def from_json(self, name, fields):
        return json_format.ParseDict(fields, self.make(name), descriptor_pool=self._pool)

    def to_json(self, message):
        return json_format.MessageToDict(message, descriptor_pool=self._pool)

    def decoder(self, name):
        def decode(data):
            message = self.make(name)
            message.ParseFromString(data)
            return message

        return decode

    def pack_status(self, code, message, details):
        """An encoded google.rpc.Status. Its details are pairs of a message's name and its JSON, or its bytes in base64."""
        status = self.make("google.rpc.Status")
        status.code = code
        status.message = message
        for name, content in details:
            packed = status.details.add()
            packed.type_url = f"type.googleapis.com/{name}"
            is_bytes = isinstance(content, str)
            packed.value = (
                base64.b64decode(content) if is_bytes else self.from_json(name, content).SerializeToString()
            )
        return status.SerializeToString()

    def unpack_status(self, encoded):
        """What `grpc-status-details-bin` says, each detail by its message's name."""
        status = self.decoder("google.rpc.Status")(encoded)
        details = {}
        for packed in status.details:
            name = packed.type_url.rsplit("/", 1)[1]
            details[name] = self.to_json(self.decoder(name)(packed.value))
        return {"code": status.code, "message": status.message, "bytes": len(encoded), "details": details}


def encode(message):
    """A message's bytes; bytes are what they are already."""
    return message if isinstance(message, bytes) else message.SerializeToString()


def metadata_to_json(metadata):
    """Pairs; what isn't text is base64."""
    return [
        [key, base64.b64encode(value).decode() if isinstance(value, bytes) else value] for key, value in metadata or ()
    ]
