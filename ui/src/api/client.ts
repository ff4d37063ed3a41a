/* client.ts - the one way to the server. Paths, bodies and answers are typed by the
 * program's own OpenAPI document (types.ts). Every refusal becomes a Problem. It knows
 * nothing of screens; who retries and who shows what is query.ts and the parts. */
import type { paths } from './gen/types';

export type Method = 'get' | 'post' | 'put' | 'delete' | 'patch';
export type PathsWith<M extends Method> = {
	[P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths] &
	string;
type Op<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? paths[P][M] : never;
type JsonOf<R> = R extends { content: { 'application/json': infer J } } ? J : undefined;
type OkOf<R> = R extends { 200: infer A }
	? JsonOf<A>
	: R extends { 201: infer B }
		? JsonOf<B>
		: R extends { 202: infer C }
			? JsonOf<C>
			: undefined;
/** What a call answers when all is well. */
export type Answer<P extends keyof paths, M extends Method = 'get'> =
	Op<P, M> extends { responses: infer R } ? OkOf<R> : never;
/** What a call takes as its body. */
export type Body<P extends keyof paths, M extends Method> =
	Op<P, M> extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined;
type PathOf<O> = O extends { parameters: { path: infer A } } ? A : undefined;
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? Q : undefined;
type Given<K extends string, V> = [V] extends [undefined | never] ? { [k in K]?: undefined } : { [k in K]: V };

export type Options<P extends keyof paths, M extends Method> = Given<'path', PathOf<Op<P, M>>> &
	Given<'body', Body<P, M>> & {
		query?: QueryOf<Op<P, M>>;
		/** The version the reader holds: sent as If-Match. */
		version?: number;
		/** The same key on every try of one act: the server does it once. '' for a POST that changes nothing. */
		key?: string;
		signal?: AbortSignal;
	};

export interface FieldProblem {
	field: string;
	code: string;
	message: string;
}

/** Any way in which a call did not succeed; status 0 means that no answer came. */
export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		readonly title: string,
		readonly detail = '',
		readonly requestId = '',
		readonly errors: FieldProblem[] = [],
		readonly retryAfterMs = 0,
		readonly extra: Record<string, unknown> = {},
	) {
		super(title || code);
	}
	/** Would the same call, unchanged, have a chance later? */
	get passing(): boolean {
		return this.status === 0 || this.status === 429 || this.status === 503 || this.status === 502 || this.status === 504;
	}
}

interface Settings {
	language: () => string;
	/** Which sign-in holds now; each call notes it when it is sent. */
	entry: () => number;
	/** A 401 to a call that was sent while the same sign-in held. */
	unauthenticated: (p: Problem) => void;
	reached: (up: boolean) => void;
}
let settings: Settings = { language: () => 'pt-BR', entry: () => 0, unauthenticated: () => {}, reached: () => {} };
export function configure(s: Partial<Settings>): void {
	settings = { ...settings, ...s };
}

/** Random hexadecimal; crypto.randomUUID is missing on plain-HTTP hospital networks. */
export function freshKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

function address(path: string, parts: unknown, query: unknown): string {
	let url = path.replace(/\{(\w+)\}/g, (_, name) =>
		encodeURIComponent(String((parts as Record<string, unknown> | undefined)?.[name] ?? '')),
	);
	const search = new URLSearchParams();
	for (const [k, v] of Object.entries((query as Record<string, unknown> | undefined) ?? {}))
		if (v !== undefined && v !== null && v !== '') search.set(k, String(v));
	const text = search.toString();
	if (text) url += '?' + text;
	return url;
}

function retryAfter(header: string | null): number {
	if (!header) return 0;
	const seconds = Number(header);
	if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
	const at = Date.parse(header);
	return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}

async function problemOf(r: Response): Promise<Problem> {
	let j: Record<string, unknown> = {};
	try {
		j = (await r.json()) as Record<string, unknown>;
	} catch {
		/* a proxy's page, or nothing: the status says enough */
	}
	return new Problem(
		r.status,
		String(j.code ?? 'HTTP_' + r.status),
		String(j.title ?? ''),
		String(j.detail ?? ''),
		String(j.requestId ?? r.headers.get('x-request-id') ?? ''),
		(Array.isArray(j.errors) ? j.errors : []) as FieldProblem[],
		retryAfter(r.headers.get('retry-after')),
		j,
	);
}

