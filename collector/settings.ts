/** How one setting is read: from its flag, else its environment variable, else `VARIABLE_FILE` where it is a secret. */
export interface Setting<Value> {
	variable: string;
	flag?: string;
	default: string;
	help: string;
	secret?: true;
	/** Throws `Error` with what is expected; the caller says where and what was found. */
	read(text: string): Value;
}

export const text = (value: string): string => value;

export function port(value: string): number {
	const number = Number(value);
	if (!/^\d+$/.test(value) || number > 65_535) throw new Error('a port from 0 (any free one) to 65535');
	return number;
}

export const optionalPort = (value: string): number | undefined => (value === '' ? undefined : port(value));

export function wholeNumber(value: string): number {
	if (!/^\d{1,9}$/.test(value)) throw new Error('a whole number of at most 9 digits');
	return Number(value);
}

export function optionalUrl(value: string): string | undefined {
	if (value === '') return undefined;
	if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
		throw new Error('a URL that begins with http:// or https://');
	return value;
}

const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `7d`, `36h`, `2w` in milliseconds. */
export function duration(value: string): number {
	const [, amount = '', unit = ''] = /^(\d{1,6})([smhdw])$/.exec(value) ?? [];
	const milliseconds = Number(amount) * (unitMs[unit] ?? 0);
	if (milliseconds <= 0) throw new Error('a whole number with one of the units s m h d w, such as 7d');
	return milliseconds;
}

/** `64MiB`, `500kB`, `1048576` in bytes. */
export function bytes(value: string): number {
	const factors: Record<string, number> = {
		'': 1,
		kB: 1e3,
		MB: 1e6,
		GB: 1e9,
		KiB: 2 ** 10,
		MiB: 2 ** 20,
		GiB: 2 ** 30,
	};
	const [, amount = '', unit = ''] = /^(\d{1,9})\s*([a-zA-Z]*)$/.exec(value) ?? [];
	const size = Number(amount) * (factors[unit] ?? 0);
	if (size <= 0) throw new Error('a size such as 64MiB or 500kB');
	return size;
}

export const optionalBytes = (value: string): number | undefined => (value === '' ? undefined : bytes(value));

export function list(value: string): string[] {
	return value
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '');
}

export function flagValue(value: string): boolean {
	if (value === 'true' || value === '1') return true;
	if (value === 'false' || value === '0' || value === '') return false;
	throw new Error('true or false');
}

/** `/` or `/traces/`: with a slash at both ends. */
export function basePath(value: string): string {
	if (!/^\/([\w.~-]+\/)*[\w.~-]*$/.test(value)) throw new Error('a path such as / or /spanhouse/');
	return value.endsWith('/') ? value : `${value}/`;
}

/** A choice out of a closed set. */
export function oneOf<const Choice extends string>(choices: readonly Choice[]): (value: string) => Choice {
	return (value) => {
		const choice = choices.find((candidate) => candidate === value);
		if (choice === undefined) throw new Error(`one of ${choices.join(', ')}`);
		return choice;
	};
}

/** ClickHouse names go into DDL, where nothing can be bound: letters, digits and underscores only. */
export function identifier(value: string): string {
	if (!/^[A-Za-z_]\w{0,63}$/.test(value))
		throw new Error('letters, digits and underscores, not beginning with a digit');
	return value;
}
