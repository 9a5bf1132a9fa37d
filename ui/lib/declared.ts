import type { DocumentsAnswer } from '../../schema/api-alerts.ts';
import type { DocumentKind } from '../../schema/alert.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { AppParts } from './app.ts';

/** Documents of a kind that are in force. They change seldom: looked at once a minute at most. */
export function declaredRead<Kind extends DocumentKind>({ api }: AppParts, kind: Kind) {
	return {
		queryKey: ['/config/documents', { kind }] as const,
		queryFn: async ({ signal }: { signal: AbortSignal }) => {
			const { documents } = await api.get<DocumentsAnswer>('/config/documents', { kind }, signal);
			return documents.map(({ document }) => document as DocumentOf<Kind>);
		},
		staleTime: 60_000,
	};
}

/** What is declared of a service, by its name with the namespace or without. */
export const serviceDocument = (
	documents: readonly DocumentOf<'Service'>[] | undefined,
	service: string,
): DocumentOf<'Service'> | undefined =>
	documents?.find(({ metadata }) => metadata.name === service) ??
	documents?.find(({ metadata }) => service.endsWith(`/${metadata.name}`));
