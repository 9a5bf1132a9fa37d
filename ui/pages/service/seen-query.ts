import type { AppParts } from '../../lib/app.ts';
import { windowQuery } from '../../lib/queries.ts';
import type { Operation } from '../../../schema/api.ts';
import type { OperationSightsAnswer } from '../../../schema/api-services.ts';

const FRESH_MS = 60_000;

/** It reads all that is kept, so not again with each look of a live screen. */
export const seenQuery = (app: AppParts, service: string) => ({
	...windowQuery<OperationSightsAnswer>(app, '/operations/seen', { service }),
	refetchInterval: false as const,
	// Of no service while the page is being left.
	enabled: service !== '',
	staleTime: FRESH_MS,
});

export const operationKey = ({ operation, kind, type }: Pick<Operation, 'operation' | 'kind' | 'type'>): string =>
	JSON.stringify([operation, kind, type]);
