/* health.ts - what the service says of itself: /health, and figures out of /metrics. */
import { fetchText } from '../api/client';
import { t, tcode } from '../i18n';
import { number } from './format';

export interface Check {
	name: string;
	ok: boolean;
	/** Not well, but requests are served all the same. */
	warns: boolean;
	value: number | null;
	/** Of the value, and after a semicolon what is the matter; English, as operators' tools read it. */
	unit: string;
}
/** A check's figure in the reader's language; what no table knows stands as the server says it. */
export function checkText(c: Check): string {
	const n = c.value === null ? '' : number(c.value);
	const replicas = /^bytes behind; (\d+) standby, (\d+) synchronous$/.exec(c.unit);
	if (replicas) return t('check.standby', { n: replicas[1] ?? '', s: replicas[2] ?? '', b: n });
	const matter = c.unit.split('; ').slice(1).join('; ');
	const why = tcode('check.unit', matter || c.unit, '');
	if (why) return why;
	const known = tcode('check.is', c.name, '');
	/* the words fit only a check that is well, or a figure with nothing said beside it */
	if (known && (c.ok || !matter)) return known.replace('{n}', n);
	return [c.unit ? n : '', c.unit].filter(Boolean).join(' ');
}
export interface Sample {
	at: number;
	/** Round trip of /live as seen here; null: no answer. */
	ms: number | null;
	requests: number;
	errors: number;
	seconds: number;
	timed: number;
	connections: number | null;
	rss: number | null;
	upSince: number | null;
}

export async function health(signal?: AbortSignal): Promise<{ status: string; checks: Check[] }> {
	const r = await fetchText('/health', signal);
	const j = JSON.parse(r.text) as { status?: string; checks?: Record<string, unknown> };
	const checks = Object.entries(j.checks ?? {}).map(([name, v]) => {
		const o = (typeof v === 'object' && v !== null ? v : { status: v }) as Record<string, unknown>;
		const status = String(o.status ?? '');
		return { name, ok: /^(ok|up|pass|healthy|true)$/i.test(status), warns: status === 'warn', value: typeof o.value === 'number' ? o.value : null, unit: String(o.unit ?? '') };
	});
	return { status: j.status ?? (r.status === 200 ? 'ok' : 'failing'), checks };
}

/** Sums of the samples of each metric name; histogram buckets are left out. */
export function parseMetrics(text: string): Map<string, number> {
	const out = new Map<string, number>();
	for (const line of text.split('\n')) {
		const m = /^([a-z_:][\w:]*)(\{[^}]*\})?\s+([-+0-9.eE]+|\+?Inf|NaN)/i.exec(line);
		if (!m || !m[1] || m[1].endsWith('_bucket')) continue;
		const v = Number(m[3]);
		if (!Number.isFinite(v)) continue;
		out.set(m[1], (out.get(m[1]) ?? 0) + v);
		if (m[1] === 'plantao_http_responses_total' && /status="5/.test(m[2] ?? '')) out.set('errors', (out.get('errors') ?? 0) + v);
	}
	return out;
}

export async function sample(signal?: AbortSignal): Promise<Sample> {
	const at = Date.now() / 1000;
	const [live, metrics] = await Promise.all([
		fetchText('/live', signal).catch(() => null),
		fetchText('/metrics', signal).catch(() => null),
	]);
	const m = metrics && metrics.status === 200 ? parseMetrics(metrics.text) : new Map<string, number>();
	return {
		at,
		ms: live ? live.ms : null,
		requests: m.get('plantao_http_requests_total') ?? 0,
		errors: m.get('errors') ?? 0,
		seconds: m.get('plantao_http_request_seconds_sum') ?? 0,
		timed: m.get('plantao_http_request_seconds_count') ?? 0,
		connections: m.get('plantao_http_connections') ?? null,
		rss: m.get('plantao_resident_memory_bytes') ?? null,
		upSince: m.get('plantao_start_time_seconds') ?? null,
	};
}
