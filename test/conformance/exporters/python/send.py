"""Sends one trace through each OTLP exporter of OpenTelemetry Python, and prints what the exporter was given.

usage: send.py HTTP_URL GRPC_ADDRESS
A line of JSON for each: the exporter, the trace id, and the request as its own encoder writes it, in hexadecimal.
"""

import json
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from grpc import Compression as GrpcCompression


class Recording(SpanExporter):
    def __init__(self, name, inner):
        self.name = name
        self.inner = inner
        self.failed = False

    def export(self, spans):
        result = self.inner.export(spans)
        self.failed = self.failed or result is not SpanExportResult.SUCCESS
        print(json.dumps({
            "exporter": self.name,
            "traceId": format(spans[0].context.trace_id, "032x"),
            "request": encode_spans(spans).SerializeToString().hex(),
        }), flush=True)
        return result

    def shutdown(self):
        self.inner.shutdown()

    def force_flush(self, timeout_millis=30000):
        return True


def send(exporter):
    resource = Resource.create({
        "service.name": "conformance-python",
        "service.version": "1.2.3",
        "process.command_args": ["python", "send.py"],
    })
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer(
        "conformance", "0.1.0", schema_url="https://opentelemetry.io/schemas/1.40.0", attributes={"scope.kind": "test"})
    with tracer.start_as_current_span("root", kind=trace.SpanKind.SERVER) as root:
        root.set_attributes({
            "text": 'a "quoted" text, ünï¢ode 🪵 and \0',
            "empty": "",
            "int64.max": 9223372036854775807,
            "int64.min": -9223372036854775808,
            "double": 0.1,
            "yes": True,
            "texts": ["a", "b"],
            "integers": [1, 9007199254740993],
            "http.request.method": "GET",
            "http.response.status_code": 409,
        })
        link = trace.Link(trace.SpanContext(0xF00D, 0xBEEF, True, trace_state=trace.TraceState([("k", "v")])), {"why": "batch"})
        with tracer.start_as_current_span("child", kind=trace.SpanKind.CLIENT, links=[link]) as child:
            child.add_event("cache miss", {"key": "cart:42", "attempt": 2})
            try:
                raise ValueError("out of stock")
            except ValueError as error:
                child.record_exception(error)
                child.set_status(trace.Status(trace.StatusCode.ERROR, "no stock"))
    flushed = provider.force_flush()
    provider.shutdown()
    if exporter.failed or not flushed:
        sys.exit(f"{exporter.name} did not deliver")


http_url, grpc_address = sys.argv[1:]
traces_url = f"{http_url}/v1/traces"
for name, compression in [("none", Compression.NoCompression), ("gzip", Compression.Gzip), ("deflate", Compression.Deflate)]:
    send(Recording(f"http {name}", HttpExporter(endpoint=traces_url, compression=compression)))
for name, compression in [("none", GrpcCompression.NoCompression), ("gzip", GrpcCompression.Gzip)]:
    send(Recording(f"grpc {name}", GrpcExporter(endpoint=grpc_address, insecure=True, compression=compression)))
