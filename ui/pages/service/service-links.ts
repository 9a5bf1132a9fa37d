import type { DocumentOf } from '../../../schema/desired-state.ts';
import { safeAddress } from '../../../schema/link.ts';

/** What is declared of a service that leads elsewhere. */
export const serviceLinks = (
	spec: Pick<DocumentOf<'Service'>['spec'], 'runbook' | 'repository'> | undefined,
): { title: string; href: string }[] =>
	[
		{ title: 'Runbook', href: safeAddress(spec?.runbook) },
		{ title: 'Repository', href: safeAddress(spec?.repository) },
	].flatMap(({ title, href }) => (href === undefined ? [] : [{ title, href }]));
