/* dose-calendar.tsx - the supervised doses of a treatment: each cartela with its day, what is late, and
 * whether what is left fits the protocol's window. */
import { Icon } from '../../components/icon';
import { Note } from '../../components/parts';
import { t, tcode } from '../../i18n';
import { date } from '../../lib/format';
import { type Calendar, late } from './case-types';

const ms = (iso: string): number => Date.parse(iso);

/** From the first dose to the window's end: taken doses, today, planned ones. */
function Line({ of: c, today }: { of: Calendar; today: string }) {
	if (!c.startedOn || !c.windowEndsOn) return null;
	const from = ms(c.startedOn);
	const last = Math.max(ms(c.windowEndsOn), ms(today), c.lastPlannedOn ? ms(c.lastPlannedOn) : 0);
	const x = (iso: string) => 8 + ((ms(iso) - from) / Math.max(1, last - from)) * 584;
	return (
		<svg class="dose-line no-print" viewBox="0 0 600 30" aria-hidden="true">
			<line x1="8" x2={x(c.windowEndsOn)} y1="15" y2="15" class="inside" />
			{x(c.windowEndsOn) < 591 && <line x1={x(c.windowEndsOn)} x2="592" y1="15" y2="15" class="outside" />}
			<line x1={x(c.windowEndsOn)} x2={x(c.windowEndsOn)} y1="4" y2="26" class="edge" />
			{c.slots.map((s) => (
				<circle key={s.number} cx={x(s.takenOn ?? s.plannedOn)} cy="15" r="5" class={s.status.toLowerCase()} />
			))}
			<line x1={x(today)} x2={x(today)} y1="2" y2="28" class="today" />
		</svg>
	);
}

export function DoseCalendar({ of: c, today }: { of: Calendar; today: string }) {
	return (
		<div class="stack">
			<div class="row between">
				<span class="big-number">
					<strong class="num">{c.taken}</strong> <span class="quiet">{t('case.doses.of', { n: c.doses })}</span>
				</span>
				<span class="small quiet num">
					{c.startedOn ? `${t('case.doses.started')} ${date(c.startedOn)} · ` : ''}
					{c.windowEndsOn ? `${t('case.doses.window')} ${date(c.windowEndsOn)}` : ''}
				</span>
			</div>
			<Line of={c} today={today} />
			{c.late ? (
				<Note tone="critical" icon="alert">
					{t('case.doses.late')}
				</Note>
			) : (
				!c.fits &&
				c.taken < c.doses && (
					<Note tone="high" icon="alert">
						{t('case.doses.unfit', { date: date(c.lastPlannedOn) })}
					</Note>
				)
			)}
			<ol class="cartelas">
				{c.slots.map((s) => (
					<li key={s.number} class={`cartela ${s.status.toLowerCase()}`}>
						<span class="row between">
							<strong class="num">{s.number}</strong>
							{s.status === 'TAKEN' ? <Icon name="check" /> : s.status === 'OVERDUE' ? <Icon name="alert" /> : null}
						</span>
						<span class="num">{date(s.takenOn ?? s.plannedOn)}</span>
						<span class="small">
							{tcode('case.slot', s.status)}
							{s.status === 'OVERDUE' && `, ${late(s.lateDays)}`}
							{s.status === 'TAKEN' && s.lateDays > 0 && `, ${late(s.lateDays)}`}
						</span>
					</li>
				))}
			</ol>
		</div>
	);
}
