/* locate.tsx - looking for somebody outside one's care takes a whole CPF or CNS: nobody browses. */
import { call } from '../api/client';
import { useAction } from '../api/query';
import { t } from '../i18n';
import { cnsValid, cpfValid, digits } from '../lib/brazil';
import { go } from '../router';
import { Icon } from './icon';
import { ProblemNote } from './state';

export function wholeNumber(text: string): { cpf: string } | { cns: string } | null {
	const d = digits(text);
	if (cpfValid(text) && d.length === 11) return { cpf: d };
	if (cnsValid(text)) return { cns: d };
	return null;
}

export function Locate({ text }: { text: string }) {
	const number = wholeNumber(text);
	const find = useAction((key) => call('post', '/api/patients/locate', { body: number ?? {}, key }));
	if (!number) return null;
	const none = find.problem?.status === 404;
	return (
		<div class="stack tight">
			<button
				type="button"
				class="btn"
				disabled={find.busy}
				onClick={async () => {
					const found = await find.run();
					if (found) go(`/pacientes/${found.id}`);
				}}
			>
				<Icon name="search" />
				{t('glass.find')}
			</button>
			{none && <p role="status">{t('glass.find.none')}</p>}
			{find.problem && !none && find.problem.status !== 401 && <ProblemNote problem={find.problem} retryAt={find.retryAt} cancel={find.cancel} />}
		</div>
	);
}
