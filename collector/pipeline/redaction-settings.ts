import { Redactor } from './redaction.ts';
import { patternRule } from './redaction-rules.ts';

/** What an operator adds to the usual redaction, as plain data: it is handed to every thread that decodes. */
export interface RedactionSettings {
	/** Attributes whose whole value is secret, by their full name or by its last part. */
	attributes: readonly string[];
	/** Keys of query strings whose values are secret. */
	queryKeys: readonly string[];
	creditCards: boolean;
	/** Secrets that are told by their form: see `patternRule`. `pattern` is the source of a regular expression. */
	rules: readonly { name: string; contains: readonly string[]; pattern: string }[];
}

export const USUAL_REDACTION: RedactionSettings = { attributes: [], queryKeys: [], creditCards: false, rules: [] };

export const redactorOf = ({ attributes, queryKeys, creditCards, rules }: RedactionSettings): Redactor =>
	new Redactor({
		attributes,
		queryKeys,
		creditCards,
		rules: rules.map(({ name, contains, pattern }) => patternRule(name, contains, new RegExp(pattern, 'g'))),
	});
