import { fileURLToPath } from 'node:url';
import type { Attributes } from '@opentelemetry/api';

const frame = /^\s*at (?:async )?(?:(.+) \()?((?:file:|\/|[A-Za-z]:\\).+):(\d+):\d+\)?$/m;

/**
 * Where the function `below` was called, by the names of OpenTelemetry's semantic conventions; nothing where the engine doesn't
 * tell. One frame of the stack is all that is read, which takes microseconds.
 */
export function codeLocation(below: (...args: never[]) => unknown): Attributes {
	const stack = oneFrame(below);
	const [, name, file, line] = frame.exec(stack) ?? [];
	if (file === undefined || line === undefined) return {};
	return {
		'code.file.path': file.startsWith('file:') ? fileURLToPath(file) : file,
		'code.line.number': Number(line),
		...(name === undefined ? {} : { 'code.function.name': name }),
	};
}

function oneFrame(below: (...args: never[]) => unknown): string {
	const limit = Error.stackTraceLimit;
	// Read-only under --frozen-intrinsics.
	if (!Reflect.set(Error, 'stackTraceLimit', 1)) return '';
	const holder: { stack?: unknown } = {};
	try {
		Error.captureStackTrace(holder, below);
		// Written down as it is read; an Error.prepareStackTrace of the app's may make something else of it.
		return typeof holder.stack === 'string' ? holder.stack : '';
	} catch {
		return '';
	} finally {
		Error.stackTraceLimit = limit;
	}
}
