/** What is sent to each kind of channel that speaks HTTP. Pure: the secrets in `target` are resolved already. */
import { createHmac } from 'node:crypto';
import type { OutboundRequest } from '../../../outbound/outbound-client.ts';
import { alertmanagerAlerts } from './alertmanager.ts';
import type { Message } from './message.ts';
import { pagerDutyEvent } from './pagerduty.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';
import { webhookBody } from './webhook.ts';

export interface HttpTarget {
	url: string;
	secret: string | undefined;
}

export const HTTP_TYPES = ['slack', 'webhook', 'pagerduty', 'teams', 'alertmanager'] as const;
export type HttpType = (typeof HTTP_TYPES)[number];

export function requestFor(type: HttpType, message: Message, target: HttpTarget, nowMs: number): OutboundRequest {
	switch (type) {
		case 'slack':
			return post(target.url, slackBody(message), message);
		case 'teams':
			return post(target.url, teamsBody(message), message);
		case 'pagerduty':
			return post(target.url, pagerDutyEvent(message, target.secret ?? ''), message);
		case 'alertmanager':
			return {
				...post(alertsUrl(target.url), alertmanagerAlerts(message), message),
				...(target.secret === undefined
					? {}
					: { headers: headers(message, { authorization: `Bearer ${target.secret}` }) }),
			};
		default:
			return signed(post(target.url, webhookBody(message), message), message, target.secret, nowMs);
	}
}

const headers = ({ key }: Message, more: Record<string, string> = {}): Record<string, string> => ({
	'content-type': 'application/json',
	'idempotency-key': encodeURI(key),
	...more,
});

const post = (url: string, body: object, message: Message): OutboundRequest & { body: string } => ({
	method: 'POST',
	url,
	headers: headers(message),
	body: JSON.stringify(body),
});

/** `https://alertmanager.example` and what is below it. */
const alertsUrl = (url: string): string =>
	url.endsWith('/api/v2/alerts') ? url : `${url.replace(/\/$/, '')}/api/v2/alerts`;

/**
 * As https://www.standardwebhooks.com says, for which there are libraries: HMAC-SHA-256 over id, time and body. The key is the
 * secret's text, or what is behind `whsec_` in base 64.
 */
function signed(
	request: OutboundRequest & { body: string },
	{ key }: Message,
	secret: string | undefined,
	nowMs: number,
): OutboundRequest {
	const id = encodeURI(key);
	const timestamp = String(Math.floor(nowMs / 1_000));
	const withTime = { ...request.headers, 'webhook-id': id, 'webhook-timestamp': timestamp };
	if (secret === undefined) return { ...request, headers: withTime };
	const hmacKey = secret.startsWith('whsec_')
		? Buffer.from(secret.slice('whsec_'.length), 'base64')
		: Buffer.from(secret);
	const signature = createHmac('sha256', hmacKey).update(`${id}.${timestamp}.${request.body}`).digest('base64');
	return { ...request, headers: { ...withTime, 'webhook-signature': `v1,${signature}` } };
}
