import { frame } from './stack-frame.ts';
import type { StackFrame } from './stack-frame.ts';

/**
 * One way to print a stack. `read` takes a line and the one after it; undefined when it is not a frame. The expressions
 * have no nested repetition, so that a line costs time by its length alone.
 */
export interface StackFormat {
	name: string;
	read(line: string, next: string): StackFrame | undefined;
	/** What follows this line is another exception's stack: the one that is asked about came before it. */
	ends?: RegExp;
	/** What follows this line is the stack that is asked about: what came before is another's. */
	restarts?: RegExp;
	/** The innermost call stands last. */
	isReversed?: true;
}

const V8_LINE = /^\s*at (?:(async |new )?([^\s(][^(]*) \()?(?:file:\/\/)?([^()]+?):(\d+):\d+\)?(?: \{)?$/;
const V8_NATIVE = /^\s*at ([^\s(][^(]*) \((<anonymous>|native)\)$/;

/** Node.js, Deno, Chromium: `at charge (/app/pay.js:51:11)`. */
const v8: StackFormat = {
	name: 'javascript',
	ends: /^\s*(?:\[cause\]|Caused by): /,
	read: (line) => {
		const [, , name = '', file, number] = V8_LINE.exec(line) ?? [];
		if (file !== undefined) return frame(line, cleanV8(name), file, number);
		const [, native] = V8_NATIVE.exec(line) ?? [];
		return native === undefined ? undefined : { ...frame(line, cleanV8(native), '', undefined), isOwn: false };
	},
};
const cleanV8 = (name: string): string =>
	name
		.replace(/ \[as [^\]]*\]$/, '')
		.replace(/^async /, '')
		.trim();

/** Firefox and Safari: `charge@https://shop.example/assets/pay.js:51:11`. */
const gecko: StackFormat = {
	name: 'javascript',
	read: (line) => {
		const [, name = '', file = '', number] = /^\s*([^@\s]*)@(\S+?):(\d+):\d+$/.exec(line) ?? [];
		return file === '' ? undefined : frame(line, name, file, number);
	},
};

/** `File "/app/pay.py", line 51, in charge`; the newest exception, with the call that raised it last, comes at the end. */
const python: StackFormat = {
	name: 'python',
	isReversed: true,
	restarts: /^\s*Traceback \(most recent call last\):$/,
	read: (line) => {
		const [, file, number, name = ''] = /^\s*File "([^"]*)", line (\d+)(?:, in (.+))?$/.exec(line) ?? [];
		return file === undefined ? undefined : frame(line, name, file, number);
	},
};

const JAVA_LINE =
	/^\s*at (?:[\w.@$-]*\/{1,2})?([\w.$<>/{}-]+)\(([\w.$-]*\.\w+|Unknown Source|Native Method|<generated>)(?::(\d+))?\)(?: ~?\[[^\]]*\])?$/;

/** `at shop.Pay.charge(Pay.java:51)`, also with a module in front; PHP's OpenTelemetry prints the same way. */
const java: StackFormat = {
	name: 'java',
	ends: /^\s*Caused by: /,
	read: (line) => {
		const [, name, file = '', number] = JAVA_LINE.exec(line) ?? [];
		return name === undefined ? undefined : frame(line, cleanJava(name), file, number);
	},
};
/** Without what differs from one start of the program to the next: generated classes and numbered lambdas. */
const cleanJava = (name: string): string =>
	name
		.replace(/\$\$(Lambda|EnhancerBy\w+?|FastClassBy\w+?|SpringCGLIB)\$\$?[\w/$]*/g, '$$$$$1')
		.replace(/lambda\$(\w+)\$\d+/g, 'lambda$$$1')
		.replace(/(Generated(?:Method|Constructor)Accessor|\$Proxy)\d+/g, '$1');

/** `main.charge(0x1, …)` and below it `/app/pay.go:51 +0x1d`; also as github.com/pkg/errors prints. */
const go: StackFormat = {
	name: 'go',
	restarts: /^panic\(/, // Above it stands who recovered.
	read: (line, next) => {
		const [, file, number] = /^\s+(\S.*\.(?:go|s)):(\d+)(?: \+0x[0-9a-f]+)?$/.exec(next) ?? [];
		if (file === undefined || /^\s/.test(line)) return undefined;
		const name = line
			.replace(/^created by /, '')
			.replace(/ in goroutine \d+$/, '')
			.replace(/\((?:0x[^()]*|\.\.\.|\{[^()]*|)\)$/, '')
			.replace(/\[[^\]]*\]/g, '');
		const isPanic = /^(?:panic|runtime\/debug\.|runtime\.)/.test(name);
		const found = frame(`${line} ${next.trim()}`, name, file, number);
		return isPanic ? { ...found, isOwn: false } : found;
	},
};

const DOTNET_LINE = /^\s*at ([^\s(]+)\s?\(.*\)(?: in (.+):line (\d+))?$/;

/** `at Shop.Pay.Charge(Decimal amount) in /app/Pay.cs:line 51`; an inner exception comes first, the outer one's stack last. */
const dotnet: StackFormat = {
	name: 'dotnet',
	restarts: /--- End of inner exception stack trace ---$/,
	read: (line) => {
		const [, name, file = '', number] = DOTNET_LINE.exec(line) ?? [];
		return name === undefined ? undefined : frame(line, cleanDotnet(name), file, number);
	},
};
/** The method that was written, not the class that the compiler made of it. */
const cleanDotnet = (name: string): string =>
	name
		.replace(/[.+]<(\w+)>d__\d+(?:`\d+)?\.MoveNext$/, '.$1')
		.replace(/[.+]<>c(?:__DisplayClass[\d_]+)?\.<(\w+)>b__[\d_]+$/, '.$1')
		.replace(/`\d+|\[[^\]]*\]/g, '');

/** `/app/pay.rb:51:in 'Pay#charge'`, with either kind of quotes. */
const ruby: StackFormat = {
	name: 'ruby',
	read: (line) => {
		const [, file = '', number, name = ''] =
			/^\s*(?:from )?([^\s:][^:]*):(\d+):in [`'"]([^'"]*)['"](?:: .*)?$/.exec(line) ?? [];
		return file === ''
			? undefined
			: frame(line, name.replace(/^(?:block|rescue|ensure)(?: \(.*?\))? in /, ''), file, number);
	},
};

/** `#0 /app/Pay.php(51): Shop\Pay->charge()`. */
const php: StackFormat = {
	name: 'php',
	ends: /^(?:Next |Caused by: )/,
	read: (line) => {
		const [, file, number, name = ''] =
			/^\s*#\d+ (\[internal function\]|[^(]+?)(?:\((\d+)\))?: ([\w\\:>{}-]+)\(.*\)?$/.exec(line) ?? [];
		return file === undefined ? undefined : frame(line, name, file, number);
	},
};

/** In the order in which they are tried on a stack. */
export const STACK_FORMATS: readonly StackFormat[] = [python, go, v8, gecko, php, ruby, java, dotnet];
