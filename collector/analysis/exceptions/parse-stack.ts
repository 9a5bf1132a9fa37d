import { STACK_FORMATS } from './stack-formats.ts';
import type { StackFormat } from './stack-formats.ts';
import { MOST_FRAMES, stackLines } from './stack-frame.ts';
import type { StackFrame } from './stack-frame.ts';

/**
 * The frames of a stack trace as JavaScript, Python, Java, Go, .NET, Ruby and PHP print them, innermost first: of the
 * exception that was recorded, not of its causes. Nothing says which language it is, so the format that reads most lines is
 * taken. Empty when none does.
 */
export function parseStack(stack: string): StackFrame[] {
	const lines = stackLines(stack);
	let best: StackFrame[] = [];
	for (const format of STACK_FORMATS) {
		const frames = framesOf(format, lines);
		if (frames.length > best.length) best = frames;
	}
	return best;
}

function framesOf(format: StackFormat, lines: readonly string[]): StackFrame[] {
	let frames: StackFrame[] = [];
	for (const [index, line] of lines.entries()) {
		if (format.restarts?.test(line) === true) frames = [];
		if (format.ends?.test(line) === true && frames.length > 0) break;
		const found = format.read(line, lines[index + 1] ?? '');
		if (found !== undefined) frames.push(found);
	}
	if (format.isReversed) frames.reverse();
	return frames.slice(0, MOST_FRAMES);
}
