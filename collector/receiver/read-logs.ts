import type { LogBlock } from '../../schema/log-block.ts';
import { withException } from '../pipeline/log-exceptions.ts';
import { redactLog } from '../pipeline/redact-logs.ts';
import { RedactionCounts, type RedactionCount } from '../pipeline/redaction-counts.ts';
import type { Redactor } from '../pipeline/redaction.ts';
import type { OtlpEncoding } from './ingest-observer.ts';
import { decodeJsonLogs } from './json-logs.ts';
import type { LogContext, LogRejection } from './log-collector.ts';
import { decodeProtobufLogs } from './protobuf-logs.ts';
import { SourceRedactor } from './redact-sources.ts';

/** What became of a request's log records. */
export interface LogReport {
	/** Kept for their exception, and kept for their trace. */
	accepted: { exceptions: number; correlated: number };
	rejected: Record<LogRejection, number>;
	droppedAttributes: number;
	base64Ids: number;
	redactions: RedactionCount[];
}

export interface ReadLogs {
	block: LogBlock;
	report: LogReport;
}

/** Turns inflated bodies into the log records that are kept: decoded, then freed of secrets. */
export class LogReader {
	readonly #redactor: Redactor;
	readonly #sourceRedactor: SourceRedactor;

	constructor(redactor: Redactor) {
		this.#redactor = redactor;
		this.#sourceRedactor = new SourceRedactor(redactor);
	}

	/** Throws a DecodeError on structural damage. */
	read(body: Uint8Array, encoding: OtlpEncoding, context: LogContext): ReadLogs {
		const decode = encoding === 'json' ? decodeJsonLogs : decodeProtobufLogs;
		const collector = decode(body, context);
		const counts = new RedactionCounts();
		const decoded = collector.finish();
		const sources = this.#sourceRedactor.redactSources(decoded, counts);
		const block: LogBlock = {
			...decoded,
			resources: sources.resources,
			scopes: sources.scopes,
			records: decoded.records.map((record) => {
				const redacted = redactLog(record, this.#redactor, counts);
				const marks = redacted.marks | sources.marksOf(record.resource, record.scope);
				return withException({ ...redacted, marks });
			}),
		};
		const { correlated, rejected, droppedAttributes, base64Ids } = collector;
		const accepted = { exceptions: block.rows - correlated, correlated };
		return { block, report: { accepted, rejected, droppedAttributes, base64Ids, redactions: counts.list() } };
	}
}
