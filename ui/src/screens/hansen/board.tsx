/* board.tsx - the cases one follows, most overdue first: who must come, who did not, what is next. */
import { useState } from 'preact/hooks';
import { usePages, useQuery } from '../../api/query';
import { Radios, Select } from '../../components/form';
import { Icon } from '../../components/icon';
import { Head, Masked, Note } from '../../components/parts';
import { Empty, Loaded, ProblemNote, Skeleton } from '../../components/state';
import { count, lang, t, tcode } from '../../i18n';
import { date } from '../../lib/format';
import { keep, kept } from '../../router';
import '../../styles/hansen.css';
import { attendanceTone, type BoardItem, late, readBoard, readCases, stateText, stateTone } from './case-types';
import { type Codes, useCodes } from './codes';

const open = ['all', 'overdue', 'DIAGNOSED', 'IN_TREATMENT', 'closed'] as const;
const closed = ['CURED', 'TRANSFERRED', 'ABANDONED', 'DECEASED', 'MISDIAGNOSED'] as const;

export function DoseBar({ taken, of }: { taken: number; of: number }) {
	return (
		<span class="dose-bar" role="img" aria-label={t('case.doses.aria', { n: taken, of })}>
			{Array.from({ length: of }, (_, i) => (
				<i key={i} class={i < taken ? 'on' : ''} />
			))}
		</span>
	);
}

function CaseLine({ of: i, codes }: { of: BoardItem; codes: Codes | undefined }) {
	const step = i.nextSteps[0];
	const more = i.nextSteps.length - 1;
	return (
		<a class="line case" href={`/hanseniase/casos/${i.id}`}>
			<div>
				<div class="name cut">{i.patientName ?? <Masked />}</div>
				<div class="small quiet cut">{[i.operationalClass, codes?.text('clinicalForm', i.clinicalForm)].filter(Boolean).join(' · ')}</div>
			</div>
			<div class="stack tight doses">
				<span class="small num">
					{i.doses}/{i.plannedDoses} {t('case.doses')}
				</span>
				<DoseBar taken={i.doses} of={i.plannedDoses} />
			</div>
			<div class="next">
				{step ? (
					<>
						<div class="cut">{step.text}</div>
						<div class="small row">
							{step.dueOn && <span class="num quiet">{date(step.dueOn)}</span>}
							{step.overdue && <span class="badge critical">{late(step.overdueDays)}</span>}
							{more > 0 && (
								<span class="badge" title={count('case.more', more)}>
									+{more}
									<span class="sr"> {count('case.more', more)}</span>
								</span>
							)}
						</div>
					</>
				) : (
					<span class="quiet">{t('case.steps.none')}</span>
				)}
			</div>
			<span class="row badges">
				{i.attendance && i.attendance !== 'EM_DIA' ? (
					<span class={`badge ${attendanceTone[i.attendance] ?? ''}`}>{tcode('case.attendance', i.attendance)}</span>
				) : (
					<span class={`badge ${stateTone[i.state] ?? ''}`}>{stateText(i.state)}</span>
				)}
			</span>
		</a>
	);
}

function Closed({ state, codes }: { state: string; codes: Codes | undefined }) {
	const pages = usePages(`cases ${state}`, (cursor, signal) => readCases({ state, limit: 50, names: true, cursor }, signal));
	if (pages.problem && !pages.items.length) return pages.problem.status === 401 ? null : <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />;
	if (pages.loading && !pages.items.length) return <Skeleton lines={6} height="2.75rem" />;
	if (pages.items.length === 0) return <Empty icon="check" title={t('board.none.closed')} />;
	return (
		<div class="card flush">
			<ul class="plain-lines">
				{pages.items.map((c) => (
					<li key={c.id}>
						<a class="line case" href={`/hanseniase/casos/${c.id}`}>
							<div>
								<div class="name cut">{c.patientName ?? <Masked />}</div>
								<div class="small quiet cut">
									{c.operationalClass} · {codes?.text('clinicalForm', c.clinicalForm)} · {t('case.diagnosedOn')} {date(c.diagnosedOn)}
								</div>
							</div>
							<div class="stack tight doses">
								<span class="small num">
									{c.doses}/{c.plannedDoses} {t('case.doses')}
								</span>
								<DoseBar taken={c.doses} of={c.plannedDoses} />
							</div>
							<div class="next">
								<div class="cut">{codes?.text('discharge', c.discharge)}</div>
								<div class="small quiet num">{date(c.dischargedOn)}</div>
							</div>
							<span class="row badges">
								<span class={`badge ${stateTone[c.state] ?? ''}`}>{stateText(c.state)}</span>
							</span>
						</a>
					</li>
				))}
			</ul>
			{!pages.done && (
				<div class="pad">
					<button type="button" class="btn" onClick={pages.more} disabled={pages.loading}>
						{t('form.more')}
					</button>
				</div>
			)}
		</div>
	);
}

