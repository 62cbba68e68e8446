"""Prints the descriptors of Ray's own messages and services, as they lie inside the wheel, as JSON."""

import json

from google.protobuf import descriptor_pb2, json_format
from ray.core.generated import autoscaler_pb2, common_pb2, gcs_pb2, gcs_service_pb2


def with_imports(file, seen):
    if file.name not in seen:
        seen[file.name] = file
        for other in file.dependencies:
            with_imports(other, seen)


files = {}
for module in (autoscaler_pb2, common_pb2, gcs_pb2, gcs_service_pb2):
    with_imports(module.DESCRIPTOR, files)

protos = []
for file in files.values():
    proto = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(proto)
    protos.append(json_format.MessageToDict(proto))
print(json.dumps({"file": protos}))
