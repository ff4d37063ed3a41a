/* audit.tsx - the audit trail: filters, one entry in full, and the proof that it is in a sealed
 * batch, recomputed here in the browser and not merely believed. */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client';
import { usePages, useQuery } from '../api/query';
import { Input, Select } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Dialog, Head, Note, When } from '../components/parts';
import { Empty, Loaded, ProblemNote, Skeleton } from '../components/state';
import { t, tcode } from '../i18n';
import { eventNames, eventText } from '../i18n/events';
import { dateMask } from '../lib/brazil';
import { dayEnd, dayStart, parseDate } from '../lib/format';
import { go, keep, kept } from '../router';
import { AuditActivity } from './audit-heat';
import { type Verdict, verifyEntry } from '../lib/merkle';

interface Filter {
	event: string;
	actor: string;
	subject: string;
	from: string;
	to: string;
}
const none: Filter = { event: '', actor: '', subject: '', from: '', to: '' };
const isId = (s: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(s.trim());
export const short = (id: string | null | undefined): string => (id ? `…${id.slice(-6)}` : '–');

function Proof({ id }: { id: string }) {
	const q = useQuery(`proof ${id}`, (signal) => call('get', '/api/audit/{id}/proof', { path: { id }, signal }));
	const keys = useQuery('audit keys', (signal) => call('get', '/api/audit/keys', { signal }));
	const [verdict, setVerdict] = useState<Verdict>();
	useEffect(() => {
		if (q.data && keys.data) void verifyEntry(q.data, keys.data.items).then(setVerdict);
	}, [q.data, keys.data]);
	const holds = verdict && verdict.included && verdict.signed !== false;
	return (
		<Loaded query={q}>
			{(p) => (
				<div class="stack tight">
					{holds === true && (
						<Note tone="good" icon="check" role="status">
							<strong>{t('proof.holds')}</strong>
							<span>{t('proof.holds.text', { index: p.leafIndex + 1, size: p.treeSize, batch: p.head.number })}</span>
							<span>{verdict?.signed ? t('proof.signed') : t('proof.unsigned')}</span>
						</Note>
					)}
					{holds === false && (
						<Note tone="critical" icon="alert" role="alert">
							<strong>{t('proof.broken')}</strong>
							<span>{t('proof.broken.text')}</span>
						</Note>
					)}
					<details>
						<summary>{t('proof.details')}</summary>
						<dl class="facts">
							<div class="wide">
								<dt>{t('proof.leaf')}</dt>
								<dd class="mono">{p.leafHash}</dd>
							</div>
							<div class="wide">
								<dt>{t('proof.path')}</dt>
								<dd class="mono">{p.auditPath.map((x, i) => <div key={i}>{x}</div>)}</dd>
							</div>
							<div class="wide">
								<dt>{t('proof.root')}</dt>
								<dd class="mono">{p.head.root}</dd>
							</div>
							<div class="wide">
								<dt>{t('proof.signature')}</dt>
								<dd class="mono">{p.head.signature}</dd>
							</div>
						</dl>
					</details>
				</div>
			)}
		</Loaded>
	);
}

function EntrySheet({ id, onClose }: { id: string; onClose: () => void }) {
	const q = useQuery(`audit ${id}`, (signal) => call('get', '/api/audit/{id}', { path: { id }, signal }));
	const [proving, setProving] = useState(false);
	const row = (label: string, value: unknown, mono = false) =>
		value === null || value === undefined || value === '' ? null : (
			<div>
				<dt>{label}</dt>
				<dd class={mono ? 'mono' : ''}>{String(value)}</dd>
			</div>
		);
	return (
		<Dialog open onClose={onClose} label={t('audit.entry')} class="wide">
			<div class="inside">
				<div class="row between">
					<h2>{t('audit.entry')}</h2>
					<button type="button" class="btn bare icon-only" onClick={onClose} aria-label={t('form.close')}>
						<Icon name="x" />
					</button>
				</div>
				<Loaded query={q}>
					{(e) => (
						<div class="stack">
							<dl class="facts">
								{row(t('audit.what'), eventText(e.event))}
								<div>
									<dt>{t('audit.when')}</dt>
									<dd>
										<When at={e.at} />
									</dd>
								</div>
								{row(t('audit.actor'), e.actorName)}
								{row(t('audit.actorId'), e.actorId, true)}
								{row(t('audit.role'), tcode('role', e.role, ''))}
								{row(t('audit.subject'), e.subjectId, true)}
								{row(t('audit.patient'), e.patientId, true)}
								{row(t('audit.status'), e.status)}
								{row(t('audit.route'), e.route, true)}
								{row(t('audit.address'), e.address, true)}
								{row(t('state.requestId'), e.requestId, true)}
								{e.hasReason && row(t('audit.reason'), t('audit.sealed'))}
								{(e.hasBefore || e.hasAfter) && row(t('audit.change'), t('audit.sealed'))}
							</dl>
							{proving ? (
								<Proof id={id} />
							) : (
								<div>
									<button type="button" class="btn" onClick={() => setProving(true)}>
										<Icon name="shield" />
										{t('proof.ask')}
									</button>
								</div>
							)}
						</div>
					)}
				</Loaded>
			</div>
		</Dialog>
	);
}

export function Audit({ params }: { params: Record<string, string> }) {
	const [f, setF] = useState<Filter>(kept<Filter>('audit') ?? none);
	const [asked, setAsked] = useState(f);
	useEffect(() => {
		const timer = setTimeout(() => {
			setAsked(f);
			keep({ audit: f });
		}, 250);
		return () => clearTimeout(timer);
	}, [f]);
	const put = (k: keyof Filter) => (v: string) => setF({ ...f, [k]: v });
	const from = parseDate(asked.from);
	const to = parseDate(asked.to);
	const query = {
		event: asked.event || undefined,
		actor: isId(asked.actor) ? asked.actor.trim() : undefined,
		subject: isId(asked.subject) ? asked.subject.trim() : undefined,
		from: from ? dayStart(from) : undefined,
		to: to ? dayEnd(to) : undefined,
	};
	const pages = usePages(`audit list ${JSON.stringify(query)}`, (cursor, signal) => call('get', '/api/audit', { query: { ...query, limit: 50, cursor } as never, signal }));
	const badId = (v: string) => (v.trim() && !isId(v) ? t('audit.badId') : undefined);
	const badDate = (v: string) => (v.length === 10 && !parseDate(v) ? t('invalid.date') : undefined);
	return (
		<>
			<Head title={t('nav.audit')} lead={t('audit.lead')} />
			<AuditActivity />
			<search class="card">
				<div class="form">
					<Select class="w4" name="event" label={t('audit.event')} value={f.event} onValue={put('event')} empty={t('form.any')} choices={eventNames().map((e) => ({ value: e, label: eventText(e) }))} />
					<Input class="w4" name="from" label={t('form.from')} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} value={f.from} onValue={put('from')} error={badDate(f.from)} autoComplete="off" />
					<Input class="w4" name="to" label={t('form.to')} mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} value={f.to} onValue={put('to')} error={badDate(f.to)} autoComplete="off" />
					<Input class="w6" name="actor" label={t('audit.actor')} hint={t('audit.idHint')} value={f.actor} onValue={put('actor')} error={badId(f.actor)} autoComplete="off" inputClass="mono" />
					<Input class="w6" name="subject" label={t('audit.subject')} hint={t('audit.idHint')} value={f.subject} onValue={put('subject')} error={badId(f.subject)} autoComplete="off" inputClass="mono" />
				</div>
			</search>
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			<Card flush title={t('audit.entries')}>
				{pages.items.length === 0 ? (
					pages.done ? (
						<Empty icon="shield" title={t('audit.none')} />
					) : (
						!pages.problem && (
							<div class="pad">
								<Skeleton lines={8} />
							</div>
						)
					)
				) : (
					<div class="table-wrap" tabIndex={0} role="region" aria-label={t('audit.entries')}>
						<table>
							<thead>
								<tr>
									<th scope="col">{t('audit.when')}</th>
									<th scope="col">{t('audit.what')}</th>
									<th scope="col">{t('audit.role')}</th>
									<th scope="col">{t('audit.actor')}</th>
									<th scope="col">{t('audit.subject')}</th>
									<th scope="col" class="num">
										{t('audit.status')}
									</th>
									<th scope="col">
										<span class="sr">{t('audit.open')}</span>
									</th>
								</tr>
							</thead>
							<tbody>
								{pages.items.map((e) => (
									<tr key={e.id}>
										<td>
											<When at={e.at} />
										</td>
										<td>{eventText(e.event)}</td>
										<td>{tcode('role', e.role, '–')}</td>
										<td>
											{e.actorId ? (
												<button type="button" class={`btn bare small ${e.actorName ? '' : 'mono'}`} title={e.actorId} aria-label={`${e.actorName ?? short(e.actorId)} ${t('audit.only')} ${e.actorId}`} onClick={() => put('actor')(e.actorId ?? '')}>
													{e.actorName ?? short(e.actorId)}
												</button>
											) : (
												'–'
											)}
										</td>
										<td>
											{e.subjectId ? (
												<button type="button" class="btn bare small mono" title={e.subjectId} aria-label={`${short(e.subjectId)} ${t('audit.only')} ${e.subjectId}`} onClick={() => put('subject')(e.subjectId ?? '')}>
													{short(e.subjectId)}
												</button>
											) : (
												'–'
											)}
										</td>
										<td class="num">
											<span class={`badge ${(e.status ?? 0) >= 400 ? 'high' : 'good'}`}>{e.status}</span>
										</td>
										<td>
											<a class="btn small" href={`/auditoria/${e.id}`} aria-label={`${t('audit.open')}: ${eventText(e.event)}`}>
												{t('audit.open')}
											</a>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					</div>
				)}
				{!pages.done && pages.items.length > 0 && (
					<div class="pad">
						<button type="button" class="btn" onClick={pages.more} disabled={pages.loading}>
							{t('form.more')}
						</button>
					</div>
				)}
			</Card>
			{params.id && <EntrySheet id={params.id} onClose={() => go('/auditoria', { replace: true })} />}
		</>
	);
}
