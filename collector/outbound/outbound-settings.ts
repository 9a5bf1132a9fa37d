import type { Setting } from '../settings.ts';
import { addressRanges } from './address-policy.ts';
import type { AddressRange } from './address-policy.ts';

/** Ports from 1 to 65535, comma-separated. */
function portList(text: string): number[] {
	const ports = text.split(',').map((port) => port.trim());
	if (ports.some((port) => !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535))
		throw new Error('ports, comma-separated, such as 443,8443');
	return ports.map(Number);
}

function publicUrl(text: string): string {
	if (text === '') return '';
	const url = URL.parse(text);
	const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
	if (!isPlain || url.username !== '' || url.password !== '')
		throw new Error('a URL such as https://spanhouse.example.com, without query and credentials');
	return url.href.replace(/\/$/, '');
}

const allowedTargets: Setting<AddressRange[]> = {
	variable: 'SPANHOUSE_ALLOW_PRIVATE_TARGETS',
	flag: 'allow-private-targets',
	default: '',
	help: 'networks (CIDR) that webhooks and e-mail may reach although private, also without TLS',
	read: addressRanges,
};
const targetPorts: Setting<number[]> = {
	variable: 'SPANHOUSE_TARGET_PORTS',
	flag: 'target-ports',
	default: '443,8443',
	help: 'ports that webhooks may reach',
	read: portList,
};
const smtpPorts: Setting<number[]> = {
	variable: 'SPANHOUSE_SMTP_PORTS',
	flag: 'smtp-ports',
	default: '25,465,587,2525',
	help: 'ports that e-mail may be sent to',
	read: portList,
};
const publicUrlSetting: Setting<string> = {
	variable: 'SPANHOUSE_PUBLIC_URL',
	flag: 'public-url',
	default: '',
	help: 'where people reach the screen, for links in notifications; the address of the listener when not set',
	read: publicUrl,
};

/** Settings of what goes out. */
export const OUTBOUND_SETTINGS = { allowedTargets, targetPorts, smtpPorts, publicUrl: publicUrlSetting } as const;
