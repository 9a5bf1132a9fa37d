import type { FuzzTarget } from './fuzz.ts';
import { grpcTarget } from './grpc-target.ts';
import { jsonTarget } from './json-target.ts';
import { protobufTarget } from './protobuf-target.ts';
import { spoolTarget } from './spool-target.ts';

export const TARGETS: Record<string, () => FuzzTarget | Promise<FuzzTarget>> = {
	protobuf: protobufTarget,
	json: jsonTarget,
	spool: spoolTarget,
	grpc: grpcTarget,
};
