import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { servicesAnswer } from '../testing/answers.ts';
import { never, problem, storeAway } from '../testing/fake-server.ts';
import { largeMap, mapAnswer, mapEdge, mapNode, mapWindow, meshMap } from '../testing/map-answers.ts';
import { expectAccessible, focus, openApp } from '../testing/open-app.ts';

const full = { '/service-map': () => mapAnswer(), '/services': () => servicesAnswer() };
const nodes = () => [...document.querySelectorAll('[data-node]')].map((node) => node.getAttribute('data-node'));
const edges = () => [...document.querySelectorAll('[data-edge]')].map((edge) => edge.getAttribute('data-edge'));

test('full: every node that calls or is called is drawn, the others are listed', async () => {
	const { screen } = await openApp('/map', full);
	await expect
		.element(screen.getByRole('button', { name: /^shop\/checkout ?, service, 10\/s 7 % errors p95 42 ms/ }))
		.toBeVisible();
	expect(nodes()).toHaveLength(9);
	await expect
		.element(screen.getByRole('region', { name: 'Services without calls' }).getByRole('link'))
		.toHaveAttribute('href', '/services/shop%2Freports');
	expect(document.title).toBe('Map – Spanhouse');
	await expectAccessible();
});

test('a disc is as large as its node is busy, a ring around it as red as it fails', async () => {
	await openApp('/map', full);
	const circle = (id: string, part: string) =>
		document.querySelector(`[data-node="service:shop/${id}"] circle.${part}`);
	const radius = (id: string) => Number(circle(id, 'disc')?.getAttribute('r'));
	await expect.poll(() => radius('web')).toBeGreaterThan(0);
	expect((radius('checkout') / radius('web')) ** 2).toBeCloseTo(36_000 / 72_000);
	expect((radius('payment') / radius('web')) ** 2).toBeCloseTo(3600 / 72_000);
	expect(circle('payment', 'share')?.getAttribute('stroke-dasharray')).toBe('14 100');
	expect(circle('web', 'share')).toBeNull();
});

test('what goes through a queue is drawn through the queue', async () => {
	await openApp('/map', full);
	await expect.poll(edges).toContain('service:shop/checkout → queue:rabbitmq:orders');
	expect(edges()).toContain('queue:rabbitmq:orders → service:shop/mail');
	expect(edges()).not.toContain('service:shop/checkout → service:shop/mail');
});

test('loading: room for the map', async () => {
	await openApp('/map', { ...full, '/service-map': never });
	await expect.poll(() => document.querySelector('.waiting')).not.toBeNull();
	await expectAccessible();
});

test('empty: a wider range is one press away', async () => {
	const { screen, history } = await openApp('/map', { ...full, '/service-map': () => mapAnswer({ nodes: [], edges: [] }) }); // prettier-ignore
	await expectAccessible();
	await screen.getByRole('button', { name: 'Widen to 24 h' }).click();
	expect(history.text).toBe('/map?t=24h');
});

test('services without a call between them: says why that may be, and lists them', async () => {
	const lonely = mapAnswer({ nodes: [mapNode('service:one'), mapNode('service:two')], edges: [] });
	const { screen } = await openApp('/map', { ...full, '/service-map': () => lonely });
	await expect.element(screen.getByRole('heading', { name: /2 services, and no calls/ })).toBeVisible();
	await expect.element(screen.getByText(/traceparent/)).toBeVisible();
	await expect.element(screen.getByRole('link', { name: 'two' })).toBeVisible();
	await expectAccessible();
});

test('error: the reason and Retry; after data the data stays', async () => {
	const { screen, server } = await openApp('/map', { ...full, '/service-map': storeAway });
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/ClickHouse did not answer.*query-7f3c/s);
	await expectAccessible();
	server.answers = full;
	await screen.getByRole('button', { name: 'Retry' }).click();
	await expect.poll(nodes).toHaveLength(9);
	server.answers = { ...full, '/service-map': storeAway };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/from before/);
	expect(nodes()).toHaveLength(9);
});

