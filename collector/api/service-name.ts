import { ProblemError } from '../problem.ts';
import type { RedReader, ServiceName, WindowScope } from '../store/reader-types.ts';

/**
 * Which service a caller means by `checkout` or `shop/checkout`. A bare name works while one namespace has it; a name
 * that itself holds a slash is found by its whole text first.
 */
export async function resolveService(red: RedReader, scope: WindowScope, written: string): Promise<ServiceName> {
	const namespaces = await red.namespacesOf(scope, written);
	if (namespaces.length > 1) {
		const candidates = namespaces.map((namespace) => (namespace === '' ? written : `${namespace}/${written}`));
		throw new ProblemError(400, 'AMBIGUOUS_SERVICE', `${written} is in several namespaces: ${candidates.join(', ')}`);
	}
	const [namespace] = namespaces;
	if (namespace !== undefined) return { service: written, namespace };
	const slash = written.indexOf('/');
	return slash === -1
		? { service: written }
		: { service: written.slice(slash + 1), namespace: written.slice(0, slash) };
}
