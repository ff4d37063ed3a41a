/* chart.tsx - a patient's chart: who it is, and the tabs (records, data, who opened it, ...). */
import { useEffect, useState } from 'preact/hooks';
import { call } from '../api/client';
import { usePages, useQuery } from '../api/query';
import { Input, Select } from '../components/form';
import { Icon } from '../components/icon';
import { ageText, type Patient, RecordLine } from '../components/lines';
import { Confirm } from '../components/confirm';
import { Card, Head, Masked, Shown, toast, When } from '../components/parts';
import { Empty, Loaded, ProblemNote, Skeleton } from '../components/state';
import { VirtualList } from '../components/virtual';
import { count, t, tcode } from '../i18n';
import { eventText } from '../i18n/events';
import { cnsShow, cpfShow, phoneShow } from '../lib/brazil';
import { date, initials } from '../lib/format';
import { go, keep, kept, place } from '../router';
import { can, me } from '../session';
import { BreakGlass } from './break-glass';
import { Care } from './care';
import { Export } from './export';
import { chartTabs } from './chart-tabs';
import { useAction } from '../api/query';

function Records({ patient }: { patient: Patient }) {
	const [text, setText] = useState(kept<string>('q') ?? '');
	const [priority, setPriority] = useState(kept<string>('priority') ?? '');
	const [asked, setAsked] = useState(text.trim());
	useEffect(() => {
		const timer = setTimeout(() => {
			setAsked(text.trim());
			keep({ q: text.trim(), priority });
		}, 150);
		return () => clearTimeout(timer);
	}, [text, priority]);
	const pages = usePages(`chart ${patient.id} ${priority} ${asked}`, (cursor, signal) =>
		call('get', '/api/medical-records', {
			query: { patientId: patient.id, q: asked || undefined, priority: (priority || undefined) as never, names: true, limit: 50, cursor },
			signal,
		}),
	);
	const filtered = !!asked || !!priority;
	return (
		<div class="stack">
			<search class="form">
				{me.value?.role !== 'ADMIN' && (
					<Input class="w8" name="q" type="search" label={t('record.search')} value={text} onValue={setText} autoComplete="off" />
				)}
				<Select
					class="w4"
					name="priority"
					label={t('record.priority')}
					value={priority}
					onValue={setPriority}
					empty={t('form.any')}
					choices={['CRITICAL', 'HIGH', 'NORMAL', 'LOW'].map((p) => ({ value: p, label: tcode('priority', p) }))}
				/>
			</search>
			<p class="small quiet" role="status">
				{pages.loading && !pages.items.length ? t('state.loading') : pages.done ? count('record.count', pages.items.length) : t('record.countMore', { n: pages.items.length })}
			</p>
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			{pages.done && pages.items.length === 0 ? (
				<Empty title={filtered ? t('record.notFound') : t('record.none')}>
					{!filtered && can('write') && (
						<a class="btn main" href={`/pacientes/${patient.id}/registros/novo`}>
							{t('record.first')}
						</a>
					)}
				</Empty>
			) : (
				<div class="card flush">
					{pages.items.length === 0 && !pages.problem && (
						<div class="pad">
							<Skeleton lines={6} height="2.75rem" />
						</div>
					)}
					<VirtualList items={pages.items} row={4.25} keyOf={(r) => r.id} label={t('chart.records')} near={pages.more} render={(r) => <RecordLine of={r} />} />
				</div>
			)}
		</div>
	);
}

