import type { CanonicalAttribute } from '../../schema/semantic-conventions.ts';
import { SPAN_TYPES, type SpanType } from '../../schema/span.ts';
import { factOf } from './facts.ts';
import { maskIdentifiers } from './mask-identifiers.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import type { DerivedTexts } from './derived-texts.ts';
import type { PathNames } from './path-names.ts';
import { STRING } from './row-attributes.ts';
import type { RowFacts } from './row-facts.ts';
import { TupleTable } from './tuple-table.ts';

const SERVER = 2;

/** The texts that an operation name is made of, in the order of OPERATION_FACTS. */
interface OperationFacts {
	kind: number;
	isTemporary: boolean;
	isAnonymous: boolean;
	texts: readonly string[];
}

const factsOf = (...attributes: CanonicalAttribute[]): readonly number[] => attributes.map(factOf);

/** What each type's name is made of. */
const OPERATION_FACTS: Record<SpanType, readonly number[]> = {
	custom: [],
	http: factsOf('http.request.method', 'http.route', 'url.template', 'server.address'),
	db: factsOf('db.query.summary', 'db.operation.name', 'db.namespace', 'db.collection.name', 'db.system.name'),
	rpc: factsOf('rpc.service', 'rpc.method', 'rpc.system.name'),
	messaging: factsOf(
		'messaging.operation.name',
		'messaging.operation.type',
		'messaging.destination.template',
		'messaging.destination.name',
		'server.address',
		'server.port',
	),
	genai: factsOf('gen_ai.operation.name', 'gen_ai.request.model', 'gen_ai.agent.name', 'gen_ai.tool.name'),
	faas: factsOf('faas.invoked_name', 'faas.name'),
	graphql: factsOf('graphql.operation.type'),
};
const MAX_FACTS = 6;
const MAX_KEPT_COMBINATIONS = 50_000;
const TEMPORARY = factOf('messaging.destination.temporary');
const ANONYMOUS = factOf('messaging.destination.anonymous');
const HTTP_METHOD = factOf('http.request.method');
const HTTP_ROUTE = factOf('http.route');
const URL_PATH = factOf('url.path');

const joinWords = (...words: readonly string[]): string => words.filter((word) => word !== '').join(' ');
const inParentheses = (system: string): string => (system === '' ? '' : `(${system})`);

const verbOf = (method: string): string => (method === '_OTHER' ? 'HTTP' : method);

function httpOperation({ kind, texts: [method = '', route = '', template = '', server = ''] }: OperationFacts): string {
	const verb = verbOf(method);
	return kind === SERVER ? joinWords(verb, route) : joinWords(verb, template || server);
}

function dbOperation({
	texts: [summary = '', verb = '', namespace = '', collection = '', system = ''],
}: OperationFacts) {
	if (summary !== '') return summary;
	const target = collection === '' || namespace === '' ? collection : `${namespace}.${collection}`;
	return joinWords(verb, target) || inParentheses(system);
}

/** The method with its service in front, as newer instrumentations send it. */
export const qualifiedRpcMethod = (service: string, method: string): string =>
	service === '' || method === '' || method.includes('/') ? method : `${service}/${method}`;

function rpcOperation({ texts: [service = '', method = '', system = ''] }: OperationFacts): string {
	return method === '' || method === '_OTHER' ? inParentheses(system) : qualifiedRpcMethod(service, method);
}

function messagingOperation(facts: OperationFacts): string {
	const [name = '', type = '', template = '', destination = '', server = '', port = ''] = facts.texts;
	return joinWords(name || type, messagingTarget(facts, template || destination, server, port));
}

function messagingTarget(facts: OperationFacts, destination: string, server: string, port: string): string {
	if (facts.isTemporary) return '(temporary)';
	if (facts.isAnonymous) return '(anonymous)';
	if (destination !== '') return destination;
	return port === '' || server === '' ? server : `${server}:${port}`;
}

function genaiOperation({ texts: [operation = '', model = '', agent = '', tool = ''] }: OperationFacts): string {
	return joinWords(operation, model || agent || tool);
}

/**
 * The low-cardinality name that the conventions give a span, empty when they give none.
 * Source: the span names of the semantic conventions 1.44.
 */
function operationName(type: SpanType, facts: OperationFacts): string {
	return cut(namedByConvention(type, facts));
}