test('partial: says what of how much', async () => {
	const partial = { reason: 'spans that have just come are not all counted yet', seen: 11, of: 12 };
	const { screen } = await openApp('/map', { ...full, '/service-map': () => mapAnswer({ partial }) });
	await expect.element(screen.getByText('Showing 11 of 12 parts.')).toBeVisible();
	await expectAccessible();
});

test('a node: its numbers, who calls it and what it calls, and the way to both', async () => {
	const { screen, history } = await openApp('/map', full);
	await screen.getByRole('button', { name: /^shop\/checkout ?, service/ }).click();
	expect(history.text).toBe('/map?sel=service:shop/checkout');
	const panel = screen.getByRole('complementary', { name: 'shop/checkout' });
	await expect.element(panel.getByRole('heading', { name: 'Called by 1' })).toBeVisible();
	await expect.element(panel.getByRole('heading', { name: 'Calls 4' })).toBeVisible();
	await expectAccessible();
	await panel.getByRole('button', { name: /shop\/payment/ }).click();
	const edge = screen.getByRole('complementary', { name: 'shop/checkout → shop/payment' });
	await expect.element(edge.getByText('504 (14 %)')).toBeVisible();
	await expectAccessible();
});

test('the numbers of an edge lead to the calls that they count, in the window that they count', async () => {
	const { screen } = await openApp('/map?sel=service:shop/web%20→%20service:shop/checkout', full);
	const link = screen.getByRole('link', { name: 'Traces of these calls' });
	await expect.element(link).toBeVisible();
	const url = new URL(link.element().getAttribute('href') ?? '', location.origin);
	expect(Object.fromEntries(url.searchParams)).toEqual({
		from: String(mapWindow.fromMs),
		to: String(mapWindow.toMs),
		q: '{service:"shop/checkout" kind:server} < {service:"shop/web" kind:client -type:db -type:messaging}',
	});
	await expect.element(screen.getByText(/answers 90 of these calls/)).toBeVisible();
	await expect
		.element(screen.getByRole('link', { name: 'Failed ones' }))
		.toHaveAttribute('href', expect.stringContaining('error'));
});

test('by keyboard: arrows go to the neighbour in that direction, Enter opens it, f shows what is around it', async () => {
	const { screen, history } = await openApp('/map', full);
	await expect.poll(nodes).toHaveLength(9);
	document.querySelector<HTMLElement>('[data-node][tabindex="0"]')?.focus();
	const focused = () => document.activeElement?.getAttribute('data-node');
	document.querySelector<HTMLElement>('[data-node="service:shop/web"]')?.click();
	document.querySelector<HTMLElement>('[data-node="service:shop/web"]')?.focus();
	await userEvent.keyboard('{ArrowRight}');
	expect(['service:shop/cart', 'service:shop/checkout']).toContain(focused());
	await userEvent.keyboard('{ArrowLeft}');
	expect(focused()).toBe('service:shop/web');
	await userEvent.keyboard('{ArrowRight}{Enter}');
	const id = focused() ?? '';
	expect(history.read().searchParams.get('sel')).toBe(id);
	await userEvent.keyboard('f');
	expect(history.read().searchParams.get('focus')).toBe(id);
	await userEvent.keyboard('{Escape}');
	expect(history.read().searchParams.has('sel')).toBe(false);
	await screen.getByRole('button', { name: 'Show the whole map', exact: true }).click();
	await expect.poll(nodes).toHaveLength(9);
});

test('+, - and 0 change what part is seen', async () => {
	await openApp('/map', full);
	await expect.poll(nodes).toHaveLength(9);
	const scale = () =>
		/scale\(([\d.]+)\)/.exec(document.querySelector<HTMLElement>('.drawing')?.style.transform ?? '')?.[1];
	const fitted = scale();
	await userEvent.keyboard('+');
	expect(Number(scale())).toBeGreaterThan(Number(fitted));
	await userEvent.keyboard('-');
	await userEvent.keyboard('-');
	expect(Number(scale())).toBeLessThan(Number(fitted));
	await userEvent.keyboard('0');
	expect(scale()).toBe(fitted);
});

