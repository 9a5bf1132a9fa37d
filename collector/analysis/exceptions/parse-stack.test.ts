import { expect, test } from 'vitest';
import { parseStack } from './parse-stack.ts';

/** Function, file, line; `-` in front of what is not the application's. */
const summary = (stack: string): string[] =>
	parseStack(stack).map(({ function: name, file, line, isOwn }) => `${isOwn ? '' : '- '}${name} ${file}:${line}`);

function charge(): never {
	throw new TypeError('cart is null');
}

test('the running JavaScript engine', () => {
	let stack = '';
	try {
		charge();
	} catch (error) {
		stack = (error as Error).stack ?? '';
	}
	const [first] = parseStack(stack);
	expect(first).toMatchObject({ function: 'charge', isOwn: true });
	expect(first?.file).toMatch(/parse-stack\.test\.ts$/);
	expect(first?.line).toBeGreaterThan(5);
	expect(parseStack(stack).some(({ file, isOwn }) => file.includes('node_modules') && !isOwn)).toBe(true);
});

test('Node.js: methods, async, constructors, aliases, anonymous functions, internals', () => {
	expect(
		summary(`StripeTimeout: charge timed out
    at PaymentClient.charge (/app/src/pay.js:51:11)
    at async Retry.run [as attempt] (file:///app/src/retry.mjs:12:5)
    at new Order (C:\\app\\order.js:3:7)
    at /app/src/server.js:9:3
    at Array.forEach (<anonymous>)
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  code: 'ETIMEDOUT'
}
Caused by: Error: socket
    at Socket.onTimeout (node:net:1:1)`),
	).toEqual([
		'PaymentClient.charge /app/src/pay.js:51',
		'Retry.run /app/src/retry.mjs:12',
		'Order C:\\app\\order.js:3',
		' /app/src/server.js:9',
		'- Array.forEach :0',
		'- Layer.handle /app/node_modules/express/lib/router/layer.js:95',
		'- process.processTicksAndRejections node:internal/process/task_queues:95',
	]);
});

test('Firefox and Safari', () => {
	expect(summary('charge@https://shop.example/assets/pay.js:51:11\n@https://shop.example/main.js:1:2\n')).toEqual([
		'charge https://shop.example/assets/pay.js:51',
		' https://shop.example/main.js:1',
	]);
});

test('Python: innermost first, and of a chain the exception that was raised last', () => {
	expect(
		summary(`Traceback (most recent call last):
  File "/app/db.py", line 7, in fetch
    raise KeyError(key)
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/usr/lib/python3.12/asyncio/runners.py", line 118, in run
    return self._loop.run_until_complete(task)
  File "/app/.venv/lib/python3.12/site-packages/flask/app.py", line 1511, in wsgi_app
    response = self.full_dispatch_request()
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/app/checkout.py", line 42, in place_order
    charge(cart)
  File "/app/payment.py", line 19, in charge
    raise PaymentError("no card")
payment.PaymentError: no card
`),
	).toEqual([
		'charge /app/payment.py:19',
		'place_order /app/checkout.py:42',
		'- wsgi_app /app/.venv/lib/python3.12/site-packages/flask/app.py:1511',
		'- run /usr/lib/python3.12/asyncio/runners.py:118',
	]);
});

test('Java: modules, class loaders, generated classes, and the causes left out', () => {
	expect(
		summary(`java.lang.IllegalStateException: order 17 is closed
	at shop.order.OrderService.close(OrderService.java:88)
	at shop.order.OrderService$$EnhancerBySpringCGLIB$$3f1a2b4c.close(<generated>)
	at shop.order.OrderController.lambda$close$3(OrderController.java:41)
	at app//shop.web.Filter.doFilter(Filter.kt:12)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)
	at jdk.internal.reflect.GeneratedMethodAccessor57.invoke(Unknown Source)
	at java.base/java.lang.reflect.Method.invoke(Method.java:568)
	at java.base/java.lang.Thread.run(Thread.java:840) ~[?:?]
	Suppressed: java.io.IOException: x
	... 12 more
Caused by: java.sql.SQLException: closed
	at org.postgresql.jdbc.PgConnection.checkClosed(PgConnection.java:1)
	... 14 common frames omitted`),
	).toEqual([
		'shop.order.OrderService.close OrderService.java:88',
		'shop.order.OrderService$$EnhancerBySpringCGLIB.close <generated>:0',
		'shop.order.OrderController.lambda$close OrderController.java:41',
		'shop.web.Filter.doFilter Filter.kt:12',
		'- org.springframework.web.servlet.FrameworkServlet.service FrameworkServlet.java:885',
		'- jdk.internal.reflect.GeneratedMethodAccessor.invoke Unknown Source:0',
		'- java.lang.reflect.Method.invoke Method.java:568',
		'- java.lang.Thread.run Thread.java:840',
	]);
});

