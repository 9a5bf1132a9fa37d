import { maskMessage } from './mask-message.ts';
import { parseStack } from './parse-stack.ts';
import type { StackFrame } from './stack-frame.ts';

export interface RecordedException {
	type: string;
	message: string;
	stack: string;
}

export interface ExceptionGroup {
	/** Exceptions of one service with equal keys are one issue. */
	key: string;
	/** The masked message; the type, where there is none. */
	title: string;
	/** Where to look first: function and file of the innermost own frame. Empty without frames. */
	culprit: string;
}

/** So many frames tell one cause from another; further out stands who called, which may be anybody. */
const KEY_FRAMES = 3;

/** By its innermost own frames; where no frame can be read, by its masked message. Lines move with each change: left out. */
export function groupException({ type, message, stack }: RecordedException): ExceptionGroup {
	const frames = parseStack(stack);
	const own = frames.filter((frame) => frame.isOwn);
	const masked = maskMessage(message);
	const deciding = distinctFrames(own.length > 0 ? own : frames).slice(0, KEY_FRAMES);
	const [top] = own.length > 0 ? own : frames;
	return {
		key: JSON.stringify([type, deciding.length > 0 ? deciding : masked]),
		title: masked || type || 'Exception without a message',
		culprit: top === undefined ? '' : culpritOf(top),
	};
}

/** A recursion is one frame, however deep it was. */
function distinctFrames(frames: readonly StackFrame[]): string[] {
	const names = frames.map((frame) => `${maskPath(frame.file)} ${maskName(frame.function)}`);
	return [...new Set(names)];
}

const culpritOf = (frame: StackFrame): string => {
	const file = frame.file.split(/[/\\]/).at(-1) ?? '';
	const place = frame.line > 0 ? `${file}:${frame.line}` : file;
	return [frame.function, place].filter((part) => part !== '').join(' · ');
};

/** The file's name: folders differ between machines, and content hashes between builds. */
const maskPath = (file: string): string =>
	(file.split(/[?#]/, 1)[0]?.split(/[/\\]/).at(-1) ?? '').replace(/[.-](?=[\w]*\d)[A-Za-z0-9_]{6,32}(?=\.\w+$)/, '');

const maskName = (name: string): string => name.replace(/\d{2,}|0x[0-9a-f]+/g, '0');