/** The answer, which is one of success; a refusal is thrown as Problem. */
async function send(method: Method, url: string, o: { body?: unknown; version?: number; key?: string; signal?: AbortSignal }): Promise<Response> {
	const headers: Record<string, string> = { accept: 'application/json', 'accept-language': settings.language() };
	if (o.body !== undefined) headers['content-type'] = 'application/json';
	if (o.version !== undefined) headers['if-match'] = `"${o.version}"`;
	if (method !== 'get' && o.key !== '') headers['idempotency-key'] = o.key ?? freshKey();
	const entry = settings.entry();
	let r: Response;
	try {
		r = await fetch(url, {
			method: method.toUpperCase(),
			headers,
			body: o.body === undefined ? undefined : JSON.stringify(o.body),
			signal: o.signal,
			credentials: 'same-origin',
			cache: 'no-store',
			redirect: 'error',
		});
	} catch (e) {
		if (o.signal?.aborted) throw e;
		settings.reached(false);
		throw new Problem(0, 'OFFLINE', '');
	}
	settings.reached(true);
	if (r.ok) return r;
	const p = await problemOf(r);
	/* the answer to a question asked before somebody signed in says nothing of who is in now */
	if (p.status === 401 && entry === settings.entry()) settings.unauthenticated(p);
	throw p;
}

/** One call. Throws Problem; an aborted call throws what fetch throws. */
export async function call<M extends Method, P extends PathsWith<M>>(
	method: M,
	path: P,
	...rest: Record<string, never> extends Options<P, M> ? [Options<P, M>?] : [Options<P, M>]
): Promise<Answer<P, M>> {
	const o = (rest[0] ?? {}) as Options<P, M> & { body?: unknown; path?: unknown };
	const r = await send(method, address(path, o.path, o.query), o);
	if (r.status === 204 || r.headers.get('content-length') === '0') return undefined as Answer<P, M>;
	try {
		return (await r.json()) as Answer<P, M>;
	} catch (e) {
		if (o.signal?.aborted) throw e;
		throw new Problem(0, 'OFFLINE', ''); /* cut in the middle of the answer */
	}
}

/** Server-Sent Events of one POST, each handed over as it comes. True: the stream came to its end. */
export async function events(url: string, body: unknown, took: (name: string, data: unknown) => void, signal?: AbortSignal): Promise<boolean> {
	const r = await send('post', url, { body, key: '', signal });
	const reader = r.body?.getReader();
	if (!reader || !r.headers.get('content-type')?.startsWith('text/event-stream')) return false;
	const decoder = new TextDecoder();
	let left = '';
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return left === '';
			left += decoder.decode(value, { stream: true });
			const whole = left.split('\n\n');
			left = whole.pop() ?? '';
			for (const e of whole) {
				const name = /^event: (.*)$/m.exec(e)?.[1];
				const data = /^data: (.*)$/m.exec(e)?.[1];
				if (name && data) took(name, JSON.parse(data));
			}
		}
	} catch (e) {
		if (signal?.aborted) throw e;
		return false; /* cut, or a proxy that does not let streams through */
	}
}

/** Text documents (metrics) and /health, whose 503 has a body worth showing. */
export async function fetchText(url: string, signal?: AbortSignal): Promise<{ status: number; text: string; ms: number }> {
	const start = performance.now();
	try {
		const r = await fetch(url, { signal, cache: 'no-store', credentials: 'same-origin' });
		const text = await r.text();
		settings.reached(true);
		return { status: r.status, text, ms: performance.now() - start };
	} catch (e) {
		if (signal?.aborted) throw e;
		settings.reached(false);
		throw new Problem(0, 'OFFLINE', '');
	}
}

/** A file the server makes (of a body, when it takes one), handed to the browser's downloads. */
export async function download(url: string, filename: string, body?: unknown): Promise<void> {
	const r = await send(body === undefined ? 'get' : 'post', url, { body, key: '' });
	const a = document.createElement('a');
	a.href = URL.createObjectURL(await r.blob());
	a.download = filename;
	a.click();
	setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}
