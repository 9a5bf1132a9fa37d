import { request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TargetPolicy } from './address-policy.ts';
import { checkedLookup, systemResolve } from './allowed-addresses.ts';
import type { Resolve } from './allowed-addresses.ts';
import { OutboundError } from './outbound-error.ts';
import { checkTarget } from './target-url.ts';

export interface OutboundRequest {
	method: 'GET' | 'POST';
	url: string;
	headers: Readonly<Record<string, string>>;
	body?: string;
}

/** Of an answer's body nothing is kept: whoever configures a target must not read through it what only we can reach. */
export interface OutboundAnswer {
	status: number;
	/** What the target asked to wait; null when it didn't. */
	retryAfterMs: number | null;
}

export type SendOutbound = (request: OutboundRequest) => Promise<OutboundAnswer>;

interface OutboundClientOptions {
	policy: TargetPolicy;
	resolve?: Resolve;
	/** For everything from the name's resolution to the end of the answer. */
	timeoutMs?: number;
}

const usualTimeoutMs = 5_000;
const maxAnswerBytes = 64 * 1024;
const longestRetryAfterMs = 86_400_000;

/**
 * Sends to targets that people configure: by HTTPS (without TLS to listed networks alone), to allowed ports, to addresses that
 * are checked inside the socket's lookup, by no proxy, without following redirects. Rejects with OutboundError alone.
 */
export function outboundClient({
	policy,
	resolve = systemResolve,
	timeoutMs = usualTimeoutMs,
}: OutboundClientOptions): SendOutbound {
	return async (wanted) => {
		const url = checkTarget(wanted.url, policy);
		const isPlain = url.protocol === 'http:';
		const request = (isPlain ? requestHttp : requestHttps)(url, {
			method: wanted.method,
			headers: { 'user-agent': 'Spanhouse', ...wanted.headers },
			lookup: checkedLookup({ policy, resolve, isPlain }),
			// One of its own: connections aren't shared, and proxies that the environment names aren't used.
			agent: false,
			maxHeaderSize: 16 * 1024,
		});
		const timer = setTimeout(
			() => request.destroy(new OutboundError('TIMEOUT', `no whole answer within ${timeoutMs / 1_000} s`)),
			timeoutMs,
		);
		try {
			return await answerTo(request, wanted.body);
		} catch (error) {
			throw error instanceof OutboundError ? error : connectionError(error);
		} finally {
			clearTimeout(timer);
			request.destroy();
		}
	};
}

function answerTo(request: ClientRequest, body: string | undefined): Promise<OutboundAnswer> {
	const answered = Promise.withResolvers<OutboundAnswer>();
	request.on('error', answered.reject);
	request.on('response', (response) => {
		const answer = {
			status: response.statusCode ?? 0,
			retryAfterMs: retryAfter(response.headers['retry-after'], Date.now()),
		};
		drain(response).then(() => answered.resolve(answer), answered.reject);
	});
	request.end(body);
	return answered.promise;
}

/** Until its end, or until it is longer than anybody needs. */
async function drain(response: IncomingMessage): Promise<void> {
	let bytes = 0;
	for await (const chunk of response) {
		bytes += (chunk as Buffer).byteLength;
		if (bytes > maxAnswerBytes) break;
	}
}

/** Node's messages name addresses; its codes don't. */
function connectionError(error: unknown): OutboundError {
	const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
	return code === 'ECONNRESET' || code === 'HPE_INVALID_EOF_STATE'
		? new OutboundError('CLOSED_EARLY', 'the target closed the connection before the end of its answer')
		: new OutboundError('NO_CONNECTION', `no connection, or none that can be trusted (${code})`);
}

/** Seconds or a date (RFC 9110, 10.2.3), at most a day; null when there is neither. */
export function retryAfter(header: string | undefined, nowMs: number): number | null {
	if (header === undefined || header.trim() === '') return null;
	const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
	return Number.isNaN(ms) ? null : Math.min(longestRetryAfterMs, Math.max(0, ms));
}
