import { serviceHue } from '../lib/service-hue.ts';

/** The colours of the theme that is in effect, as a canvas takes them. */
export interface Palette {
	text: string;
	textDim: string;
	textFaint: string;
	line: string;
	lineStrong: string;
	background: string;
	raised: string;
	sunken: string;
	accent: string;
	error: string;
	/** Text on a service's colour. */
	onService: string;
	service(service: string): string;
	sans: string;
}

/**
 * Reads the tokens as `element` sees them. Asked of a property, `light-dark()` comes back unresolved, so a probe wears
 * each colour and is asked for that.
 */
export function readPalette(element: HTMLElement): Palette {
	const probe = document.createElement('span');
	probe.hidden = true;
	element.append(probe);
	const computed = getComputedStyle(probe);
	const read = (token: string): string => {
		probe.style.color = `var(${token})`;
		return computed.color;
	};
	const hues = Array.from({ length: 24 }, (_, hue) => read(`--hue-${hue}`));
	const palette: Palette = {
		text: read('--text'),
		textDim: read('--text-dim'),
		textFaint: read('--text-faint'),
		line: read('--line'),
		lineStrong: read('--line-strong'),
		background: read('--bg'),
		raised: read('--bg-raised'),
		sunken: read('--bg-sunken'),
		accent: read('--accent'),
		error: read('--error'),
		onService: read('--on-hue'),
		service: (service) => hues[serviceHue(service)] ?? palette.textDim,
		sans: getComputedStyle(element).fontFamily,
	};
	probe.remove();
	return palette;
}
