import type { DesiredDocument } from '../../schema/desired-state.ts';

/** Stands in answers where a secret is written out; sent back, it means the one that is kept. */
export const HIDDEN = '(hidden)';

export const isReference = (text: string): boolean => /\$\{(env|file):[^}]+\}/.test(text);

/** Fields of the `spec` that hold a secret which is written out. */
export function secretFields(document: DesiredDocument): string[] {
	if (document.kind !== 'Channel') return [];
	const { spec } = document;
	const { type, url } = spec;
	// The address of a Slack or Teams channel is all that is needed to write there.
	const hasSecretUrl = type === 'slack' || type === 'teams' || /\/\/[^/]*@/.test(url ?? '');
	const fields: ('secret' | 'smtp' | 'url')[] = hasSecretUrl ? ['secret', 'smtp', 'url'] : ['secret', 'smtp'];
	return fields.filter((name) => {
		const value = spec[name];
		return value !== undefined && value !== HIDDEN && !isReference(value);
	});
}

/** For answers: whoever may read a document may not read its secrets. */
export function withoutSecrets<Document extends DesiredDocument>(document: Document): Document {
	const hidden = Object.fromEntries(secretFields(document).map((name) => [name, HIDDEN]));
	return Object.keys(hidden).length === 0 ? document : { ...document, spec: { ...document.spec, ...hidden } };
}

/** What somebody sent who had read the document without its secrets. */
export function withKeptSecrets(sent: DesiredDocument, kept: DesiredDocument | undefined): DesiredDocument {
	const before: Record<string, unknown> = kept?.kind === sent.kind ? kept.spec : {};
	const entries = Object.entries(sent.spec).map(([name, value]) => [name, value === HIDDEN ? before[name] : value]);
	return { ...sent, spec: Object.fromEntries(entries.filter(([, value]) => value !== undefined)) };
}