const steps = Array.from({ length: 16 }, (_, step) => `service:step-${step}`);
const chain = mapAnswer({
	nodes: steps.map((id) => mapNode(id)),
	edges: steps.slice(1).map((id, step) => mapEdge(`service:step-${step}`, id)),
});
function isInSight(id: string): boolean {
	const rectOf = (selector: string) => document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
	const [graph, node] = [rectOf('.graph'), rectOf(`[data-node="${id}"]`)];
	return node.width > 0 && node.left >= graph.left && node.right <= graph.right;
}

test('what a link chooses is in sight, however wide the map is', async () => {
	await openApp('/map?sel=service:step-15', { ...full, '/service-map': () => chain });
	await expect.poll(() => isInSight('service:step-15')).toBe(true);
	expect(isInSight('service:step-0')).toBe(false);
});

test('what is chosen stays in sight beside the panel that opens', async () => {
	const { screen } = await openApp('/map', { ...full, '/service-map': () => chain });
	await expect.poll(() => isInSight('service:step-0')).toBe(true);
	const last = steps.findLast(isInSight) ?? '';
	expect(last).not.toBe('service:step-15');
	document.querySelector<HTMLElement>(`[data-node="${last}"]`)?.click();
	await expect.element(screen.getByRole('complementary', { name: last.replace('service:', '') })).toBeVisible();
	await expect.poll(() => isInSight(last)).toBe(true);
});

test('other numbers move nothing', async () => {
	const { screen, server } = await openApp('/map', full);
	await expect.poll(nodes).toHaveLength(9);
	const places = () =>
		[...document.querySelectorAll<HTMLElement>('[data-node]')]
			.map((node) => `${node.dataset.node} ${node.style.left} ${node.style.top}`)
			.toSorted();
	const before = places();
	const answer = mapAnswer();
	const changed = { ...answer, edges: answer.edges.map((edge, index) => ({ ...edge, calls: index + 1 })).toReversed() };
	server.answers = { ...full, '/service-map': () => changed };
	await screen.getByRole('button', { name: 'Refresh (r)' }).click();
	await expect.element(screen.getByRole('button', { name: /^shop\/web/ })).toBeVisible();
	expect(places()).toEqual(before);
});

test('a large map begins around its busiest node, and is drawn whole on request', async () => {
	const { screen, history } = await openApp('/map', { ...full, '/service-map': largeMap });
	await expect.element(screen.getByText(/A map of 80 nodes is hard to read/)).toBeVisible();
	expect(nodes()).toHaveLength(6);
	await screen.getByRole('button', { name: 'Draw all of it' }).click();
	expect(history.text).toBe('/map?all=1');
	await expect.poll(nodes).toHaveLength(80);
});

test('where everything calls everything: the busiest edges, those of what is selected, or all, and how many of how many', async () => {
	const { screen, history } = await openApp('/map', { ...full, '/service-map': () => meshMap(12) });
	await expect.element(screen.getByText('60 of 132 lines are drawn')).toBeVisible();
	await expect.poll(nodes).toHaveLength(12);
	await expect.poll(edges).toHaveLength(60);
	const few = edges();
	const calls = new Map(meshMap(12).edges.map((edge) => [`${edge.caller} → ${edge.callee}`, edge.calls]));
	const sum = (ids: readonly (string | null)[]) => ids.reduce((all, id) => all + (calls.get(id ?? '') ?? 0), 0);
	expect(sum(few)).toBeGreaterThan((60 / 132) * sum([...calls.keys()]));
	await expectAccessible();
	const places = () => [...document.querySelectorAll<HTMLElement>('[data-node]')].map(({ style }) => style.left + style.top);
	const before = places();
	const own = (id: string) => edges().filter((edge) => edge?.split(' → ').includes(id)).length;
	expect(own('service:mesh/s03')).toBeLessThan(22);
	document.querySelector<HTMLElement>('[data-node="service:mesh/s03"]')?.click();
	await expect.poll(() => own('service:mesh/s03')).toBe(22);
	expect(places()).toEqual(before);
	await screen.getByRole('button', { name: 'Draw every line' }).click();
	expect(history.read().searchParams.get('all')).toBe('1');
	await expect.poll(edges).toHaveLength(132);
	await expect.element(screen.getByText(/All 132 lines are drawn/)).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Draw the busiest' }).click();
	expect(history.text).toBe('/map?sel=service:mesh/s03');
	await expect.poll(places).toEqual(before);
}); // prettier-ignore

