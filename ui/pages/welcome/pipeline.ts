import { formatCount } from '../../lib/format.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';

export interface Stage {
	name: string;
	isDone: boolean;
	/** What was counted there. */
	detail: string;
}

/** The way of a span from the socket to the screen, as far as it got since the server started. */
export function pipelineOf({ ingest, spans }: StatusAnswer): Stage[] {
	const isVisible = spans.rows > 0;
	return [
		stage('Request seen', ingest.requests, 'request', isVisible),
		stage('Decoded', ingest.spansReceived, 'span', isVisible),
		stage('Stored', ingest.spansStored, 'span', isVisible),
		stage('Visible', spans.rows, 'span', isVisible),
	];
}

function stage(name: string, count: number, what: string, isPast: boolean): Stage {
	const detail = count === 0 ? '' : `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
	// After a restart the counters stand at zero while the spans of before are there.
	return { name, isDone: count > 0 || isPast, detail };
}

/** `0:14`, `12:03`. */
export function formatElapsed(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Whether only programs on the server's own machine can reach the address. */
export function isLoopback(url: string): boolean {
	if (!URL.canParse(url)) return false;
	const { hostname } = new URL(url);
	return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
