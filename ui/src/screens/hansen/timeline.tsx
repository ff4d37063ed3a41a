/* timeline.tsx - what happened to a case, newest first; proposals of the calculators open below. */
import { useState } from 'preact/hooks';
import { Icon, type IconName } from '../../components/icon';
import { Card, toast } from '../../components/parts';
import { Plot } from '../../components/plot';
import { Empty } from '../../components/state';
import { t } from '../../i18n';
import { date } from '../../lib/format';
import { type ActProps, ReactionChangeSheet } from './case-acts';
import { type CaseEvent, type CaseView, gifText, stateText, weightText } from './case-types';
import { type Calculation, useCatalogue } from './calculators';
import type { Codes } from './codes';
import { ResultOf } from './result';

const icons: Record<string, IconName> = { DOSE: 'calendar', ASSESSMENT: 'hand', REACTION: 'alert', ADVERSE_EVENT: 'flag', STATE: 'right' };

function Proposals({ list }: { list: { calculator: string }[] }) {
	const catalogue = useCatalogue();
	return (
		<>
			{list.map((p, i) => {
				const c = catalogue.data?.items.find((x) => x.name === p.calculator);
				return c ? (
					<details key={i}>
						<summary class="small quiet">
							{t('case.proposal')}: {c.summary}
						</summary>
						<div class="stack">
							<ResultOf answer={p as unknown as Calculation} of={c} />
						</div>
					</details>
				) : null;
			})}
		</>
	);
}

function told(e: CaseEvent, codes: Codes): { title: string; text: string; notes: (string | null | undefined)[] } {
	const join = (list: (string | null | undefined | false)[]) => list.filter(Boolean).join(' · ');
	if (e.dose)
		return {
			title: t('case.event.dose', { n: e.number ?? '' }),
			text: join([weightText(e.dose.weightKg), e.dose.selfTaken !== null && t('case.event.self', { n: e.dose.selfTaken }), e.dose.earlyReason && `${t('case.event.early')} ${e.dose.earlyReason}`]),
			notes: [e.dose.note],
		};
	if (e.assessment)
		return {
			title: t('case.event.assessment'),
			text: join([codes.text('assessmentReason', e.assessment.reason), gifText(e.assessment.gif), e.assessment.omp !== null && `OMP ${e.assessment.omp}`]),
			notes: [
				e.assessment.nerves.map((n) => `${codes.text('nerve', n.nerve)} ${codes.text('side', n.side).toLowerCase()}: ${join([n.thickened && t('case.nerve.thick').toLowerCase(), n.painful && t('case.nerve.pain').toLowerCase(), n.sensoryLoss && t('case.nerve.loss').toLowerCase(), typeof n.strength === 'number' && t('case.event.strength', { n: n.strength })])}`).join('; '),
				e.assessment.complaints,
				e.assessment.note,
			],
		};
	if (e.reaction)
		return {
			title: codes.text('reaction', e.reaction.type),
			text: join([e.untilDay ? `${t('case.event.until')} ${date(e.untilDay)}` : t('case.event.ongoing'), e.reaction.neuritis && t('case.reaction.neuritis'), weightText(e.reaction.weightKg)]),
			notes: [e.reaction.treatment, e.reaction.note],
		};
	if (e.adverseEvent)
		return {
			title: `${t('case.event.adverse')}: ${e.adverseEvent.drug}`,
			text: join([codes.text('severity', e.adverseEvent.severity), e.adverseEvent.reported ? t('case.adverse.reported.short') : t('case.adverse.unreported')]),
			notes: [e.adverseEvent.description, e.adverseEvent.action],
		};
	if (e.change)
		return {
			title: e.change.discharge ? `${t('case.event.discharge')}: ${codes.text('discharge', e.change.discharge)}` : `${stateText(e.change.from)} → ${stateText(e.change.to)}`,
			text: join([e.change.destination, e.change.outsideWindow && t('case.event.outside')]),
			notes: [e.change.reason],
		};
	return { title: e.kind, text: '', notes: [] };
}

/** The grade and the sum over time: is function kept? */
export function DisabilityPlot({ events }: { events: CaseEvent[] }) {
	const seen = events.filter((e) => e.assessment && e.assessment.omp !== null).sort((a, b) => a.onDay.localeCompare(b.onDay));
	if (seen.length < 2) return null;
	return (
		<Card title={t('case.plot')}>
			<Plot
				days
				label={t('case.plot')}
				at={seen.map((e) => Date.parse(e.onDay) / 1000)}
				series={[
					{ label: 'OMP', color: 'accent', values: seen.map((e) => e.assessment?.omp ?? null) },
					{ label: 'GIF', color: 'critical', values: seen.map((e) => e.assessment?.gif ?? null) },
				]}
				height={150}
			/>
		</Card>
	);
}

export function Timeline({ of: view, codes, write, reload }: { of: CaseView; codes: Codes; write: boolean; reload: () => void }) {
	const [changing, setChanging] = useState<CaseEvent>();
	const list = [...view.events].sort((a, b) => b.onDay.localeCompare(a.onDay) || b.createdAt.localeCompare(a.createdAt));
	const p: ActProps = {
		of: view,
		codes,
		onClose: () => setChanging(undefined),
		onDone: () => {
			setChanging(undefined);
			toast(t('case.saved'));
			reload();
		},
		onStale: reload,
	};
	return (
		<Card flush title={t('case.timeline')}>
			{list.length === 0 ? (
				<Empty icon="history" title={t('case.timeline.none')} />
			) : (
				<ol class="rows timeline">
					{list.map((e) => {
						const x = told(e, codes);
						const proposals = e.dose?.proposal ? [e.dose.proposal] : (e.reaction?.proposals ?? []);
						return (
							<li key={e.id} class={`event ${e.kind.toLowerCase()}`}>
								<span class="when num small quiet">{date(e.onDay)}</span>
								<span class="mark">
									<Icon name={icons[e.kind] ?? 'file'} />
								</span>
								<div class="stack tight">
									<div class="row between">
										<span>
											<strong>{x.title}</strong> {x.text && <span class="quiet">{x.text}</span>}
										</span>
										{write && e.reaction && !e.untilDay && (
											<button type="button" class="btn small no-print" onClick={() => setChanging(e)}>
												{t('case.reaction.change')}
											</button>
										)}
									</div>
									{x.notes.filter(Boolean).map((n, i) => (
										<p key={i} class="small pre">
											{n}
										</p>
									))}
									{proposals.length > 0 && <Proposals list={proposals} />}
								</div>
							</li>
						);
					})}
				</ol>
			)}
			{changing && <ReactionChangeSheet {...p} event={changing} />}
		</Card>
	);
}