test('where everything calls everything: an edge that a link names is drawn, around a node are its own, the table has all', async () => {
	const answers = { ...full, '/service-map': () => meshMap(41) };
	const unlikely = 'service:mesh/s00 → service:mesh/s01';
	const { screen, history } = await openApp(`/map?sel=${encodeURIComponent(unlikely)}`, answers);
	await expect.element(screen.getByText('60 of 1,640 lines are drawn')).toBeVisible();
	await expect.poll(nodes).toHaveLength(41);
	expect(edges()).toHaveLength(61);
	expect(document.querySelector(`[data-edge="${unlikely}"] path`)?.getAttribute('d')).toMatch(/^M/);
	await expect.element(screen.getByRole('complementary', { name: 'mesh/s00 → mesh/s01' })).toBeVisible();
	focus(document.querySelector('[data-node="service:mesh/s20"]')!);
	document.querySelector<HTMLElement>('[data-node="service:mesh/s20"]')?.click();
	await userEvent.keyboard('f');
	expect(history.read().searchParams.get('focus')).toBe('service:mesh/s20');
	await expect.element(screen.getByText('80 of 1,640 lines are drawn')).toBeVisible();
	await expect.poll(edges).toHaveLength(80);
	expect(edges().every((edge) => edge?.includes('service:mesh/s20'))).toBe(true);
	await expect.poll(nodes).toHaveLength(41);
	await screen.getByRole('button', { name: 'As table' }).click();
	await expect.poll(() => document.querySelectorAll('tbody tr').length).toBe(1640);
	await expect.element(screen.getByText(/lines are drawn/)).not.toBeInTheDocument();
}); // prettier-ignore

test('a node is found by a part of its name', async () => {
	const { history } = await openApp('/map', full);
	await expect.poll(nodes).toHaveLength(9);
	await userEvent.keyboard('/');
	await userEvent.keyboard('strip{Enter}');
	expect(history.read().searchParams.get('focus')).toBe('external:api.stripe.com');
	await expect.poll(nodes).toEqual(['service:shop/payment', 'external:api.stripe.com']);
});

test('as a table: every edge a row, sorted by the headers', async () => {
	const { screen, history } = await openApp('/map?view=table', full);
	await expect.element(screen.getByRole('row', { name: /api\.stripe\.com/ })).toBeVisible();
	const callees = () => [...document.querySelectorAll('tbody tr')].map((row) => row.children[1]?.textContent?.trim());
	expect(callees()[0]).toBe('redis');
	await screen.getByRole('button', { name: 'Errors', exact: true }).click();
	expect(history.text).toBe('/map?view=table&sort=-errors');
	expect(callees().slice(0, 2)).toEqual(['shop/payment', 'api.stripe.com']);
	await expectAccessible();
});

test('a narrow screen scrolls nothing but what is made to', async () => {
	await page.viewport(390, 844);
	await openApp('/map', full);
	await expect.poll(nodes).toHaveLength(9);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
});

test('names from strangers are text and nothing else', async () => {
	const name = 'external:<img src=x onerror="alert(1)">"]__proto__';
	const answer = mapAnswer();
	const hostile = { ...answer, nodes: [...answer.nodes, mapNode(name)], edges: [...answer.edges, { ...answer.edges[0], callee: name }] }; // prettier-ignore
	const { screen } = await openApp('/map', { ...full, '/service-map': () => hostile });
	await screen.getByRole('button', { name: /<img src=x/ }).click();
	await expect.element(screen.getByRole('complementary', { name: /<img src=x/ })).toBeVisible();
	// The editor of the search pads its placeholder with an image of its own.
	expect(document.querySelector('img:not(.cm-widgetBuffer)')).toBeNull();
});

