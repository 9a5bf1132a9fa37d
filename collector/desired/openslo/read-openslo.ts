import { describeFound } from '../finding.ts';
import type { Finding } from '../finding.ts';
import type { FileFinding } from '../../../schema/api-config.ts';
import { shapeFindings, validateDocument } from '../validate-document.ts';
import type { LoadedDocument } from '../load-documents.ts';
import { namesIn, toJsonSchema } from '../known-names.ts';
import type { YamlDocument } from '../read-yaml.ts';
import { convertObjectives, NotUnderstood } from './convert-objective.ts';
import type { OpenSloNames } from './convert-objective.ts';
import { OPENSLO_VERSION, openSloSchema } from './openslo-schema.ts';
import type { OpenSloDocument, OpenSloOf } from './openslo-schema.ts';

interface Written {
	yaml: YamlDocument;
	document: OpenSloDocument;
}

export const isOpenSlo = (value: unknown): boolean =>
	typeof value === 'object' && value !== null && 'apiVersion' in value && value.apiVersion === OPENSLO_VERSION;

const known = namesIn(toJsonSchema(openSloSchema));

/** Objectives as ours, out of documents of OpenSLO in any number of files; what isn't understood is told with its place. */
export function readOpenSlo(all: readonly YamlDocument[]): { documents: LoadedDocument[]; findings: FileFinding[] } {
	const findings: FileFinding[] = [];
	const written = all.flatMap((yaml): Written[] => {
		const parsed = openSloSchema.safeParse(yaml.value);
		if (parsed.success) return [{ yaml, document: parsed.data }];
		findings.push(...shapeFindings(parsed.error, yaml.value, known).map((finding) => yaml.locate(finding)));
		return [];
	});
	// A name that is missing because its document has an error would be told twice.
	if (findings.length > 0) return { documents: [], findings };
	const names = namesOf(written);
	const documents = written.flatMap(({ yaml, document }) =>
		document.kind === 'SLO' ? convertOne(yaml, document, names, findings) : [],
	);
	return { documents, findings };
}

function convertOne(
	yaml: YamlDocument,
	slo: OpenSloOf<'SLO'>,
	names: OpenSloNames,
	findings: FileFinding[],
): LoadedDocument[] {
	try {
		return convertObjectives(slo, names).flatMap((converted) => {
			const { document, findings: found } = validateDocument(converted);
			findings.push(...found.map((finding) => yaml.locate(inSlo(finding, slo))));
			return document === undefined ? [] : [{ document, file: yaml.file, line: yaml.position.line }];
		});
	} catch (error) {
		if (!(error instanceof NotUnderstood)) throw error;
		let found: unknown = yaml.value;
		for (const step of error.path) found = (found as Record<PropertyKey, unknown> | null | undefined)?.[step];
		const { path, expected } = error;
		findings.push(yaml.locate({ level: 'error', path, found: describeFound(found), expected }));
		return [];
	}
}

/** A finding of ours where that stands in the SLO which became the field. */
function inSlo({ offset, ...finding }: Finding, { spec }: OpenSloOf<'SLO'>): Finding {
	const field = String(finding.path[1] ?? '');
	const ratio = spec.indicator?.spec.ratioMetric;
	if (ratio === undefined || (field !== 'total' && field !== 'good'))
		return { ...finding, path: fieldPlaces[field] ?? ['spec'] };
	const isNegated = field === 'good' && ratio.good === undefined;
	const path = [...ratioPath, isNegated ? 'bad' : field, 'metricSource', 'spec', 'query'];
	return { ...finding, path, ...(isNegated || offset === undefined ? {} : { offset }) };
}

const ratioPath = ['spec', 'indicator', 'spec', 'ratioMetric'];
const fieldPlaces: Record<string, PropertyKey[]> = {
	window: ['spec', 'timeWindow', 0],
	burnRates: ['spec', 'alertPolicies'],
	targetPercent: ['spec', 'objectives'],
	timeSlice: ['spec', 'objectives'],
};

function namesOf(written: readonly Written[]): OpenSloNames {
	const ofKind = <Kind extends OpenSloDocument['kind']>(kind: Kind): OpenSloOf<Kind>[] =>
		written.flatMap(({ document }) => (document.kind === kind ? [document as OpenSloOf<Kind>] : []));
	return {
		indicators: new Map(ofKind('SLI').map(({ metadata, spec }) => [metadata.name, spec])),
		sources: new Map(ofKind('DataSource').map(({ metadata, spec }) => [metadata.name, spec.type])),
		policies: new Map(ofKind('AlertPolicy').map(({ metadata, spec }) => [metadata.name, spec])),
		conditions: new Map(ofKind('AlertCondition').map(({ metadata, spec }) => [metadata.name, spec])),
		targets: new Set(ofKind('AlertNotificationTarget').map(({ metadata }) => metadata.name)),
	};
}
