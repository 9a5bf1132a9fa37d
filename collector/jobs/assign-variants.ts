import { groupException } from '../analysis/exceptions/exception-group.ts';
import type { AssignedVariant, NewVariant, VariantTable } from '../store/job-types.ts';
import { issueNumber } from './issue-id.ts';

/** So many at a time: each may have a stack of 32 KiB. */
const batch = 200;
/** Beyond this many in a project, all further ones of a service are one issue: nothing groups what never repeats. */
const maxVariants = 20_000;
/** Log records are looked at again for so long, because they may come late. */
const lateMs = 3_600_000;
const lookBackEveryMs = 600_000;

interface AssignVariantsParts {
	table: VariantTable;
	/** All spans of commits up to this one are accounted for among the exceptions. */
	derivedTo: () => number;
	clock: () => number;
}

/** Finds the issue of each variant of an exception that is new. */
export class AssignVariants {
	readonly #parts: AssignVariantsParts;
	#after = 0;
	#lookedBackMs = 0;

	constructor(parts: AssignVariantsParts) {
		this.#parts = parts;
	}

	/** True when there is more to do at once. */
	async step(): Promise<boolean> {
		const { table, derivedTo, clock } = this.#parts;
		const upTo = derivedTo();
		const nowMs = clock();
		const isLookingBack = nowMs - this.#lookedBackMs >= lookBackEveryMs;
		let hasMore = false;
		for (const project of await table.projects(this.#after)) {
			const ofEvents = await table.ofEvents(project, this.#after, batch);
			const ofLogs = await table.ofLogs(project, isLookingBack ? 0 : nowMs - lateMs, batch);
			const found = [...ofEvents, ...ofLogs];
			if (found.length === 0) continue;
			const room = maxVariants - (await table.count(project));
			await table.assign(
				project,
				found.map((variant, index) => (index < room ? assigned(variant) : withTheRest(variant))),
			);
			hasMore ||= ofEvents.length === batch || ofLogs.length === batch;
		}
		if (hasMore) return true;
		this.#after = upTo;
		if (isLookingBack) this.#lookedBackMs = nowMs;
		return false;
	}
}

function assigned({ namespace, serviceName, ...variant }: NewVariant): AssignedVariant {
	const { key, title, culprit } = groupException(variant);
	return { ...variant, title, culprit, issue: issueNumber('exception', namespace, serviceName, key) };
}

function withTheRest({ namespace, serviceName, variant }: NewVariant): AssignedVariant {
	return {
		variant,
		type: '',
		message: '',
		stack: '',
		title: '(other exceptions)',
		culprit: '',
		issue: issueNumber('exception', namespace, serviceName, '(other)'),
	};
}
