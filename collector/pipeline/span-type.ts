import type { CanonicalAttribute } from '../../schema/semantic-conventions.ts';
import type { SpanType } from '../../schema/span.ts';
import { factOf } from './facts.ts';
import type { RowFacts } from './row-facts.ts';

const INTERNAL_KINDS = [0, 1];
const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

interface TypeRule {
	type: SpanType;
	kinds: readonly number[];
	/** Any of these says that the span is of this type. */
	facts: readonly number[];
}

const rule = (type: SpanType, kinds: readonly number[], ...facts: CanonicalAttribute[]): TypeRule => ({
	type,
	kinds,
	facts: facts.map(factOf),
});

const FAAS_TRIGGER = factOf('faas.trigger');
const HTTP_METHOD = factOf('http.request.method');

/**
 * First match wins. Generative AI and databases stand before HTTP and RPC, which many of them are carried by.
 * A database's own server spans are not calls of a database.
 */
const RULES: readonly TypeRule[] = [
	rule('genai', [...INTERNAL_KINDS, SERVER, CLIENT], 'gen_ai.operation.name', 'gen_ai.provider.name'),
	rule('db', [...INTERNAL_KINDS, CLIENT], 'db.system.name', 'db.query.text'),
	rule(
		'messaging',
		[...INTERNAL_KINDS, CLIENT, PRODUCER, CONSUMER],
		'messaging.system',
		'messaging.operation.type',
		'messaging.destination.name',
	),
	rule('rpc', [SERVER, CLIENT], 'rpc.system.name'),
	rule('faas', [SERVER], 'faas.trigger'),
	rule('faas', [CLIENT], 'faas.invoked_name'),
	rule('graphql', [...INTERNAL_KINDS, SERVER], 'graphql.operation.type', 'graphql.document'),
	rule('http', [SERVER, CLIENT], 'http.request.method', 'http.response.status_code'),
	rule('http', [CLIENT], 'url.full'),
];

const RULES_OF_KIND = [0, 1, 2, 3, 4, 5].map((kind) => RULES.filter((each) => each.kinds.includes(kind)));

/** What the span is about. */
export function spanType(facts: RowFacts): SpanType {
	for (const each of RULES_OF_KIND[facts.kind] ?? []) {
		if (!hasAny(facts, each.facts)) continue;
		return each.type === 'faas' && isHttpFunction(facts) ? 'http' : each.type;
	}
	return 'custom';
}

function hasAny(facts: RowFacts, any: readonly number[]): boolean {
	for (let i = 0; i < any.length; i++) {
		if (facts.has(any[i] as number)) return true;
	}
	return false;
}

/** A function that answers HTTP is looked for among the HTTP endpoints. */
function isHttpFunction(facts: RowFacts): boolean {
	return facts.has(HTTP_METHOD) && facts.texts.text(facts.text(FAAS_TRIGGER)) === 'http';
}
