/* case.tsx - one hanseníase case: what is due, the dose calendar, all that happened, what was found,
 * and the contacts. */
import { useState } from 'preact/hooks';
import { call } from '../../api/client';
import { useQuery } from '../../api/query';
import { Icon } from '../../components/icon';
import { Card, Head, Note, toast } from '../../components/parts';
import { Empty, Loaded, Skeleton } from '../../components/state';
import { flags } from '../../api/gen/flags';
import { lang, t, tcode } from '../../i18n';
import { decimal, date, today } from '../../lib/format';
import { can } from '../../session';
import '../../styles/hansen.css';
import { BodyMap } from './body-map';
import { type ActProps, AdverseSheet, AssessmentSheet, DischargeSheet, DoseSheet, NotifySheet, ReactionSheet, RemoveDoseSheet, ReopenSheet } from './case-acts';
import { attendanceTone, type CaseView, gifText, late, lesionsToMap, readCase, siteNames, sitesToText, stateText, stateTone, type Step, weightText } from './case-types';
import { useCodes, type Codes } from './codes';
import { Contacts } from './contacts';
import { DoseCalendar } from './dose-calendar';
import { SitesShown } from './omp';
import { DisabilityPlot, Timeline } from './timeline';

/* what the team does about a patient is not his to do */
const ofTheTeam = ['NOTIFY', 'SEARCH', 'DECIDE_ABANDONMENT', 'CONTACTS'];

export function Steps({ list: all }: { list: Step[] }) {
	const list = can('writeHansen') ? all : all.filter((s) => !ofTheTeam.includes(s.code));
	if (list.length === 0) return <Empty icon="check" title={t('case.steps.none')} />;
	return (
		<ul class="rows steps-due">
			{list.map((s) => (
				<li key={s.code} class={s.overdue ? 'overdue' : ''}>
					<span>{s.text}</span>
					<span class="small num">
						{s.dueOn && <span class="quiet">{date(s.dueOn)} </span>}
						{s.overdue && <span class="badge critical">{late(s.overdueDays)}</span>}
					</span>
				</li>
			))}
		</ul>
	);
}

function Findings({ of: view, codes }: { of: CaseView; codes: Codes }) {
	const { case: c } = view;
	const f = c.findings;
	const row = (label: string, value: string | number | null | undefined) => (
		<div>
			<dt>{label}</dt>
			<dd class="num">{value === null || value === undefined || value === '' ? <span class="quiet">{t('form.none')}</span> : value}</dd>
		</div>
	);
	return (
		<div class="cols">
			<Card
				title={t('case.findings')}
				action={
					can('writeHansen') && view.allowed.includes('CORRECT') ? (
						<a class="btn small no-print" href={`/hanseniase/casos/${c.id}/editar`}>
							<Icon name="edit" />
							{t('form.edit')}
						</a>
					) : undefined
				}
			>
				<div class="stack">
				<dl class="facts">
					{row(t('case.diagnosedOn'), date(c.diagnosedOn))}
					{row(t('case.form'), codes.text('clinicalForm', c.clinicalForm))}
					{row(t('case.class'), codes.text('operationalClass', c.operationalClass))}
					{row(t('case.smear'), codes.text('smear', c.smear) + (c.computed.smearIndex ? ` · IB ${decimal(c.computed.smearIndex)}` : ''))}
					{row(t('case.lesions'), f.lesionCount)}
					{row(t('case.nerveCount'), f.nerveCount)}
					{row('GIF', gifText(c.gifDiagnosis))}
					{row('OMP', c.computed.omp)}
					{row(t('case.weight.short'), weightText(f.weightKg))}
					{row(t('case.entry'), codes.text('entryMode', c.entryMode))}
					{row(t('case.detection'), codes.text('detectionMode', c.detectionMode))}
					{row(t('case.regimen'), codes.text('regimen', c.regimen))}
					{row(t('case.unit'), c.unit)}
					{row(t('case.municipality'), c.municipality)}
					{row(t('case.race'), codes.text('race', f.race))}
				</dl>
				{c.computed.classReason && (
					<Note icon="info">
						<strong>{t('case.classReason')}</strong>
						<span>{c.computed.classReason}</span>
					</Note>
				)}
				{c.computed.flags.map((code) => (
					<Note key={code} tone="high" icon="alert">
						{flags[code]?.[lang.value === 'en' ? 1 : 0] ?? code}
					</Note>
				))}
				{f.notes && <p class="prose">{f.notes}</p>}
				</div>
			</Card>
			<div class="stack">
				<Card title={t('case.map')}>
					<BodyMap value={lesionsToMap(f.lesions)} />
				</Card>
				{f.disability && siteNames.some((n) => f.disability?.[n] !== null) && (
					<Card title={t('case.disability')}>
						<SitesShown value={sitesToText(f.disability)} />
					</Card>
				)}
			</div>
		</div>
	);
}

