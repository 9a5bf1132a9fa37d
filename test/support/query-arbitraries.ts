/** Random queries of the search language, as trees. */
import * as fc from 'fast-check';
import type { Expression, Key, Query, SetExpression, Term, Value } from '../../schema/query-syntax.ts';
import {
	ATTRIBUTE_SCOPES,
	FIELD_CHOICES,
	SPAN_FIELDS,
	STRUCTURE_OPERATORS,
	TRACE_FIELDS,
} from '../../schema/query-syntax.ts';
import type { FieldType, SpanField } from '../../schema/query-syntax.ts';
import { fieldType } from '../../schema/query-term.ts';
import { bareValue } from '../../schema/query-value.ts';

const nowhere = { position: 0, end: 0 };

/** A query, or any part of one, without the places of its nodes. */
export const withoutPlaces = (query: unknown): unknown =>
	JSON.parse(
		JSON.stringify(query, (name, value: unknown) => {
			if (name === 'position' || name === 'end') return undefined;
			return typeof value === 'bigint' ? `${value}n` : value;
		}),
	);

const nastyText = fc.oneof(
	fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
	fc.string({
		minLength: 1,
		maxLength: 8,
		unit: fc.constantFrom(...'ab.-_*\\"(){}:=<>~!|& 05sm@/\t\u0000é'.split('')),
	}),
	fc.constantFrom(
		'AND',
		'OR',
		'NOT',
		'has',
		'true',
		'500',
		'1..2',
		'500ms',
		'http://x',
		'{a}',
		'a b',
		'..',
		'-5',
		'span.',
		'*',
		'nil',
		'`a`',
		'name=x',
		'rootName',
		'instrumentation.x',
	),
);

const key: fc.Arbitrary<Key> = fc.oneof(
	fc.constantFrom(...(Object.keys(SPAN_FIELDS) as SpanField[])).map((field): Key => ({ kind: 'span', field })),
	fc.record({
		kind: fc.constant('attribute' as const),
		scope: fc.constantFrom('any', ...ATTRIBUTE_SCOPES),
		key: fc
			.oneof(fc.constantFrom('http.route', 'x', 'odd key', 'db.system.name', 'span', 'childCount'), nastyText)
			.filter((name) => !Object.hasOwn(SPAN_FIELDS, name) && !Object.hasOwn(TRACE_FIELDS, name)),
	}),
);
const traceKey = fc
	.constantFrom(...(Object.keys(TRACE_FIELDS) as (keyof typeof TRACE_FIELDS)[]))
	.map((field): Key => ({ kind: 'trace', field }));

const number = fc.oneof(fc.integer().map(String), fc.constantFrom('1.5', '5e2', '-0.25', '9007199254740993'));
const duration = fc
	.tuple(fc.nat(5000), fc.constantFrom('ns', 'us', 'µs', 'ms', 's', 'm', 'h', 'd', 'w'))
	.map(([count, unit]) => `${count}${unit}`);
const bare = (text: string): Value => bareValue([text], false);
const range = (side: fc.Arbitrary<string>): fc.Arbitrary<Value> =>
	fc
		.tuple(fc.option(side, { nil: '' }), fc.option(side, { nil: '' }))
		.filter(([from, to]) => from !== '' || to !== '')
		.map(([from, to]) => bare(`${from}..${to}`));

const text = nastyText.map((text): Value => ({ kind: 'text', text }));
const wildcard = fc
	.array(fc.oneof(fc.constant(''), nastyText), { minLength: 2, maxLength: 4 })
	.filter((pieces) => pieces.some((piece) => piece !== ''))
	.map((pieces): Value => ({ kind: 'wildcard', pieces }));

function equalValue(type: FieldType | undefined, name: string): fc.Arbitrary<Value> {
	const hex = (length: number) =>
		fc
			.string({ minLength: length, maxLength: length, unit: fc.constantFrom(...'0123456789abcdefAB'.split('')) })
			.map((text): Value => ({ kind: 'text', text }));
	switch (type) {
		case undefined:
			return fc.oneof(
				text,
				wildcard,
				number.map(bare),
				duration.map(bare),
				range(number),
				fc.constantFrom(bare('true'), bare('false')),
			);
		case 'text':
			return fc.oneof(text, wildcard);
		case 'id':
			return hex(name === 'traceId' ? 32 : 16);
		case 'duration':
			return fc.oneof(duration.map(bare), range(duration));
		case 'count':
			return fc.oneof(number.map(bare), range(number));
		default:
			return fc.constantFrom(...(FIELD_CHOICES[type] ?? [])).map((text): Value => ({ kind: 'text', text }));
	}
}

