/* types.ts - written by hand in the shape that openapi-typescript gives, until the program
 * prints its own document; then tools/types.mjs replaces it. */
type Json<T> = { content: { 'application/json': T } };
type In<T> = { content: { 'application/json': T } };
interface ById {
	path: { id: string };
}
interface Page<T> {
	items: T[];
	nextCursor: string | null;
}
interface Listing {
	q?: string;
	limit?: number;
	cursor?: string;
}

export interface components {
	schemas: {
		User: {
			id: string;
			name: string;
			email: string;
			role: string;
			tenantId: string;
			totpEnabled: boolean;
			passwordMustChange: boolean;
			disabledAt: string | null;
			version: number;
			createdAt: string;
			lastLoginAt?: string | null;
			masked?: string[];
		};
		Me: { id: string; name: string; email: string; role: string; tenantId: string; totpEnabled?: boolean; passwordMustChange?: boolean; permissions?: string[] };
		Login: { token: string; expiresAt: string; user: components['schemas']['Me'] };
		Session: { id: string; createdAt: string; seenAt: string; expiresAt: string; address: string; agent: string; current: boolean };
		Patient: {
			id: string;
			name: string | null;
			birthDate: string | null;
			sex: string | null;
			cpf: string | null;
			cns: string | null;
			motherName: string | null;
			phone: string | null;
			email: string | null;
			address: string | null;
			identifiers: { system: string; value: string; verified: boolean }[] | null;
			source: string | null;
			version: number;
			createdAt: string;
			updatedAt: string;
			deletedAt: string | null;
			masked?: string[];
		};
		PatientIn: {
			name: string;
			birthDate?: string | null;
			sex?: string | null;
			cpf?: string | null;
			cns?: string | null;
			motherName?: string | null;
			phone?: string | null;
			email?: string | null;
			address?: string | null;
			version?: number;
		};
		Record: {
			id: string;
			patientId: string;
			doctorId: string;
			doctorName?: string | null;
			title: string | null;
			diagnosis: string | null;
			treatment: string | null;
			notes: string | null;
			priority: string;
			version: number;
			createdAt: string;
			updatedAt: string;
			deletedAt: string | null;
			masked?: string[];
		};
		RecordIn: { patientId: string; title: string; diagnosis: string; treatment?: string | null; notes?: string | null; priority?: string };
		RecordChange: { title: string; diagnosis: string; treatment?: string | null; notes?: string | null; priority?: string; version?: number };
		RecordVersion: {
			id: string;
			recordId: string;
			patientId: string;
			authorId: string;
			version: number;
			title: string | null;
			diagnosis: string | null;
			treatment: string | null;
			notes: string | null;
			priority: string;
			at: string;
			masked?: string[];
		};
		Care: { userId: string; patientId: string; kind: string; since: string; until: string | null; grantedBy: string };
		Access: { id: string; at: string; event: string; actorId: string; actorName: string | null; actorRole: string; reason?: string | null; address?: string | null };
		AuditEntry: {
			id: string;
			at: string;
			event: string;
			actorId: string | null;
			role: string | null;
			route?: string | null;
			subjectId: string | null;
			patientId: string | null;
			address: string | null;
			requestId: string | null;
			status: number;
			reason: string | null;
		};
		Calculation: {
			inputs: { [k: string]: unknown };
			result: { [k: string]: unknown };
			flags: string[];
			steps: string[];
			sources: string[];
			protocolVersion: string;
		};
	};
}
type S = components['schemas'];

