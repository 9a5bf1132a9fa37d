/** One parameter of the URL: how its text is read and written, and what stands when it is absent. */
export interface Parameter<Value> {
	readonly fallback: Value;
	/** Undefined for text that means nothing: it is dropped and the reader told. */
	decode(text: string): Value | undefined;
	/** Null when the value isn't written because it is the default. */
	encode(value: Value): string | null;
}

/** The parameters of one screen by name. */
export type QuerySpec = Readonly<Record<string, Parameter<unknown>>>;
export type QueryValues<Spec extends QuerySpec> = {
	-readonly [Name in keyof Spec]: Spec[Name] extends Parameter<infer Value> ? Value : never;
};

/** A link longer than this is cut by browsers, proxies and chats; so is one value. */
const MAX_TEXT = 4096;

export const textParameter = (fallback = ''): Parameter<string> => ({
	fallback,
	decode: (text) => (text.length <= MAX_TEXT ? text : undefined),
	encode: (value) => (value === fallback ? null : value),
});

/** A text of one shape, such as an id; absent is empty. */
export const patternParameter = (pattern: RegExp): Parameter<string> => ({
	fallback: '',
	decode: (text) => (pattern.test(text) ? text : undefined),
	encode: (value) => (value === '' ? null : value),
});

/** Id of a trace, as W3C Trace Context writes it. */
export const traceIdParameter = patternParameter(/^[0-9a-f]{32}$/);

export const choiceParameter = <const Choice extends string>(
	choices: readonly Choice[],
	fallback: NoInfer<Choice>,
): Parameter<Choice> => ({
	fallback,
	decode: (text) => choices.find((choice) => choice === text),
	encode: (value) => (value === fallback ? null : value),
});

/** The column that a list is sorted by; behind a dash, from its largest on. */
export const sortParameter = <const Column extends string>(
	columns: readonly Column[],
	fallback: NoInfer<Column | `-${Column}`>,
): Parameter<Column | `-${Column}`> =>
	choiceParameter(
		columns.flatMap((column) => [`-${column}`, column] as const),
		fallback,
	);

export const flagParameter = (): Parameter<boolean> => ({
	fallback: false,
	decode: (text) => (text === '1' ? true : text === '0' ? false : undefined),
	encode: (value) => (value ? '1' : null),
});

/** Absent is undefined. */
export const integerParameter = (min: number, max: number): Parameter<number | undefined> => ({
	fallback: undefined,
	decode: (text) => {
		const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
		return Number.isSafeInteger(value) && value >= min && value <= max ? value : undefined;
	},
	encode: (value) => (value === undefined ? null : String(value)),
});

/** Values of a screen, every one valid: what doesn't decode stands at its default. */
export function readQuery<Spec extends QuerySpec>(spec: Spec, search: URLSearchParams): QueryValues<Spec> {
	const values: QueryValues<Spec> = Object.create(null);
	for (const [name, parameter] of Object.entries(spec)) {
		const text = search.get(name);
		Reflect.set(values, name, (text === null ? undefined : parameter.decode(text)) ?? parameter.fallback);
	}
	return values;
}

/** A copy of `search` with the changes written; defaults are taken out, other parameters stay. */
export function writeQuery<Spec extends QuerySpec>(
	spec: Spec,
	search: URLSearchParams,
	changes: Partial<QueryValues<Spec>>,
): URLSearchParams {
	const next = new URLSearchParams(search);
	for (const [name, value] of Object.entries(changes)) {
		const text = spec[name]?.encode(value) ?? null;
		if (text === null) next.delete(name);
		else next.set(name, text);
	}
	return next;
}

/** Names of the parameters whose text means nothing. */
export function unreadable(spec: QuerySpec, search: URLSearchParams): string[] {
	return Object.entries(spec)
		.filter(([name, parameter]) => {
			const text = search.get(name);
			return text !== null && parameter.decode(text) === undefined;
		})
		.map(([name]) => name);
}
