import { setTimeout as sleep } from 'node:timers/promises';
import type { OtlpResourceSpans, OtlpTracesData } from '../../schema/otlp-json.ts';
import { counted } from '../counted.ts';
import { problemOf, TransferError } from './transfer-error.ts';

interface ImportOptions {
	/** Of the listener for OTLP over HTTP. */
	url: string;
	key: string | undefined;
	/** One OTLP/JSON document, or one a line. */
	text: string;
	fetch?: typeof globalThis.fetch;
	/** Between tries, when the server doesn't say. */
	retryMs?: number;
}

/** So that no request comes near the limit of its size. */
const maxSpansInRequest = 2_000;
const maxTries = 6;
const usualRetryMs = 1_000;
const longestRetryMs = 30_000;
const shownRefusals = 20;

/** Sends everything in the text. `refusals`: what the server said of spans that it did not take. */
export async function importTraces(options: ImportOptions): Promise<{ spans: number; refusals: string[] }> {
	let spans = 0;
	const refusals: string[] = [];
	for (const document of documentsOf(options.text)) {
		for (const piece of piecesOf(document)) {
			const count = countSpans(piece);
			const { rejected, message } = await send(options, piece);
			spans += count - rejected;
			if (rejected > 0 && refusals.length < shownRefusals)
				refusals.push(`${counted(rejected, 'span')} refused: ${message}`);
		}
	}
	return { spans, refusals };
}

/** Throws TransferError with the place of what is no OTLP/JSON. */
function* documentsOf(text: string): Generator<OtlpTracesData> {
	const whole = parse(text);
	if (whole !== undefined) return yield asTraces(whole, 'the file');
	let number = 0;
	for (const line of text.split('\n')) {
		number += 1;
		if (line.trim() === '') continue;
		const document = parse(line);
		if (document === undefined) throw new TransferError(`line ${number} is not JSON`);
		yield asTraces(document, `line ${number}`);
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function asTraces(document: unknown, where: string): OtlpTracesData {
	const { resourceSpans } = (document ?? {}) as Partial<OtlpTracesData>;
	if (!Array.isArray(resourceSpans))
		throw new TransferError(`${where} has no resourceSpans: it is not OTLP/JSON of traces`);
	return { resourceSpans };
}

/** The same spans in documents of a bounded number, each under its resource and scope. */
function* piecesOf({ resourceSpans }: OtlpTracesData): Generator<OtlpTracesData> {
	let piece: OtlpResourceSpans[] = [];
	let size = 0;
	for (const { scopeSpans = [], ...resource } of resourceSpans as Partial<OtlpResourceSpans>[]) {
		for (const { spans = [], ...scope } of scopeSpans as Partial<OtlpResourceSpans['scopeSpans'][number]>[]) {
			for (let from = 0; from < spans.length;) {
				const some = spans.slice(from, from + maxSpansInRequest - size);
				piece.push({ ...resource, scopeSpans: [{ ...scope, spans: some }] } as OtlpResourceSpans);
				from += some.length;
				size += some.length;
				if (size < maxSpansInRequest) continue;
				yield { resourceSpans: piece };
				[piece, size] = [[], 0];
			}
		}
	}
	if (size > 0) yield { resourceSpans: piece };
}

const countSpans = ({ resourceSpans }: OtlpTracesData): number =>
	resourceSpans.reduce(
		(total, { scopeSpans }) => total + scopeSpans.reduce((sum, { spans }) => sum + spans.length, 0),
		0,
	);

/** As OTLP asks: 429 and 503 are tried again, and what was taken in part is not. */
async function send(options: ImportOptions, piece: OtlpTracesData): Promise<Taken> {
	const body = JSON.stringify(piece);
	for (let tries = 1; ; tries += 1) {
		const response = await post(options, body);
		if (response.ok) return takenOf(response);
		const isBusy = response.status === 503 || response.status === 429;
		if (!isBusy || tries === maxTries) throw new TransferError(await problemOf(response));
		await sleep(pauseMs(response, (options.retryMs ?? usualRetryMs) * 2 ** (tries - 1)));
	}
}

async function post({ url, key, fetch = globalThis.fetch }: ImportOptions, body: string): Promise<Response> {
	const headers = {
		'content-type': 'application/json',
		...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
	};
	try {
		return await fetch(`${url.replace(/\/$/, '')}/v1/traces`, { method: 'POST', headers, body });
	} catch {
		throw new TransferError(`nothing listens for OTLP at ${url}; --url says where it is`);
	}
}

interface Taken {
	rejected: number;
	message: string;
}

async function takenOf(response: Response): Promise<Taken> {
	const { partialSuccess } = (await response.json()) as {
		partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string };
	};
	return { rejected: Number(partialSuccess?.rejectedSpans ?? 0), message: partialSuccess?.errorMessage ?? '' };
}

/** What the listener asks for, or else `usualMs`; bounded, whatever it says. */
function pauseMs({ headers }: Response, usualMs: number): number {
	const askedMs = 1_000 * Number(headers.get('retry-after') ?? Number.NaN);
	return Math.min(Number.isFinite(askedMs) ? askedMs : usualMs, longestRetryMs);
}
