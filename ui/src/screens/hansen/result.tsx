/* result.tsx - what a calculator answered: result, warnings, how it was reached, and where it stands. */
import { Icon } from '../../components/icon';
import { Card, Note } from '../../components/parts';
import { t, tcode } from '../../i18n';
import { date } from '../../lib/format';
import type { Calculation } from './calculators';
import type { Calculator } from './catalogue';

function shown(v: unknown): string {
	if (v === null || v === undefined || v === '') return '–';
	if (typeof v === 'boolean') return v ? t('form.yes') : t('form.no');
	const s = String(v);
	if (/^\d{4}-\d{2}-\d{2}$/.test(s)) return date(s);
	if (/^-?\d+\.\d+$/.test(s)) return s.replace('.', ',');
	return tcode('calc.value', s, s);
}
const flagText = (f: unknown): { code: string; text: string } => {
	if (typeof f === 'object' && f !== null) {
		const o = f as { code?: string; text?: string; message?: string };
		return { code: o.code ?? '', text: o.text ?? o.message ?? tcode('calc.flag', o.code ?? '') };
	}
	const code = String(f);
	return { code, text: tcode('calc.flag', code.split(':')[0] ?? code, code) };
};
const sourceText = (s: unknown): string => {
	if (typeof s !== 'object' || s === null) return String(s);
	const o = s as Record<string, unknown>;
	return [o.document, o.section, o.page].filter(Boolean).join(', ');
};

export function ResultOf({ answer, of }: { answer: Calculation; of: Calculator }) {
	const result = Object.entries(answer.result ?? {}).filter(([, v]) => v !== null && v !== '');
	const main = result.filter(([k]) => of.main?.includes(k));
	const rest = result.filter(([k]) => !of.main?.includes(k) && k !== 'flags');
	const flags = (answer.flags ?? []).map(flagText);
	return (
		<>
			<Card title={t('calc.result')} action={answer.protocolVersion ? <span class="badge">{t('calc.version', { v: answer.protocolVersion })}</span> : undefined}>
				{result.length === 0 ? (
					<Note tone="high" icon="alert">
						<strong>{t('calc.noResult')}</strong>
					</Note>
				) : (
					<dl class="facts calc-facts">
						{main.map(([k, v]) => (
							<div key={k} class="wide big">
								<dt>{tcode('calc.out', k, k)}</dt>
								<dd class="num">{shown(v)}</dd>
							</div>
						))}
						{rest.map(([k, v]) => (
							<div key={k}>
								<dt>{tcode('calc.out', k, k)}</dt>
								<dd class="num">{shown(v)}</dd>
							</div>
						))}
					</dl>
				)}
				{flags.length > 0 && (
					<ul class="stack tight flags">
						{flags.map((f) => (
							<li key={f.code}>
								<Note tone="high" icon="alert">
									<span>{f.text}</span>
								</Note>
							</li>
						))}
					</ul>
				)}
			</Card>
			<Card title={t('calc.how')}>
				{answer.steps?.length > 0 && (
					<ol class="steps">
						{answer.steps.map((s, i) => (
							<li key={i}>{String(s)}</li>
						))}
					</ol>
				)}
				<div class="source">
					<Icon name="book" />
					<div>
						<strong>{t('calc.source')}</strong>
						{(answer.sources ?? []).map((s, i) => (
							<div key={i}>{sourceText(s)}</div>
						))}
					</div>
				</div>
			</Card>
		</>
	);
}