export function CaseBoard(_: { params: Record<string, string> }) {
	const [show, setShow] = useState(kept<string>('board') ?? 'all');
	const q = useQuery(`board ${lang.value}`, (signal) => readBoard(signal));
	const codes = useCodes();
	const pick = (x: string) => {
		setShow(x);
		keep({ board: x });
	};
	const tile = (n: number, label: string, tone: string, to: string) => (
		<button type="button" class={`tile link ${n > 0 ? tone : ''}`} onClick={() => pick(to)}>
			<strong class="num">{n}</strong>
			<span>{label}</span>
		</button>
	);
	const isClosed = (closed as readonly string[]).includes(show);
	const wordOf = (x: string) => (x === 'all' ? t('board.all') : x === 'overdue' ? t('board.late') : x === 'closed' ? t('board.closed') : stateText(x));
	return (
		<>
			<Head title={t('nav.cases')} lead={t('board.lead')}>
				<a class="btn" href="/hanseniase/boletim">
					<Icon name="file" />
					{t('bulletin.short')}
				</a>
				<a class="btn" href="/hanseniase/indicadores">
					<Icon name="pulse" />
					{t('indicator.title')}
				</a>
				<a class="btn" href="/pacientes">
					<Icon name="plus" />
					{t('board.new')}
				</a>
			</Head>
			<Loaded query={q} skeleton={<Skeleton lines={8} height="2.75rem" />}>
				{(b) => {
					const list = b.items.filter((i) => show === 'all' || (show === 'overdue' ? i.overdue : show === 'missed' ? i.attendance === 'FALTOSO' : show === 'lost' ? i.attendance === 'ABANDONO' : i.state === show));
					return (
						<>
							<div class="tiles">
								{tile(b.active, t('board.active'), '', 'all')}
								{tile(b.overdue, t('board.overdue'), 'critical', 'overdue')}
								{tile(b.missed, t('board.missed'), 'high', 'missed')}
								{tile(b.lost, t('board.lost'), 'critical', 'lost')}
							</div>
							<div class="row board-show">
								<Radios name="show" label={t('board.show')} value={isClosed ? 'closed' : show} onValue={(x) => pick(x === 'closed' ? closed[0] : x)} choices={open.map((x) => ({ value: x, label: wordOf(x) }))} />
								{isClosed && <Select name="closed" label={t('board.closed.how')} value={show} onValue={pick} choices={closed.map((x) => ({ value: x, label: wordOf(x) }))} />}
							</div>
							{!b.complete && <Note icon="info">{t('board.cut', { n: b.items.length })}</Note>}
							{isClosed ? (
								<Closed state={show} codes={codes} />
							) : list.length === 0 ? (
								<Empty icon="check" title={b.active === 0 ? t('board.none') : t('board.none.here')}>
									{b.active === 0 && <p>{t('board.how')}</p>}
								</Empty>
							) : (
								<div class="card flush">
									<ul class="plain-lines" aria-label={t('nav.cases')}>
										{list.map((i) => (
											<li key={i.id}>
												<CaseLine of={i} codes={codes} />
											</li>
										))}
									</ul>
								</div>
							)}
						</>
					);
				}}
			</Loaded>
		</>
	);
}
