import { ProblemError } from '../problem.ts';
import type { RedReader, ServiceName, WindowScope } from '../store/reader-types.ts';

/**
 * Reads something of the service that is written. A name is mostly meant as it stands, so that is read while it is found out;
 * anew where something else is meant.
 */
export async function readOfService<Answer>(
	red: RedReader,
	scope: WindowScope,
	written: string,
	read: (service: ServiceName) => Promise<Answer>,
): Promise<Answer> {
	const likely = { namespace: '', ...namesWritten(written) };
	const reading = read(likely);
	// Whoever waits for it sees its failure; when it was the wrong one, nobody does.
	reading.catch(() => {});
	const service = await resolveService(red, scope, written);
	const isLikely = service.service === likely.service && service.namespace === likely.namespace;
	return isLikely ? reading : read(service);
}

/**
 * Which service a caller means by `checkout` or `shop/checkout`. A bare name works while one namespace has it; a name
 * that itself holds a slash is found by its whole text first.
 */
export async function resolveService(
	red: Pick<RedReader, 'namespacesOf'>,
	scope: WindowScope,
	written: string,
): Promise<ServiceName> {
	const namespaces = await red.namespacesOf(scope, written);
	if (namespaces.length > 1) {
		const candidates = namespaces.map((namespace) => (namespace === '' ? written : `${namespace}/${written}`));
		throw new ProblemError(400, 'AMBIGUOUS_SERVICE', `${written} is in several namespaces: ${candidates.join(', ')}`);
	}
	const [namespace] = namespaces;
	if (namespace !== undefined) return { service: written, namespace };
	return namesWritten(written);
}

/** What the text says by itself: the namespace ends at the first slash, because names of services hold some too. */
export function namesWritten(written: string): ServiceName {
	const slash = written.indexOf('/');
	return slash === -1
		? { service: written }
		: { service: written.slice(slash + 1), namespace: written.slice(0, slash) };
}
