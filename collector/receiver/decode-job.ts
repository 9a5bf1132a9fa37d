import type { LogBlock } from '../../schema/log-block.ts';
import type { PackedBlock } from '../../schema/packed-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import type { DerivationSettings } from '../pipeline/derivation-settings.ts';
import type { Redactor } from '../pipeline/redaction.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { DecodeReport } from './decode-report.ts';
import type { BodyEncoding, OtlpEncoding } from './ingest-observer.ts';
import type { LogContext } from './log-collector.ts';
import { LogReader, type LogReport } from './read-logs.ts';
import { TraceReader } from './read-traces.ts';

export type DecodeJob = { body: Uint8Array } & (
	| { signal: 'traces'; encoding: BodyEncoding; context: DecodeContext }
	| { signal: 'logs'; encoding: OtlpEncoding; context: LogContext }
);

/** What a request held. */
export interface ReadRequest<Report = DecodeReport | LogReport> {
	block: PackedBlock;
	report: Report;
	/** The last one named in the request. */
	service: string;
}

/** Makes of a block what is kept of it, at once: its memory serves the next one. */
export type Pack = (block: SpanBlock | LogBlock) => PackedBlock;

/** Reads and packs bodies of every signal that is kept; one for each thread. */
export class DecodeJobs {
	readonly #pack: Pack;
	readonly #traces: TraceReader;
	readonly #logs: LogReader;

	constructor(pack: Pack, redactor: Redactor, derivation: DerivationSettings) {
		this.#pack = pack;
		this.#traces = new TraceReader(redactor, derivation);
		this.#logs = new LogReader(redactor);
	}

	/** Throws a DecodeError on structural damage. */
	run(job: DecodeJob): ReadRequest {
		const { block, report } = this.#read(job);
		return { block: this.#pack(block), report, service: block.resources.at(-1)?.service ?? '' };
	}

	#read(job: DecodeJob) {
		if (job.signal === 'logs') return this.#logs.read(job.body, job.encoding, job.context);
		return this.#traces.read(job.body, job.encoding, job.context);
	}
}