test('a slice: its figures beside those of the window, and nothing moves', async () => {
	const whole = mapAnswer();
	const slice = {
		...mapAnswer({ window: { fromMs: mapWindow.fromMs, toMs: mapWindow.fromMs + 180_000 } }),
		nodes: [mapNode('service:shop/web', { requests: 360, errors: 0, p95Nano: 5e6 })],
		edges: [],
	};
	const asked = ({ searchParams }: URL) => (searchParams.get('from') === String(mapWindow.fromMs) ? slice : whole);
	const { screen, history } = await openApp('/map?sel=service:shop/web', { ...full, '/service-map': asked });
	await expect.poll(nodes).toHaveLength(9);
	const places = () => [...document.querySelectorAll<HTMLElement>('[data-node]')].map(({ style }) => style.left + style.top);
	const before = places();
	focus(screen.getByRole('slider', { name: 'Slice of the window' }).element());
	await userEvent.keyboard('{ArrowRight}');
	expect(history.read().searchParams.get('slice')).toBe(String(mapWindow.fromMs));
	const panel = screen.getByRole('complementary', { name: 'shop/web' });
	await expect.element(panel).toMatchTextContent(/Requests\s*2\/s\s*20\/s/);
	expect(places()).toEqual(before);
	await expect.element(screen.getByRole('button', { name: /^shop\/cart ?, service, no requests/ })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Whole window' }).click();
	expect(history.text).toBe('/map?sel=service:shop/web');
	await expect.element(panel).toMatchTextContent(/Requests\s*20\/s/);
}); // prettier-ignore

test('filtered by a search: the map of the traces that it finds, in words and in the address', async () => {
	const matched = mapAnswer({ traces: 412, edges: mapAnswer().edges.slice(0, 2) });
	const answers = { ...full, '/service-map': ({ searchParams }: URL) => (searchParams.has('q') ? matched : mapAnswer()) };
	const { screen, history, server } = await openApp('/map', answers);
	await expect.poll(nodes).toHaveLength(9);
	const field = screen.getByRole('searchbox', { name: 'Map of the traces that match' });
	await field.fill('http.route:/cart');
	await userEvent.keyboard('{Enter}');
	expect(history.text).toBe('/map?f=http.route:/cart');
	await expect.element(screen.getByText(/Calls in the time range of\s*412 traces\s*with a span that matches/)).toBeVisible();
	await expect.poll(nodes).toHaveLength(3);
	const asked = server.asked.filter((url) => url.pathname.endsWith('/service-map')).at(-1);
	expect(asked?.searchParams.get('q')).toBe('http.route:/cart');
	await expect.element(screen.getByRole('link', { name: '412 traces' })).toHaveAttribute('href', expect.stringContaining('/traces?'));
	await expectAccessible();
	await screen.getByRole('button', { name: 'All traces' }).click();
	expect(history.read().searchParams.has('f')).toBe(false);
	await expect.poll(nodes).toHaveLength(9);
}); // prettier-ignore

test('a search that finds nothing: says so, and leads back', async () => {
	const none = mapAnswer({ traces: 0, nodes: [], edges: [] });
	const answers = { ...full, '/service-map': ({ searchParams }: URL) => (searchParams.has('q') ? none : mapAnswer()) };
	const { screen, history } = await openApp('/map?f=service:nobody', answers);
	await expect.element(screen.getByRole('heading', { name: 'No trace matches in this time range' })).toBeVisible();
	await expectAccessible();
	await screen.getByRole('button', { name: 'Map of all traces' }).click();
	expect(history.text).toBe('/map');
	await expect.poll(nodes).toHaveLength(9);
});

test('a search that the language does not read is told, and the map stays that of all traces', async () => {
	const { screen, server } = await openApp('/map?f=duration>500', full);
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/500ms/);
	await expect.poll(nodes).toHaveLength(9);
	expect(server.asked.some((url) => url.searchParams.has('q'))).toBe(false);
});

