import type { Language } from '../welcome-query.ts';

/** One block to copy: what it is, and the text. */
export interface Snippet {
	title: string;
	text: string;
}

export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
	node: 'Node.js',
	python: 'Python',
	java: 'Java',
	go: 'Go',
	dotnet: '.NET',
	php: 'PHP',
	ruby: 'Ruby',
	rust: 'Rust',
	collector: 'Collector',
	kubernetes: 'Kubernetes',
	curl: 'curl',
};

/**
 * Variables that every SDK reads. Source: OpenTelemetry specification, "SDK environment variables" and "OTLP exporter".
 * Metrics and logs are switched off where an SDK would send them by itself.
 */
function environment(endpoint: string, options: { tracesOnly?: boolean; more?: string[] } = {}): string {
	const lines = [
		'OTEL_SERVICE_NAME=my-service',
		`OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
		'OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
		...(options.tracesOnly === true ? ['OTEL_METRICS_EXPORTER=none', 'OTEL_LOGS_EXPORTER=none'] : []),
		...(options.more ?? []),
	];
	return lines.map((line) => `export ${line}`).join('\n');
}

const SNIPPETS: Readonly<Record<Language, (endpoint: string) => Snippet[]>> = {
	node: (endpoint) => [
		{
			title: 'With the Spanhouse SDK',
			text: `npm install @spanhouse/sdk

OTEL_SERVICE_NAME=my-service \\
OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} \\
node --import @spanhouse/sdk/register app.js`,
		},
		{
			title: 'With plain OpenTelemetry',
			text: `npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node

${environment(endpoint, { tracesOnly: true })}

node --require @opentelemetry/auto-instrumentations-node/register app.js

# An application of ES modules needs the loader as well:
node --experimental-loader=@opentelemetry/instrumentation/hook.mjs \\
  --require @opentelemetry/auto-instrumentations-node/register app.mjs`,
		},
	],
	python: (endpoint) => [
		{
			title: 'Without a change to the code',
			text: `pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http
opentelemetry-bootstrap -a install

${environment(endpoint, { tracesOnly: true })}

opentelemetry-instrument python app.py`,
		},
	],
	java: (endpoint) => [
		{
			title: 'With the Java agent',
			text: `curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar

${environment(endpoint, { tracesOnly: true })}

java -javaagent:opentelemetry-javaagent.jar -jar app.jar`,
		},
	],
	go: (endpoint) => [
		{
			title: 'Packages and settings',
			text: `go get go.opentelemetry.io/otel/sdk \\
  go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp \\
  go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp

export OTEL_SERVICE_NAME=my-service
export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
		},
		{
			title: 'main.go',
			text: `package main

import (
	"context"
	"log"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	defer provider.Shutdown(ctx)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})

	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("hello"))
	})
	log.Print(http.ListenAndServe(":8080", otelhttp.NewHandler(hello, "hello")))
}`,
		},
	],
	dotnet: (endpoint) => [
		{
			title: 'Packages and settings',
			text: `dotnet add package OpenTelemetry.Extensions.Hosting
dotnet add package OpenTelemetry.Instrumentation.AspNetCore
dotnet add package OpenTelemetry.Instrumentation.Http
dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol

${environment(endpoint)}`,
		},
		{
			title: 'Program.cs',
			text: `using OpenTelemetry.Trace;

builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing
    .AddAspNetCoreInstrumentation()
    .AddHttpClientInstrumentation()
    .AddOtlpExporter());`,
		},
	],
	php: (endpoint) => [
		{
			title: 'Without a change to the code',
			text: `pecl install opentelemetry
# php.ini: extension=opentelemetry.so

composer require open-telemetry/sdk open-telemetry/exporter-otlp \\
  guzzlehttp/guzzle open-telemetry/opentelemetry-auto-pdo
# and your framework: open-telemetry/opentelemetry-auto-laravel, -symfony, -slim

${environment(endpoint, { tracesOnly: true, more: ['OTEL_PHP_AUTOLOAD_ENABLED=true'] })}

php -S localhost:8080 -t public`,
		},
	],
	ruby: (endpoint) => [
		{
			title: 'Gems and settings',
			text: `bundle add opentelemetry-sdk opentelemetry-exporter-otlp opentelemetry-instrumentation-all

export OTEL_SERVICE_NAME=my-service
export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
		},
		{
			title: 'config/initializers/opentelemetry.rb',
			text: `require "opentelemetry/sdk"
require "opentelemetry/exporter/otlp"
require "opentelemetry/instrumentation/all"

OpenTelemetry::SDK.configure do |c|
  c.use_all
end`,
		},
	],
	rust: (endpoint) => [
		{
			title: 'Crates and settings',
			text: `cargo add opentelemetry opentelemetry_sdk opentelemetry-otlp

export OTEL_SERVICE_NAME=my-service
export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`,
		},
		{
			title: 'src/main.rs',
			text: `use opentelemetry::{global, trace::Tracer};
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = SpanExporter::builder().with_http().build()?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .build();
    global::set_tracer_provider(provider.clone());

    global::tracer("my-service").in_span("hello", |_| println!("hello"));

    provider.shutdown()?;
    Ok(())
}`,
		},
	],
	collector: (endpoint) => [
		{
			title: 'config.yaml',
			text: `# On the machine of Spanhouse itself the receiver needs ports of its own: 4317 and 4318 are taken.
receivers:
  otlp:
    protocols:
      grpc:
        endpoint: 0.0.0.0:5317
      http:
        endpoint: 0.0.0.0:5318

exporters:
  # Before Collector 0.144 the name is otlphttp.
  otlp_http/spanhouse:
    endpoint: ${endpoint}

service:
  pipelines:
    traces:
      receivers: [otlp]
      exporters: [otlp_http/spanhouse]`,
		},
	],
	kubernetes: (endpoint) => [
		{
			title: 'The OpenTelemetry Operator, once for a cluster',
			text: `kubectl apply -f https://github.com/cert-manager/cert-manager/releases/latest/download/cert-manager.yaml
kubectl apply -f https://github.com/open-telemetry/opentelemetry-operator/releases/latest/download/opentelemetry-operator.yaml`,
		},
		{
			title: 'instrumentation.yaml, for kubectl apply -f',
			text: `apiVersion: opentelemetry.io/v1alpha1
kind: Instrumentation
metadata:
  name: spanhouse
spec:
  exporter:
    # As pods reach it.
    endpoint: ${endpoint}
  propagators: [tracecontext, baggage]
  env:
    - { name: OTEL_EXPORTER_OTLP_PROTOCOL, value: http/protobuf }
    - { name: OTEL_METRICS_EXPORTER, value: none }
    - { name: OTEL_LOGS_EXPORTER, value: none }`,
		},
		{
			title: 'Each deployment',
			text: `# inject-java, inject-nodejs, inject-python, inject-dotnet or inject-go, in the namespace of instrumentation.yaml
kubectl patch deployment my-service -p \
  '{"spec":{"template":{"metadata":{"annotations":{"instrumentation.opentelemetry.io/inject-nodejs":"true"}}}}}'`,
		},
	],
	curl: (endpoint) => [
		{
			title: 'One span, by hand',
			text: `now=$(date +%s)
trace=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')
span=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')

curl -i ${endpoint}/v1/traces -H 'content-type: application/json' -d '{
  "resourceSpans": [{
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "my-service"}}]},
    "scopeSpans": [{
      "scope": {"name": "by-hand"},
      "spans": [{
        "traceId": "'$trace'", "spanId": "'$span'",
        "name": "GET /hello", "kind": 2,
        "startTimeUnixNano": "'$now'000000000",
        "endTimeUnixNano": "'$now'250000000"
      }]
    }]
  }]
}'`,
		},
	],
};

export const snippetsOf = (language: Language, endpoint: string): Snippet[] => SNIPPETS[language](endpoint);