function termOf(key: Key): fc.Arbitrary<Term> {
	const type = fieldType(key);
	const equal = equalValue(type, key.kind === 'attribute' ? key.key : key.field);
	const of = (operator: fc.Arbitrary<Term['operator']>, values: fc.Arbitrary<Value[]>): fc.Arbitrary<Term> =>
		fc.tuple(operator, values).map(([operator, values]) => ({ kind: 'term', key, operator, values, ...nowhere }));
	const kinds = [
		of(fc.constantFrom(':', '!='), fc.array(equal, { minLength: 1, maxLength: 3 })),
		of(fc.constant('has'), fc.constant([])),
	];
	const order = fc.constantFrom('>', '>=', '<', '<=');
	if (type === undefined)
		kinds.push(
			of(
				order,
				fc.oneof(number.map(bare), text).map((value) => [value]),
			),
		);
	if (type === 'duration')
		kinds.push(
			of(
				order,
				duration.map((each) => [bare(each)]),
			),
		);
	if (type === 'count')
		kinds.push(
			of(
				order,
				number.map((each) => [bare(each)]),
			),
		);
	if (type !== 'duration' && type !== 'count') {
		const regex = fc
			.constantFrom('a.*b', '^x|y$', String.raw`\d+`, '[a-z]"', '(?i)A')
			.map((text): Value[] => [{ kind: 'text', text }]);
		kinds.push(of(fc.constantFrom('~', '!~'), regex));
	}
	return fc.oneof(...kinds);
}

const anyTerm = key.chain(termOf);
const traceTerm = traceKey.chain(termOf);
const freeText: fc.Arbitrary<Expression> = fc
	.oneof(
		nastyText.map((only) => [only]),
		fc.array(nastyText, { minLength: 2, maxLength: 3 }),
	)
	.map((pieces) => ({ kind: 'free', pieces, ...nowhere }));

/** Parts of the same kind within each other are one part, as the parser reads them. */
function combined(kind: 'and' | 'or', operands: Expression[]): Expression {
	return { kind, operands: operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand])) };
}

function boolean(leaf: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> {
	return fc.letrec<{ all: Expression }>((tie) => ({
		all: fc.oneof(
			{ maxDepth: 4, depthIdentifier: 'query' },
			leaf,
			fc
				.tuple(fc.constantFrom('and', 'or'), fc.array(tie('all'), { minLength: 2, maxLength: 3 }))
				.map(([kind, operands]) => combined(kind, operands)),
			tie('all').map((operand): Expression => ({ kind: 'not', operand })),
		),
	})).all;
}

export const anyBareExpression = boolean(
	fc.oneof({ weight: 4, arbitrary: anyTerm }, freeText, { weight: 1, arbitrary: traceTerm }),
);

const braces: fc.Arbitrary<SetExpression> = fc
	.option(boolean(fc.oneof(anyTerm, freeText)), { nil: undefined })
	.map((where) => ({ kind: 'spans', ...(where === undefined ? {} : { where }), ...nowhere }));

const sets: fc.Arbitrary<SetExpression> = fc.letrec<{ set: SetExpression }>((tie) => ({
	set: fc.oneof(
		{ maxDepth: 2, depthIdentifier: 'set' },
		braces,
		fc
			.tuple(fc.constantFrom(...STRUCTURE_OPERATORS), tie('set'), tie('set'))
			.map(([operator, left, right]): SetExpression => ({ kind: 'structure', operator, left, right, ...nowhere })),
		fc
			.tuple(tie('set'), fc.constantFrom('>', '>=', '<', '<=', ':', '!='), fc.nat(100))
			.map(([of, operator, count]): SetExpression =>
				of.kind === 'counted' ? of : { kind: 'counted', of, operator, count, ...nowhere },
			),
	),
})).set;

export const anyQuery: fc.Arbitrary<Query> = fc.oneof(
	{ weight: 6, arbitrary: anyBareExpression.map((where) => ({ where })) },
	{ weight: 2, arbitrary: sets.map((where) => ({ where })) },
	{
		weight: 1,
		arbitrary: fc.tuple(sets, traceTerm).map((operands) => ({ where: { kind: 'and', operands } as Expression })),
	},
	{ weight: 1, arbitrary: fc.constant({}) },
);