test('a search that the server refuses is told in its words, and leads back', async () => {
	const refusal = () => problem(400, 'UNSUPPORTED_QUERY', 'too large for a map', { position: 6 });
	const answers = { ...full, '/service-map': ({ searchParams }: URL) => (searchParams.has('q') ? refusal() : mapAnswer()) };
	const { screen, history } = await openApp('/map?f=service:shop/cart', answers);
	await expect.element(screen.getByRole('alert')).toMatchTextContent(/^service\s?:shop\/cart\s*too large for a map$/);
	await expect.element(screen.getByText('The map could not be read')).not.toBeInTheDocument();
	await screen.getByRole('button', { name: 'Map of all traces' }).click();
	expect(history.text).toBe('/map');
	await expect.poll(nodes).toHaveLength(9);
}); // prettier-ignore

test('a slice of a filtered map is of the same traces, and its calls lead to those', async () => {
	const address = `/map?f=http.route:/cart&view=table&slice=${mapWindow.fromMs}`;
	const { screen, server } = await openApp(address, { ...full, '/service-map': () => mapAnswer({ traces: 412 }) });
	const row = screen.getByRole('row', { name: /^shop\/web shop\/cart Requests/ });
	await expect.element(row).toBeVisible();
	const asked = () => server.asked.filter((url) => url.pathname.endsWith('/service-map'));
	await expect.poll(() => asked().length).toBe(2);
	expect(asked().map(({ searchParams }) => searchParams.get('q'))).toEqual(['http.route:/cart', 'http.route:/cart']);
	const link = row.getByRole('link', { name: 'Traces' }).element();
	expect(new URL(link.getAttribute('href') ?? '', location.origin).searchParams.get('q')).toBe(
		'{http.route:/cart} && ({service:"shop/cart" kind:server} < {service:"shop/web" kind:client -type:db -type:messaging})',
	);
});

const grouped = () => {
	const answer = mapAnswer();
	const nodes = [
		...answer.nodes,
		mapNode('service:web/site', { requests: 600, errors: 6 }),
		mapNode('service:web/edge'),
	];
	const edges = [
		...answer.edges,
		mapEdge('service:web/edge', 'service:web/site', 'request', { calls: 300 }),
		mapEdge('service:web/site', 'service:shop/web', 'request', { calls: 3600, errors: 36 }),
		mapEdge('service:web/edge', 'service:shop/cart', 'request', { calls: 7200, errors: 0 }),
	];
	return { ...answer, nodes, edges };
};

test('grouped by namespace: one node each, calls between them added up, and boxes for those looked into', async () => {
	const { screen, history } = await openApp('/map', { ...full, '/service-map': grouped });
	await expect.poll(nodes).toHaveLength(11);
	await screen.getByRole('button', { name: 'By namespace' }).click();
	expect(history.text).toBe('/map?group=namespace');
	await expect.poll(nodes).toEqual(['group:shop', 'group:web']);
	expect(edges()).toEqual(['group:web → group:shop']);
	await expectAccessible();
	await screen.getByRole('button', { name: /^web ?, namespace, 10\.2\/s/ }).click();
	const panel = screen.getByRole('complementary', { name: 'web' });
	await expect.element(panel.getByRole('heading', { name: 'In it 2' })).toBeVisible();
	await expect.element(panel.getByRole('button', { name: /^shop 3\/s 0\.333 %/ })).toBeVisible();
	await expectAccessible();
	await panel.getByRole('button', { name: 'Look into it' }).click();
	expect(history.text).toBe('/map?group=namespace&open=web');
	await expect.poll(nodes).toEqual(['group:shop', 'service:web/site', 'service:web/edge']);
	const box = () => document.querySelector('.group:has([data-group])')?.getBoundingClientRect();
	for (const id of ['service:web/site', 'service:web/edge']) {
		const node = document.querySelector(`[data-node="${id}"]`)!.getBoundingClientRect();
		expect(node.left > box()!.left && node.right < box()!.right && node.top > box()!.top && node.bottom < box()!.bottom).toBe(true);
	}
	await expectAccessible();
	await screen.getByRole('button', { name: 'web', exact: true }).click();
	expect(history.text).toBe('/map?group=namespace');
}); // prettier-ignore

