/** Without the namespace when all share one: it would only take room from what differs. */
export function shortServices(services: readonly string[]): string[] {
	const namespace = services[0]?.slice(0, services[0].indexOf('/') + 1) ?? '';
	const isShared = namespace !== '' && services.every((service) => service.startsWith(namespace));
	return services.map((service) => (isShared ? service.slice(namespace.length) : service));
}
