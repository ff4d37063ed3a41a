/* chart-cases.tsx - on a patient's chart: the hanseníase case that runs, those of the past, or the way
 * to open one. */
import { useQuery } from '../../api/query';
import { Icon } from '../../components/icon';
import type { Patient } from '../../components/lines';
import { Card } from '../../components/parts';
import { Empty, Loaded, Skeleton } from '../../components/state';
import { lang, t, tcode } from '../../i18n';
import { date, today } from '../../lib/format';
import { can } from '../../session';
import '../../styles/hansen.css';
import { Steps } from './case';
import { attendanceTone, type Case, gifText, readCase, readCases, stateText, stateTone } from './case-types';
import { type Codes, useCodes } from './codes';
import { DoseCalendar } from './dose-calendar';

const active = ['DIAGNOSED', 'IN_TREATMENT'];

function Running({ id, codes }: { id: string; codes: Codes | undefined }) {
	const q = useQuery(`case ${id} ${lang.value}`, (signal) => readCase(id, signal));
	return (
		<Loaded query={q} skeleton={<Skeleton lines={6} />}>
			{(view) => (
				<div class="cols wide">
					<Card
						title={
							<span class="row">
								{t('case.one')}
								<span class={`badge ${stateTone[view.case.state] ?? ''}`}>{stateText(view.case.state)}</span>
								<span class="badge">{view.case.operationalClass}</span>
								{view.attendance && <span class={`badge ${attendanceTone[view.attendance] ?? ''}`}>{tcode('case.attendance', view.attendance)}</span>}
							</span>
						}
						action={
							<a class="btn main no-print" href={`/hanseniase/casos/${id}`}>
								{t('case.go')}
								<Icon name="right" />
							</a>
						}
					>
						<div class="stack">
							<p class="small quiet num">
								{[codes?.text('clinicalForm', view.case.clinicalForm), gifText(view.case.gifDiagnosis), `${t('case.diagnosedOn')} ${date(view.case.diagnosedOn)}`].filter(Boolean).join(' · ')}
							</p>
							<DoseCalendar of={view.calendar} today={today()} />
						</div>
					</Card>
					<Card flush title={t('case.steps')}>
						<Steps list={view.nextSteps} />
					</Card>
				</div>
			)}
		</Loaded>
	);
}

function Past({ of: c, codes }: { of: Case; codes: Codes | undefined }) {
	return (
		<li>
			<a href={`/hanseniase/casos/${c.id}`}>
				{codes?.text('clinicalForm', c.clinicalForm)}, {c.operationalClass}
			</a>
			<span class="small quiet num">
				{t('case.diagnosedOn')} {date(c.diagnosedOn)} · {codes?.text('discharge', c.discharge)} {date(c.dischargedOn)}
			</span>
		</li>
	);
}

export function ChartCases({ patient }: { patient: Patient }) {
	const q = useQuery(`cases of ${patient.id}`, (signal) => readCases({ patientId: patient.id, limit: 20 }, signal));
	const codes = useCodes();
	return (
		<Loaded query={q} skeleton={<Skeleton lines={6} />}>
			{({ items }) => {
				const running = items.find((c) => active.includes(c.state));
				const past = items.filter((c) => !active.includes(c.state));
				return (
					<div class="stack">
						{running ? (
							<Running id={running.id} codes={codes} />
						) : (
							<Empty icon="file" title={past.length ? t('chart.case.none.now') : t('chart.case.none')}>
								{can('writeHansen') && !patient.deletedAt && (
									<a class="btn main" href={`/pacientes/${patient.id}/hanseniase/novo`}>
										<Icon name="plus" />
										{t('case.open')}
									</a>
								)}
							</Empty>
						)}
						{past.length > 0 && (
							<Card flush title={t('chart.case.past')}>
								<ul class="rows">
									{past.map((c) => (
										<Past key={c.id} of={c} codes={codes} />
									))}
								</ul>
							</Card>
						)}
					</div>
				);
			}}
		</Loaded>
	);
}
