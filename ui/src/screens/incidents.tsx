/* incidents.tsx - the register of security incidents: assessed, communicated in time, closed. The
 * clocks (3 business days, 20 to complement) run from the day one knew. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, type Body, call, download, Problem } from '../api/client';
import { limits } from '../api/gen/limits';
import { useAction, usePages, useQuery } from '../api/query';
import { Area, Check, type Errors, focusFirstError, Input, OtherErrors, Select, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Head, Note, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote, Skeleton } from '../components/state';
import { t, tcode } from '../i18n';
import { dateMask } from '../lib/brazil';
import { date, dayStart, parseDate, today } from '../lib/format';
import { go } from '../router';

type Incident = Answer<'/api/incidents/{id}'>;
const bounds = limits['POST /api/incidents'];

function Clock({ of: i }: { of: Incident }) {
	const open = i.status !== 'CLOSED';
	const late = open && !i.communicatedAt && i.due.slice(0, 10) < today();
	return (
		<span class="row">
			<span class={`badge ${i.status === 'CLOSED' ? '' : 'high'}`}>{tcode('incident.status', i.status)}</span>
			{i.relevant && <span class="badge critical">{t('incident.relevant')}</span>}
			{open && !i.communicatedAt && (
				<span class={`badge ${late ? 'critical' : 'calm'}`}>
					{t('incident.due')} {date(i.due)}
				</span>
			)}
			{i.communicatedAt && !i.complementedAt && open && (
				<span class="badge calm">
					{t('incident.complement')} {date(i.complementDue)}
				</span>
			)}
		</span>
	);
}

export function Incidents(_: { params: Record<string, string> }) {
	const [open, setOpen] = useState(true);
	const pages = usePages(`incidents ${open}`, (cursor, signal) => call('get', '/api/incidents', { query: { open: open || undefined, limit: 50, cursor }, signal }));
	return (
		<>
			<Head title={t('nav.incidents')} lead={t('incident.lead')}>
				<a class="btn main" href="/incidentes/novo">
					<Icon name="plus" />
					{t('incident.new')}
				</a>
			</Head>
			<Check name="open" label={t('incident.onlyOpen')} value={open} onValue={setOpen} />
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			{pages.items.length === 0 ? (
				pages.done ? (
					<Empty icon="check" title={t('incident.none')} />
				) : (
					!pages.problem && <Skeleton lines={4} height="4rem" />
				)
			) : (
				<ul class="stack">
					{pages.items.map((i) => (
						<li key={i.id}>
							<Card>
								<div class="stack tight">
									<div class="row between">
										<h2>
											<a href={`/incidentes/${i.id}`}>{i.title}</a>
										</h2>
										<Clock of={i} />
									</div>
									<p class="small quiet">
										{tcode('incident.kind', i.kind)} · {t('incident.known')} <When at={i.knownAt} />
									</p>
								</div>
							</Card>
						</li>
					))}
				</ul>
			)}
			{!pages.done && pages.items.length > 0 && (
				<div>
					<button type="button" class="btn" onClick={pages.more} disabled={pages.loading}>
						{t('form.more')}
					</button>
				</div>
			)}
		</>
	);
}

function New() {
	const [v, setV] = useState({ kind: '', title: '', description: '', occurred: '', smallAgent: false });
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const day = parseDate(v.occurred);
	const open = useAction((key) =>
		call('post', '/api/incidents', {
			body: { kind: v.kind, title: v.title.trim(), description: v.description.trim() || undefined, occurredAt: day ? dayStart(day) : undefined, smallAgent: v.smallAgent } as Body<'/api/incidents', 'post'>,
			key,
		}),
	);
	useEffect(() => {
		if (open.problem?.status === 422) {
			setServed(serverErrors(open.problem));
			focusFirstError(form.current);
		}
	}, [open.problem]);
	const errors: Errors = {
		kind: v.kind ? undefined : t('invalid.required'),
		title: [...v.title.trim()].length < bounds.title.minLength ? t('confirm.reason.short', { n: bounds.title.minLength }) : undefined,
		occurredAt: v.occurred && !day ? t('invalid.date') : undefined,
	};
	const shown = (k: string) => served[k] ?? (tried ? errors[k] : undefined);
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (Object.values(errors).some(Boolean)) return focusFirstError(form.current);
		const done = await open.run();
		if (done) {
			toast(t('incident.opened'), 'high');
			go(`/incidentes/${done.id}`, { replace: true });
		}
	}
	return (
		<form ref={form} class="stack" onSubmit={submit} noValidate>
			<OtherErrors errors={served} known={['kind', 'title', 'description', 'occurredAt', 'smallAgent']} />
			{open.problem && ![401, 422].includes(open.problem.status) && <ProblemNote problem={open.problem} retryAt={open.retryAt} cancel={open.cancel} />}
			<Card>
				<div class="form">
					<Select class="w6" name="kind" label={t('incident.kind')} value={v.kind} onValue={(kind) => setV({ ...v, kind })} empty={t('form.choose')} choices={bounds.kind.enum.map((k) => ({ value: k, label: tcode('incident.kind', k) }))} error={shown('kind')} />
					<Input class="w6" name="occurredAt" label={t('incident.occurred')} optional mask={dateMask} inputMode="numeric" placeholder={t('form.dateHint')} value={v.occurred} onValue={(occurred) => setV({ ...v, occurred })} error={shown('occurredAt')} autoComplete="off" />
					<Input name="title" label={t('incident.title')} value={v.title} onValue={(title) => setV({ ...v, title })} error={shown('title')} maxLength={bounds.title.maxLength} required autoComplete="off" />
					<Area name="description" label={t('incident.description')} hint={t('incident.description.hint')} optional rows={5} value={v.description} onValue={(description) => setV({ ...v, description })} error={shown('description')} />
					<Check name="smallAgent" label={t('incident.smallAgent')} value={v.smallAgent} onValue={(smallAgent) => setV({ ...v, smallAgent })} />
				</div>
			</Card>
			<div class="row actions">
				<button type="submit" class="btn main" disabled={open.busy}>
					{t('incident.open')}
				</button>
				<a class="btn" href="/incidentes">
					{t('form.cancel')}
				</a>
			</div>
		</form>
	);
}

function Affected({ id }: { id: string }) {
	const [asked, setAsked] = useState(false);
	const q = useQuery(asked ? `affected ${id}` : null, (signal) => call('get', '/api/incidents/{id}/affected', { path: { id }, signal }));
	return (
		<Card title={t('incident.affected')}>
			{!asked ? (
				<div class="stack">
					<p class="quiet">{t('incident.affected.lead')}</p>
					<div>
						<button type="button" class="btn" onClick={() => setAsked(true)}>
							<Icon name="search" />
							{t('incident.affected.ask')}
						</button>
					</div>
				</div>
			) : (
				<Loaded query={q}>
					{({ items }) =>
						items.length === 0 ? (
							<Empty icon="check" title={t('incident.affected.none')} />
						) : (
							<div class="table-wrap" tabIndex={0} role="region" aria-label={t('incident.affected')}>
								<table>
									<thead>
										<tr>
											<th scope="col">{t('glass.patient')}</th>
											<th scope="col">{t('incident.first')}</th>
											<th scope="col">{t('incident.last')}</th>
											<th scope="col" class="num">
												{t('incident.entries')}
											</th>
										</tr>
									</thead>
									<tbody>
										{items.map((a) => (
											<tr key={a.patientId}>
												<td class="mono">{a.patientId}</td>
												<td>
													<When at={a.firstAt} />
												</td>
												<td>
													<When at={a.lastAt} />
												</td>
												<td class="num">{a.entries}</td>
											</tr>
										))}
									</tbody>
								</table>
							</div>
						)
					}
				</Loaded>
			)}
		</Card>
	);
}

function Edit({ of: i, onSaved }: { of: Incident; onSaved: (i: Incident) => void }) {
	const [v, setV] = useState({ status: i.status, description: i.description ?? '', risk: i.risk ?? '', measures: i.measures ?? '', notCommunicated: i.notCommunicated ?? '', relevant: i.relevant });
	const [problem, setProblem] = useState<Problem>();
	const opt = (s: string) => s.trim() || undefined;
	const save = useAction((key) =>
		call('put', '/api/incidents/{id}', {
			path: { id: i.id },
			body: { status: v.status, description: opt(v.description), risk: opt(v.risk), measures: opt(v.measures), notCommunicated: opt(v.notCommunicated), relevant: v.relevant, version: i.version } as Body<'/api/incidents/{id}', 'put'>,
			key,
		}),
	);
	const errors = save.problem?.status === 422 ? serverErrors(save.problem) : {};
	return (
		<form
			class="stack"
			noValidate
			onSubmit={async (e) => {
				e.preventDefault();
				const done = await save.run();
				if (done) {
					toast(t('incident.saved'));
					onSaved(done);
				}
			}}
		>
			<OtherErrors errors={errors} known={['status', 'description', 'risk', 'measures', 'notCommunicated', 'relevant']} />
			{(save.problem && ![401, 422].includes(save.problem.status) && <ProblemNote problem={save.problem} retryAt={save.retryAt} cancel={save.cancel} />) || (problem && <ProblemNote problem={problem} />)}
			<Card>
				<div class="form">
					<Select class="w6" name="status" label={t('incident.status')} value={v.status} onValue={(status) => setV({ ...v, status })} choices={['OPEN', 'ASSESSED', 'COMMUNICATED', 'CLOSED'].map((s) => ({ value: s, label: tcode('incident.status', s) }))} error={errors.status} />
					<div class="w6 bottom">
						<Check name="relevant" label={t('incident.relevant.long')} value={v.relevant} onValue={(relevant) => setV({ ...v, relevant })} />
					</div>
					<Area name="description" label={t('incident.description')} optional value={v.description} onValue={(description) => setV({ ...v, description })} error={errors.description} />
					<Area name="risk" label={t('incident.risk')} optional value={v.risk} onValue={(risk) => setV({ ...v, risk })} error={errors.risk} />
					<Area name="measures" label={t('incident.measures')} optional value={v.measures} onValue={(measures) => setV({ ...v, measures })} error={errors.measures} />
					{v.status === 'CLOSED' && !i.communicatedAt && <Area name="notCommunicated" label={t('incident.notCommunicated')} value={v.notCommunicated} onValue={(notCommunicated) => setV({ ...v, notCommunicated })} error={errors.notCommunicated} />}
				</div>
			</Card>
			<div class="row actions">
				<button type="submit" class="btn main" disabled={save.busy}>
					<Icon name="check" />
					{t('form.save')}
				</button>
				<button type="button" class="btn" onClick={() => download(`/api/incidents/${i.id}/draft`, `incidente-${i.id}.txt`).catch((e) => setProblem(e as Problem))}>
					<Icon name="file" />
					{t('incident.draft')}
				</button>
			</div>
		</form>
	);
}

export function IncidentPage({ params }: { params: Record<string, string> }) {
	const id = params.id as string;
	const fresh = id === 'novo';
	const q = useQuery(fresh ? null : `incident ${id}`, (signal) => call('get', '/api/incidents/{id}', { path: { id }, signal }));
	const crumbs = [{ label: t('nav.incidents'), to: '/incidentes' }, { label: fresh ? t('incident.new') : (q.data?.title ?? '…') }];
	if (fresh)
		return (
			<>
				<Head title={t('incident.new')} crumbs={crumbs} />
				<Note tone="high" icon="clock">
					{t('incident.clock')}
				</Note>
				<New />
			</>
		);
	return (
		<>
			<Head title={q.data?.title ?? t('nav.incidents')} tab={t('nav.incidents')} crumbs={crumbs} lead={q.data && <Clock of={q.data} />} />
			<Loaded query={q}>
				{(i) => (
					<>
						<dl class="facts">
							{(['occurredAt', 'knownAt', 'communicatedAt', 'complementedAt', 'closedAt'] as const).map((k) =>
								i[k] ? (
									<div key={k}>
										<dt>{t(`incident.${k}`)}</dt>
										<dd>
											<When at={i[k]} />
										</dd>
									</div>
								) : null,
							)}
						</dl>
						<Edit key={i.version} of={i} onSaved={q.set} />
						<Affected id={id} />
					</>
				)}
			</Loaded>
		</>
	);
}
