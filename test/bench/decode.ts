import { ProtobufDecoder } from '../../collector/receiver/decode-protobuf.ts';
import { TraceReader } from '../../collector/receiver/read-traces.ts';
import { packBlock, packForMemory } from '../../collector/spool/pack-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import type { BenchOptions, Figures } from './main.ts';
import { makePayloads } from './otlp-payload.ts';
import { medianAndSpread } from './statistics.ts';

type Read = (body: Uint8Array) => unknown;

const CONTEXT = { project: 'default', receivedMs: 1_795_000_000_000, retentionMs: 7 * 86_400_000 };

/** Each has memory of its own, as a thread has. */
const STEPS: readonly { name: string; encoding: 'protobuf' | 'json'; begin: () => Read }[] = [
	{
		name: 'protobuf, decoded alone',
		encoding: 'protobuf',
		begin: () => {
			const decoder = new ProtobufDecoder();
			return (body) => decoder.decode(body, CONTEXT);
		},
	},
	{ name: 'protobuf, with the pipeline', encoding: 'protobuf', begin: () => readBlocks('protobuf', (block) => block) },
	{ name: 'protobuf, packed', encoding: 'protobuf', begin: () => readBlocks('protobuf', packForMemory) },
	{ name: 'protobuf, packed and compressed', encoding: 'protobuf', begin: () => readBlocks('protobuf', packBlock) },
	{ name: 'JSON, packed and compressed', encoding: 'json', begin: () => readBlocks('json', packBlock) },
];

function readBlocks(encoding: 'protobuf' | 'json', then: (block: SpanBlock) => unknown): Read {
	const reader = new TraceReader();
	return (body) => then(reader.read(body, encoding, CONTEXT).block);
}

/**
 * How many spans a core takes from bytes to what the spool writes, each step with those before it. Counts the processor's
 * time and not the clock's, so that neighbours on the machine matter less.
 */
export async function decode({ runs, seconds, spansPerRequest }: BenchOptions): Promise<Figures> {
	const figures: Figures = {};
	for (const { name, encoding, begin } of STEPS) {
		const payloads = makePayloads({ spansPerRequest, requests: 16, seed: 1, encoding });
		const bodies = payloads.map((payload) => payload.fresh(CONTEXT.receivedMs));
		const read = begin();
		const measure = (milliseconds: number): number => {
			const started = performance.now();
			const before = process.cpuUsage();
			let spans = 0;
			for (let i = 0; performance.now() - started < milliseconds; i = (i + 1) % bodies.length) {
				read(bodies[i] ?? new Uint8Array());
				spans += spansPerRequest;
			}
			const { user, system } = process.cpuUsage(before);
			return (spans / (user + system)) * 1e6;
		};
		measure(1_000); // Until it is compiled.
		const perSecond = Array.from({ length: runs }, () => measure((seconds * 1_000) / STEPS.length));
		console.log(`  ${name.padEnd(36)} ${medianAndSpread(perSecond)} spans a CPU second`);
		figures[name] = perSecond;
	}
	return figures;
}
