import type { KeyValue } from '../../schema/api.ts';
import { textOf } from './any-value.ts';

/** An exception as semantic conventions record it in an event. */
export interface RecordedException {
	type: string;
	message: string;
	/** The lines of the stack trace, without the first when that only repeats type and message. */
	frames: string[];
	stacktrace: string;
	/** The attributes that say something else. */
	others: KeyValue[];
}

const OWN_KEYS: ReadonlySet<string> = new Set(['exception.type', 'exception.message', 'exception.stacktrace']);
/** Deeper stacks are cut on the screen; copying gives them whole. */
const MOST_FRAMES = 200;

export function readException(event: { name: string; attributes: readonly KeyValue[] }): RecordedException | undefined {
	const type = textOf(event.attributes, 'exception.type') ?? '';
	const message = textOf(event.attributes, 'exception.message') ?? '';
	const stacktrace = textOf(event.attributes, 'exception.stacktrace') ?? '';
	if (event.name !== 'exception' && type === '' && stacktrace === '') return undefined;
	const lines = stacktrace.split(/\r?\n/).filter((line) => line.trim() !== '');
	const repeatsHead = message !== '' && (lines[0]?.includes(message.split('\n')[0] ?? '') ?? false);
	return {
		type,
		message,
		frames: (repeatsHead ? lines.slice(message.split('\n').length) : lines).slice(0, MOST_FRAMES),
		stacktrace,
		others: event.attributes.filter(({ key }) => !OWN_KEYS.has(key)),
	};
}

/** Frames of libraries and runtimes, which are read last. */
export const isLibraryFrame = (frame: string): boolean =>
	/node_modules|node:internal|site-packages|dist-packages|\/usr\/lib\/|\bjava\.|\bjdk\.|\bsun\.|org\.springframework|\/go\/pkg\/mod\/|\bSystem\.|Microsoft\./.test(
		frame,
	);