function namedByConvention(type: SpanType, facts: OperationFacts): string {
	switch (type) {
		case 'http':
			return httpOperation(facts);
		case 'db':
			return dbOperation(facts);
		case 'rpc':
			return rpcOperation(facts);
		case 'messaging':
			return messagingOperation(facts);
		case 'genai':
			return genaiOperation(facts);
		case 'faas':
			return (facts.texts[0] ?? '') || (facts.texts[1] ?? '');
		case 'graphql':
			return facts.texts[0] || 'GraphQL Operation';
		default:
			return '';
	}
}

const MAX_OPERATION_LENGTH = 256;
const cut = (operation: string): string =>
	operation.length > MAX_OPERATION_LENGTH
		? operation.slice(0, MAX_OPERATION_LENGTH).replace(/[\uD800-\uDBFF]$/, '')
		: operation;

/** The operation of each span: by convention, or else its own name without identifiers. Each is worked out once. */
export class OperationNames {
	readonly #texts: DerivedTexts;
	readonly #conventional = new TupleTable(MAX_FACTS + 2);
	readonly #tuple = new Uint32Array(MAX_FACTS + 2);
	readonly #masked = new Map<number, number>();
	/** Not there where a server span without a route has its method alone for a name. */
	readonly #paths: PathNames | undefined;
	#spans: DecodedSpans | undefined;
	/** Of the block, by resource. */
	#services: readonly string[] = [];

	constructor(texts: DerivedTexts, paths: PathNames | undefined) {
		this.#texts = texts;
		this.#paths = paths;
	}

	/** The block whose rows are asked about next. */
	open(spans: DecodedSpans): void {
		if (this.#paths === undefined) return;
		this.#spans = spans;
		this.#services = spans.resources.map(({ namespace, service }) =>
			JSON.stringify([spans.project, namespace, service]),
		);
	}

	/** Texts combine without end, so the combinations have a bound of their own. */
	get isFull(): boolean {
		return this.#conventional.size > MAX_KEPT_COMBINATIONS;
	}

	/** The operation of a row, which is at hand, as a row of the texts. `name` is the span's own name there. */
	operation(type: SpanType, name: number, facts: RowFacts, row: number): number {
		if (this.#paths !== undefined && type === 'http' && facts.kind === SERVER && facts.text(HTTP_ROUTE) === 0) {
			const byPath = this.#byPath(this.#paths, facts, row);
			if (byPath !== 0) return byPath;
		}
		return (type === 'custom' ? 0 : this.#byConvention(type, facts)) || this.#byName(name);
	}

	/** 0 where there is no path. */
	#byPath(paths: PathNames, facts: RowFacts, row: number): number {
		const spans = this.#spans;
		const source = facts.find(URL_PATH);
		if (spans === undefined || source < 0 || facts.typeOf(source) !== STRING) return 0;
		const { start, end } = facts.range;
		const service = this.#services[spans.resource[row] as number] ?? '';
		const verb = verbOf(this.#texts.text(facts.text(HTTP_METHOD)));
		const name = paths.operation(service, verb, { bytes: spans.attributes.string.values.bytes, start, end });
		return this.#texts.ofText(cut(name));
	}

	#byConvention(type: SpanType, facts: RowFacts): number {
		const tuple = this.#tuple;
		const parts = OPERATION_FACTS[type];
		const isTemporary = type === 'messaging' && facts.isTrue(TEMPORARY);
		const isAnonymous = type === 'messaging' && facts.isTrue(ANONYMOUS);
		tuple.fill(0);
		tuple[0] = SPAN_TYPES.indexOf(type) * 8 + facts.kind;
		tuple[1] = (isTemporary ? 1 : 0) + (isAnonymous ? 2 : 0);
		for (let i = 0; i < parts.length; i++) tuple[i + 2] = facts.text(parts[i] as number);
		const known = this.#conventional.find(tuple);
		if (known >= 0) return known;
		const texts = parts.map((_, i) => this.#texts.text(tuple[i + 2] as number));
		const name = operationName(type, { kind: facts.kind, isTemporary, isAnonymous, texts });
		const row = this.#texts.table.internText(name);
		this.#conventional.set(tuple, row);
		return row;
	}

	#byName(name: number): number {
		let row = this.#masked.get(name);
		if (row === undefined) {
			row = this.#texts.table.internText(maskIdentifiers(this.#texts.table.text(name)));
			this.#masked.set(name, row);
		}
		return row;
	}
}
