/** What the demo tells the person who runs it. */
import type { DemoOptions } from './options.ts';
import { demoProject, secondVersion } from './shop.ts';

export function welcome({ uiUrl, ratePerSecond, minutes }: DemoOptions): string {
	const find = (query: string): string => `${uiUrl}/traces?project=${demoProject}&q=${encodeURIComponent(query)}`;
	return `
The shop is open for ${minutes} minutes, with ${ratePerSecond} requests a second on average.

  web ─┬─▶ catalog ─▶ PostgreSQL          checkout ─┬─▶ cart
       ├─▶ cart ────▶ PostgreSQL                    ├─▶ inventory
       ├─▶ inventory                                ├─▶ payment
       └─▶ checkout ────────────────────────────────┼─▶ PostgreSQL
                                                    └─▶ order.placed ─▶ mail-worker ─▶ catalog

  Services   ${uiUrl}/services?project=${demoProject}

What is wrong with it, for you to find:

  · Some customers wait long for their order: which, and for which query?
    ${find('service:checkout kind:server duration>200ms')}
  · The cart asks for each price by itself (N+1).
    ${find('service:cart kind:server http.route:/carts/:userId duration>50ms')}
  · Three payments in a hundred fail, and the storefront answers with an error.
    ${find('service:payment error:true')}
  · At half-time inventory ${secondVersion} is deployed. It is slower than the version before.
    ${find('service:inventory kind:server http.route:/reservations')}
  · An order's mail is a trace of its own, linked to the order.
    ${find('service:mail-worker kind:consumer')}

Ctrl-C closes the shop early.
`;
}

export const deployed = ({ uiUrl }: DemoOptions): string =>
	`Deployed inventory ${secondVersion}: ${uiUrl}/services/inventory?project=${demoProject}\n`;
