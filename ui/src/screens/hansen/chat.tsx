/* chat.tsx - the protocol's assistant: Dr. Gasnelio (technical) and Gá (plain). Every statement
 * carries its citation, which opens the protocol at its place. The talk lives in this page alone. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Answer, call, events, Problem } from '../../api/client';
import { limits } from '../../api/gen/limits';
import { useAction } from '../../api/query';
import { Area, Radios } from '../../components/form';
import { Icon } from '../../components/icon';
import { Card, Head, Note } from '../../components/parts';
import { Empty, ProblemNote, Skeleton } from '../../components/state';
import { t, tcode } from '../../i18n';
import { go } from '../../router';
import { can } from '../../session';
import '../../styles/hansen.css';

type Reply = Answer<'/api/assistant/ask', 'post'>;
type Persona = 'dr_gasnelio' | 'ga';
interface Turn {
	asked: string;
	reply: Reply;
}
type Citation = Reply['statements'][number]['citations'][number];
const longest = limits['POST /api/assistant/ask'].question.maxLength;

/** The answer by its stream, so that the waiting says what it waits for; without one, at once. A refusal is a refusal either way. */
async function answerTo(persona: Persona, question: string, onStage: (stage: string) => void): Promise<Reply> {
	let reply: Reply | undefined;
	try {
		await events('/api/assistant/ask/stream', { persona, question }, (name, data) => {
			if (name === 'stage') onStage((data as { stage: string }).stage);
			else if (name === 'answer') reply = data as Reply;
		});
	} catch (e) {
		if (!(e instanceof Problem) || (e.status !== 0 && e.status !== 404 && e.status !== 502 && e.status !== 504)) throw e;
	}
	return reply ?? call('post', '/api/assistant/ask', { body: { persona, question }, key: '' });
}

function Face({ of }: { of: string }) {
	return (
		<svg class="face" viewBox="0 0 40 40" aria-hidden="true">
			<circle cx="20" cy="20" r="19" class="face-back" />
			<circle cx="20" cy="16" r="7" class="face-skin" />
			<path d="M7 38c1-9 6-13 13-13s12 4 13 13z" class="face-coat" />
			{of === 'ga' ? (
				<path d="M12 17c0-8 4-11 8-11s8 3 8 11c1 3 1 5 0 7-1-6-3-10-8-10s-7 4-8 10c-1-2-1-4 0-7z" class="face-hair" />
			) : (
				<>
					<path d="M13 14c0-5 3-8 7-8s7 3 7 8c-2-3-4-4-7-4s-5 1-7 4z" class="face-hair" />
					<path d="M14.5 16h4v2.5h-4zM21.5 16h4v2.5h-4zM18.5 17h3" class="face-line" />
				</>
			)}
		</svg>
	);
}

function Sources({ of: s }: { of: Reply['statements'][number] }) {
	const calculator = s.passage.startsWith('calc:') ? s.passage.slice(5) : '';
	const text = (c: Citation) => [c.document, c.section, c.page && `p. ${c.page}`].filter(Boolean).join(', ');
	const different = s.citations.filter((c, i) => s.citations.findIndex((x) => text(x) === text(c)) === i);
	return (
		<p class="small cites">
			<Icon name="book" />
			<span>
				{different.map((c, i) => (
					<span key={i}>
						{i > 0 && '; '}
						<a
							href="/hanseniase/protocolo"
							onClick={(e) => {
								e.preventDefault();
								go('/hanseniase/protocolo', { state: { cited: { document: c.document, section: c.section, page: c.page } } });
							}}
						>
							{text(c)}
						</a>
					</span>
				))}
				{calculator && can('calculate') && (
					<>
						{' · '}
						<a href={`/hanseniase/calculadoras/${calculator}`}>{t('chat.calculator')}</a>
					</>
				)}
			</span>
		</p>
	);
}

