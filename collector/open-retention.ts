import type { Config } from './config.ts';
import type { Documents } from './desired/documents.ts';
import { DeclaredRetention } from './keeping/declared-retention.ts';
import type { StateStore } from './state/state-store.ts';
import type { Store } from './store/store.ts';

interface RetentionParts {
	config: Config;
	state: StateStore;
	documents: Documents;
	store: Store;
}

/** Sets how long data stays, as it is configured or declared, and follows what is declared from then on. */
export function openRetention({ config, state, documents, store }: RetentionParts): Promise<DeclaredRetention> {
	const projects = () => new Set(state.all('config.Retention').map(({ project }) => project));
	return DeclaredRetention.open({
		configured: { spansMs: config.retentionMs, derivedMs: config.rollupRetentionMs },
		declared: () =>
			[...projects()].flatMap((project) => documents.list(project, 'Retention').map(({ document }) => document)),
		apply: (retention) => store.keeping.setRetention(retention),
	});
}