test('groups by keyboard: e looks into the namespace and closes it, the table has what is drawn', async () => {
	const { screen, history } = await openApp('/map?group=namespace', { ...full, '/service-map': grouped });
	await expect.poll(nodes).toHaveLength(2);
	focus(document.querySelector('[data-node="group:shop"]')!);
	document.querySelector<HTMLElement>('[data-node="group:shop"]')?.click();
	await userEvent.keyboard('e');
	expect(history.read().searchParams.get('open')).toBe('shop');
	await expect.poll(() => nodes().length).toBe(10);
	document.querySelector<HTMLElement>('[data-node="service:shop/cart"]')?.click();
	await userEvent.keyboard('e');
	expect(history.read().searchParams.has('open')).toBe(false);
	expect(history.read().searchParams.get('sel')).toBe('group:shop');
	await expect.poll(nodes).toHaveLength(2);
	await screen.getByRole('button', { name: 'As table' }).click();
	const row = screen.getByRole('row', { name: /^web shop Requests 3\/s 0\.333 % –/ });
	await expect.element(row).toBeVisible();
	expect(new URL(row.getByRole('link', { name: 'Traces' }).element().getAttribute('href') ?? '', location.origin).searchParams.get('q')).toBe(
		'{namespace:"shop" kind:server} < {namespace:"web" kind:client -type:db -type:messaging}',
	);
	await expectAccessible();
}); // prettier-ignore

test('all namespaces are opened and closed at once, one by a double click, and lead to their traces', async () => {
	const { screen, history } = await openApp('/map?group=namespace', { ...full, '/service-map': grouped });
	await expect.poll(nodes).toHaveLength(2);
	await screen.getByRole('button', { name: 'Open all' }).click();
	expect(history.text).toBe('/map?group=namespace&open=shop,web');
	await expect.poll(nodes).toHaveLength(11);
	await screen.getByRole('button', { name: 'Close all' }).click();
	expect(history.text).toBe('/map?group=namespace');
	await screen.getByRole('button', { name: /^web ?, namespace/ }).click();
	const traces = screen.getByRole('complementary', { name: 'web' }).getByRole('link', { name: 'Traces' });
	await expect.element(traces).toBeVisible();
	const search = new URL(traces.element().getAttribute('href') ?? '', location.origin).searchParams.get('q');
	expect(search).toBe('namespace:web entry:true');
	await screen.getByRole('button', { name: /^web ?, namespace/ }).dblClick();
	expect(history.read().searchParams.get('open')).toBe('web');
	await expect.poll(nodes).toEqual(['group:shop', 'service:web/site', 'service:web/edge']);
});

test('a namespace without calls of others is drawn all the same', async () => {
	const { screen } = await openApp('/map?group=namespace', full);
	await expect.poll(nodes).toEqual(['group:shop']);
	await expect.element(screen.getByRole('button', { name: /^shop ?, namespace/ })).toBeVisible();
});

test('around a node in one direction alone', async () => {
	const { screen, history } = await openApp('/map?focus=service:shop/checkout', full);
	await expect.poll(() => nodes().length).toBe(6);
	await screen.getByRole('combobox', { name: 'Direction' }).selectOptions('its callers');
	expect(history.read().searchParams.get('dir')).toBe('up');
	await expect.poll(nodes).toEqual(['service:shop/web', 'service:shop/checkout']);
	await screen.getByRole('combobox', { name: 'Direction' }).selectOptions('what it calls');
	await expect.poll(() => nodes().includes('service:shop/web')).toBe(false);
	expect(nodes().length).toBeGreaterThan(2);
});

test('a filtered and grouped map scrolls nothing on a narrow screen', async () => {
	await page.viewport(390, 844);
	await openApp('/map?group=namespace&open=shop&f=error:true', { ...full, '/service-map': () => ({ ...grouped(), traces: 3 }) });
	await expect.poll(() => nodes().length).toBe(10);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1440, 900);
}); // prettier-ignore