function Data({ patient: p }: { patient: Patient }) {
	const [asking, setAsking] = useState(false);
	const remove = useAction((key, reason: string) => call('delete', '/api/patients/{id}', { path: { id: p.id }, query: { reason } as never, key }));
	const identifiers = (Array.isArray(p.identifiers) ? p.identifiers : []) as { system: string; value: string; verified: boolean }[];
	const row = (name: keyof Patient, label: string, value: string | null | undefined, wide = false) => (
		<div class={wide ? 'wide' : ''}>
			<dt>{label}</dt>
			<dd class="num">
				<Shown of={p} name={name}>
					{value}
				</Shown>
			</dd>
		</div>
	);
	return (
		<div class="stack">
			<Card
				title={t('patient.identity')}
				action={
					can('writePatients') && (
						<a class="btn small no-print" href={`/pacientes/${p.id}/editar`}>
							<Icon name="edit" />
							{t('form.edit')}
						</a>
					)
				}
			>
				<dl class="facts">
					{row('name', t('patient.name'), p.name)}
					{row('birthDate', t('patient.birthDate'), date(p.birthDate))}
					{row('sex', t('patient.sex'), tcode('sex', p.sex, ''))}
					{row('motherName', t('patient.motherName'), p.motherName)}
					{row('cpf', 'CPF', cpfShow(p.cpf))}
					{row('cns', t('patient.cns'), cnsShow(p.cns))}
					{row('phone', t('patient.phone'), phoneShow(p.phone))}
					{row('email', t('login.email'), p.email)}
					{row('address', t('patient.address'), p.address, true)}
				</dl>
			</Card>
			{identifiers.length > 0 && (
				<Card title={t('patient.identifiers')}>
					<div class="table-wrap" tabIndex={0} role="region" aria-label={t('patient.identifiers')}>
						<table>
							<thead>
								<tr>
									<th scope="col">{t('patient.system')}</th>
									<th scope="col">{t('patient.value')}</th>
									<th scope="col">{t('patient.verified')}</th>
								</tr>
							</thead>
							<tbody>
								{identifiers.map((i) => (
									<tr key={i.system + i.value}>
										<td>
											<code>{i.system}</code>
										</td>
										<td class="mono">{i.value}</td>
										<td>{i.verified ? <span class="badge good">{t('form.yes')}</span> : <span class="badge high">{t('form.no')}</span>}</td>
									</tr>
								))}
							</tbody>
						</table>
					</div>
				</Card>
			)}
			{can('exportChart') && <Export patientId={p.id} />}
			{(can('write') || me.value?.role === 'ADMIN') && <Care patientId={p.id} />}
			<p class="small quiet">
				{t('patient.since')} <When at={p.createdAt} /> · {t('record.version', { n: p.version })} · {t('record.updated')} <When at={p.updatedAt} />
			</p>
			{me.value?.role === 'ADMIN' && !p.deletedAt && (
				<div class="no-print">
					<button type="button" class="btn danger" onClick={() => setAsking(true)}>
						<Icon name="trash" />
						{t('patient.remove')}
					</button>
					<Confirm
						open={asking}
						onClose={() => setAsking(false)}
						title={t('patient.remove')}
						text={t('patient.remove.text')}
						act={remove}
						label={t('patient.remove')}
						reason={5}
						danger
						onDone={() => {
							toast(t('patient.removed'));
							go('/pacientes', { replace: true });
						}}
					/>
				</div>
			)}
		</div>
	);
}