function ReplyOf({ turn }: { turn: Turn }) {
	const r = turn.reply;
	const masked = r.question.trim() !== turn.asked.trim();
	return (
		<li class="turn">
			<div class="asked">
				<span class="sr">{t('chat.you')}: </span>
				{turn.asked}
			</div>
			{masked && (
				<p class="small cites masked-out">
					<Icon name="eyeOff" />
					<span>
						{t('chat.masked')} “{r.question}”
					</span>
				</p>
			)}
			<div class="answer">
				<Face of={r.persona} />
				<div class="stack tight">
					<strong>{tcode('chat.persona', r.persona)}</strong>
					{r.refused ? (
						<Note tone="high" icon="info">
							<span class="pre">{r.answer}</span>
						</Note>
					) : r.statements.length === 0 ? (
						<p class="prose">{r.answer}</p>
					) : (
						<ol class="statements">
							{r.statements.map((s, i) => (
								<li key={i}>
									<p class="prose">{s.text}</p>
									<Sources of={s} />
								</li>
							))}
						</ol>
					)}
					{!r.refused && (
						<p class="small quiet">
							{r.guard} {r.fallback ? tcode('chat.fallback', r.fallback) : r.deterministic ? t('chat.deterministic') : t('chat.model')}
						</p>
					)}
					{r.sent && (
						<details class="small quiet">
							<summary>{t('chat.sent')}</summary>
							<pre class="pre">{r.sent}</pre>
						</details>
					)}
				</div>
			</div>
		</li>
	);
}

export function Chat(_: { params: Record<string, string> }) {
	const [persona, setPersona] = useState<Persona>(can('write') ? 'dr_gasnelio' : 'ga');
	const [question, setQuestion] = useState('');
	const [turns, setTurns] = useState<Turn[]>([]);
	const end = useRef<HTMLDivElement>(null);
	const [stage, setStage] = useState('');
	const ask = useAction((_key, text: string) => answerTo(persona, text, setStage).finally(() => setStage('')));
	useEffect(() => {
		if (turns.length) end.current?.scrollIntoView({ block: 'nearest' });
	}, [turns.length, ask.busy]);
	async function submit(text: string): Promise<void> {
		const asked = text.trim();
		if (!asked || ask.busy) return;
		const reply = await ask.run(asked);
		if (!reply) return;
		setTurns((was) => [...was, { asked, reply }]);
		setQuestion('');
	}
	const ideas = ['chat.idea.1', 'chat.idea.2', 'chat.idea.3'] as const;
	return (
		<>
			<Head title={t('nav.chat')} lead={t('chat.lead')} />
			<Radios
				name="persona"
				label={t('chat.who')}
				value={persona}
				onValue={(v) => setPersona(v as Persona)}
				choices={(['dr_gasnelio', 'ga'] as const).map((p) => ({
					value: p,
					label: (
						<>
							<Face of={p} />
							{tcode('chat.persona', p)}
						</>
					),
				}))}
				hint={tcode('chat.persona.hint', persona)}
			/>
			<Card>
				<div class="stack">
					{turns.length === 0 && !ask.busy && (
						<Empty icon="chat" title={t('chat.empty')}>
							<ul class="ideas">
								{ideas.map((k) => (
									<li key={k}>
										<button type="button" class="btn small" onClick={() => void submit(t(k))}>
											{t(k)}
										</button>
									</li>
								))}
							</ul>
						</Empty>
					)}
					<ol class="turns" aria-live="polite">
						{turns.map((turn, i) => (
							<ReplyOf key={i} turn={turn} />
						))}
					</ol>
					{ask.busy && (
						<>
							<p class="small quiet" role="status">
								{stage && tcode('chat.stage', stage)}
							</p>
							<Skeleton lines={3} />
						</>
					)}
					{ask.problem && ask.problem.status !== 401 && <ProblemNote problem={ask.problem} retryAt={ask.retryAt} cancel={ask.cancel} />}
					<div ref={end} />
					<form
						class="ask no-print"
						onSubmit={(e) => {
							e.preventDefault();
							void submit(question);
						}}
						onKeyDown={(e) => {
							if (e.key === 'Enter' && !e.shiftKey && (e.target as HTMLElement).tagName === 'TEXTAREA') {
								e.preventDefault();
								void submit(question);
							}
						}}
					>
						<Area name="question" label={t('chat.question')} hint={t('chat.question.hint')} value={question} onValue={setQuestion} rows={2} maxLength={longest} />
						<button type="submit" class="btn main" disabled={ask.busy || !question.trim()}>
							<Icon name="send" />
							{t('chat.send')}
						</button>
					</form>
				</div>
			</Card>
		</>
	);
}
