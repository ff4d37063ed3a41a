/* break-glass.tsx - a chart outside one's care answers "not found". Whoever must see it all the same
 * writes why and gets it for a limited time; the data-protection officer judges every reason. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call } from '../api/client';
import { limits } from '../api/gen/limits';
import { useAction, usePages } from '../api/query';
import { Area, Check, type Errors, focusFirstError, Radios, Select, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card, Dialog, Head, Note, Shown, toast, When } from '../components/parts';
import { Empty, ProblemNote, Skeleton } from '../components/state';
import { t, tcode } from '../i18n';
import { ResetQueue } from './resets';

const bounds = limits['POST /api/patients/{id}/break-glass'].reason;

export function BreakGlass({ patientId, onOpen }: { patientId: string; onOpen: () => void }) {
	const [reason, setReason] = useState('');
	const [minutes, setMinutes] = useState('60');
	const [tried, setTried] = useState(false);
	const [served, setServed] = useState<Errors>({});
	const form = useRef<HTMLFormElement>(null);
	const short = [...reason.trim()].length < bounds.minLength;
	const open = useAction((key) => call('post', '/api/patients/{id}/break-glass', { path: { id: patientId }, body: { reason: reason.trim(), minutes: Number(minutes) }, key }));
	useEffect(() => {
		if (open.problem?.status === 422) {
			setServed(serverErrors(open.problem));
			focusFirstError(form.current);
		}
	}, [open.problem]);
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (short) return focusFirstError(form.current);
		if (await open.run()) {
			toast(t('glass.opened'), 'high');
			onOpen();
		}
	}
	return (
		<Card>
			<form ref={form} class="stack" onSubmit={submit} noValidate>
				<Note tone="high" icon="lock">
					<strong>{t('glass.none')}</strong>
					<span>{t('glass.lead')}</span>
				</Note>
				{open.problem && ![401, 422].includes(open.problem.status) && <ProblemNote problem={open.problem} retryAt={open.retryAt} cancel={open.cancel} />}
				<Area
					name="reason"
					label={t('glass.reason')}
					hint={t('glass.reason.hint')}
					value={reason}
					onValue={(v) => {
						setReason(v);
						setServed({});
					}}
					rows={4}
					maxLength={bounds.maxLength}
					required
					error={served.reason ?? (tried && short ? t('confirm.reason.short', { n: bounds.minLength }) : undefined)}
				/>
				<Radios
					name="minutes"
					label={t('glass.for')}
					value={minutes}
					onValue={setMinutes}
					error={served.minutes}
					choices={[
						{ value: '30', label: t('glass.minutes', { n: 30 }) },
						{ value: '60', label: t('glass.hour') },
						{ value: '240', label: t('glass.hours', { n: 4 }) },
						{ value: '480', label: t('glass.hours', { n: 8 }) },
					]}
				/>
				<div class="row">
					<button type="submit" class="btn danger" disabled={open.busy}>
						<Icon name="lock" />
						{open.busy ? t('state.working') : t('glass.ask')}
					</button>
					<a class="btn" href="/pacientes">
						{t('form.cancel')}
					</a>
				</div>
			</form>
		</Card>
	);
}

type Opening = Answer<'/api/break-glass'>['items'][number];

function Judge({ of, onClose, onDone }: { of: Opening; onClose: () => void; onDone: () => void }) {
	const [verdict, setVerdict] = useState('');
	const [note, setNote] = useState('');
	const [tried, setTried] = useState(false);
	const judge = useAction((key) => call('post', '/api/break-glass/{id}/review', { path: { id: of.id }, body: { verdict: verdict as 'JUSTIFIED', note: note.trim() || undefined }, key }));
	async function submit(e: Event): Promise<void> {
		e.preventDefault();
		setTried(true);
		if (verdict && (await judge.run())) onDone();
	}
	return (
		<Dialog open onClose={onClose} label={t('glass.review')}>
			<form onSubmit={submit} noValidate>
				<h2>{t('glass.review')}</h2>
				<blockquote class="side pre">{of.reason}</blockquote>
				<p class="small quiet">
					{of.userName} · <When at={of.at} /> {t('glass.until')} <When at={of.until} />
				</p>
				<Select
					name="verdict"
					label={t('glass.review')}
					value={verdict}
					onValue={setVerdict}
					empty={t('form.choose')}
					choices={['JUSTIFIED', 'UNJUSTIFIED'].map((v) => ({ value: v, label: tcode('glass.verdict', v) }))}
					error={tried && !verdict ? t('invalid.required') : undefined}
				/>
				<Area name="note" label={t('glass.note')} optional value={note} onValue={setNote} rows={3} />
				{judge.problem && judge.problem.status !== 401 && <ProblemNote problem={judge.problem} retryAt={judge.retryAt} cancel={judge.cancel} />}
				<div class="row">
					<button type="submit" class="btn main" disabled={judge.busy}>
						{t('form.save')}
					</button>
					<button type="button" class="btn" onClick={onClose}>
						{t('form.cancel')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

/** The officer's queue. */
export function GlassQueue(_: { params: Record<string, string> }) {
	const [pending, setPending] = useState(true);
	const [turn, setTurn] = useState(0);
	const [judging, setJudging] = useState<Opening>();
	const pages = usePages(`glass ${pending} ${turn}`, (cursor, signal) => call('get', '/api/break-glass', { query: { pending: pending || undefined, limit: 50, cursor }, signal }));
	return (
		<>
			<Head title={t('glass.queue')} lead={t('glass.queue.lead')} />
			<ResetQueue />
			<Check name="pending" label={t('glass.pending')} value={pending} onValue={setPending} />
			{pages.problem && pages.problem.status !== 401 && <ProblemNote problem={pages.problem} retryAt={pages.retryAt} retry={pages.retry} />}
			{pages.items.length === 0 ? (
				pages.done ? (
					<Empty icon="check" title={t('glass.queue.none')} />
				) : (
					!pages.problem && <Skeleton lines={4} height="4rem" />
				)
			) : (
				<ul class="stack">
					{pages.items.map((g) => (
						<li key={g.id}>
							<Card>
								<div class="stack tight">
									<div class="row between">
										<strong>{g.userName}</strong>
										<span class={`badge ${g.verdict === 'JUSTIFIED' ? 'good' : g.verdict ? 'critical' : 'high'}`}>{tcode('glass.verdict', g.verdict ?? 'pending')}</span>
									</div>
									<p class="small quiet">
										<When at={g.at} /> {t('glass.until')} <When at={g.until} /> · {t('glass.patient')}{' '}
										<Shown of={g} name="patientName">
											{g.patientName}
										</Shown>
									</p>
									<blockquote class="side pre">{g.reason}</blockquote>
									{g.note && <p class="small">{g.note}</p>}
									{!g.verdict && (
										<div>
											<button type="button" class="btn" onClick={() => setJudging(g)}>
												<Icon name="scale" />
												{t('glass.review')}
											</button>
										</div>
									)}
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
			{judging && (
				<Judge
					of={judging}
					onClose={() => setJudging(undefined)}
					onDone={() => {
						setJudging(undefined);
						setTurn(turn + 1);
						toast(t('glass.reviewed'));
					}}
				/>
			)}
		</>
	);
}
