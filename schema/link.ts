/** Addresses that documents declare, filled in with what is known where they are shown. Pure. */

/** Where a declared link can be shown. */
export const LINK_TARGETS = ['span', 'trace', 'service', 'firing'] as const;
export type LinkTarget = (typeof LINK_TARGETS)[number];

/** What a link may name in braces; attributes of a span, or values of a firing's group, as `attr.KEY`. */
export const LINK_NAMES = [
	'traceId',
	'spanId',
	'service',
	'operation',
	'environment',
	'version',
	'fromMs',
	'toMs',
	'alert',
	'firingId',
] as const;
/** What the address of a service's source may name. */
export const SOURCE_NAMES = ['revision', 'path', 'line'] as const;

/** By name; undefined where it is not known here. */
export type LinkValues = Readonly<Record<string, string | number | undefined>>;

const NAME = /\{([^{}]*)\}/g;
/** Host and port are written out: telemetry fills in the rest, and must not say where it leads. */
const START = /^https?:\/\/[^\s/?#{}@]+(?=[/?#]|$)/i;

/** What was expected instead; undefined where the address is one. */
export function linkProblem(template: string, names: readonly string[]): string | undefined {
	if (!START.test(template)) return 'an http or https address, its host without placeholders';
	const unknown = [...template.matchAll(NAME)].map(([, name = '']) => name).find((name) => !isKnown(name, names));
	if (unknown !== undefined) return `{${names.join('}, {')}}${names === SOURCE_NAMES ? '' : ' or {attr.KEY}'}`;
	return /[{}]/.test(template.replace(NAME, '')) ? 'placeholders in a pair of braces each' : undefined;
}

const isKnown = (name: string, names: readonly string[]): boolean =>
	names.includes(name) || (names !== SOURCE_NAMES && name.length > 5 && name.startsWith('attr.'));

/** The address with its placeholders filled in and encoded; undefined where one of them is not known here. */
export function fillLink(template: string, values: LinkValues): string | undefined {
	if (!START.test(template)) return undefined;
	let isWhole = true;
	const filled = template.replace(NAME, (_, name: string) => {
		const value = Object.hasOwn(values, name) ? values[name] : undefined;
		const text = value === undefined ? '' : encodeLinkValue(String(value), name);
		isWhole &&= text !== '';
		return text;
	});
	return isWhole ? filled : undefined;
}

/** A path keeps its slashes, and leads to nowhere above where it is put. */
function encodeLinkValue(value: string, name: string): string {
	const text = value.toWellFormed();
	if (name !== 'path') return /^\.{1,2}$/.test(text) ? '' : encodeURIComponent(text);
	const steps = text.split('/').filter((step) => step !== '' && step !== '.');
	return steps.includes('..') ? '' : steps.map(encodeURIComponent).join('/');
}

/** An address as it stands, where it is one that a browser may follow. */
export const safeAddress = (address: string | undefined): string | undefined =>
	address !== undefined && START.test(address) ? address : undefined;
