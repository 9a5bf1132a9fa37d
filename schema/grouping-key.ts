import { readKey } from './query-edit.ts';
import { FIELD_CHOICES, SPAN_FIELDS } from './query-syntax.ts';
import type { Key } from './query-syntax.ts';

/** What groups are made by, as a request or a rule has it: what can't be read as a key is an attribute of that name. */
export const groupingKey = (text: string): Key => readKey(text) ?? { kind: 'attribute', scope: 'any', key: text };

/** Whether a span has one text of it at most: not of ids and durations, facts of traces, and attributes of events, links and scopes. */
export function hasOneValue(key: Key): boolean {
	switch (key.kind) {
		case 'span': {
			const type = SPAN_FIELDS[key.field];
			return type === 'text' || FIELD_CHOICES[type] !== undefined;
		}
		case 'trace':
			return false;
		case 'attribute':
			return key.scope === 'any' || key.scope === 'span' || key.scope === 'resource';
	}
}
