import type { FuzzTarget } from './fuzz.ts';
import { grpcTarget } from './grpc-target.ts';
import { jsonTarget } from './json-target.ts';
import { logsTarget } from './logs-target.ts';
import { metricsTarget } from './metrics-target.ts';
import { protobufTarget } from './protobuf-target.ts';
import { spoolTarget } from './spool-target.ts';
import { zipkinTarget } from './zipkin-target.ts';

export const TARGETS: Record<string, () => FuzzTarget | Promise<FuzzTarget>> = {
	protobuf: protobufTarget,
	json: jsonTarget,
	logs: logsTarget,
	metrics: metricsTarget,
	zipkin: zipkinTarget,
	spool: spoolTarget,
	grpc: grpcTarget,
};
