import { retentionAnswer, retentionRequest, storageAnswer, storageRequest } from '../../schema/api-storage.ts';
import type { RetentionAnswer, StorageAnswer } from '../../schema/api-storage.ts';
import type { Storage } from '../keeping/storage.ts';
import { duration } from '../settings.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

export interface StorageSources {
	storage: Pick<Storage, 'describe' | 'predict'>;
}

const asMs = (text: string | undefined): number | undefined => (text === undefined ? undefined : duration(text));

/** What is stored, and for how long. */
export function storageRoutes({ storage }: StorageSources): Route[] {
	return [
		route({
			path: '/storage',
			role: 'viewer',
			reach: 'process',
			summary: 'Bytes by table, service and attribute; how far back spans reach, and how far they will',
			query: storageRequest,
			answer: storageAnswer,
			handle: async (c, query) => c.json<StorageAnswer>(await storage.describe(readScope(c, query))),
		}),
		route({
			path: '/retention',
			role: 'viewer',
			reach: 'process',
			summary: 'What another retention would drop at once, and what it would come to',
			query: retentionRequest,
			answer: retentionAnswer,
			handle: async (c, query) => {
				const [spansMs, derivedMs] = [asMs(query.spans), asMs(query.derived)];
				const wanted = {
					...(spansMs === undefined ? {} : { spansMs }),
					...(derivedMs === undefined ? {} : { derivedMs }),
				};
				return c.json<RetentionAnswer>(await storage.predict(wanted));
			},
		}),
	];
}
