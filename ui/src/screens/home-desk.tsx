/* home-desk.tsx - what waits for the data-protection officer, each with its clock: accesses to judge, requests
 * of data subjects, incidents. */
import type { ComponentChildren } from 'preact';
import { call } from '../api/client';
import { type Query, useQuery } from '../api/query';
import { Card, When } from '../components/parts';
import { Empty, Loaded, Skeleton } from '../components/state';
import { count, t, tcode } from '../i18n';
import { date, today } from '../lib/format';

const SHOWN = 5;

/** Days from today to a day of the calendar; below zero it is past. */
export function daysTo(day: string): number {
	return Math.round((Date.parse(`${day.slice(0, 10)}T12:00:00Z`) - Date.parse(`${today()}T12:00:00Z`)) / 86_400_000);
}

/** Until when, and how long that is. */
export function Clock({ due }: { due: string }) {
	const left = daysTo(due);
	return (
		<span class={`badge num ${left < 0 ? 'critical' : left <= 3 ? 'high' : 'calm'}`} title={date(due)}>
			{left < 0 ? count('home.days.late', -left) : left === 0 ? t('home.due.today') : count('home.days.left', left)}
		</span>
	);
}

function Queue<P extends { items: { id: string }[] }>({ title, to, query, none, children }: { title: string; to: string; query: Query<P>; none: string; children: (item: P['items'][number]) => ComponentChildren }) {
	return (
		<Card flush title={title} action={<a href={to}>{t('home.all')}</a>}>
			<Loaded query={query} skeleton={<div class="pad"><Skeleton lines={3} height="2.5rem" /></div>}>
				{({ items }) =>
					items.length === 0 ? (
						<Empty icon="check" title={none} />
					) : (
						<ul class="plain-lines due">
							{items.slice(0, SHOWN).map((i) => (
								<li key={i.id}>{children(i)}</li>
							))}
						</ul>
					)
				}
			</Loaded>
		</Card>
	);
}

export function OfficerDesk() {
	const glass = useQuery('home glass', (signal) => call('get', '/api/break-glass', { query: { pending: true, limit: SHOWN }, signal }));
	const requests = useQuery('home requests', async (signal) => {
		const page = await call('get', '/api/privacy/requests', { query: { open: true, limit: 100 }, signal });
		return { items: [...page.items].sort((a, b) => a.due.localeCompare(b.due)) };
	});
	const incidents = useQuery('home incidents', (signal) => call('get', '/api/incidents', { query: { open: true, limit: SHOWN }, signal }));
	return (
		<div class="cols">
			<div class="stack">
				<Queue title={t('home.requests')} to="/privacidade" query={requests} none={t('home.requests.none')}>
					{(r) => (
						<a class="line" href="/privacidade">
							<div class="cut">
								<div class="name cut">{tcode('request.kind', r.kind)}</div>
								<div class="small quiet cut num">
									{r.details ? `${r.details} · ` : ''}
									{t('request.due')} {date(r.due)}
								</div>
							</div>
							<Clock due={r.due} />
						</a>
					)}
				</Queue>
				<Queue title={t('home.incidents')} to="/incidentes" query={incidents} none={t('home.incidents.none')}>
					{(i) => (
						<a class="line" href={`/incidentes/${i.id}`}>
							<div class="cut">
								<div class="name cut">{i.title}</div>
								<div class="small quiet cut">{tcode('incident.status', i.status)}</div>
							</div>
							{!i.communicatedAt ? <Clock due={i.due} /> : !i.complementedAt && <Clock due={i.complementDue} />}
						</a>
					)}
				</Queue>
			</div>
			<Queue title={t('home.reviews')} to="/revisoes" query={glass} none={t('home.reviews.none')}>
				{(g) => (
					<a class="line" href="/revisoes">
						<div class="cut">
							<div class="name cut">{g.userName}</div>
							<div class="small quiet cut">{g.reason}</div>
						</div>
						<span class="small quiet num">
							<When at={g.at} />
						</span>
					</a>
				)}
			</Queue>
		</div>
	);
}
