/* export.tsx - a whole chart in one signed file, for its subject or for another service. */
import { useState } from 'preact/hooks';
import { download, Problem } from '../api/client';
import { Input, serverErrors } from '../components/form';
import { Icon } from '../components/icon';
import { Card } from '../components/parts';
import { ProblemNote } from '../components/state';
import { t } from '../i18n';

export function Export({ patientId }: { patientId: string }) {
	const [busy, setBusy] = useState('');
	const [passphrase, setPassphrase] = useState('');
	const [problem, setProblem] = useState<Problem>();
	async function get(format: string, ending: string): Promise<void> {
		setBusy(format);
		setProblem(undefined);
		try {
			if (passphrase) await download(`/api/patients/${patientId}/encrypted-export`, `prontuario-${patientId}.json.age`, { format, passphrase });
			else await download(`/api/patients/${patientId}/export?format=${format}`, `prontuario-${patientId}.${ending}`);
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy('');
	}
	return (
		<Card title={t('export.title')}>
			<div class="stack">
				<p class="quiet">{t('export.lead')}</p>
				{problem && ![401, 422].includes(problem.status) && <ProblemNote problem={problem} />}
				<Input class="no-print" name="passphrase" type="password" autoComplete="new-password" label={t('export.passphrase')} hint={t('export.passphrase.hint')} value={passphrase} onValue={setPassphrase} optional error={serverErrors(problem).passphrase} />
				<div class="row no-print">
					{(
						[
							['html', 'json', t('export.html')],
							['fhir', 'json', t('export.fhir')],
							['json', 'json', t('export.json')],
						] as const
					).map(([format, ending, label]) => (
						<button key={format} type="button" class="btn" disabled={!!busy} onClick={() => void get(format, ending)}>
							<Icon name="file" />
							{busy === format ? t('export.working') : label}
						</button>
					))}
				</div>
			</div>
		</Card>
	);
}
