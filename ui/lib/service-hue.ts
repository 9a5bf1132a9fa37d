const HUES = 24;

/** Index of a service's hue: the same name has the same colour on every screen and machine. */
export function serviceHue(service: string): number {
	// FNV-1a over UTF-16 units, and then a finaliser (Wellons' lowbias32): names that begin alike differ little without.
	let hash = 0x811c9dc5;
	for (let i = 0; i < service.length; i++) {
		hash = Math.imul(hash ^ service.charCodeAt(i), 0x01000193);
	}
	hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
	hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
	return ((hash ^ (hash >>> 16)) >>> 0) % HUES;
}

/** As a CSS value; canvases read the property `--hue-N` themselves. */
export const serviceColor = (service: string): string => `var(--hue-${serviceHue(service)})`;

/** As written everywhere: `namespace/name`, or the bare name. */
export const serviceLabel = (service: { namespace: string; service: string }): string =>
	service.namespace === '' ? service.service : `${service.namespace}/${service.service}`;

/** Back again: a name has no slash, a namespace may. */
export function splitLabel(label: string): { namespace: string; service: string } {
	const slash = label.lastIndexOf('/');
	return { namespace: label.slice(0, Math.max(0, slash)), service: label.slice(slash + 1) };
}