test('Go: a panic as debug.Stack prints it, and github.com/pkg/errors', () => {
	expect(
		summary(`goroutine 34 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
main.main.func1()
	/app/main.go:5 +0x4a
panic({0x6b1f40?, 0x7a3d20?})
	/usr/local/go/src/runtime/panic.go:785 +0x132
main.(*Cart).Total(0xc000012345)
	/app/cart/cart.go:51 +0x1d
main.Sum[...](...)
	/app/cart/sum.go:9
net/http.HandlerFunc.ServeHTTP(0xc0000a4000, {0x7f, 0x1}, 0x2)
	/usr/local/go/src/net/http/server.go:2220 +0x29
created by main.main in goroutine 1
	/app/main.go:12 +0x45`),
	).toEqual([
		'- panic /usr/local/go/src/runtime/panic.go:785',
		'main.(*Cart).Total /app/cart/cart.go:51',
		'main.Sum /app/cart/sum.go:9',
		'- net/http.HandlerFunc.ServeHTTP /usr/local/go/src/net/http/server.go:2220',
		'main.main /app/main.go:12',
	]);
	expect(
		summary(
			'no stock\nmain.reserve\n\t/app/stock.go:20\ngithub.com/lib/pq.(*conn).query\n\t/go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go:1',
		),
	).toEqual([
		'main.reserve /app/stock.go:20',
		'- github.com/lib/pq.(*conn).query /go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go:1',
	]);
});

test('.NET: the outer exception, async methods and lambdas by the name they were written under', () => {
	expect(
		summary(`System.InvalidOperationException: no card
 ---> System.Net.Sockets.SocketException (111): refused
   at System.Net.Sockets.Socket.Connect(EndPoint remoteEP)
   --- End of inner exception stack trace ---
   at Shop.Pay.Client.<ChargeAsync>d__12.MoveNext() in /app/Pay.cs:line 51
--- End of stack trace from previous location ---
   at Shop.Orders.<>c__DisplayClass4_0.<Place>b__1(Order order) in C:\\src\\Orders.cs:line 8
   at System.Linq.Enumerable.ToList[TSource](IEnumerable\`1 source)
   at Shop.Program.Main(String[] args)`),
	).toEqual([
		'Shop.Pay.Client.ChargeAsync /app/Pay.cs:51',
		'Shop.Orders.Place C:\\src\\Orders.cs:8',
		'- System.Linq.Enumerable.ToList :0',
		'Shop.Program.Main :0',
	]);
});

test('Ruby, of before 3.4 and since', () => {
	expect(
		summary(`/app/pay.rb:51:in \`charge': no card (PaymentError)
	from /app/order.rb:12:in \`block in place'
	from /usr/local/bundle/gems/rack-3.0.0/lib/rack/builder.rb:1:in \`call'`),
	).toEqual([
		'charge /app/pay.rb:51',
		'place /app/order.rb:12',
		'- call /usr/local/bundle/gems/rack-3.0.0/lib/rack/builder.rb:1',
	]);
	expect(summary("/app/pay.rb:51:in 'Pay#charge'\n/app/order.rb:12:in 'Array#each'")).toEqual([
		'Pay#charge /app/pay.rb:51',
		'Array#each /app/order.rb:12',
	]);
});

test('PHP: its own way, and as its OpenTelemetry SDK prints', () => {
	expect(
		summary(`Shop\\NoCard: no card in /app/src/Pay.php:51
Stack trace:
#0 /app/src/Order.php(12): Shop\\Pay->charge()
#1 /app/vendor/slim/slim/Slim/App.php(199): Shop\\Order::place(Object(Cart), 'x')
#2 [internal function]: Shop\\{closure}()
#3 {main}`),
	).toEqual([
		'Shop\\Pay->charge /app/src/Order.php:12',
		'- Shop\\Order::place /app/vendor/slim/slim/Slim/App.php:199',
		'- Shop\\{closure} [internal function]:0',
	]);
	expect(summary('Shop.NoCard: no card\n at Shop.Pay.charge(Pay.php:51)\n at {main}(index.php:3)')).toEqual([
		'Shop.Pay.charge Pay.php:51',
		'{main} index.php:3',
	]);
});

test.each(['', 'no frames here', '\u0000\uD800', 'at ', '{"a":1}'])('%j has no frames', (text) => {
	expect(parseStack(text)).toEqual([]);
});

test.each([
	['colons', `    at ${'1:'.repeat(20_000)}`],
	['brackets', `    at ${'('.repeat(40_000)}`],
	['spaces', `${' '.repeat(40_000)}x`],
	['many lines', 'a@b:1:1\n'.repeat(20_000)],
	['quotes', `  File "${'"'.repeat(40_000)}`],
])('hostile text costs bounded time: %s', (_, text) => {
	expect(parseStack(text).length).toBeLessThanOrEqual(100);
});