const sheets = { dose: DoseSheet, assess: AssessmentSheet, reaction: ReactionSheet, adverse: AdverseSheet, notify: NotifySheet, discharge: DischargeSheet, reopen: ReopenSheet, remove: RemoveDoseSheet };
type Act = keyof typeof sheets;

function Body({ view, codes, tab, reload }: { view: CaseView; codes: Codes; tab: string; reload: () => void }) {
	const [act, setAct] = useState<Act>();
	const { case: c, calendar } = view;
	const write = can('writeHansen');
	const may = (...acts: string[]) => write && acts.some((a) => view.allowed.includes(a));
	const door = (ok: boolean, which: Act, label: string, main = false) =>
		ok && (
			<button type="button" class={`btn ${main ? 'main' : 'small'}`} onClick={() => setAct(which)}>
				{main && <Icon name="plus" />}
				{label}
			</button>
		);
	const Open = act ? sheets[act] : undefined;
	const p: ActProps = {
		of: view,
		codes,
		onClose: () => setAct(undefined),
		onDone: () => {
			setAct(undefined);
			toast(t('case.saved'));
			reload();
		},
		onStale: reload,
	};
	const open = calendar.taken < calendar.doses;
	return (
		<>
			{Open && <Open key={act} {...p} />}
			{tab === 'diagnostico' ? (
				<Findings of={view} codes={codes} />
			) : tab === 'contatos' ? (
				<Contacts of={view} codes={codes} write={write} reload={reload} />
			) : (
				<>
					{write && (
						<div class="row no-print acts" role="group" aria-label={t('case.acts')}>
							{door(may('DOSE') && open, 'dose', t('case.act.dose'), true)}
							{door(may('ASSESS'), 'assess', t('case.act.assess'))}
							{door(may('REACTION'), 'reaction', t('case.act.reaction'))}
							{door(may('ADVERSE'), 'adverse', t('case.act.adverse'))}
							{door(may('NOTIFY'), 'notify', t('case.act.notify'))}
							{door(may('CURE', 'TRANSFER', 'DEATH', 'ABANDON', 'MISTAKE'), 'discharge', t('case.act.discharge'))}
							{door(may('REOPEN', 'REOPEN_UNTREATED'), 'reopen', t('case.act.reopen'))}
						</div>
					)}
					<div class="cols wide">
						<div class="stack">
							<Card
								title={t('case.calendar')}
								action={
									may('REMOVE_DOSE', 'REMOVE_ONLY_DOSE') && calendar.taken > 0 ? (
										<button type="button" class="btn small bare no-print" onClick={() => setAct('remove')}>
											<Icon name="undo" />
											{t('case.dose.undo')}
										</button>
									) : undefined
								}
							>
								<DoseCalendar of={calendar} today={today()} />
							</Card>
							<DisabilityPlot events={view.events} />
							<Timeline of={view} codes={codes} write={write} reload={reload} />
						</div>
						<div class="stack">
							<Card flush title={t('case.steps')}>
								<Steps list={view.nextSteps} />
							</Card>
							<Card title={t('case.summary')}>
								<dl class="facts one">
									<div>
										<dt>{t('case.form')}</dt>
										<dd>{codes.text('clinicalForm', c.clinicalForm)}</dd>
									</div>
									<div>
										<dt>{t('case.regimen')}</dt>
										<dd>{codes.text('regimen', c.regimen)}</dd>
									</div>
									<div>
										<dt>{t('case.gif.diagnosis')}</dt>
										<dd>{gifText(c.gifDiagnosis)}</dd>
									</div>
									<div>
										<dt>{t('case.lastSeen')}</dt>
										<dd class="num">{date(c.lastSeenOn)}</dd>
									</div>
									<div>
										<dt>{t('case.notifiedOn')}</dt>
										<dd class="num">{c.notifiedOn ? date(c.notifiedOn) : <span class="badge high">{t('case.unnotified')}</span>}</dd>
									</div>
									<div>
										<dt>{t('contact.title')}</dt>
										<dd>
											<a href={`/hanseniase/casos/${c.id}/contatos`}>{t('contact.count', { n: view.contacts.filter((k) => k.examinedOn).length, of: view.contacts.length })}</a>
										</dd>
									</div>
								</dl>
							</Card>
						</div>
					</div>
				</>
			)}
		</>
	);
}

