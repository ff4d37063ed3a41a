/* home.tsx - the first thing one sees on duty, by role: what waits, what is serious, where to go on. */
import { call } from '../api/client';
import { useQuery } from '../api/query';
import { Icon } from '../components/icon';
import { Card, Head, Masked, Note } from '../components/parts';
import { RecordLine, PatientLine } from '../components/lines';
import { Empty, Loaded, Skeleton } from '../components/state';
import { t, tcode } from '../i18n';
import { listDrafts } from '../lib/drafts';
import { relative } from '../lib/format';
import { can, me } from '../session';
import { AuditActivity } from './audit-heat';
import { DueToday } from './home-due';
import { OfficerDesk } from './home-desk';
import { ServiceTiles } from './status-tiles';

function greeting(): string {
	const h = new Date().getHours();
	return t(h < 5 ? 'home.night' : h < 12 ? 'home.morning' : h < 18 ? 'home.afternoon' : 'home.evening');
}

function Drafts() {
	const who = me.value;
	const drafts = who ? listDrafts(who.id) : [];
	if (!drafts.length) return null;
	return (
		<Card title={t('home.drafts')}>
			<ul class="stack tight">
				{drafts.map((d) => (
					<li key={d.path} class="row between">
						<a href={d.path}>{d.label}</a>
						<span class="small quiet">{relative(new Date(d.at).toISOString())}</span>
					</li>
				))}
			</ul>
		</Card>
	);
}

function Serious() {
	const q = useQuery('home critical', (signal) => call('get', '/api/medical-records', { query: { priority: 'CRITICAL', limit: 6, names: true }, signal }));
	return (
		<Card flush title={t('home.alerts')} action={<a href="/registros">{t('home.all')}</a>}>
			<Loaded query={q} skeleton={<div class="pad"><Skeleton lines={4} height="2.5rem" /></div>}>
				{(d) =>
					d.items.length ? (
						<ul class="plain-lines">
							{d.items.map((r) => (
								<li key={r.id}>
									<RecordLine of={r} whose={can('patients')} />
								</li>
							))}
						</ul>
					) : (
						<Empty icon="check" title={t('home.noAlerts')} />
					)
				}
			</Loaded>
		</Card>
	);
}

function Recent({ title }: { title: string }) {
	const q = useQuery('home recent', (signal) => call('get', '/api/medical-records', { query: { limit: 6, names: true }, signal }));
	return (
		<Card flush title={title} action={<a href="/registros">{t('home.all')}</a>}>
			<Loaded query={q} skeleton={<div class="pad"><Skeleton lines={4} height="2.5rem" /></div>}>
				{(d) =>
					d.items.length ? (
						<ul class="plain-lines">
							{d.items.map((r) => (
								<li key={r.id}>
									<RecordLine of={r} whose={can('patients')} />
								</li>
							))}
						</ul>
					) : (
						<Empty title={t('record.none')} />
					)
				}
			</Loaded>
		</Card>
	);
}

function People() {
	const q = useQuery('home patients', (signal) => call('get', '/api/patients', { query: { limit: 8 }, signal }));
	return (
		<Card flush title={can('write') ? t('home.mine') : t('nav.patients')} action={<a href="/pacientes">{t('home.all')}</a>}>
			<Loaded query={q} skeleton={<div class="pad"><Skeleton lines={5} height="2.5rem" /></div>}>
				{(d) =>
					d.items.length ? (
						<ul class="plain-lines narrow">
							{d.items.map((p) => (
								<li key={p.id}>
									<PatientLine of={p} />
								</li>
							))}
						</ul>
					) : (
						<Empty icon="people" title={t('patient.none')}>
							{can('writePatients') && (
								<a class="btn" href="/pacientes/novo">
									{t('patient.new')}
								</a>
							)}
						</Empty>
					)
				}
			</Loaded>
		</Card>
	);
}

/** A patient's own page: the chart, and who looked into it. */
function OwnChart() {
	const id = me.value?.patientId;
	if (!id) return <Empty title={t('home.noChart')} />;
	return (
					<div class="tiles">
						<a class="tile link" href={`/pacientes/${id}`}>
							<Icon name="chart" />
							<strong>{t('home.myChart')}</strong>
							<span>{t('home.myChart.text')}</span>
						</a>
						<a class="tile link" href={`/pacientes/${id}/acessos`}>
							<Icon name="eye" />
							<strong>{t('home.whoOpened')}</strong>
							<span>{t('home.whoOpened.text')}</span>
						</a>
						<a class="tile link" href={`/pacientes/${id}/dados`}>
							<Icon name="person" />
							<strong>{t('home.myData')}</strong>
							<span>{t('home.myData.text')}</span>
						</a>
					</div>
	);
}

export function Home(_: { params: Record<string, string> }) {
	const who = me.value;
	if (!who) return null;
	const first = who.name.split(' ').slice(0, /^(Dra?|Enf|Sra?)\.?$/i.test(who.name.split(' ')[0] ?? '') ? 2 : 1).join(' ');
	return (
		<>
			<Head title={t('home.hello', { greeting: greeting(), name: first })} tab={t('nav.home')} lead={tcode('home.lead', who.role, '')}>
				{can('writePatients') && (
					<a class="btn" href="/pacientes/novo">
						<Icon name="plus" />
						{t('patient.new')}
					</a>
				)}
			</Head>
			<Drafts />
			{can('write') && (
				<div class="cols wide">
					<div class="stack">
						<DueToday />
						<Serious />
						<Recent title={t('home.recent')} />
					</div>
					<People />
				</div>
			)}
			{who.role === 'PATIENT' && (
				<>
					<OwnChart />
					<Recent title={t('nav.myRecords')} />
				</>
			)}
			{(who.role === 'ADMIN' || who.role === 'RECEPTIONIST') && (
				<div class="cols wide">
					<People />
					<div class="stack">
						<Note icon="eyeOff">
							<strong>{t('home.masked')}</strong>
							<span>{t('home.masked.text')}</span>
							<Masked />
						</Note>
						{who.role === 'ADMIN' && <ServiceTiles />}
					</div>
				</div>
			)}
			{can('privacy') && <OfficerDesk />}
			{can('audit') && who.role !== 'ADMIN' && <AuditActivity />}
			{(who.role === 'SUPERADMIN' || who.role === 'AUDITOR' || who.role === 'DPO') && <ServiceTiles />}
		</>
	);
}
