import type { DocumentOf } from '../../schema/desired-state.ts';
import { LINK_NAMES, linkProblem, SOURCE_NAMES } from '../../schema/link.ts';
import { describeFound } from './finding.ts';
import type { Finding } from './finding.ts';

function checkAddress(field: string, address: string | undefined, names: readonly string[]): Finding[] {
	const expected = address === undefined ? undefined : linkProblem(address, names);
	return expected === undefined
		? []
		: [{ level: 'error', path: ['spec', field], found: describeFound(address), expected }];
}

export const checkLink = ({ spec }: DocumentOf<'Link'>): Finding[] =>
	checkAddress('urlTemplate', spec.urlTemplate, LINK_NAMES);

export const checkService = ({ spec }: DocumentOf<'Service'>): Finding[] => [
	...checkAddress('repository', spec.repository, []),
	...checkAddress('runbook', spec.runbook, []),
	...checkAddress('sourceUrl', spec.sourceUrl, SOURCE_NAMES),
];
