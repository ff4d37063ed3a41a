/* result.tsx - what a calculator answered: result, warnings, how it was reached, and where it stands. */
import type { Answer } from '../../api/client';
import { Icon } from '../../components/icon';
import { Card, Note } from '../../components/parts';
import { t, tcode } from '../../i18n';
import { decimal, date } from '../../lib/format';
import type { Calculation, Calculator } from './calculators';
import { main } from './groups';

export type Source = Answer<'/api/hansen/protocols'>['items'][number]['source'];

function shown(v: string): string {
	if (/^\d{4}-\d{2}-\d{2}$/.test(v)) return date(v);
	if (/^-?\d+\.\d+( |$)/.test(v)) return decimal(v);
	return tcode('calc.value', v, v);
}

export function SourceText({ of: s }: { of: Source }) {
	return (
		<div>
			{[s.document, s.section, s.page && `p. ${s.page}`].filter(Boolean).join(', ')}{' '}
			{s.confidence && <span class={`badge ${s.confidence === 'HIGH' ? 'good' : 'high'}`}>{tcode('confidence', s.confidence)}</span>}
		</div>
	);
}

export function ResultOf({ answer, of: c }: { answer: Calculation; of: Calculator }) {
	const result = (answer.result ?? {}) as Record<string, string | null>;
	const large = main[c.name] ?? ['verdict'];
	const cells = c.results.filter((r) => r.name !== 'flags' && result[r.name] !== null && result[r.name] !== undefined && result[r.name] !== '');
	const refused = answer.status !== 'RESPONDIDO';
	return (
		<>
			<Card title={t('calc.result')} action={answer.protocolVersion ? <span class="badge">{t('calc.version', { v: answer.protocolVersion })}</span> : undefined}>
				{refused || cells.length === 0 ? (
					<Note tone="high" icon="alert">
						<strong>{t('calc.noResult')}</strong>
					</Note>
				) : (
					<dl class="facts calc-facts">
						{cells.map((r) => (
							<div key={r.name} class={large.includes(r.name) ? 'big' : ''}>
								<dt>{large.includes(r.name) && r.name === 'verdict' ? t('calc.verdict') : r.summary}</dt>
								<dd class="num">
									{shown(result[r.name] ?? '')}
									{r.unit && !/[a-z]/i.test(result[r.name] ?? '') ? ` ${r.unit}` : ''}
								</dd>
							</div>
						))}
					</dl>
				)}
				{answer.warnings.length > 0 && (
					<ul class="stack tight flags">
						{answer.warnings.map((w) => (
							<li key={w.code + (w.field ?? '')}>
								<Note tone="high" icon="alert">
									<span>{w.message}</span>
								</Note>
							</li>
						))}
					</ul>
				)}
			</Card>
			<Card title={t('calc.how')}>
				{answer.steps.length > 0 && (
					<ol class="steps">
						{answer.steps.map((s, i) => (
							<li key={i}>{s}</li>
						))}
					</ol>
				)}
				<div class="source">
					<Icon name="book" />
					<div class="stack tight">
						<strong>{t('calc.source')}</strong>
						{answer.sources.map((s, i) => (
							<SourceText key={i} of={s} />
						))}
						{answer.reviewState === 'PENDING' && <span>{t('calc.pending')}</span>}
					</div>
				</div>
			</Card>
		</>
	);
}
