import { stringify } from 'yaml';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DesiredDocument } from '../../schema/desired-state.ts';

/** The document as somebody would write it: what is as it would be anyway is left out. */
export function documentYaml(document: DesiredDocument): string {
	const { apiVersion, kind, metadata, spec } = document;
	const written = { apiVersion, kind, metadata: withoutDefaults(metadata), spec: withoutDefaults(spec) };
	const isSame = JSON.stringify(documentSchema.safeParse(written).data) === JSON.stringify(document);
	return stringify(isSame ? written : document, { lineWidth: 120 });
}

/** Empty lists and groups, and the values that the schema fills in. */
function withoutDefaults(group: object): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(group).filter(([name, value]) => value !== undefined && !isUsual(name, value)),
	);
}

const usual: Record<string, unknown> = {
	spans: 'entry',
	noData: 'keep',
	enabled: true,
	minRequests: 0,
	sendResolved: true,
	continue: false,
	order: 0,
	timeZone: 'UTC',
};

function isUsual(name: string, value: unknown): boolean {
	if (name in usual) return usual[name] === value;
	if (Array.isArray(value)) return value.length === 0;
	return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