export interface paths {
	'/api/auth/login': { post: { requestBody: In<{ email: string; password: string; totp?: string }>; responses: { 200: Json<S['Login']> } } };
	'/api/auth/logout': { post: { responses: { 204: unknown } } };
	'/api/auth/me': { get: { responses: { 200: Json<S['Me']> } } };
	'/api/auth/password': { post: { requestBody: In<{ current: string; password: string }>; responses: { 204: unknown } } };
	'/api/auth/totp': {
		post: { responses: { 200: Json<{ secret: string; uri: string }> } };
		delete: { responses: { 204: unknown } };
	};
	'/api/auth/totp/confirm': { post: { requestBody: In<{ code: string }>; responses: { 200: Json<{ recoveryCodes?: string[] }> } } };
	'/api/auth/sessions': { get: { responses: { 200: Json<{ items: S['Session'][] }> } } };
	'/api/auth/sessions/{id}': { delete: { parameters: ById; responses: { 204: unknown } } };
	'/api/patients': {
		get: { parameters: { query?: Listing & { deleted?: boolean } }; responses: { 200: Json<Page<S['Patient']>> } };
		post: { requestBody: In<S['PatientIn']>; responses: { 201: Json<S['Patient']> } };
	};
	'/api/patients/{id}': {
		get: { parameters: ById; responses: { 200: Json<S['Patient']> } };
		put: { parameters: ById; requestBody: In<S['PatientIn']>; responses: { 200: Json<S['Patient']> } };
		delete: { parameters: ById & { query?: { reason?: string } }; responses: { 204: unknown } };
	};
	'/api/patients/{id}/restore': { post: { parameters: ById; responses: { 200: Json<S['Patient']> } } };
	'/api/patients/{id}/care': {
		get: { parameters: ById; responses: { 200: Json<{ items: S['Care'][] }> } };
		post: { parameters: ById; requestBody: In<{ userId: string; until?: string | null }>; responses: { 204: unknown } };
	};
	'/api/patients/{id}/care/{userId}': { delete: { parameters: { path: { id: string; userId: string } }; responses: { 204: unknown } } };
	'/api/patients/{id}/access-log': {
		get: { parameters: ById & { query?: { limit?: number; cursor?: string } }; responses: { 200: Json<Page<S['Access']>> } };
	};
	'/api/medical-records': {
		get: {
			parameters: { query?: Listing & { patientId?: string; doctorId?: string; priority?: string; from?: string; to?: string; deleted?: boolean } };
			responses: { 200: Json<Page<S['Record']>> };
		};
		post: { requestBody: In<S['RecordIn']>; responses: { 201: Json<S['Record']> } };
	};
	'/api/medical-records/{id}': {
		get: { parameters: ById & { query?: { deleted?: boolean } }; responses: { 200: Json<S['Record']> } };
		put: { parameters: ById; requestBody: In<S['RecordChange']>; responses: { 200: Json<S['Record']> } };
		delete: { parameters: ById & { query?: { reason?: string } }; responses: { 204: unknown } };
	};
	'/api/medical-records/{id}/restore': { post: { parameters: ById; responses: { 200: Json<S['Record']> } } };
	'/api/medical-records/{id}/versions': { get: { parameters: ById; responses: { 200: Json<{ items: S['RecordVersion'][] }> } } };
	'/api/users': {
		get: { parameters: { query?: Listing }; responses: { 200: Json<Page<S['User']>> } };
		post: { requestBody: In<{ name: string; email: string; role: string; password: string }>; responses: { 201: Json<S['User']> } };
	};
	'/api/users/{id}': {
		get: { parameters: ById; responses: { 200: Json<S['User']> } };
		put: { parameters: ById; requestBody: In<{ name: string; email: string; role: string; disabled?: boolean; version?: number }>; responses: { 200: Json<S['User']> } };
	};
	'/api/audit': {
		get: {
			parameters: { query?: { subject?: string; actor?: string; event?: string; from?: string; to?: string; limit?: number; cursor?: string } };
			responses: { 200: Json<Page<S['AuditEntry']>> };
		};
	};
	'/api/audit/{id}': { get: { parameters: ById; responses: { 200: Json<S['AuditEntry']> } } };
	'/api/audit/{id}/proof': {
		get: { parameters: ById; responses: { 200: Json<{ leaf: string; index: number; size: number; path: string[]; root: string }> } };
	};
	'/api/hansen/calculators/{name}': {
		post: { parameters: { path: { name: string } }; requestBody: In<{ [k: string]: string }>; responses: { 200: Json<S['Calculation']> } };
	};
}
