/* home-due.tsx - what a doctor's or nurse's hanseníase cases ask for today and in the week to come. */
import { useQuery } from '../api/query';
import { Card, Masked } from '../components/parts';
import { Empty, Loaded, Skeleton } from '../components/state';
import { count, lang, t } from '../i18n';
import { date } from '../lib/format';
import { type BoardItem, late, readBoard, type Step } from './hansen/case-types';

const DAYS = 7;
const SHOWN = 6;

function plus(day: string, n: number): string {
	const d = new Date(`${day}T12:00:00Z`);
	d.setUTCDate(d.getUTCDate() + n);
	return d.toISOString().slice(0, 10);
}

interface Due {
	of: BoardItem;
	steps: Step[];
}

export function DueToday() {
	const q = useQuery(`board ${lang.value}`, (signal) => readBoard(signal));
	return (
		<Card flush title={t('home.due')} action={<a href="/hanseniase/casos">{t('home.due.open')}</a>}>
			<Loaded query={q} skeleton={<div class="pad"><Skeleton lines={4} height="2.5rem" /></div>}>
				{(b) => {
					const until = plus(b.today, DAYS);
					/* the server's order stands: most overdue first */
					const due: Due[] = b.items.map((i) => ({ of: i, steps: i.nextSteps.filter((s) => s.overdue || (s.dueOn !== null && s.dueOn <= until)) })).filter((d) => d.steps.length > 0);
					if (due.length === 0) return <Empty icon="check" title={t('home.due.none')} />;
					const soon = due.filter((d) => !d.of.overdue).length;
					return (
						<>
							<p class="pad row small">
								{b.overdue > 0 && <span class="badge critical">{count('home.due.late', b.overdue)}</span>}
								{soon > 0 && <span class="badge high">{count('home.due.soon', soon)}</span>}
							</p>
							<ul class="plain-lines due">
								{due.slice(0, SHOWN).map(({ of: i, steps }) => (
									<li key={i.id}>
										<a class="line" href={`/hanseniase/casos/${i.id}`}>
											<div class="cut">
												<div class="name cut">{i.patientName ?? <Masked />}</div>
												<div class="small quiet cut">{steps.map((s) => s.text).join(' · ')}</div>
											</div>
											<When of={steps[0] as Step} today={b.today} />
										</a>
									</li>
								))}
							</ul>
						</>
					);
				}}
			</Loaded>
		</Card>
	);
}

function When({ of: s, today }: { of: Step; today: string }) {
	if (s.overdue) return <span class="badge critical">{late(s.overdueDays)}</span>;
	return <span class={`badge num ${s.dueOn === today ? 'high' : ''}`}>{s.dueOn === today ? t('home.due.today') : date(s.dueOn)}</span>;
}