export function CasePage({ params }: { params: Record<string, string> }) {
	const id = params.id as string;
	const q = useQuery(`case ${id} ${lang.value}`, (signal) => readCase(id, signal));
	const codes = useCodes();
	const c = q.data?.case;
	const patient = useQuery(c ? `patient ${c.patientId}` : null, (signal) => call('get', '/api/patients/{id}', { path: { id: c?.patientId ?? '' }, signal }));
	const name = patient.data?.name ?? t('case.one');
	const tab = params.tab ?? 'acompanhamento';
	const link = (to: string, label: string) => (
		<a href={to === 'acompanhamento' ? `/hanseniase/casos/${id}` : `/hanseniase/casos/${id}/${to}`} aria-current={tab === to ? 'page' : undefined}>
			{label}
		</a>
	);
	return (
		<>
			<Head
				title={name}
				tab={t('case.one')}
				crumbs={[can('writeHansen') ? { label: t('nav.cases'), to: '/hanseniase/casos' } : { label: t('nav.home'), to: '/' }, ...(c ? [{ label: t('chart.title'), to: `/pacientes/${c.patientId}` }] : []), { label: t('case.one') }]}
				lead={
					c &&
					q.data && (
						<div class="row">
							<span class={`badge ${stateTone[c.state] ?? ''}`}>{stateText(c.state)}</span>
							<span class="badge">{c.operationalClass}</span>
							{q.data.attendance && <span class={`badge ${attendanceTone[q.data.attendance] ?? ''}`}>{tcode('case.attendance', q.data.attendance)}</span>}
							<span class="quiet num">
								{t('case.diagnosedOn')} {date(c.diagnosedOn)}
							</span>
						</div>
					)
				}
			>
				{c && (
					<a class="btn" href={`/hanseniase/casos/${id}/notificacao`}>
						<Icon name="print" />
						{t('case.sinan')}
					</a>
				)}
			</Head>
			<nav class="tabs" aria-label={t('case.one')}>
				{link('acompanhamento', t('case.tab.follow'))}
				{link('diagnostico', t('case.tab.findings'))}
				{link('contatos', q.data ? `${t('contact.title')} (${q.data.contacts.length})` : t('contact.title'))}
			</nav>
			<Loaded query={q}>{(view) => (codes ? <Body view={view} codes={codes} tab={tab} reload={q.retry} /> : <Skeleton lines={6} />)}</Loaded>
		</>
	);
}