function Accesses({ patient }: { patient: Patient }) {
	const pages = usePages(`access ${patient.id}`, (cursor, signal) =>
		call('get', '/api/patients/{id}/access-log', { path: { id: patient.id }, query: { limit: 100, cursor }, signal }),
	);
	return (
		<Card title={t('access.title')} flush>
			<p class="pad quiet">{t('access.lead')}</p>
			{pages.problem && pages.problem.status !== 401 && (
				<div class="pad">
					<ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />
				</div>
			)}
			{pages.loading && !pages.items.length ? (
				<div class="pad">
					<Skeleton lines={6} />
				</div>
			) : pages.items.length === 0 ? (
				!pages.problem && <Empty icon="eye" title={t('access.none')} />
			) : (
				<div class="table-wrap" tabIndex={0} role="region" aria-label={t('access.title')}>
					<table>
						<thead>
							<tr>
								<th scope="col">{t('access.when')}</th>
								<th scope="col">{t('access.who')}</th>
								<th scope="col">{t('access.role')}</th>
								<th scope="col">{t('access.what')}</th>
							</tr>
						</thead>
						<tbody>
							{pages.items.map((a) => (
								<tr key={a.id}>
									<td>
										<When at={a.at} />
									</td>
									<td>{a.actorId === me.value?.id ? t('record.you') : a.actorName || t('access.gone')}</td>
									<td>{tcode('role', a.role)}</td>
									<td>
										{eventText(a.event, a.eventText)} {a.status >= 400 && <span class="badge high">{t('access.refused')}</span>}
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
	);
}

function Who({ of: p }: { of: Patient }) {
	return (
		<div class="row" style={{ flexWrap: 'nowrap', alignItems: 'center', gap: '1rem' }}>
			<span class="avatar big" aria-hidden="true">
				{initials(p.name)}
			</span>
			<span>{p.name ?? <Masked />}</span>
		</div>
	);
}

export function Chart({ params }: { params: Record<string, string> }) {
	const id = params.id as string;
	const q = useQuery(`patient ${id}`, (signal) => call('get', '/api/patients/{id}', { path: { id }, signal }));
	const tabs = [
		...(can('records') ? [{ tab: 'registros', label: t('chart.records') }] : []),
		...(can('patients') || me.value?.role === 'PATIENT' ? [{ tab: 'dados', label: t('chart.data') }] : []),
		...chartTabs().map((x) => ({ tab: x.tab, label: x.label() })),
		...(can('accessLog') ? [{ tab: 'acessos', label: t('chart.access') }] : []),
	];
	const tab = params.tab ?? tabs[0]?.tab ?? 'dados';
	const own = me.value?.role === 'PATIENT';
	if (q.problem && q.data === undefined && q.problem.status === 404 && can('write'))
		return (
			<>
				<Head title={t('glass.title')} crumbs={[{ label: t('nav.patients'), to: '/pacientes' }, { label: t('glass.title') }]} />
				<BreakGlass patientId={id} onOpen={q.retry} />
			</>
		);
	if (q.problem && q.data === undefined)
		return (
			<>
				<Head title={t('chart.title')} />
				<Loaded query={q}>{() => null}</Loaded>
			</>
		);
	const p = q.data;
	const extra = chartTabs().find((x) => x.tab === tab);
	return (
		<>
			<Head
				title={p ? <Who of={p} /> : t('chart.title')}
				tab={t('chart.title')}
				crumbs={own ? undefined : [{ label: t('nav.patients'), to: '/pacientes' }, { label: t('chart.title') }]}
				lead={
					p && (
						<span class="num">
							{[ageText(p.birthDate), tcode('sex', p.sex, ''), p.birthDate ? t('patient.bornShort', { date: date(p.birthDate) }) : '', p.cpf ? `CPF ${cpfShow(p.cpf)}` : ''].filter(Boolean).join(' · ')}
						</span>
					)
				}
			>
				{p && can('write') && !p.deletedAt && (
					<a class="btn main" href={`/pacientes/${id}/registros/novo`}>
						<Icon name="plus" />
						{t('record.new')}
					</a>
				)}
			</Head>
			<nav class="tabs" aria-label={t('chart.tabs')} key={place.value.visit ? 'tabs' : 'tabs'}>
				{tabs.map((x) => (
					<a key={x.tab} href={`/pacientes/${id}/${x.tab}`} aria-current={x.tab === tab ? 'page' : undefined}>
						{x.label}
					</a>
				))}
			</nav>
			<Loaded query={q}>
				{(loaded) =>
					tab === 'registros' ? (
						<Records patient={loaded} />
					) : tab === 'dados' ? (
						<Data patient={loaded} />
					) : tab === 'acessos' ? (
						<Accesses patient={loaded} />
					) : extra ? (
						<extra.screen patient={loaded} />
					) : (
						<Empty icon="search" title={t('problem.404')} />
					)
				}
			</Loaded>
		</>
	);
}
