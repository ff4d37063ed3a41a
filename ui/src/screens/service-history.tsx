/* service-history.tsx - how the service did while nobody looked: readiness and answer times of the last day
 * and week, kept by the server a minute at a time. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Answer, call } from '../api/client';
import { useQuery } from '../api/query';
import { Radios } from '../components/form';
import { Card } from '../components/parts';
import { Plot, type Series } from '../components/plot';
import { Empty, Loaded } from '../components/state';
import { t } from '../i18n';
import { date, number, time } from '../lib/format';

type Slot = Answer<'/api/service/history'>['day'][number];
const EVERY_MS = 60_000;

const sum = (list: Slot[], pick: (s: Slot) => number): number => list.reduce((n, s) => n + pick(s), 0);
/** In per cent, never rounded up to a whole that was not; null: nothing is known. */
function ready(list: Slot[]): number | null {
	const watched = sum(list, (s) => s.watchedMs);
	return watched ? Math.floor(Math.min(sum(list, (s) => s.upMs) / watched, 1) * 10_000) / 100 : null;
}
const percent = (x: number | null): string => (x === null ? '–' : `${number(x, x === 100 ? 0 : 2)} %`);

function Curves({ slots, week }: { slots: Slot[]; week: boolean }) {
	const shown = useMemo(() => {
		const at = slots.map((s) => new Date(s.at).getTime() / 1000);
		const times = (us: (s: Slot) => number) => slots.map((s) => (s.requests ? us(s) / 1000 : null));
		return {
			at,
			plots: [
				{ label: t('status.readiness'), top: 100, series: [{ label: t('status.ready'), color: 'good', values: slots.map((s) => ready([s])), digits: 2, unit: '%' }] },
				{
					label: t('status.times'),
					series: [
						{ label: t('status.mean'), color: 'accent', values: times((s) => s.busyUs / s.requests), digits: 2, unit: 'ms' },
						{ label: t('status.p99'), color: 'high', values: times((s) => s.p99Us), digits: 1, unit: 'ms' },
					],
				},
				{
					label: t('status.load'),
					series: [
						{ label: t('status.answers'), color: 'accent', values: slots.map((s) => s.requests) },
						{ label: t('status.failures'), color: 'critical', values: slots.map((s) => s.failures) },
					],
				},
			] as { label: string; top?: number; series: Series[] }[],
		};
	}, [slots]);
	const moment = (x: number) => {
		const iso = new Date(x * 1000).toISOString();
		return week ? `${date(iso).slice(0, 5)} ${time(iso)}` : time(iso);
	};
	const tick = (x: number) => (week ? date(new Date(x * 1000).toISOString()).slice(0, 5) : moment(x));
	return (
		<div class="curves">
			{shown.plots.map((p) => (
				<section key={p.label}>
					<h3>{p.label}</h3>
					<Plot label={p.label} at={shown.at} series={p.series} top={p.top} moment={moment} tick={tick} />
				</section>
			))}
		</div>
	);
}

export function ServiceHistory() {
	const [span, setSpan] = useState('day');
	const q = useQuery('service history', (signal) => call('get', '/api/service/history', { signal }));
	useEffect(() => {
		const timer = setInterval(q.retry, EVERY_MS);
		return () => clearInterval(timer);
	}, []);
	return (
		<Card title={t('status.history')}>
			<Loaded query={q}>
				{({ day, week }) =>
					day.length === 0 ? (
						<Empty icon="clock" title={t('status.history.none')} />
					) : (
						<div class="stack">
							<div class="tiles">
								<div class="tile">
									<strong>{percent(ready(day))}</strong>
									<span>{t('status.history.day')}</span>
								</div>
								<div class="tile">
									<strong>{percent(ready(week))}</strong>
									<span>{t('status.history.week')}</span>
								</div>
								<div class="tile">
									<strong>{number(sum(week, (s) => s.failures))}</strong>
									<span>{t('status.history.failures', { n: number(sum(week, (s) => s.requests)) })}</span>
								</div>
							</div>
							<Radios
								name="span"
								label={t('status.history.span')}
								value={span}
								onValue={setSpan}
								choices={[
									{ value: 'day', label: t('status.history.hours') },
									{ value: 'week', label: t('status.history.days') },
								]}
							/>
							<Curves key={span} slots={span === 'day' ? day : week} week={span === 'week'} />
							<p class="small quiet">{t('status.history.how')}</p>
						</div>
					)
				}
			</Loaded>
		</Card>
	);
}
