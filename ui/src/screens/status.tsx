/* status.tsx - is the service well: its own checks, answer times and load while one looks, and how it did before. */
import { useEffect, useState } from 'preact/hooks';
import { useQuery } from '../api/query';
import { Icon } from '../components/icon';
import { Card, Head, Note } from '../components/parts';
import { Plot } from '../components/plot';
import { Loaded } from '../components/state';
import { t, tcode } from '../i18n';
import { number, relative } from '../lib/format';
import { checkText, health, type Sample, sample } from '../lib/health';
import { ServiceHistory } from './service-history';

const EVERY_MS = 4000;
const KEPT = 150;
/* outlives the screen, so that leaving and coming back keeps the curve */
let samples: Sample[] = [];

function useSamples(): Sample[] {
	const [list, setList] = useState(samples);
	useEffect(() => {
		const abort = new AbortController();
		let timer = 0;
		const look = async () => {
			try {
				const s = await sample(abort.signal);
				samples = [...samples.slice(-KEPT + 1), s];
				setList(samples);
			} catch {
				if (abort.signal.aborted) return;
			}
			timer = window.setTimeout(look, document.hidden ? EVERY_MS * 4 : EVERY_MS);
		};
		void look();
		return () => {
			abort.abort();
			clearTimeout(timer);
		};
	}, []);
	return list;
}

/** Per second between neighbours; a restart (counters fall) gives a gap. */
function rate(list: Sample[], pick: (s: Sample) => number): (number | null)[] {
	return list.map((s, i) => {
		const before = list[i - 1];
		if (!before || s.at <= before.at) return null;
		const by = pick(s) - pick(before);
		return by < 0 ? null : by / (s.at - before.at);
	});
}

export function Status(_: { params: Record<string, string> }) {
	const list = useSamples();
	const last = list[list.length - 1];
	const q = useQuery('health', health);
	useEffect(() => {
		if (last) q.retry();
	}, [last?.at]);
	const at = list.map((s) => s.at);
	const answered = list.filter((s) => s.ms !== null);
	const mean = answered.length ? answered.reduce((a, s) => a + (s.ms ?? 0), 0) / answered.length : null;
	const inside = list.map((s, i) => {
		const b = list[i - 1];
		const n = b ? s.timed - b.timed : 0;
		return b && n > 0 ? ((s.seconds - b.seconds) / n) * 1000 : null;
	});
	return (
		<>
			<Head title={t('status.title')} lead={t('status.lead')} />
			<Loaded query={q}>
				{(h) => {
					const bad = h.checks.filter((c) => !c.ok);
					return bad.length || !/^(ok|up|pass|healthy)$/i.test(h.status) ? (
						<Note tone="high" icon="alert" role="status">
							<strong>{t('status.someBad')}</strong>
							<span>{bad.map((c) => tcode('check', c.name)).join(', ')}</span>
						</Note>
					) : (
						<Note tone="good" icon="check" role="status">
							<strong>{t('status.allOk')}</strong>
						</Note>
					);
				}}
			</Loaded>
			<div class="tiles">
				<div class="tile">
					<strong>{mean === null ? '–' : `${number(mean, 1)} ms`}</strong>
					<span>{t('status.latency')}</span>
				</div>
				<div class="tile">
					<strong>{list.length ? `${number((answered.length / list.length) * 100, answered.length === list.length ? 0 : 1)} %` : '–'}</strong>
					<span>{t('status.uptime')}</span>
				</div>
				<div class="tile">
					<strong>{last?.upSince ? relative(new Date(last.upSince * 1000).toISOString()) : '–'}</strong>
					<span>{t('status.since')}</span>
				</div>
				<div class="tile">
					<strong>{last?.connections === null || last === undefined ? '–' : number(last.connections)}</strong>
					<span>{t('status.connections')}</span>
				</div>
				<div class="tile">
					<strong>{last?.rss ? `${number(last.rss / 1048576)} MiB` : '–'}</strong>
					<span>{t('status.memory')}</span>
				</div>
			</div>
			<div class="cols">
				<Card title={t('status.times')}>
					<Plot
						label={t('status.times')}
						at={at}
						series={[
							{ label: t('status.here'), color: 'accent', values: list.map((s) => s.ms), digits: 1, unit: 'ms' },
							{ label: t('status.inside'), color: 'high', values: inside, digits: 2, unit: 'ms' },
						]}
					/>
				</Card>
				<Card title={t('status.load')}>
					<Plot
						label={t('status.load')}
						at={at}
						series={[
							{ label: t('status.requests'), color: 'accent', values: rate(list, (s) => s.requests), digits: 1 },
							{ label: t('status.errors'), color: 'critical', values: rate(list, (s) => s.errors), digits: 1 },
						]}
					/>
				</Card>
			</div>
			<ServiceHistory />
			<Card title={t('status.checks')}>
				<Loaded query={q}>
					{(h) => (
						<div class="table-wrap" tabIndex={0} role="region" aria-label={t('status.checks')}>
							<table>
								<thead>
									<tr>
										<th scope="col">{t('status.check')}</th>
										<th scope="col">{t('status.state')}</th>
										<th scope="col">{t('status.detail')}</th>
									</tr>
								</thead>
								<tbody>
									{h.checks.map((c) => (
										<tr key={c.name}>
											<td>{tcode('check', c.name)}</td>
											<td>
												<span class={`badge ${c.ok ? 'good' : c.warns ? 'high' : 'critical'}`}>
													<Icon name={c.ok ? 'check' : 'alert'} />
													{t(c.ok ? 'status.ok' : c.warns ? 'status.warn' : 'status.bad')}
												</span>
											</td>
											<td class="num left">{checkText(c)}</td>
										</tr>
									))}
								</tbody>
							</table>
						</div>
					)}
				</Loaded>
			</Card>
		</>
	);
}
