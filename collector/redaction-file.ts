import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { messageOf } from './problem.ts';
import { USUAL_REDACTION } from './pipeline/redaction-settings.ts';
import type { RedactionSettings } from './pipeline/redaction-settings.ts';

/** As many as fit beside the usual ones. */
const maxRules = 16;

const name = z.string().min(1).max(128);
const pattern = z
	.string()
	.min(1)
	.max(1_024)
	.superRefine((source, context) => {
		try {
			// A pattern that matches nothing at all would match everywhere, and end no text.
			if (new RegExp(source, 'g').test('')) context.addIssue('a pattern that does not match the empty text expected');
		} catch (error) {
			context.addIssue(messageOf(error));
		}
	});
const needle = z.string().regex(/^[\x20-\x7e]{2,64}$/, 'two or more ASCII characters expected');

const redactionFile = z.strictObject({
	attributes: z.array(name).max(1_000).default([]),
	queryKeys: z.array(name).max(1_000).default([]),
	creditCards: z.boolean().default(false),
	rules: z
		.array(z.strictObject({ name, contains: z.array(needle).min(1).max(16), pattern }))
		.max(maxRules)
		.default([]),
});

/** Reads what is to be redacted besides the usual. Throws Error with all that is wrong with the file. */
export function readRedactionFile(path: string): RedactionSettings {
	if (path === '') return USUAL_REDACTION;
	let json: unknown;
	try {
		json = JSON.parse(readFileSync(path, 'utf8'));
	} catch (error) {
		throw new Error(`a file of JSON, but: ${messageOf(error)}`, { cause: error });
	}
	const parsed = redactionFile.safeParse(json);
	if (parsed.success) return parsed.data;
	const problems = parsed.error.issues.map(
		({ path: at, message }) => `${z.core.toDotPath(at) || 'the file'}: ${message}`,
	);
	throw new Error(`rules as in docs/howto/redact-secrets.md, but: ${problems.join('; ')}`);
}
