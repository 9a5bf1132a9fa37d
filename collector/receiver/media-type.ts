import type { OtlpEncoding } from './ingest-observer.ts';

const ENCODINGS: ReadonlyMap<string, OtlpEncoding> = new Map([
	['application/x-protobuf', 'protobuf'],
	['application/protobuf', 'protobuf'],
	['application/x-google-protobuf', 'protobuf'],
	['application/json', 'json'],
]);

export interface MediaType {
	/** As it goes into the answer: lower case, without parameters. */
	name: string;
	encoding: OtlpEncoding;
}

/** The media type of an OTLP body, undefined for any other. Case and parameters do not matter. */
export function otlpMediaType(header: string | undefined): MediaType | undefined {
	const name = (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
	const encoding = ENCODINGS.get(name);
	return encoding === undefined ? undefined : { name, encoding };
}
