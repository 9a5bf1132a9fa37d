// Command go sends one trace through each OTLP exporter of OpenTelemetry Go, and prints what the exporter was given.
//
// usage: go HTTP_ADDRESS GRPC_ADDRESS
// A line of JSON for each: the exporter, the trace id, and the request in protobuf, in hexadecimal.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// recording is a client of the exporter that keeps what passes through it.
type recording struct {
	otlptrace.Client
	name   string
	failed error
}

func (r *recording) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	if err := r.Client.UploadTraces(ctx, spans); err != nil {
		r.failed = err
		return err
	}
	request, err := proto.Marshal(&collectortrace.ExportTraceServiceRequest{ResourceSpans: spans})
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]string{
		"exporter": r.name,
		"traceId":  hex.EncodeToString(spans[0].ScopeSpans[0].Spans[0].TraceId),
		"request":  hex.EncodeToString(request),
	})
}

func send(ctx context.Context, name string, client otlptrace.Client) error {
	recorded := &recording{Client: client, name: name}
	exporter, err := otlptrace.New(ctx, recorded)
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithResource(resource.NewWithAttributes(
			"https://opentelemetry.io/schemas/1.40.0",
			attribute.String("service.name", "conformance-go"),
			attribute.String("service.version", "1.2.3"),
			attribute.StringSlice("process.command_args", []string{"go", "run"}),
		)),
	)
	tracer := provider.Tracer("conformance",
		trace.WithInstrumentationVersion("0.1.0"),
		trace.WithSchemaURL("https://opentelemetry.io/schemas/1.40.0"),
		trace.WithInstrumentationAttributes(attribute.String("scope.kind", "test")))
	ctx, root := tracer.Start(ctx, "root", trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(
		attribute.String("text", "a \"quoted\" text, ünï¢ode 🪵 and \x00"),
		attribute.String("empty", ""),
		attribute.Int64("int64.max", math.MaxInt64),
		attribute.Int64("int64.min", math.MinInt64),
		attribute.Float64("double", 0.1),
		attribute.Float64("infinite", math.Inf(-1)),
		attribute.Float64("nan", math.NaN()),
		attribute.Bool("yes", true),
		attribute.StringSlice("texts", []string{"a", "b"}),
		attribute.Int64Slice("integers", []int64{1, 9007199254740993}),
		attribute.Float64Slice("doubles", []float64{0.5, -0.0}),
		attribute.BoolSlice("booleans", []bool{true, false}),
		attribute.String("http.request.method", "GET"),
		attribute.Int("http.response.status_code", 409),
	))
	state, err := trace.ParseTraceState("k=v")
	if err != nil {
		return err
	}
	linked := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: 0x0d}, SpanID: trace.SpanID{7: 0xef}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true,
	})
	_, child := tracer.Start(ctx, "child", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithLinks(trace.Link{SpanContext: linked, Attributes: []attribute.KeyValue{attribute.String("why", "batch")}}))
	child.AddEvent("cache miss", trace.WithAttributes(attribute.String("key", "cart:42"), attribute.Int("attempt", 2)))
	child.RecordError(errors.New("out of stock"))
	child.SetStatus(codes.Error, "no stock")
	child.End()
	root.End()
	if err := provider.ForceFlush(ctx); err != nil {
		return err
	}
	if recorded.failed != nil {
		return fmt.Errorf("%s: %w", name, recorded.failed)
	}
	return provider.Shutdown(ctx)
}

func main() {
	ctx := context.Background()
	http := []otlptracehttp.Option{otlptracehttp.WithEndpoint(os.Args[1]), otlptracehttp.WithInsecure()}
	grpc := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(os.Args[2]), otlptracegrpc.WithInsecure()}
	clients := []struct {
		name   string
		client otlptrace.Client
	}{
		{"http none", otlptracehttp.NewClient(http...)},
		{"http gzip", otlptracehttp.NewClient(append(http, otlptracehttp.WithCompression(otlptracehttp.GzipCompression))...)},
		{"grpc none", otlptracegrpc.NewClient(grpc...)},
		{"grpc gzip", otlptracegrpc.NewClient(append(grpc, otlptracegrpc.WithCompressor("gzip"))...)},
	}
	for _, each := range clients {
		if err := send(ctx, each.name, each.client); err != nil {
			log.Fatal(err)
		}
	}
}
